"""Whether the audit is as it was written: every seal, every event in it, and none beside."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Table, bindparam, func, select

from models.audit import AuditEvent, AuditSeal
from models.executor import Row
from registry.audit_digest import SIZE, digest_of_event, head_of
from registry.desk import Desk
from registry.record_statements import ORGANISATION
from registry.statements import Statement
from registry.work import Doing

EVENTS: Table = AuditEvent.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
SEALS: Table = AuditSeal.__table__  # type: ignore[attr-defined]
SEALS_AT_ONCE, EVENTS_AT_ONCE = 20, 5_000
MOST_FAULTS = 100
SECONDS_TO_SEAL = timedelta(seconds=30)
"""An event that is older than this and in no seal was slipped in, or nobody seals."""
_seals = select(SEALS).where(
    SEALS.c.organisation_id == ORGANISATION, SEALS.c.number > bindparam("after", type_=Integer)
)
SEALS_AFTER = Statement(_seals.order_by(SEALS.c.number).limit(bindparam("at_most", type_=Integer)))
_events = select(EVENTS).where(
    EVENTS.c.organisation_id == ORGANISATION, EVENTS.c.id > bindparam("after", type_=BigInteger)
)
EVENTS_AFTER = Statement(_events.order_by(EVENTS.c.id).limit(bindparam("at_most", type_=Integer)))
LAST_SEAL = Statement(select(func.max(SEALS.c.number).label("number")).where(SEALS.c.organisation_id == ORGANISATION))


class Flaw(NamedTuple):
    """Something that is not as it was written, and where."""

    kind: str
    """`altered`, `removed`, `not_sealed`, `seal_altered`, `seal_removed` or `not_the_anchor`."""
    event_id: int | None
    seal: int | None
    sentence: str


class Anchor(NamedTuple):
    """A head that was kept elsewhere: what the chain was at that number."""

    seal: int
    head: str


class Seen(NamedTuple):
    """The chain as it is: what each event should be, and the heads."""

    digests: dict[int, tuple[int, bytes]]
    flaws: list[Flaw]
    heads: dict[int, str]


async def verify(desk: Desk, now: datetime, beside: Doing, anchor: Anchor | None = None) -> dict[str, Any]:
    """Read the whole audit of the organisation and compare it with its seals; hashing is done by `beside`.

    The chain is read before the events: what is written meanwhile is in neither or in the events alone, and young.

    Returns:
        `intact`, how many events and seals were read, the last head, and the flaws (the first 100).
    """
    seen = await _chain(desk)
    flaws, left, events = list(seen.flaws), dict(seen.digests), 0
    async for rows in all_events(desk):
        events += len(rows)
        flaws.extend(await beside(partial(_compared, rows, left, now)))
    flaws.extend(_removed(event_id, seal) for event_id, (seal, _) in left.items())
    flaws.extend(_anchored(seen.heads, anchor))
    last = max(seen.heads, default=0)
    return {
        "intact": not flaws,
        "events": events,
        "seals": len(seen.heads),
        "not_yet_sealed": events + len(left) - len(seen.digests),
        "last_seal": last or None,
        "last_head": seen.heads.get(last),
        "flaws": [flaw._asdict() for flaw in flaws[:MOST_FAULTS]],
        "more_flaws": max(0, len(flaws) - MOST_FAULTS),
    }


def _compared(rows: Sequence[Row], left: dict[int, tuple[int, bytes]], now: datetime) -> list[Flaw]:
    """What is wrong with these events; each that a seal names is taken off what is left. Pure but for that."""
    flaws: list[Flaw] = []
    for row in rows:
        expected = left.pop(row["id"], None)
        if expected is None:
            flaws.extend(_never_sealed(row, now))
        elif digest_of_event(row) != expected[1]:
            flaws.append(_altered(row["id"], expected[0]))
    return flaws


async def _chain(desk: Desk) -> Seen:
    seen, before, number = Seen({}, [], {}), b"", 0
    while True:
        given = {"organisation_id": desk.organisation_id, "after": number, "at_most": SEALS_AT_ONCE}
        rows = await SEALS_AFTER.fetch_all(desk.database, **given)
        for row in rows:
            seen.flaws.extend(_flaws_of_seal(row, before, number))
            before, number = bytes(row["head"]), row["number"]
            seen.heads[number] = before.hex()
            seen.digests.update(_members(row))
        if len(rows) < SEALS_AT_ONCE:
            return seen


def _members(row: Row) -> Iterator[tuple[int, tuple[int, bytes]]]:
    digests = bytes(row["digests"])
    for place, event_id in enumerate(row["members"]):
        yield event_id, (row["number"], digests[place * SIZE : (place + 1) * SIZE])


def _flaws_of_seal(row: Row, before: bytes, number: int) -> Iterator[Flaw]:
    if row["number"] != number + 1:
        missing = f"{number + 1}" if row["number"] == number + 2 else f"{number + 1} to {row['number'] - 1}"
        yield Flaw("seal_removed", None, number + 1, f"Before seal {row['number']}, seal {missing} is missing.")
    elif head_of(before, row["number"], row["members"], bytes(row["digests"])) != bytes(row["head"]):
        yield Flaw("seal_altered", None, row["number"], f"Seal {row['number']} is not what it was when it was made.")


async def all_events(desk: Desk) -> AsyncIterator[Sequence[Row]]:
    """Every event of the organisation, thousands at a time, in the order of their numbers."""
    after = 0
    while True:
        given = {"organisation_id": desk.organisation_id, "after": after, "at_most": EVENTS_AT_ONCE}
        rows = await EVENTS_AFTER.fetch_all(desk.database, **given)
        if rows:
            yield rows
        if len(rows) < EVENTS_AT_ONCE:
            return
        after = rows[-1]["id"]


def _never_sealed(row: Row, now: datetime) -> Iterator[Flaw]:
    if now - row["at"] > SECONDS_TO_SEAL:
        yield Flaw("not_sealed", row["id"], None, f"Event {row['id']} is in no seal, although it is older than 30 s.")


def _altered(event_id: int, seal: int) -> Flaw:
    return Flaw("altered", event_id, seal, f"Event {event_id} (seal {seal}) is not what it was when it was sealed.")


def _removed(event_id: int, seal: int) -> Flaw:
    return Flaw("removed", event_id, seal, f"Event {event_id} (seal {seal}) is missing.")


def _anchored(heads: Mapping[int, str], anchor: Anchor | None) -> Iterator[Flaw]:
    if anchor is not None and heads.get(anchor.seal) != anchor.head:
        sentence = f"The head of seal {anchor.seal} is not the one that was kept elsewhere."
        yield Flaw("not_the_anchor", None, anchor.seal, sentence)
