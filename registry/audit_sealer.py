"""Seals what was audited, within a second: a chain of heads, each over a batch of events and the head before."""

import asyncio
import logging
from uuid import UUID

from sqlalchemy import Integer, Table, Uuid, bindparam, func, select

from models.audit import AuditUnsealed
from models.executor import Executor
from registry.statements import Statement

log = logging.getLogger("trialbook")
UNSEALED: Table = AuditUnsealed.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
SECONDS_BETWEEN_SEALS = 0.5
SECONDS_BETWEEN_LOOKS = 5.0
"""How often it looks without having been told: other workers may have stopped before they sealed."""
MOST_IN_A_SEAL = 5_000
WAITING = Statement(select(UNSEALED.c.organisation_id).distinct())
_seal = func.seal_audit(
    bindparam("organisation_id", type_=Uuid), bindparam("at_most", type_=Integer), type_=Integer
).label("sealed")
SEAL = Statement(select(_seal), repeatable=False, records=False)


async def seal_organisation(database: Executor, organisation_id: UUID) -> int:
    """Seal all that waits of one organisation; how many events that were."""
    sealed = 0
    while True:
        row = await SEAL.fetch_one(database, organisation_id=organisation_id, at_most=MOST_IN_A_SEAL)
        now = int(row["sealed"]) if row else 0
        sealed += now
        if now < MOST_IN_A_SEAL:
            return sealed


async def seal_all(database: Executor) -> int:
    """Seal all that waits."""
    rows = await WAITING.fetch_all(database)
    return sum([await seal_organisation(database, row["organisation_id"]) for row in rows])


async def keep_sealing(database: Executor, told: asyncio.Event) -> None:
    """Seal for ever: soon after something was recorded, and now and then anyway. A failure is tried again."""
    while True:
        try:
            async with asyncio.timeout(SECONDS_BETWEEN_LOOKS):
                await told.wait()
        except TimeoutError:
            pass
        told.clear()
        await asyncio.sleep(SECONDS_BETWEEN_SEALS)
        try:
            await seal_all(database)
        except Exception as error:  # noqa: BLE001 - whatever it is, sealing goes on; nothing of it is logged but its name
            log.warning("sealing the audit failed: %s", type(error).__name__)
            told.set()
