"""Works off what imports wait, then ends: started by the service beside itself, so that no request waits for it.

`python -m ops.import_worker NAME`: whoever starts it gives it a name of its own (a UUID), by which what it had can be
handed on when it dies. What it reads of the environment is what the service reads.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil

from models.database import Database
from ops.logs import configure
from registry.errors import place_of
from registry.import_runner import FOLDER, Runner
from registry.vaults import Vaults
from settings import read_settings
from vault.keys import Masters

log = logging.getLogger("trialbook")
NICENESS = 5
"""Answers come first."""
CONNECTIONS = 2


async def work(name: UUID) -> None:
    """One import after the other, until none waits."""
    settings = read_settings()
    configure(settings)
    vaults = Vaults(Masters.from_settings(*settings.master_keys))
    async with Database(settings.database_dsn, CONNECTIONS, pooled=settings.database_pooler) as database:
        runner = Runner(database, vaults, name)
        while await runner.run_next(datetime.now(UTC).date()):
            pass


def sweep(folder: Path) -> None:
    """Remove what processes left behind that were killed."""
    for path in folder.glob(f"{FOLDER}*"):
        process = path.name.removeprefix(FOLDER).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(path, ignore_errors=True)


def main() -> None:
    """Work, and leave quietly when asked to, with nothing left behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sweep(Path(tempfile.gettempdir()))
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    try:
        asyncio.run(work(UUID(sys.argv[1])))
    except KeyboardInterrupt:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, another process goes on; a trace could show a patient's data
        log.warning("importing stopped: %s at %s", type(error).__name__, place_of(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
