"""Keeps a process beside the service while imports wait: at the start for what was left, then whenever one is sent."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping
from uuid import UUID, uuid4

from models.database import Database
from models.on_behalf import system
from registry.import_jobs import RELEASE, WAITING

log = logging.getLogger("trialbook")
PROGRAM = "ops.import_worker"
SECONDS_BETWEEN_LOOKS = 5.0
SECONDS_TO_LEAVE = 5.0
MOST_IN_A_ROW = 3
"""Deaths after which it is given more time to be repaired."""
SECONDS_AFTER_DEATHS = 60.0


class Importing:
    """Starts the process, and starts another when it has died. `deaths` counts those in a row."""

    def __init__(self, database: Database, environment: Mapping[str, str], told: asyncio.Event) -> None:
        """`environment` is what the process reads besides our own; `told` is set when an import was sent."""
        self._database, self._environment = database, {**os.environ, **environment}
        self._told = told
        self.deaths = 0

    async def keep(self) -> None:
        """For ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_AFTER_DEATHS if self._is_hopeless else SECONDS_BETWEEN_LOOKS):
                    await self._told.wait()
            self._told.clear()
            try:
                if await self._waits():
                    await self._work()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again; nothing but its name is logged
                log.warning("looking for imports failed: %s", type(error).__name__)

    @property
    def _is_hopeless(self) -> bool:
        return self.deaths >= MOST_IN_A_ROW

    async def _waits(self) -> bool:
        rows = await WAITING.fetch_all(self._database)
        return bool(rows) and not any(row["taken"] for row in rows)

    async def _work(self) -> None:
        """Let a process work until nothing waits, or it dies; then nothing is its any more."""
        name = uuid4()
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", PROGRAM, str(name)), env=self._environment, stdin=asyncio.subprocess.DEVNULL
        )
        try:
            died = await worker.wait()
        except asyncio.CancelledError:
            await _end(worker)
            raise
        self.deaths = self.deaths + 1 if died else 0
        if died:
            log.warning("the process that imports died (%s); another goes on", died)
            await self._release(name)
            if not self._is_hopeless:
                self._told.set()

    async def _release(self, name: UUID) -> None:
        for organisation in {row["organisation_id"] for row in await WAITING.fetch_all(self._database)}:
            bound = self._database.bound(system(organisation, "import"))
            await RELEASE.fetch_all(bound, organisation_id=organisation, runner=name)


async def _end(worker: asyncio.subprocess.Process) -> None:
    """What it does is stored up to its last batch; the next process goes on from there."""
    with contextlib.suppress(ProcessLookupError):
        worker.terminate()
    try:
        async with asyncio.timeout(SECONDS_TO_LEAVE):
            await worker.wait()
    except TimeoutError:
        worker.kill()
