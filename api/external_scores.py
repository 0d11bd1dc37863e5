"""Results that were scored elsewhere, at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.external_score import ExternalScoreCreate, ExternalScorePublic, ExternalScoreUpdate
from models.page import Page
from models.record_version import VersionPublic
from registry.external_scores import EXTERNAL_SCORES
from registry.records import Said
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("4 Record scales, symptoms and factors")
ALL = "/patients/{patient_id}/external-scores"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_external_score",
    summary="Record an external score",
    status_code=201,
    response_model=ExternalScorePublic,
    responses=CREATES,
)
async def create_external_score(patient_id: PatientId, body: ExternalScoreCreate, call: CreatingDep) -> Answered:
    """Record the result of an instrument that somebody scored outside this service, such as the ATHF-SF2.

    It is kept as it was given, with who scored it and when. It is shown beside the answers of this service and decides
    none of them.
    """
    return await call.create(EXTERNAL_SCORES, patient_id, body)


@router.get(
    ALL,
    operation_id="list_external_scores",
    summary="List the external scores of a patient",
    response_model=Page[ExternalScorePublic],
    responses=LISTS,
)
async def list_external_scores(patient_id: PatientId, call: ListingDep) -> Said:
    """All results of a patient that were scored elsewhere, without those entered in error, page by page."""
    return await call.page(EXTERNAL_SCORES, patient_id)


@router.get(
    ONE,
    operation_id="read_external_score",
    summary="Read an external score",
    response_model=ExternalScorePublic,
    responses=READS,
)
async def read_external_score(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One external score as it is now."""
    return await call.read(EXTERNAL_SCORES, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_external_score",
    summary="Change an external score",
    response_model=ExternalScorePublic,
    responses=CHANGES,
)
async def change_external_score(
    patient_id: PatientId, record_id: RecordId, body: ExternalScoreUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history.
    """
    return await call.change(EXTERNAL_SCORES, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_external_score",
    summary="Mark an external score as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_external_score(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(EXTERNAL_SCORES, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_external_score_versions",
    summary="List the versions of an external score",
    response_model=Page[VersionPublic[ExternalScorePublic]],
    responses=HISTORIES,
)
async def list_external_score_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the score from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(EXTERNAL_SCORES, patient_id, record_id)
