"""Episodes at the JSON edge."""

from fastapi import Response

from api.responses import CHANGES, CREATES, HISTORIES, LISTS, READS, REMOVES
from models.episode import EpisodeCreate, EpisodePublic, EpisodeUpdate
from models.page import Page
from models.record_version import VersionPublic
from registry.episodes import EPISODES
from registry.records import Said
from web.calls import Answered, ChangingDep, CreatingDep, ListingDep, ReadingDep
from web.deps import PatientId, RecordId
from web.routing import noun_router

router = noun_router("3 Record episodes and treatments")
ALL = "/patients/{patient_id}/episodes"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_episode",
    summary="Record an episode",
    status_code=201,
    response_model=EpisodePublic,
    responses=CREATES,
)
async def create_episode(patient_id: PatientId, body: EpisodeCreate, call: CreatingDep) -> Answered:
    """Record a depressive episode: when it began, and when it ended if it did.

    Many definitions count only the trials of the present episode, so its `onset` decides. A date may be as vague as
    what is remembered: `2024`, `2024-11` or `2024-11-05`.
    """
    return await call.create(EPISODES, patient_id, body)


@router.get(
    ALL,
    operation_id="list_episodes",
    summary="List the episodes of a patient",
    response_model=Page[EpisodePublic],
    responses=LISTS,
)
async def list_episodes(patient_id: PatientId, call: ListingDep) -> Said:
    """All depressive episodes of a patient, without those entered in error, page by page."""
    return await call.page(EPISODES, patient_id)


@router.get(ONE, operation_id="read_episode", summary="Read an episode", response_model=EpisodePublic, responses=READS)
async def read_episode(patient_id: PatientId, record_id: RecordId, call: ReadingDep) -> Answered:
    """One depressive episode as it is now. Its `ETag` is needed to change it."""
    return await call.read(EPISODES, patient_id, record_id)


@router.patch(
    ONE, operation_id="change_episode", summary="Change an episode", response_model=EpisodePublic, responses=CHANGES
)
async def change_episode(patient_id: PatientId, record_id: RecordId, body: EpisodeUpdate, call: ChangingDep) -> Said:
    """Change the fields that are sent; the others stay, null removes one (JSON Merge Patch).

    Send the `ETag` of the version that you read as `If-Match`: if somebody else changed it meanwhile, nothing is
    overwritten and the answer is 412. The version before stays in the history.
    """
    return await call.change(EPISODES, patient_id, record_id, body)


@router.delete(
    ONE,
    operation_id="remove_episode",
    summary="Mark an episode as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_episode(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark the record as entered in error, such as when it belongs to somebody else.

    Nothing is destroyed: it no longer counts in any answer, and its history can still be read. Needs `If-Match`.
    """
    await call.remove(EPISODES, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_episode_versions",
    summary="List the versions of an episode",
    response_model=Page[VersionPublic[EpisodePublic]],
    responses=HISTORIES,
)
async def list_episode_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the episode from the first on, each with when it was recorded; also after it was removed."""
    return await call.history(EPISODES, patient_id, record_id)
