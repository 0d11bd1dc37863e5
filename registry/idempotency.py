"""Repeats: the same key and request get the same answer, and nothing is done twice."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, String, Table, bindparam, delete, func, insert, select

from models.executor import Executor
from models.idempotency import IdempotencyKey
from registry.desk import Desk
from registry.errors import Conflict, Fault, Gone
from registry.identity import opened
from registry.record_statements import ORGANISATION
from registry.statements import Statement, transaction
from vault.vault import Vault

KEYS: Table = IdempotencyKey.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
KEPT_FOR = timedelta(days=7)
SWEPT_AT_ONCE = 20
PLACE = "#header/idempotency-key"
IN_FLIGHT = "A request with this Idempotency-Key is being answered right now. Wait a second and send it again."
ERASED = "What was recorded with this Idempotency-Key was erased with its patient. Do not send it again."
ANOTHER = "This Idempotency-Key was used for another request. Make a new key for each thing that you do."

BODY = "answer"
KEY = bindparam("key", type_=String)
GIVEN = ("organisation_id", "key", "patient_id", "fingerprint", "status", "headers", "body")
_lock = func.pg_try_advisory_xact_lock(bindparam("number", type_=BigInteger))
# now() and no other clock: what may differ from row to row is no condition of an index.
_old = select(KEYS.c.key).where(KEYS.c.organisation_id == ORGANISATION, KEYS.c.created_at < func.now() - KEPT_FOR)
LOCK = Statement(select(_lock.label("mine")), repeatable=False, records=False)
FIND = Statement(select(KEYS).where(KEYS.c.organisation_id == ORGANISATION, KEYS.c.key == KEY))
KEEP = Statement(insert(KEYS).values({name: bindparam(name, type_=KEYS.c[name].type) for name in GIVEN}))
SWEEP = Statement(delete(KEYS).where(KEYS.c.organisation_id == ORGANISATION, KEYS.c.key.in_(_old.limit(SWEPT_AT_ONCE))))


class Stored(NamedTuple):
    """An answer as it left."""

    status: int
    headers: dict[str, str]
    body: bytes
    patient_id: UUID | None = None
    """The patient that it is about: it goes when they are erased."""


class Keyed(NamedTuple):
    """A request with a key: what it asks is known by its digest."""

    key: str
    fingerprint: bytes


def fingerprint(*parts: bytes) -> bytes:
    """The digest of what a request asks."""
    return hashlib.sha256(b"\x00".join(parts)).digest()


async def once(desk: Desk, asked: Keyed, act: Callable[[Desk], Awaitable[Stored]]) -> tuple[Stored, bool]:
    """Do it and keep the answer in the same transaction, or give the answer that was kept.

    Returns:
        The answer, and whether it is a repeat.

    Raises:
        Conflict: the key was used for something else, or its first request is still being answered.
        DatabaseUnavailable: the database does not answer.
    """
    async with transaction(desk.database) as inside:
        await _take(inside, desk, asked)
        kept = await FIND.fetch_one(inside, organisation_id=desk.organisation_id, key=asked.key)
        if kept is None:
            answer = await act(desk._replace(database=inside))
            await _keep(inside, desk, asked, answer)
            return answer, False
    if kept["fingerprint"] != desk.keys.request_digest(asked.fingerprint):
        raise Conflict(ANOTHER, (Fault(PLACE, ANOTHER),))
    if not kept["body"]:
        raise Gone(ERASED)
    body = opened_body(desk, asked.key, kept["body"])
    return Stored(kept["status"], kept["headers"], body, kept["patient_id"]), True


async def _take(inside: Executor, desk: Desk, asked: Keyed) -> None:
    """Hold the key until the transaction ends, or refuse at once: a queue of repeats would tie up connections."""
    digest = fingerprint(desk.organisation_id.bytes, asked.key.encode())
    row = await LOCK.fetch_one(inside, number=int.from_bytes(digest[:8], signed=True))
    if row is None or not row["mine"]:
        raise Conflict(IN_FLIGHT, (Fault(PLACE, IN_FLIGHT),), {"Retry-After": "1"})


async def _keep(inside: Executor, desk: Desk, asked: Keyed, answer: Stored) -> None:
    """Store the answer, and let go of a few that are older than a week."""
    mine = {"organisation_id": desk.organisation_id}
    await SWEEP.fetch_all(inside, **mine)
    given = {**answer._asdict(), "body": sealed_body(desk.keys, asked.key, answer.body)}
    given["fingerprint"] = desk.keys.request_digest(asked.fingerprint)
    await KEEP.fetch_all(inside, **mine, key=asked.key, **given)


def sealed_body(vault: Vault, key: str, body: bytes) -> bytes:
    """An answer as it is kept: it may name a patient, so it is sealed, for this key alone."""
    return vault.sealed(key, BODY, body).encode()


def opened_body(desk: Desk, key: str, body: bytes) -> bytes:
    """An answer as it left.

    Raises:
        DatabaseUnavailable: the organisation's keys could not be read, or do not hold a new one yet.
    """
    return opened(desk, key, BODY, body.decode())
