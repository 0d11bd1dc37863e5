"""Contributing factors at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.contributing_factor import ContributingFactorCreate, ContributingFactorPublic, ContributingFactorUpdate
from models.page import Page
from models.record_version import VersionPublic
from registry.contributing_factors import CONTRIBUTING_FACTORS
from registry.records import Said
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("4 Record scales, symptoms and factors")
ALL = "/patients/{patient_id}/contributing-factors"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_contributing_factor",
    summary="Record a contributing factor",
    status_code=201,
    response_model=ContributingFactorPublic,
    responses=CREATES,
)
async def create_contributing_factor(
    patient_id: PatientId, body: ContributingFactorCreate, call: CreatingDep
) -> Answered:
    """Record what may keep the depression going: inherited, of the body, another disorder, or of the circumstances.

    Say how sure it is. `refuted` is worth recording, too: it was looked for and not found. Change the record when it
    becomes clearer; the history keeps what was thought before.
    """
    return await call.create(CONTRIBUTING_FACTORS, patient_id, body)


@router.get(
    ALL,
    operation_id="list_contributing_factors",
    summary="List the contributing factors of a patient",
    response_model=Page[ContributingFactorPublic],
    responses=LISTS,
)
async def list_contributing_factors(patient_id: PatientId, call: ListingDep) -> Said:
    """All contributing factors of a patient, also the refuted ones, page by page; none entered in error."""
    return await call.page(CONTRIBUTING_FACTORS, patient_id)


@router.get(
    ONE,
    operation_id="read_contributing_factor",
    summary="Read a contributing factor",
    response_model=ContributingFactorPublic,
    responses=READS,
)
async def read_contributing_factor(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One contributing factor as it is now."""
    return await call.read(CONTRIBUTING_FACTORS, patient_id, record_id)


@router.patch(
    ONE,
    operation_id="change_contributing_factor",
    summary="Change a contributing factor",
    response_model=ContributingFactorPublic,
    responses=CHANGES,
)
async def change_contributing_factor(
    patient_id: PatientId, record_id: RecordId, body: ContributingFactorUpdate, call: ChangingDep
) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history.
    """
    return await call.change(CONTRIBUTING_FACTORS, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_contributing_factor",
    summary="Mark a contributing factor as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_contributing_factor(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(CONTRIBUTING_FACTORS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_contributing_factor_versions",
    summary="List the versions of a contributing factor",
    response_model=Page[VersionPublic[ContributingFactorPublic]],
    responses=HISTORIES,
)
async def list_contributing_factor_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the factor from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(CONTRIBUTING_FACTORS, patient_id, record_id)
