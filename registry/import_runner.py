"""Who works imports off: one at a time, beside the service, and whatever was left half-way goes on.

An import is taken for some seconds and taken again and again; a runner that died is followed by another. What a runner
writes is stored only while the import is still its own.
"""

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
from models.executor import Row
from models.on_behalf import ANYBODY, OnBehalf, system
from registry.desk import Desk
from registry.errors import TrialbookError, place_of
from registry.import_job import Job, Lost, run
from registry.import_jobs import END, TAKE, WAITING, WHOSE
from registry.vaults import Vaults

log = logging.getLogger("trialbook")
FOLDER = "trialbook-import-"
"""How the private folders of runners begin; the number of the process follows."""
FAILED = "The service failed on it. What was recorded before stays; the operator's log says where it failed."


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
            if await self._taken(row):
                await self._run(row, today)
                return True
        return False

    async def _taken(self, row: Row) -> bool:
        mine = self._database.bound(system(row["organisation_id"], "import"))
        return await TAKE.fetch_one(mine, **row_of(row), runner=self._name) is not None

    async def _run(self, row: Row, today: date) -> None:
        """In the name of whoever sent it: what is closed to them is closed to their import."""
        own = self._database.bound(system(row["organisation_id"], "import"))
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
