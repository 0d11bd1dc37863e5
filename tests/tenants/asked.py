"""Asking one statement of several databases, and looking at what came of it."""

from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from models.database import Bound, Database
from models.on_behalf import system
from tests.tenants.conftest import Places
from tests.tenants.named import Named

TABLES = """
SELECT DISTINCT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'organisation_id' ORDER BY table_name
"""
CONTENT = """
SELECT '{0}' AS name, md5(coalesce(string_agg(held::text, '|' ORDER BY held::text), '')) AS content
FROM {0} AS held WHERE held.organisation_id = '{1}'
"""
NAME = "SELECT set_config('app.organisation', $1, true)"


class Outcome(NamedTuple):
    """What came back, moments aside, or which error; and what the other organisation's tables hold afterwards."""

    rows: Any
    content: Any


class _TakenBack(Exception):
    """Whatever was written is undone."""


class Asked:
    """Runs statements on one database on behalf of the first organisation."""

    def __init__(self, database: Database, places: Places, content: str) -> None:
        self._bound: Bound = database.bound(system(places.ours, "test"))
        self._theirs, self._content = str(places.theirs.organisation), content

    async def outcome(self, named: Named, values: dict[str, Any]) -> Outcome:
        """Run it; what it writes is looked at and then taken back."""
        if named.statement.repeatable:
            return Outcome(_plain(await named.statement.fetch_all(self._bound, **values)), await self.content())
        found: list[Outcome] = []
        try:
            await self._write(named, values, found)
        except _TakenBack:
            return found[0]
        except asyncpg.PostgresError as error:
            return Outcome(type(error).__name__, await self.content())
        raise AssertionError("it was not taken back")

    async def _write(self, named: Named, values: dict[str, Any], found: list[Outcome]) -> None:
        async with self._bound.transaction() as inside:
            rows = _plain(await named.statement.fetch_all(inside, **values))
            await inside.run(NAME, [self._theirs], repeatable=False)
            found.append(Outcome(rows, _plain(await inside.run(self._content, [], repeatable=False))))
            raise _TakenBack

    async def content(self) -> Any:  # noqa: ANN401 - compared only
        """What the other organisation has, as itself would see it."""
        async with self._bound.transaction() as inside:
            await inside.run(NAME, [self._theirs], repeatable=False)
            return _plain(await inside.run(self._content, [], repeatable=False))


def _plain(rows: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - rows of the driver
    return [{key: value for key, value in dict(row).items() if not isinstance(value, datetime)} for row in rows]


async def content_of(places: Places) -> str:
    """A statement for a digest of everything that the other organisation has, table by table."""
    connection = await asyncpg.connect(places.unprotected)
    tables = [row[0] for row in await connection.fetch(TABLES)]
    await connection.close()
    return " UNION ALL ".join(CONTENT.format(table, places.theirs.organisation) for table in tables)
