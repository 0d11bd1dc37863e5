"""Symptom records at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.page import Page
from models.record_version import VersionPublic
from models.symptoms import SymptomRecordCreate, SymptomRecordPublic, SymptomRecordUpdate
from registry.records import Said
from registry.symptoms import SYMPTOMS
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("4 Record scales, symptoms and factors")
ALL = "/patients/{patient_id}/symptoms"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_symptom_record",
    summary="Record symptoms",
    status_code=201,
    response_model=SymptomRecordPublic,
    responses=CREATES,
)
async def create_symptom_record(patient_id: PatientId, body: SymptomRecordCreate, call: CreatingDep) -> Answered:
    """Record which of the seven core symptoms were found present and which absent on a day.

    A symptom in neither list was not asked about: it is unknown, and the answer lists it in `not_recorded`. When
    suicidal thoughts are among the symptoms, `safety` in the answer says at once what that asks for.
    """
    return await call.create(SYMPTOMS, patient_id, body)


@router.get(
    ALL,
    operation_id="list_symptom_records",
    summary="List the symptom records of a patient",
    response_model=Page[SymptomRecordPublic],
    responses=LISTS,
)
async def list_symptom_records(patient_id: PatientId, call: ListingDep) -> Said:
    """All symptom records of a patient, without those entered in error, page by page."""
    return await call.page(SYMPTOMS, patient_id)


@router.get(
    ONE,
    operation_id="read_symptom_record",
    summary="Read symptoms",
    response_model=SymptomRecordPublic,
    responses=READS,
)
async def read_symptom_record(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One symptom record as it is now, with what it asks for on suicidal thoughts."""
    return await call.read(SYMPTOMS, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_symptom_record",
    summary="Change symptoms",
    response_model=SymptomRecordPublic,
    responses=CHANGES,
)
async def change_symptom_record(
    patient_id: PatientId, record_id: RecordId, body: SymptomRecordUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay. A list that is sent replaces the stored one.

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history. To record how the symptoms went on,
    record another day instead.
    """
    return await call.change(SYMPTOMS, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_symptom_record",
    summary="Mark symptoms as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_symptom_record(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(SYMPTOMS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_symptom_record_versions",
    summary="List the versions of symptoms",
    response_model=Page[VersionPublic[SymptomRecordPublic]],
    responses=HISTORIES,
)
async def list_symptom_record_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the record from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(SYMPTOMS, patient_id, record_id)
