"""Three databases: with another organisation, without it, and one without row-level security to compare with."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple
from uuid import UUID

import asyncpg
import pytest

from models.database import Database
from ops.organisation import add_organisation
from settings import FIRST_ORGANISATION
from tests.conftest import Maker, as_service
from tests.pgbouncer.started import poolers
from tests.tenants.sown import Sown, sow

UNPROTECTED = """
SELECT format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY; ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', relname, relname)
FROM pg_class WHERE relrowsecurity AND relkind = 'r'
"""


class Places(NamedTuple):
    """Addresses of databases, and whose records are in them."""

    both: str
    """Of two organisations, for the service's role."""
    pooled: str
    """The same, through PgBouncer."""
    alone: str
    """Of the first organisation: the other was never there."""
    unprotected: str
    """Of both, and whoever connects sees and may write all."""
    ours: UUID
    theirs: Sown


async def _sow_both(url: str, copy: Callable[[str], str]) -> tuple[Sown, str, str]:
    """Sow the first organisation, copy; sow the other, copy again and take the protection off."""
    async with Database(as_service(url), 2) as database:
        await sow(database, url, FIRST_ORGANISATION, seals=1)
    alone = await asyncio.to_thread(copy, url)
    another = await add_organisation(url, "Another clinic")
    async with Database(as_service(url), 2) as database:
        theirs = await sow(database, url, another, seals=2)
    unprotected = await asyncio.to_thread(copy, url)
    connection = await asyncpg.connect(unprotected)
    for row in await connection.fetch(UNPROTECTED):
        await connection.execute(row[0])
    await connection.close()
    return theirs, alone, unprotected


@pytest.fixture(scope="session")
def places(make_database: Maker, server_url: Callable[[str], str]) -> Iterator[Places]:
    def copy(url: str) -> str:
        name = url.partition("?")[0].rpartition("/")[2]
        made = f"{name}_{len(copies)}"
        copies.append(made)

        async def run() -> None:
            connection = await asyncpg.connect(server_url("postgres"))
            await connection.execute(f"CREATE DATABASE {made} TEMPLATE {name}")
            await connection.close()

        asyncio.run(run())
        return server_url(made)

    copies: list[str] = []
    url = make_database()
    theirs, alone, unprotected = asyncio.run(_sow_both(url, copy))
    with ExitStack() as stack:
        pooled = poolers(stack)(as_service(url))
        yield Places(as_service(url), pooled, as_service(alone), unprotected, FIRST_ORGANISATION, theirs)
