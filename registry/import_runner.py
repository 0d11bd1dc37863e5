"""Who works imports off: one at a time, beside the service, and whatever was left half-way goes on.

An import is taken for some seconds and taken again and again; a runner that died is followed by another. What a runner
writes is stored only while the import is still its own. One whose runners die before they get further is refused, since
all others wait behind it.
"""

import asyncio
import contextlib
import json
import logging
import os
import tempfile
from datetime import date
from pathlib import Path
from uuid import UUID

from bulk.found import Unreadable
from models.bulk_import import ImportState
from models.database import Database
from models.executor import Executor, Row
from models.on_behalf import ANYBODY, OnBehalf, system
from registry.desk import Desk
from registry.errors import TrialbookError, place_of
from registry.import_job import Job, Lost, run
from registry.import_jobs import END, HAND_BACK, TAKE, WAITING, WHOSE
from registry.vaults import Vaults

log = logging.getLogger("trialbook")
FOLDER = "trialbook-import-"
"""How the private folders of runners begin; the number of the process follows."""
FAILED = "The service failed on it. What was recorded before stays; the operator's log says where it failed."
MOST_TAKINGS = 3
IN_VAIN = (
    "The process that worked on it ended three times without getting further. What was recorded before stays. Send it "
    "in smaller files."
)


class Runner:
    """One process that works imports off."""

    def __init__(self, database: Database, vaults: Vaults, name: UUID) -> None:
        """`name` is new for each process."""
        self._database, self._vaults, self._name = database, vaults, name

    async def run_next(self, today: date) -> bool:
        """Work off the import that waits longest, whichever organisation's; False if there is none to be had."""
        rows = await WAITING.fetch_all(self._database)
        if any(row["taken"] for row in rows):
            return False
        for row in rows:
            takings = await self._taken(row)
            if takings > MOST_TAKINGS:
                await self._refuse(row)
            elif takings:
                await self._work_on(row, today)
            if takings:
                return True
        return False

    def _own(self, row: Row) -> Executor:
        """The database on behalf of the import's organisation, and of nobody in it."""
        return self._database.bound(system(row["organisation_id"], "import"))

    async def _taken(self, row: Row) -> int:
        """How often it was taken without getting further, this time included; 0 if another has it."""
        taken = await TAKE.fetch_one(self._own(row), **row_of(row), runner=self._name)
        return 0 if taken is None else taken["takings"]

    async def _refuse(self, row: Row) -> None:
        """Nobody knows what is wrong with it: a process that is killed says nothing any more."""
        log.warning("an import is refused: whoever worked on it ended %s times without getting further", MOST_TAKINGS)
        await END.fetch_one(self._own(row), **row_of(row), state=ImportState.REFUSED.value, problem=IN_VAIN)

    async def _work_on(self, row: Row, today: date) -> None:
        """Work on it to its end, or until this process is told to stop: then it is handed back, and nobody's fault."""
        try:
            await self._run(row, today)
        except (asyncio.CancelledError, KeyboardInterrupt):
            with contextlib.suppress(TrialbookError):
                await HAND_BACK.fetch_one(self._own(row), **row_of(row), runner=self._name)
            raise

    async def _run(self, row: Row, today: date) -> None:
        """In the name of whoever sent it: what is closed to them is closed to their import."""
        own = self._own(row)
        sent = await WHOSE.fetch_one(own, **row_of(row))
        assert sent is not None, "what is queued is there"  # noqa: S101 - by the foreign key's own transaction
        who = sent["who"]
        subject = sent["subject"] if who["kind"] == "user" else ANYBODY
        database = self._database.bound(OnBehalf(row["organisation_id"], subject, json.dumps(who)))
        vault = await self._vaults.of(database, row["organisation_id"])
        with tempfile.TemporaryDirectory(prefix=f"{FOLDER}{os.getpid()}-") as folder:
            job = Job(Desk(database, row["organisation_id"], today, vault), sent, self._name, Path(folder))
            await self._end(job)

    async def _end(self, job: Job) -> None:
        """Work it off, and say how it ended."""
        state, problem = ImportState.DONE, None
        try:
            await run(job)
        except Unreadable as error:
            state, problem = ImportState.REFUSED, str(error)
        except Lost:
            return
        except TrialbookError:
            raise  # the database is away: it is gone on with when that is over
        except Exception as error:  # noqa: BLE001 - a fault of ours would only come again; where it is, the log says
            log.warning("an import failed: %s at %s", type(error).__name__, place_of(error))
            state, problem = ImportState.REFUSED, FAILED
        await END.fetch_one(job.desk.database, **job.where, state=state.value, problem=problem)


def row_of(row: Row) -> dict[str, UUID]:
    """The import, as statements name it."""
    return {"organisation_id": row["organisation_id"], "import_id": row["import_id"]}
