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
from models.on_behalf import system
from models.pool import prepare
from ops.database import MAINTENANCE_DATABASE
from ops.migrate import migrate
from ops.postgres import EmbeddedPostgres
from ops.roles import SERVICE
from ops.secret import with_kept_secrets
from registry.vaults import Vaults
from settings import FIRST_ORGANISATION, Settings
from vault.keys import Masters

SAID = ("server_version", "fsync", "synchronous_commit")


UNPROTECTED = """
SELECT format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', relname) AS command
FROM pg_class WHERE relrowsecurity AND relkind = 'r'
"""
UNAUDITED = "DROP TRIGGER audit_version ON record_versions"


class Where(NamedTuple):
    """One database: the address of the owner of its tables, and of the role that the service connects as."""

    owner: str
    service: str

    @property
    def environment(self) -> dict[str, str]:
        """As the service reads it."""
        return {"DATABASE_URL": self.service, "DATABASE_OWNER_URL": self.owner}

    def named(self, name: str) -> "Where":
        """The same for another database of the server."""
        return Where(*(urlunsplit(urlsplit(dsn)._replace(path=f"/{name}")) for dsn in self))


class Stage(NamedTuple):
    """A filled database and two copies. `server` begins with its version, then says how safely it writes."""

    service: Where
    unaudited: Where
    """Without the trigger that audits what is written."""
    open: Where
    """Without that, and without row-level security: whoever connects sees all."""
    server: str
    patients: Patients


@contextmanager
def _embedded(settings: Settings) -> Iterator[Where]:
    """A PostgreSQL with fsync on, on the disk that `make run` uses: a memory disk would flatter every write."""
    settings.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.data_dir))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "data", durable=True) as embedded:
            yield Where(embedded.url(), embedded.url(user=SERVICE))
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
def _beside(settings: Settings) -> Iterator[Where]:
    """A new database on the server that DATABASE_URL names, dropped afterwards: nothing of it touches real records."""
    given, name = Where(settings.owner_dsn, settings.database_dsn), f"trialbook_bench_{uuid4().hex[:12]}"
    _execute(given.owner, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield given.named(name)
    finally:
        _execute(given.owner, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _copied(where: Where, end: str) -> Iterator[Where]:
    """A copy of a database that nobody is connected to, for as long as the block lasts."""
    name = urlsplit(where.owner).path.strip("/")
    _execute(where.owner, f"CREATE DATABASE {name}_{end} TEMPLATE {name}")
    try:
        yield where.named(f"{name}_{end}")
    finally:
        _execute(where.owner, f"DROP DATABASE {name}_{end} WITH (FORCE)")


async def _take_off(dsn: str, *, protection: bool) -> None:
    """Take the audit off a copy, and the protection of rows if told so."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(UNAUDITED)
    for row in await connection.fetch(UNPROTECTED) if protection else []:
        await connection.execute(row["command"])
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _fill(dsn: str, patients: Patients, settings: Settings) -> str:
    """Insert everything in one transaction, triggers and all; then let the planner know.

    Returns:
        The version of the server.
    """
    connection = await asyncpg.connect(dsn)
    await prepare(connection)
    whose = system(FIRST_ORGANISATION, "bench")
    await connection.execute(whose.beginning.removeprefix("BEGIN; ").replace(", true)", ", false)"))
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
    place = _embedded(settings) if settings.database_url is None else _beside(settings)
    with place as where:
        migrate(where.owner)
        server = asyncio.run(_fill(where.owner, patients, with_kept_secrets(settings)))
        with _copied(where, "unaudited") as unaudited, _copied(where, "open") as without:
            asyncio.run(_take_off(unaudited.owner, protection=False))
            asyncio.run(_take_off(without.owner, protection=True))
            yield Stage(where, unaudited, without, server, patients)
