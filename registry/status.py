"""The TRD status of a patient: the facts as they were known at a moment, judged as of a day."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, DateTime, Table, and_, bindparam, func, literal_column, not_, or_, select

from clinical.assess import assess, assess_all
from clinical.definition import Definition
from clinical.history import History
from clinical.library import library
from clinical.safety import safety_on
from models.executor import Row
from models.patient import Patient
from models.record_version import RecordVersion
from registry.answers import Asker, Said, full, side_by_side
from registry.desk import Desk, in_calendar
from registry.errors import Gone, NotFound
from registry.facts import READERS, history_of
from registry.known_definitions import known_by, offered, own_definitions, rule_asked
from registry.record_statements import ORGANISATION, PATIENT, closed
from registry.records import NO_PATIENT, PATIENT_GONE, refuse_closed
from registry.statements import Statement
from registry.work import Doing

PATIENTS: Table = Patient.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
VERSIONS: Table = RecordVersion.__table__  # type: ignore[attr-defined]


class Moment(NamedTuple):
    """The day asked about (None: today), and the moment of knowledge (None: now)."""

    on: date | None
    known_at: datetime | None


def facts_statement(kinds: Iterable[str]) -> Statement:
    """Every record of these kinds of a patient as known at a moment, the patient's own standing, and that moment.

    The moment is that of the latest change and not the clock's: a change that is just being written has a later one,
    so the answer stays the same when it is asked again with its own moment. `least` passes over null.
    """
    asked = bindparam("known_at", type_=DateTime(timezone=True))
    latest = select(func.max(VERSIONS.c.recorded_at)).where(
        VERSIONS.c.organisation_id == PATIENTS.c.organisation_id, VERSIONS.c.patient_id == PATIENTS.c.id
    )
    one = (
        select(
            PATIENTS.c.organisation_id,
            PATIENTS.c.id,
            PATIENTS.c.entered_in_error.label("gone"),
            closed(PATIENTS),
            func.least(asked, latest.correlate(PATIENTS).scalar_subquery()).label("known_at"),
        )
        .where(PATIENTS.c.organisation_id == ORGANISATION, PATIENTS.c.id == PATIENT)
        .cte("one")
        .prefix_with("MATERIALIZED")
    )
    columns = (one.c.gone, one.c.patient_closed, one.c.known_at, VERSIONS.c.kind, VERSIONS.c.document)
    return Statement(select(*columns).select_from(one.outerjoin(VERSIONS, _as_known(one, kinds))))


def _as_known(one: CTE, kinds: Iterable[str]) -> ColumnElement[bool]:
    """The versions of these kinds that were current at the moment of knowledge."""
    version = VERSIONS.c
    return and_(
        # As they were sent and not through `one`: to the planner the organisation of row-level security looks like
        # a single row, so that it would read the whole organisation by that alone.
        version.organisation_id == ORGANISATION,
        version.patient_id == PATIENT,
        version.recorded_at <= one.c.known_at,
        or_(version.superseded_at.is_(None), version.superseded_at > one.c.known_at),
        not_(version.entered_in_error),
        version.kind.in_([literal_column(f"'{kind}'") for kind in kinds]),
    )


FACTS = facts_statement(READERS)


async def records_as_known(
    desk: Desk, patient_id: UUID, known_at: datetime | None, statement: Statement = FACTS
) -> tuple[list[Row], datetime]:
    """Kind and document of what was known of a patient, and the moment of knowledge. One round trip.

    Raises:
        NotFound: no such patient.
        Gone: the patient was entered in error.
    """
    given = {"organisation_id": desk.organisation_id, "patient_id": patient_id, "known_at": in_calendar(known_at)}
    rows = await statement.fetch_all(desk.database, **given)
    if not rows:
        raise NotFound(NO_PATIENT)
    if rows[0]["gone"]:
        raise Gone(PATIENT_GONE)
    refuse_closed(rows[0])
    return rows, rows[0]["known_at"]


async def history_as_known(desk: Desk, patient_id: UUID, known_at: datetime | None) -> tuple[History, datetime]:
    """What was known of a patient as clinical facts. One round trip.

    Raises:
        NotFound, Gone: as in `records_as_known`.
    """
    rows, known_at = await records_as_known(desk, patient_id, known_at)
    return history_of((row["kind"], row["document"]) for row in rows), known_at


class Known(NamedTuple):
    """A question with all that its answer rests on; `on` is an ordinal day."""

    rule: Definition
    history: History
    on: int
    known_at: datetime


async def known_then(desk: Desk, patient_id: UUID, definition: str, moment: Moment) -> Known:
    """Definition and history as they stood. One round trip, two for a definition of the organisation's own.

    Raises:
        InvalidRequest: no such definition at that moment.
        NotFound, Gone: as in `records_as_known`.
    """
    rule = await rule_asked(desk, definition, "#query/definition", moment.known_at)
    history, known_at = await history_as_known(desk, patient_id, moment.known_at)
    on = (moment.on or desk.today).toordinal()
    return Known(rule.definition, history, on, known_by(known_at, rule.recorded_at))


async def trd_status(desk: Desk, patient_id: UUID, definition: str, moment: Moment) -> Said:
    """The status by one definition.

    Raises:
        InvalidRequest: no such definition at that moment.
        NotFound, Gone: as in `registry.records.read`.
    """
    rule, history, on, known_at = await known_then(desk, patient_id, definition, moment)
    asker = Asker(patient_id, known_at, safety_on(history, library().scales, on))
    return full(assess(rule, history, on, library()), asker)


async def status_by_definition(desk: Desk, patient_id: UUID, moment: Moment, beside: Doing) -> Said:
    """The same history under every definition, the default first, the organisation's own last. Two round trips.

    Judging is long enough to be done by `beside`.

    Raises:
        NotFound, Gone: as in `registry.records.read`.
    """
    history, known_at = await history_as_known(desk, patient_id, moment.known_at)
    own = await own_definitions(desk, None, moment.known_at)
    known_at = known_by(known_at, *(each.row["recorded_at"] for each in own.values()))
    definitions, on = offered(own), (moment.on or desk.today).toordinal()

    def judged() -> Said:
        assessments = list(assess_all(definitions, history, on, library()))
        return side_by_side(assessments, Asker(patient_id, known_at, safety_on(history, library().scales, on)))

    said: Said = await beside(judged)
    return said
