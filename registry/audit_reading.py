"""Reading the audit: events page by page, the newest first, and the heads of its chain."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Integer, String, Uuid, bindparam, func, null, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry.audit_verify import EVENTS, SEALS
from registry.desk import Desk, Ref
from registry.record_statements import ORGANISATION, PATIENT, RECORD
from registry.records import Said
from registry.statements import Statement

NEWEST = 2**62
AT_MOST = bindparam("at_most", type_=Integer)


class Filter(NamedTuple):
    """Which events; None is any."""

    patient_id: UUID | None = None
    subject: str | None = None
    operation: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def _is(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    asked = bindparam(name, type_=String)
    return or_(asked.is_(null()), column == asked)


def _events(*, of_patient: bool) -> Statement:
    """Events before a number. With a patient, along the index of patients."""
    since, until = (bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until"))
    rows = select(EVENTS).where(
        EVENTS.c.organisation_id == ORGANISATION,
        EVENTS.c.id < bindparam("before", type_=BigInteger),
        _is(EVENTS.c.subject, "subject"),
        _is(EVENTS.c.operation, "operation"),
        or_(since.is_(null()), EVENTS.c.at >= since),
        or_(until.is_(null()), EVENTS.c.at < until),
        *((EVENTS.c.patient_id == bindparam("patient_id", type_=Uuid),) if of_patient else ()),
    )
    return Statement(rows.order_by(EVENTS.c.id.desc()).limit(AT_MOST))


ALL, OF_PATIENT = _events(of_patient=False), _events(of_patient=True)
WRITERS = Statement(
    select(EVENTS)
    .where(EVENTS.c.organisation_id == ORGANISATION, EVENTS.c.patient_id == PATIENT)
    .where(EVENTS.c.record_id == RECORD, EVENTS.c.version.is_not(null()))
    .order_by(EVENTS.c.version)
)
_heads = select(
    SEALS.c.number, SEALS.c.sealed_at, func.cardinality(SEALS.c.members).label("events"), SEALS.c.head
).where(SEALS.c.organisation_id == ORGANISATION, SEALS.c.number < bindparam("before", type_=Integer))
HEADS = Statement(_heads.order_by(SEALS.c.number.desc()).limit(AT_MOST))


async def list_events(desk: Desk, which: Filter, at_most: int, before: int | None) -> tuple[list[Said], int | None]:
    """Events, the newest first, and the number before which the list goes on. One round trip."""
    asked = which._asdict()
    statement = OF_PATIENT if which.patient_id else ALL
    given = {"organisation_id": desk.organisation_id, "before": before or NEWEST, "at_most": at_most + 1}
    rows = await statement.fetch_all(desk.database, **given, **asked)
    return [dict(row) for row in rows[:at_most]], rows[at_most - 1]["id"] if len(rows) > at_most else None


async def writers(desk: Desk, ref: Ref) -> list[Said]:
    """Who wrote each version of a record, the first version first. One round trip."""
    given = {"organisation_id": desk.organisation_id, "patient_id": ref.patient_id, "record_id": ref.record_id}
    return [dict(row) for row in await WRITERS.fetch_all(desk.database, **given)]


async def list_heads(desk: Desk, at_most: int, before: int | None) -> tuple[list[Said], int | None]:
    """Seals, the newest first, each with the head to be kept elsewhere. One round trip."""
    given = {"organisation_id": desk.organisation_id, "before": before or 2**31 - 1, "at_most": at_most + 1}
    rows = await HEADS.fetch_all(desk.database, **given)
    said = [{**row, "head": bytes(row["head"]).hex()} for row in rows[:at_most]]
    return said, rows[at_most - 1]["number"] if len(rows) > at_most else None
