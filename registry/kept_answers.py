"""Kept answers: a status computed now and stored whole, signed later, and compared with what is known by then."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from clinical.assess import assess
from clinical.history import History
from clinical.library import library
from clinical.safety import safety_on
from clinical.vocabulary import SafetyLevel
from models.executor import Row
from models.kept_answer import KeptAnswerCreate, SignatureEntry
from registry.desk import Desk, Ref
from registry.errors import Gone, NotFound, PreconditionFailed
from registry.facts import history_of
from registry.faults import REFUSED, explained
from registry.kept_content import KEPT_ANSWERS, SET_BY_DATABASE, Asked, composed, fact_versions, stored_said
from registry.kept_differences import FactVersions, Now, compared, compared_in_full
from registry.kept_statements import KIND, ONE, PAGE, SIGN
from registry.known_definitions import Own, known_by, own_definitions, rule_asked
from registry.records import NO_PATIENT, PATIENT_GONE, Said, Stretch, Versions, create, refuse_closed
from registry.statements import Statement
from registry.status import records_as_known
from registry.work import Doing, at_once, weight_of, where_done

NOT_THERE = "There is no kept answer of this id."
IN_ERROR = "This kept answer was marked as entered in error. Its history can still be read under `/history`."
STALE = "It was signed since you read it. Read it again, and send its ETag as If-Match if you still wish to sign."


class Loaded(NamedTuple):
    """Kept answers in the order of their ids, what is known now, and the organisation's definitions that were asked."""

    kept: list[Row]
    facts: list[Row]
    own: Mapping[str, Own]


class Known(NamedTuple):
    """What is known now of a patient, and in which versions."""

    history: History
    versions: FactVersions


async def keep(desk: Desk, patient_id: UUID, entry: KeptAnswerCreate, beside: Doing = at_once) -> Said:
    """Compute the status from what is known now, and store it whole. Storing is the last that is done.

    Raises:
        InvalidRequest: no such definition.
        NotFound, Gone, Conflict: as in `registry.records.create`.
    """
    rule = await rule_asked(desk, entry.definition, "/definition")
    rows, known_at = await records_as_known(desk, patient_id, None)
    known_at = known_by(known_at, rule.recorded_at)
    asked = Asked(patient_id, entry.on or desk.today, rule.definition, rows, known_at)
    content, said = await where_done(_weight(rows), beside)(partial(composed, entry, asked))
    made = await create(desk, KEPT_ANSWERS, patient_id, content)
    return {**said, "id": made["id"], **{name: made[name] for name in SET_BY_DATABASE}}


async def _loaded(desk: Desk, statement: Statement, patient_id: UUID, **asked: Any) -> Loaded:  # noqa: ANN401 - the statement's values
    """Kept answers beside what is known now. One round trip, two where one is by an own rule.

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
    refuse_closed(facts[0])
    kept = sorted((row["document"] for row in rows if row["kind"] == KIND), key=lambda each: str(each["id"]))
    return Loaded(kept, facts, await own_definitions(desk, sorted({each["definition_id"] for each in kept})))


def _weight(facts: list[Row]) -> int:
    return weight_of(row["kind"] for row in facts)


def _known(facts: list[Row]) -> Known:
    return Known(history_of((row["kind"], row["document"]) for row in facts), fact_versions(facts))


async def read_kept(desk: Desk, ref: Ref, beside: Doing = at_once) -> Said:
    """A kept answer, and what is different when the same is asked now, of the same day.

    Raises:
        NotFound: no such patient or kept answer.
        Gone: it or its patient was entered in error.
    """
    loaded = await _loaded(desk, ONE, ref.patient_id, record_id=ref.record_id)
    if not loaded.kept:
        raise NotFound(NOT_THERE)
    if loaded.kept[0]["entered_in_error"]:
        raise Gone(IN_ERROR)
    said: Said = await where_done(_weight(loaded.facts), beside)(partial(_asked_again, loaded))
    return said


def _asked_again(loaded: Loaded) -> Said:
    """The first kept answer, and the answer to the same question now. Pure."""
    kept, known, day = loaded.kept[0], _known(loaded.facts), _day(loaded.kept[0])
    now = _now(kept, loaded.own, known.versions, safety_on(known.history, library().scales, day).level)
    assessment = assess(now.definition, known.history, day, library()) if now.definition else None
    return {**stored_said(kept), **compared_in_full(kept, now, assessment)}


def _day(kept: Row) -> int:
    return date.fromisoformat(kept["answer"]["on"]).toordinal()


def _now(kept: Row, own: Mapping[str, Own], versions: FactVersions, safety: SafetyLevel) -> Now:
    """What the kept answer is compared with: the definition of that name as it is now, and what is known."""
    slug, mine = kept["definition_id"], own.get(kept["definition_id"])
    rule = library().definitions.get(slug) or (mine.definition if mine else None)
    return Now(versions, rule, bool(mine and mine.withdrawn), safety)


async def list_kept(
    desk: Desk, patient_id: UUID, stretch: Stretch, beside: Doing = at_once
) -> tuple[list[Said], UUID | None]:
    """A stretch of the kept answers, each with what has changed since, and the id after which it goes on.

    None is asked again: a page of answers on a long history would take seconds.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
    """
    asked = {"after": stretch.after, "at_most": stretch.at_most + 1}
    loaded = await _loaded(desk, PAGE, patient_id, **asked)
    shown = loaded._replace(kept=loaded.kept[: stretch.at_most])
    weight = max(1, _weight(loaded.facts)) * len(shown.kept)  # each is checked against its digest
    items = await where_done(weight, beside)(lambda: list(_listed(shown)))
    return items, items[-1]["id"] if len(loaded.kept) > stretch.at_most else None


def _listed(loaded: Loaded) -> Iterator[Said]:
    """Each kept answer, and what changed since; the level of safety is worked out once for each day. Pure."""
    known, levels = _known(loaded.facts), dict[int, SafetyLevel]()
    for kept in loaded.kept:
        day = _day(kept)
        if day not in levels:
            levels[day] = safety_on(known.history, library().scales, day).level
        now = _now(kept, loaded.own, known.versions, levels[day])
        yield {**stored_said(kept), **compared(kept, now)}


async def sign(desk: Desk, ref: Ref, entry: SignatureEntry, versions: Versions, beside: Doing = at_once) -> Said:
    """Add a signature. The database says when, and this is the last that is done.

    Raises:
        NotFound, Gone: as in `read_kept`.
        PreconditionFailed: it was signed or removed since it was read.
        InvalidRequest: it has as many signatures as it may have.
    """
    said = await read_kept(desk, ref, beside)
    asked = {"patient_id": ref.patient_id, "record_id": ref.record_id, "signature": entry.model_dump(mode="json")}
    listed = None if versions is None else list(versions)
    try:
        signed = await SIGN.fetch_one(desk.database, organisation_id=desk.organisation_id, versions=listed, **asked)
    except REFUSED as error:
        raise explained(error) from error
    if signed is None:
        raise PreconditionFailed(STALE)
    return {**said, **signed}
