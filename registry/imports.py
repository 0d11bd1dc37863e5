"""Bulk imports as whoever sends them sees them: send, look, stop."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from bulk.found import Unreadable
from bulk.reading import refuse_unreadable_start
from models.base import new_id
from models.bulk_import import ImportForm, ImportState
from registry.audit_events import Who
from registry.desk import Desk
from registry.errors import Conflict, Fault, InvalidRequest, NotFound, TooManyRequests, TrialbookError
from registry.import_derived import NOUNS
from registry.import_job import FIELD
from registry.import_jobs import ADD, ADD_CHUNK, END, GIVE_UP, PAGE, PAGE_OF_REJECTS, PENDING, READ, READY
from registry.records import Said, Stretch

BYTES_OF_A_CHUNK = 1024 * 1024
MOST_PENDING = 20
NO_IMPORT = "There is no import of this id. GET /v1/imports lists them."
OVER = "The import is over already ({}); what it recorded stays."
MANY = f"{MOST_PENDING} imports of your organisation wait already. Send this one when one of them is done."
DONE_WITH_RECORDS = ("created", "updated", "unchanged", "retracted", "kept_as_edited", "found")


class Sent(NamedTuple):
    """What is sent, and by whom."""

    form: ImportForm
    source: str | None
    who: Who


async def receive(desk: Desk, sent: Sent, body: AsyncIterator[bytes]) -> Said:
    """Keep the body, sealed, and let it wait for a runner.

    Raises:
        InvalidRequest: it is empty, or nothing of it can be read.
        TooManyRequests: too many wait already.
        TrialbookError: whatever the body raises while it comes in; nothing of it is kept then.
    """
    await GIVE_UP.fetch_all(desk.database, organisation_id=desk.organisation_id)
    pending = await PENDING.fetch_one(desk.database, organisation_id=desk.organisation_id)
    if pending is not None and pending["pending"] >= MOST_PENDING:
        raise TooManyRequests(MANY, headers={"Retry-After": "60"})
    parts = _of_size(body)
    first = await anext(parts, b"")
    await asyncio.to_thread(_refuse_unreadable, sent.form, first)
    where = {"organisation_id": desk.organisation_id, "import_id": new_id()}
    said = {"form": sent.form.value, "source": sent.source, "subject": sent.who.subject}
    await ADD.fetch_one(desk.database, **where, **said, who=sent.who._asdict())
    try:
        size, number = await _keep(desk, where, first, parts)
    except (TrialbookError, asyncio.CancelledError):
        await END.fetch_one(desk.database, **where, state=ImportState.REFUSED.value, problem="It did not arrive whole.")
        raise
    row = await READY.fetch_one(desk.database, **where, bytes=size, number=number)
    if row is None:
        raise Conflict(OVER.format(ImportState.CANCELLED.value))
    return said_of(row, None)


async def _keep(desk: Desk, where: Said, first: bytes, parts: AsyncIterator[bytes]) -> tuple[int, int]:
    """Store the body in chunks; its size and their number."""
    size, number, part = 0, 0, first
    while part:
        sealed = await asyncio.to_thread(_sealed, desk, f"{where['import_id']}/{number}", part)
        await ADD_CHUNK.fetch_all(desk.database, **where, number=number, sealed=sealed)
        size, number = size + len(part), number + 1
        part = await anext(parts, b"")
    return size, number


def _refuse_unreadable(form: ImportForm, first: bytes) -> None:
    """A small body is looked at whole, of a large one the beginning."""
    try:
        refuse_unreadable_start(form, first, whole=len(first) < BYTES_OF_A_CHUNK)
    except Unreadable as error:
        raise InvalidRequest(str(error), (Fault("", str(error)),)) from error


async def _of_size(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in chunks of one size, the last one aside."""
    held = bytearray()
    async for part in body:
        held += part
        while len(held) >= BYTES_OF_A_CHUNK:
            yield bytes(held[:BYTES_OF_A_CHUNK])
            del held[:BYTES_OF_A_CHUNK]
    if held:
        yield bytes(held)


def _sealed(desk: Desk, name: str, part: bytes) -> str:
    return desk.keys.sealed(name, FIELD, zlib.compress(part, 1))


async def read_import(desk: Desk, import_id: UUID, now: datetime) -> Said:
    """How far it is.

    Raises:
        NotFound: there is none of this id.
    """
    return said_of(await _row(desk, import_id), now)


async def _row(desk: Desk, import_id: UUID) -> Mapping[str, Any]:
    row = await READ.fetch_one(desk.database, organisation_id=desk.organisation_id, import_id=import_id)
    if row is None:
        raise NotFound(NO_IMPORT)
    return row


async def list_imports(desk: Desk, stretch: Stretch, now: datetime) -> tuple[list[Said], UUID | None]:
    """All imports, the oldest first."""
    given = {"organisation_id": desk.organisation_id, "after": stretch.after, "at_most": stretch.at_most + 1}
    rows = await PAGE.fetch_all(desk.database, **given)
    items = [said_of(row, now) for row in rows[: stretch.at_most]]
    return items, items[-1]["id"] if len(rows) > stretch.at_most else None


async def cancel_import(desk: Desk, import_id: UUID, now: datetime) -> Said:
    """Stop it. What was recorded until then stays.

    Raises:
        NotFound: there is none of this id.
        Conflict: it is over already.
    """
    where = {"organisation_id": desk.organisation_id, "import_id": import_id}
    row = await END.fetch_one(desk.database, **where, state=ImportState.CANCELLED.value, problem=None)
    if row is None:
        raise Conflict(OVER.format((await _row(desk, import_id))["state"]))
    return said_of(row, now)


async def rejects_of(desk: Desk, import_id: UUID, after: int, at_most: int) -> list[Said]:
    """Rejects in the order in which they were found.

    Raises:
        NotFound: there is no import of this id.
    """
    where = {"organisation_id": desk.organisation_id, "import_id": import_id}
    rows = await PAGE_OF_REJECTS.fetch_all(desk.database, **where, after=after, at_most=at_most)
    if not rows and not after:
        await _row(desk, import_id)
    return [dict(row) for row in rows]


def said_of(row: Mapping[str, Any], now: datetime | None) -> Said:
    """The answer for a row."""
    counts = row["counts"]
    records = counts.get("records", {})
    same = ("id", "state", "form", "source", "created_at", "started_at", "finished_at", "problem")
    return {
        **{name: row[name] for name in same},
        "bytes": {"total": row["bytes_total"], "done": row["bytes_read"]},
        "resources": {"total": row["resources_read"], "done": row["resources_done"]},
        "kinds": counts.get("kinds", {}),
        "fates": counts.get("fates", {}),
        "records": {kind: {word: records.get(kind, {}).get(word, 0) for word in DONE_WITH_RECORDS} for kind in NOUNS},
        "rejects": counts.get("rejects", {}),
        "warnings": counts.get("warnings", {}),
        "rejected": sum(counts.get("rejects", {}).values()),
        "resources_per_second": _speed(row, now),
    }


def _speed(row: Mapping[str, Any], now: datetime | None) -> float | None:
    until = row["finished_at"] or now
    if row["started_at"] is None or until is None:
        return None
    seconds: float = max((until - row["started_at"]).total_seconds(), 0.001)
    return round(int(row["resources_done"]) / seconds, 1)
