"""Kept answers: a status computed now and stored whole, signed later, and compared with what is known by then."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from clinical.assess import assess
from clinical.history import History
from clinical.library import library
from clinical.safety import safety_on
from models.answer import TrdStatus
from models.base import Shape
from models.database import Row
from models.kept_answer import KeptAnswerCreate, SignatureEntry
from registry.answers import Asker, full
from registry.canonical import digest_of
from registry.desk import Desk, Ref
from registry.errors import Gone, NotFound, PreconditionFailed
from registry.facts import history_of
from registry.faults import REFUSED, explained
from registry.kept_differences import FactVersions, Now, compared, versions_in
from registry.kept_statements import KEPT, KIND, ONE, PAGE, SIGN
from registry.known_definitions import Own, definition_asked, own_definitions
from registry.noun import Noun
from registry.records import NO_PATIENT, PATIENT_GONE, Said, Stretch, Versions, create
from registry.statements import Statement
from registry.status import records_as_known

NOT_THERE = "There is no kept answer of this id."
IN_ERROR = "This kept answer was marked as entered in error. Its history can still be read under `/history`."
STALE = "It was signed since you read it. Read it again, and send its ETag as If-Match if you still wish to sign."


class KeptContent(Shape):
    """What is stored of an answer."""

    id: UUID | None
    columns: dict[str, Any]


class Facts(NamedTuple):
    """What is known now of a patient, in which versions, and the organisation's definitions that were asked."""

    history: History
    versions: FactVersions
    own: Mapping[str, Own]


def _to_row(content: KeptContent, _desk: Desk) -> Said:
    return dict(content.columns)


def stored_said(row: Row) -> Said:
    """The answer as it was kept, as in `models.kept_answer_public.KeptAnswerVersionPublic`."""
    answer, same = row["answer"], ("id", "version", "created_at", "updated_at", "patient_id", "known_at", "note")
    definition = {"id": row["definition_id"], "version": row["definition_version"], "digest": row["definition_digest"]}
    return {
        **{name: row[name] for name in same},
        "on": row["asked_on"],
        "definition": {**definition, "title": answer["definition"]["title"]},
        **{name: answer[name] for name in ("status", "summary")},
        **{name: row[name] for name in ("signatures", "digest", "answer", "facts")},
        "intact": row["digest"] == digest_of(_content(answer, row["facts"], row["note"])),
    }


KEPT_ANSWERS = Noun("kept answer", KEPT, KeptContent, _to_row, stored_said, dict)


def _content(answer: Said, facts: list[Said], note: str | None) -> Said:
    """What the digest is made of."""
    return {"answer": answer, "facts": facts, "note": note}


async def keep(desk: Desk, patient_id: UUID, entry: KeptAnswerCreate) -> Said:
    """Compute the status from what is known now, and store it whole.

    Raises:
        InvalidRequest: no such definition.
        NotFound, Gone, Conflict: as in `registry.records.create`.
    """
    rule = await definition_asked(desk, entry.definition, "/definition")
    rows, known_at = await records_as_known(desk, patient_id, None)
    history, on = history_of((row["kind"], row["document"]) for row in rows), entry.on or desk.today
    asker = Asker(patient_id, known_at, safety_on(history, library().scales, on.toordinal()))
    said = full(assess(rule, history, on.toordinal(), library()), asker)
    answer = TrdStatus.model_validate(said).model_dump(mode="json", by_alias=True)
    facts = [{"kind": kind, "id": record, "version": version} for (kind, record), version in _versions(rows).items()]
    columns = {
        **{f"definition_{name}": answer["definition"][name] for name in ("id", "version", "digest")},
        "asked_on": on,
        "known_at": known_at,
        "answer": answer,
        "facts": facts,
        "note": entry.note,
        "digest": digest_of(_content(answer, facts, entry.note)),
        "signatures": [entry.signature.model_dump(mode="json")] if entry.signature else [],
    }
    made = await create(desk, KEPT_ANSWERS, patient_id, KeptContent(id=entry.id, columns=columns))
    return await read_kept(desk, Ref(patient_id, made["id"]))


