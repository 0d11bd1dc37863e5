"""The database before the service: is it there, is it new enough, does the named database exist."""

import asyncio
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from ops.say import say

OLDEST_SERVER = 15
SECONDS_TO_WAIT = 60.0
SECONDS_BETWEEN_TRIES = 1.0
MAINTENANCE_DATABASE = "postgres"
AWAY = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError)
REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError)


class DatabaseUnusable(SystemExit):
    """The database cannot be used. The message says why, and never holds the password."""


def place(dsn: str) -> str:
    """Where the database is, for messages: host and port only."""
    parts = urlsplit(dsn)
    return f"{parts.hostname}:{parts.port or 5432}" if parts.hostname else "the local socket"


async def _connect(dsn: str, **changes: Any) -> Any:  # noqa: ANN401 - asyncpg is not typed
    """Connect; a server that is away or still starting is waited for."""
    started = time.monotonic()
    while True:
        try:
            return await asyncpg.connect(dsn, timeout=10, **changes)
        except AWAY as error:
            waited = time.monotonic() - started
            if waited > SECONDS_TO_WAIT:
                raise DatabaseUnusable(f"No database answers at {place(dsn)}: {error}.") from None
            say(f"Waiting for the database at {place(dsn)} ({waited:.0f} s so far): {error}")
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)


async def _create(dsn: str) -> None:
    """Create the database that the address names."""
    name = unquote(urlsplit(dsn).path.lstrip("/"))
    connection = await _connect(dsn, database=MAINTENANCE_DATABASE)
    try:
        quoted = name.replace('"', '""')
        await connection.execute(f"CREATE DATABASE \"{quoted}\" ENCODING 'UTF8' TEMPLATE template0")
    except asyncpg.DuplicateDatabaseError:
        pass  # another start was quicker
    finally:
        await connection.close()
    say(f"Created the database {name}.")


async def _ensure(dsn: str) -> None:
    """Connect once; create the database when it is missing; look at the server's version."""
    try:
        connection = await _connect(dsn)
    except asyncpg.InvalidCatalogNameError:
        await _create(dsn)
        connection = await _connect(dsn)
    version = connection.get_server_version()
    await connection.close()
    if version.major < OLDEST_SERVER:
        raise DatabaseUnusable(f"PostgreSQL {OLDEST_SERVER} or newer is needed; {place(dsn)} runs {version.major}.")


def ensure_database(dsn: str) -> None:
    """Wait for the server, create the database if it is missing, and refuse a server that is too old.

    Raises:
        DatabaseUnusable: it does not answer, refuses us, or is too old.
    """
    try:
        asyncio.run(_ensure(dsn))
    except REFUSED as error:
        raise DatabaseUnusable(f"The database at {place(dsn)} refuses: {error}.") from None
