"""Treatments other than medicines taken day by day, at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.page import Page
from models.record_version import VersionPublic
from models.treatment import TreatmentCreate, TreatmentPublic, TreatmentUpdate
from registry.records import Said
from registry.treatments import TREATMENTS
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("3 Record episodes and treatments")
ALL = "/patients/{patient_id}/treatments"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_treatment",
    summary="Record a treatment",
    status_code=201,
    response_model=TreatmentPublic,
    responses=CREATES,
)
async def create_treatment(patient_id: PatientId, body: TreatmentCreate, call: CreatingDep) -> Answered:
    """Record one course of a treatment that is not a medicine taken day by day.

    A talking therapy, ECT, magnetic or another stimulation, sessions of ketamine or esketamine, exercise, diet, sleep,
    or an agent in a clinical trial.

    Ketamine and esketamine given in sessions belong here, with their number of sessions; the medication trials take
    them too, so record each course in one of the two. `laterality` is for ECT alone. While the course goes on, leave
    `ended` null. Leave out what is not known: unknown is never read as no.
    """
    return await call.create(TREATMENTS, patient_id, body)


@router.get(
    ALL,
    operation_id="list_treatments",
    summary="List the treatments of a patient",
    response_model=Page[TreatmentPublic],
    responses=LISTS,
)
async def list_treatments(patient_id: PatientId, call: ListingDep) -> Said:
    """All treatments of a patient that are not medicines taken day by day, page by page; none entered in error."""
    return await call.page(TREATMENTS, patient_id)


@router.get(
    ONE,
    operation_id="read_treatment",
    summary="Read a treatment",
    response_model=TreatmentPublic,
    responses=READS,
)
async def read_treatment(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One treatment as it is now. Its `ETag` is needed to change it."""
    return await call.read(TREATMENTS, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_treatment",
    summary="Change a treatment",
    response_model=TreatmentPublic,
    responses=CHANGES,
)
async def change_treatment(
    patient_id: PatientId, record_id: RecordId, body: TreatmentUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history.
    """
    return await call.change(TREATMENTS, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_treatment",
    summary="Mark a treatment as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_treatment(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(TREATMENTS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_treatment_versions",
    summary="List the versions of a treatment",
    response_model=Page[VersionPublic[TreatmentPublic]],
    responses=HISTORIES,
)
async def list_treatment_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the treatment from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(TREATMENTS, patient_id, record_id)
