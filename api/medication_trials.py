"""Medication trials at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.medication_trial import MedicationTrialCreate, MedicationTrialPublic, MedicationTrialUpdate
from models.page import Page
from models.record_version import VersionPublic
from registry.medication_trials import TRIALS
from registry.records import Said
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("3 Record episodes and treatments")
ALL = "/patients/{patient_id}/medication-trials"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_medication_trial",
    summary="Record a medication trial",
    status_code=201,
    response_model=MedicationTrialPublic,
    responses=CREATES,
)
async def create_medication_trial(patient_id: PatientId, body: MedicationTrialCreate, call: CreatingDep) -> Answered:
    """Record one course of one medicine, with what came of it.

    Name the medicine by brand, generic name or code; a name that is not known is refused with the nearest ones. Leave
    out what is not known: unknown is never read as no. While it is still taken, leave `ended` null.
    """
    return await call.create(TRIALS, patient_id, body)


@router.get(
    ALL,
    operation_id="list_medication_trials",
    summary="List the medication trials of a patient",
    response_model=Page[MedicationTrialPublic],
    responses=LISTS,
)
async def list_medication_trials(patient_id: PatientId, call: ListingDep) -> Said:
    """All medication trials of a patient, without those entered in error, page by page."""
    return await call.page(TRIALS, patient_id)


@router.get(
    ONE,
    operation_id="read_medication_trial",
    summary="Read a medication trial",
    response_model=MedicationTrialPublic,
    responses=READS,
)
async def read_medication_trial(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One medication trial as it is now, with what the formulary says of the medicine."""
    return await call.read(TRIALS, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_medication_trial",
    summary="Change a medication trial",
    response_model=MedicationTrialPublic,
    responses=CHANGES,
)
async def change_medication_trial(
    patient_id: PatientId, record_id: RecordId, body: MedicationTrialUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history.
    """
    return await call.change(TRIALS, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_medication_trial",
    summary="Mark a medication trial as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_medication_trial(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(TRIALS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_medication_trial_versions",
    summary="List the versions of a medication trial",
    response_model=Page[VersionPublic[MedicationTrialPublic]],
    responses=HISTORIES,
)
async def list_medication_trial_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the trial from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(TRIALS, patient_id, record_id)
