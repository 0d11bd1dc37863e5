"""Treatment plans at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.page import Page
from models.record_version import VersionPublic
from models.treatment_plan import TreatmentPlanCreate, TreatmentPlanPublic, TreatmentPlanUpdate
from registry.records import Said
from registry.treatment_plans import TREATMENT_PLANS
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("8 Plan the treatment")
ALL = "/patients/{patient_id}/treatment-plans"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_treatment_plan",
    summary="Record a treatment plan",
    status_code=201,
    response_model=TreatmentPlanPublic,
    responses=CREATES,
)
async def create_treatment_plan(patient_id: PatientId, body: TreatmentPlanCreate, call: CreatingDep) -> Answered:
    """Record a plan: what is to be reached, and the steps, each of one family of options.

    When a step has become a medication trial or a treatment, tie it to that record with `trial_id` or `treatment_id`.
    Whoever answers for the plan signs it with name, role and meaning; the database adds the time, and the identity of
    whoever is signed in.
    """
    return await call.create(TREATMENT_PLANS, patient_id, body)


@router.get(
    ALL,
    operation_id="list_treatment_plans",
    summary="List the treatment plans of a patient",
    response_model=Page[TreatmentPlanPublic],
    responses=LISTS,
)
async def list_treatment_plans(patient_id: PatientId, call: ListingDep) -> Said:
    """All treatment plans of a patient, without those entered in error, page by page."""
    return await call.page(TREATMENT_PLANS, patient_id)


@router.get(
    ONE,
    operation_id="read_treatment_plan",
    summary="Read a treatment plan",
    response_model=TreatmentPlanPublic,
    responses=READS,
)
async def read_treatment_plan(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One treatment plan as it is now, with its signature if it has one.

    A step says `tied_to_error` when the trial or treatment that it became was entered in error since; such a plan can
    be changed, but not signed again before the step is mended.
    """
    return await call.read(TREATMENT_PLANS, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_treatment_plan",
    summary="Change a treatment plan",
    response_model=TreatmentPlanPublic,
    responses=CHANGES,
)
async def change_treatment_plan(
    patient_id: PatientId, record_id: RecordId, body: TreatmentPlanUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay. A list replaces the stored one; send each step's `id` back.

    **A signed plan that is changed must be signed again.** A change of title, goals or steps removes the signature,
    also when the old one is sent back with it; a new signature may come along or in a request of its own. Who signed
    what before stays in the history. Send the `ETag` of the version that you read as `If-Match`; if somebody else
    changed it meanwhile, the answer is 412.
    """
    return await call.change(TREATMENT_PLANS, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_treatment_plan",
    summary="Mark a treatment plan as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_treatment_plan(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(TREATMENT_PLANS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_treatment_plan_versions",
    summary="List the versions of a treatment plan",
    response_model=Page[VersionPublic[TreatmentPlanPublic]],
    responses=HISTORIES,
)
async def list_treatment_plan_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the plan from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(TREATMENT_PLANS, patient_id, record_id)
