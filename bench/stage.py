"""Where it is measured: a database of its own, migrated, filled by the service's own statements, gone afterwards."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from bench.records import Patients, desk_of, rows_of
from models.database import Database, Transaction
from models.pool import prepare
from ops.database import MAINTENANCE_DATABASE
from ops.migrate import migrate
from ops.postgres import EmbeddedPostgres
from ops.secret import with_kept_secrets
from registry.vaults import Vaults
from settings import FIRST_ORGANISATION, Settings
from vault.keys import Masters

SAID = ("server_version", "fsync", "synchronous_commit")


class Stage(NamedTuple):
    """A filled database. `server` begins with its version, then says how safely it writes."""

    dsn: str
    server: str
    patients: Patients


@contextmanager
def _embedded(settings: Settings) -> Iterator[str]:
    """A PostgreSQL with fsync on, on the disk that `make run` uses: a memory disk would flatter every write."""
    settings.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.data_dir))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "data", durable=True) as embedded:
            yield embedded.url()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _execute(dsn: str, statement: str) -> None:
    """Run it past the database that the address names: that one is not looked at, and may not exist yet."""

    async def run() -> None:
        connection = await asyncpg.connect(dsn, database=MAINTENANCE_DATABASE)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


@contextmanager
def _beside(dsn: str) -> Iterator[str]:
    """A new database on the server that DATABASE_URL names, dropped afterwards: nothing of it touches real records."""
    name = f"trialbook_bench_{uuid4().hex[:12]}"
    _execute(dsn, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
    finally:
        _execute(dsn, f"DROP DATABASE {name} WITH (FORCE)")


async def _fill(dsn: str, patients: Patients, settings: Settings) -> str:
    """Insert everything in one transaction, triggers and all; then let the planner know.

    Returns:
        The version of the server.
    """
    connection = await asyncpg.connect(dsn)
    await prepare(connection)
    vault = await Vaults(Masters.from_settings(*settings.master_keys)).read(Transaction(connection), FIRST_ORGANISATION)
    async with Database(dsn, 1) as unused, connection.transaction():
        desk = desk_of(unused, FIRST_ORGANISATION, datetime.now(UTC).date(), vault)
        for sql, rows in rows_of(patients, desk):
            await connection.executemany(sql, rows)
    await connection.execute("VACUUM ANALYZE")
    version, *safety = [str(await connection.fetchval(f"SHOW {name}")) for name in SAID]
    await connection.close()
    return ", ".join([version.split()[0], *map(" ".join, zip(SAID[1:], safety, strict=True))])


@contextmanager
def stage(settings: Settings, patients: Patients) -> Iterator[Stage]:
    """A migrated database filled with the patients, on a server of our own or on the one that the settings name."""
    place = _embedded(settings) if settings.database_url is None else _beside(settings.database_dsn)
    with place as dsn:
        migrate(dsn)
        yield Stage(dsn, asyncio.run(_fill(dsn, patients, with_kept_secrets(settings))), patients)
