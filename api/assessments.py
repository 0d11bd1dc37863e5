"""Filled-in rating scales at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.assessment import AssessmentCreate, AssessmentPublic, AssessmentUpdate
from models.page import Page
from models.record_version import VersionPublic
from registry.assessments import ASSESSMENTS
from registry.records import Said
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("4 Record scales, symptoms and factors")
ALL = "/patients/{patient_id}/assessments"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_assessment",
    summary="Record a rating scale",
    status_code=201,
    response_model=AssessmentPublic,
    responses=CREATES,
)
async def create_assessment(patient_id: PatientId, body: AssessmentCreate, call: CreatingDep) -> Answered:
    """Record a filled-in rating scale: the total, the answers to its items, or both.

    They are checked against each other and against the scale. The answer says how severe the depression is by this
    scale, and the change since the rating before.

    Read `safety` first: it says at once what the item on suicidal thoughts asks for. An item that was left out, or a
    total without items, is `unknown` and never a zero; a zero does not rule out risk.
    """
    return await call.create(ASSESSMENTS, patient_id, body)


@router.get(
    ALL,
    operation_id="list_assessments",
    summary="List the rating scales of a patient",
    response_model=Page[AssessmentPublic],
    responses=LISTS,
)
async def list_assessments(patient_id: PatientId, call: ListingDep) -> Said:
    """All filled-in rating scales of a patient, without those entered in error, page by page."""
    return await call.page(ASSESSMENTS, patient_id)


@router.get(
    ONE, operation_id="read_assessment", summary="Read a rating scale", response_model=AssessmentPublic, responses=READS
)
async def read_assessment(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One filled-in rating scale as it is now, with severity, safety and trend."""
    return await call.read(ASSESSMENTS, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_assessment",
    summary="Change a rating scale",
    response_model=AssessmentPublic,
    responses=CHANGES,
)
async def change_assessment(
    patient_id: PatientId, record_id: RecordId, body: AssessmentUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history.
    """
    return await call.change(ASSESSMENTS, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_assessment",
    summary="Mark a rating scale as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_assessment(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(ASSESSMENTS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_assessment_versions",
    summary="List the versions of a rating scale",
    response_model=Page[VersionPublic[AssessmentPublic]],
    responses=HISTORIES,
)
async def list_assessment_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the rating from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(ASSESSMENTS, patient_id, record_id)
