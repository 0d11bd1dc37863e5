"""Where the commands of the owner find the database, which may be the one of a service that runs meanwhile."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

import asyncpg

from ops.cluster import VERSION
from ops.database import place
from ops.owner import connected
from ops.postgres import EmbeddedPostgres, address_of_running
from settings import Settings

NO_DATABASE = "There is no database in {}: start it once with `make run`, or name one in DATABASE_URL."
NO_ANSWER = "No database answers at {}: {}"
NOT_MIGRATED = "The database has not all tables yet: bring it up to date with `make run` or `make migrate`."


class NoDatabase(SystemExit):
    """There is no database to work on. The message says what to do."""


class NoSuchOrganisation(SystemExit):
    """No organisation has this id. The message names those that there are."""


@contextmanager
def owner_address(settings: Settings) -> Iterator[str]:
    """The database as the owner of its tables; an embedded one that does not run is started for the while.

    Raises:
        NoDatabase: there is none, it does not answer, or has no tables. None is made.
    """
    if settings.database_url is not None:
        yield _looked_at(settings.owner_dsn)
        return
    data_dir = settings.data_dir.resolve()
    cluster = data_dir / f"postgres-{VERSION}"
    if not cluster.exists():
        raise NoDatabase(NO_DATABASE.format(data_dir))
    running = address_of_running(cluster)
    if running is not None:
        yield _looked_at(running)
        return
    with EmbeddedPostgres(data_dir) as embedded:
        yield _looked_at(embedded.url())


def _looked_at(dsn: str) -> str:
    """The same address, once it was seen that there is something."""
    try:
        there = asyncio.run(_has_tables(dsn))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NoDatabase(NO_ANSWER.format(place(dsn), str(error) or type(error).__name__)) from None
    if not there:
        raise NoDatabase(NOT_MIGRATED)
    return dsn


async def _has_tables(dsn: str) -> bool:
    async with connected(dsn) as connection:
        found = "to_regclass('users') IS NOT NULL AND to_regclass('audit_seals') IS NOT NULL"
        return bool(await connection.fetchval(f"SELECT {found}"))


async def organisations(dsn: str) -> dict[UUID, str]:
    """The organisations by name; the owner of the tables may list them."""
    async with connected(dsn) as connection:
        found = await connection.fetch("SELECT id, name FROM organisations ORDER BY id")
        return {row["id"]: row["name"] for row in found}


def chosen(there: Mapping[UUID, str], only: UUID | None) -> dict[UUID, str]:
    """All of them, or the one that is named.

    Raises:
        NoSuchOrganisation: it is not there.
    """
    if only is not None and only not in there:
        listed = "\n".join(f"  {each} ({name})" for each, name in there.items())
        raise NoSuchOrganisation(f"There is no organisation {only} here, but these:\n{listed}")
    return {each: name for each, name in there.items() if only in {None, each}}