def _versions(rows: list[Row]) -> FactVersions:
    """The version of each fact among these rows, in the order of kind and id; a patient without facts has none."""
    known = [{**row["document"], "kind": row["kind"]} for row in rows if row["kind"] not in (None, KIND)]
    return dict(sorted(versions_in(known).items()))


async def _loaded(desk: Desk, statement: Statement, patient_id: UUID, **asked: Any) -> tuple[list[Row], Facts]:  # noqa: ANN401 - the statement's values
    """Kept answers in the order of their ids, and what is known now. One round trip, two where one is by an own rule.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
    """
    given = {"organisation_id": desk.organisation_id, "patient_id": patient_id, "known_at": None, **asked}
    rows = await statement.fetch_all(desk.database, **given)
    facts = [row for row in rows if row["kind"] != KIND]
    if not facts:
        raise NotFound(NO_PATIENT)
    if facts[0]["gone"]:
        raise Gone(PATIENT_GONE)
    kept = sorted((row["document"] for row in rows if row["kind"] == KIND), key=lambda each: str(each["id"]))
    own = await own_definitions(desk, sorted({each["definition_id"] for each in kept}))
    return kept, Facts(history_of((row["kind"], row["document"]) for row in facts), _versions(facts), own)


async def read_kept(desk: Desk, ref: Ref) -> Said:
    """A kept answer, and what has changed since.

    Raises:
        NotFound: no such patient or kept answer.
        Gone: it or its patient was entered in error.
    """
    kept, facts = await _loaded(desk, ONE, ref.patient_id, record_id=ref.record_id)
    if not kept:
        raise NotFound(NOT_THERE)
    if kept[0]["entered_in_error"]:
        raise Gone(IN_ERROR)
    return _with_differences(kept[0], facts)


def _with_differences(kept: Row, facts: Facts) -> Said:
    """The kept answer, and what is different when the same is asked now, of the same day."""
    slug, own = kept["definition_id"], facts.own.get(kept["definition_id"])
    rule = library().definitions.get(slug) or (own.definition if own else None)
    day = date.fromisoformat(kept["asked_on"]).toordinal()
    assessment = assess(rule, facts.history, day, library()) if rule else None
    now = Now(facts.versions, rule, bool(own and own.withdrawn), assessment)
    return {**stored_said(kept), **compared(kept, now)}


async def list_kept(desk: Desk, patient_id: UUID, stretch: Stretch) -> tuple[list[Said], UUID | None]:
    """A stretch of the kept answers, each with what has changed since, and the id after which it goes on.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
    """
    asked = {"after": stretch.after, "at_most": stretch.at_most + 1}
    kept, facts = await _loaded(desk, PAGE, patient_id, **asked)
    items = []
    for each in kept[: stretch.at_most]:
        items.append(_with_differences(each, facts))
        await asyncio.sleep(0)  # each is judged anew: others are answered in between
    return items, items[-1]["id"] if len(kept) > stretch.at_most else None


async def sign(desk: Desk, ref: Ref, entry: SignatureEntry, versions: Versions) -> Said:
    """Add a signature. The database says when.

    Raises:
        NotFound, Gone: as in `read_kept`.
        PreconditionFailed: it was signed or removed since it was read.
        InvalidRequest: it has as many signatures as it may have.
    """
    asked = {"patient_id": ref.patient_id, "record_id": ref.record_id, "signature": entry.model_dump(mode="json")}
    listed = None if versions is None else list(versions)
    try:
        signed = await SIGN.fetch_one(desk.database, organisation_id=desk.organisation_id, versions=listed, **asked)
    except REFUSED as error:
        raise explained(error) from error
    said = await read_kept(desk, ref)
    if signed is None:
        raise PreconditionFailed(STALE)
    return said
