"""Kept answers at the JSON edge: store a status as it is now, sign it, and see later what has changed."""

from fastapi import Response

from api.responses import CREATES, HISTORIES, KEPT, LISTS, REMOVES, SIGNS
from models.kept_answer import KeptAnswerCreate, SignatureEntry
from models.kept_answer_public import KeptAnswerBriefPublic, KeptAnswerPublic, KeptAnswerVersionPublic
from models.page import Page
from models.record_version import VersionPublic
from registry import kept_answers
from registry.desk import Desk, Ref
from registry.kept_content import KEPT_ANSWERS
from registry.records import Said
from web.call_parameters import MaybeMatch
from web.calls import CREATED, Answered, ChangingDep, CreatingDep, ListingDep
from web.conditions import etag, versions_seen
from web.deps import DeskDep, PatientId, RecordId
from web.routing import noun_router
from web.worker import COMPOSING

router = noun_router("7 Keep and sign answers")
ALL = "/patients/{patient_id}/kept-answers"
ONE = f"{ALL}/{{record_id}}"


@router.post(
    ALL,
    operation_id="create_kept_answer",
    summary="Keep the status as it is now",
    status_code=201,
    response_model=KeptAnswerPublic,
    responses=CREATES,
)
async def create_kept_answer(patient_id: PatientId, body: KeptAnswerCreate, call: CreatingDep) -> Answered:
    """Compute the status now and store it whole, with its reasons, for the chart or for a payer.

    What is kept is never changed: the answer word for word, the definition with its version and digest, and the
    version of every record that it rests on. `signature` signs it at once; others can sign later.
    """

    async def keep(desk: Desk) -> tuple[int, Said]:
        return CREATED, await kept_answers.keep(desk, patient_id, body, COMPOSING.do)

    return await call.done(keep)


@router.get(
    ALL,
    operation_id="list_kept_answers",
    summary="List the kept answers of a patient",
    response_model=Page[KeptAnswerBriefPublic],
    responses=LISTS,
)
async def list_kept_answers(patient_id: PatientId, call: ListingDep) -> Said:
    """All kept answers of a patient, without their reasons, page by page.

    Each says whether it is `outdated`: whether a record, the definition or the level of safety has changed since.
    Whether that changes the status is asked again when one is read alone, so `status_changed`, `status_now`,
    `summary_now` and `trials` of its `differences` are null here.
    """
    items, after = await kept_answers.list_kept(call.desk, patient_id, call.stretch, COMPOSING.do)
    return call.linked(items, after)


@router.get(
    ONE,
    operation_id="read_kept_answer",
    summary="Read a kept answer, and what has changed since",
    response_model=KeptAnswerPublic,
    responses=KEPT,
)
async def read_kept_answer(patient_id: PatientId, record_id: RecordId, desk: DeskDep, response: Response) -> Said:
    """The answer as it was kept, and beside it what is different when the same is asked today.

    `differences` says first whether the level of safety changed. It names each record that changed since, how the
    definition changed, the status as it would be now, and every trial that counts otherwise. What it says may change
    at any time, so it is always answered in full (no 304); the `ETag` is that of the kept answer.
    """
    said = await kept_answers.read_kept(desk, Ref(patient_id, record_id), COMPOSING.do)
    response.headers["ETag"] = etag(said["version"])
    return said


@router.post(
    f"{ONE}/signatures",
    operation_id="sign_kept_answer",
    summary="Sign a kept answer",
    status_code=201,
    response_model=KeptAnswerPublic,
    responses=SIGNS,
)
async def sign_kept_answer(
    patient_id: PatientId, record_id: RecordId, body: SignatureEntry, call: CreatingDep, if_match: MaybeMatch = None
) -> Answered:
    """Add a signature: who, and with which meaning; the service adds when. No signature is ever changed or removed.

    `signed_by` is the name to be shown; the database adds the identity of whoever is signed in as `subject`. Send the
    `ETag` of the version that was read as `If-Match`, and nothing is signed that somebody else signed meanwhile.
    """
    seen, location = versions_seen(if_match), call.request.scope["path"].rpartition("/")[0]

    async def sign(desk: Desk) -> tuple[int, Said]:
        return CREATED, await kept_answers.sign(desk, Ref(patient_id, record_id), body, seen, COMPOSING.do)

    return await call.done(sign, location)


@router.delete(
    ONE,
    operation_id="remove_kept_answer",
    summary="Mark a kept answer as entered in error",
    status_code=204,
    response_class=Response,
    responses=REMOVES,
)
async def remove_kept_answer(patient_id: PatientId, record_id: RecordId, call: ChangingDep) -> None:
    """Mark it as entered in error, such as when it was kept for the wrong patient.

    Nothing is destroyed: answer and signatures can still be read in its history. Needs `If-Match`.
    """
    await call.remove(KEPT_ANSWERS, patient_id, record_id)


@router.get(
    f"{ONE}/history",
    operation_id="list_kept_answer_versions",
    summary="List the versions of a kept answer",
    response_model=Page[VersionPublic[KeptAnswerVersionPublic]],
    responses=HISTORIES,
)
async def list_kept_answer_versions(patient_id: PatientId, record_id: RecordId, call: ListingDep) -> Said:
    """Every version from the first on: each signature makes one, and so does removal. The answer stays the same."""
    return await call.history(KEPT_ANSWERS, patient_id, record_id)
