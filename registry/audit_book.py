"""The audit of reads: written before the answer leaves, many requests with one wait for the disk.

Whoever reads waits until the event is stored. While one batch is being stored, the next one gathers, so that under load
the cost of the disk is shared (docs/decisions/0077-audit.md).
"""

import asyncio
from collections import defaultdict
from uuid import UUID

from models.executor import Executor
from registry.audit_events import RECORD, Event

Waiting = tuple[Event, "asyncio.Future[None]"]
MOST_AT_ONCE = 500


class AuditBook:
    """Gathers events and stores them in batches, each organisation's in one statement."""

    def __init__(self, database: Executor) -> None:
        """Store in this database."""
        self._database = database
        self._waiting: list[Waiting] = []
        self._storing: asyncio.Task[None] | None = None
        self.something_to_seal = asyncio.Event()

    async def record(self, *events: Event) -> None:
        """Come back when the events are stored for good.

        Raises:
            DatabaseUnavailable, DatabaseTooSlow: it could not be stored; what was read must not leave.
        """
        loop = asyncio.get_running_loop()
        added: list[Waiting] = [(event, loop.create_future()) for event in events]
        self._waiting.extend(added)
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())
        await asyncio.gather(*(future for _, future in added))

    async def _store(self) -> None:
        """Store batch after batch until nothing waits."""
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            for organisation_id, waiting in _by_organisation(batch).items():
                await self._store_of(organisation_id, waiting)
        self.something_to_seal.set()

    async def _store_of(self, organisation_id: UUID, waiting: list[Waiting]) -> None:
        events = [event.said() for event, _ in waiting]
        try:
            await RECORD.fetch_one(self._database, organisation_id=organisation_id, events=events)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear it, whatever it is
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
        else:
            for _, future in waiting:
                if not future.done():
                    future.set_result(None)


def _by_organisation(batch: list[Waiting]) -> dict[UUID, list[Waiting]]:
    found: dict[UUID, list[Waiting]] = defaultdict(list)
    for event, future in batch:
        found[event.organisation_id].append((event, future))
    return found
