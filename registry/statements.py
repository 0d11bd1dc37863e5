"""Statements: built with SQLAlchemy at import, compiled once for asyncpg, run with plain values."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.expression import ClauseElement

from models.database import Away, TooSlow
from models.executor import Executor, Row
from registry.errors import DatabaseTooSlow, DatabaseUnavailable

DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
AWAY = "The database does not answer at the moment. Nothing is lost that was confirmed; try again in a few seconds."
SLOW = (
    "The database did not finish this in time, and was told to stop. Ask for less at once, such as a smaller `limit` "
    "or fewer kinds in `include`, or try again when it is less busy. If you wrote, read before you repeat it."
)
AWAY_WRITE = f"{AWAY} If you wrote, read before you repeat it, or repeat it with the same Idempotency-Key."


class Statement:
    """One SQL statement and the order of its values."""

    def __init__(self, clause: ClauseElement, *, repeatable: bool | None = None, records: bool | None = None) -> None:
        """Compile it. A select is repeatable unless told otherwise (one with an INSERT inside is not).

        `records`: a row that it returns was written and audited by the database; by default if it is not repeatable.
        """
        compiled = clause.compile(dialect=DIALECT)
        self.clause = clause
        self.sql = str(compiled)
        self.order: tuple[str, ...] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}
        self.repeatable = isinstance(clause, Select) if repeatable is None else repeatable
        self.records = not self.repeatable if records is None else records
        ALL.append(self)

    async def fetch_all(self, executor: Executor, **values: Any) -> list[Row]:  # noqa: ANN401 - any column's type
        """Run it and return all rows.

        Raises:
            DatabaseUnavailable: the database does not answer.
            DatabaseTooSlow: it does, but takes too long.
            KeyError: a value is missing.
        """
        given = {**self.constants, **values} if self.constants else values
        ordered = [given[name] for name in self.order]
        try:
            rows = await executor.run(self.sql, ordered, repeatable=self.repeatable)
        except Away as error:
            raise _unavailable(wrote=not self.repeatable) from error
        except TooSlow as error:
            raise DatabaseTooSlow(SLOW, headers={"Retry-After": "10"}) from error
        if rows and self.records:
            executor.recorded = True
        return rows

    async def fetch_one(self, executor: Executor, **values: Any) -> Row | None:  # noqa: ANN401 - any column's type
        """Run it and return the first row, or None when there is none."""
        rows = await self.fetch_all(executor, **values)
        return rows[0] if rows else None


@asynccontextmanager
async def transaction(database: Executor) -> AsyncIterator[Executor]:
    """One transaction, committed at the end of the block and rolled back when it fails.

    Raises:
        DatabaseUnavailable: the database does not answer.
    """
    try:
        async with database.transaction() as inside:
            yield inside
    except Away as error:
        raise _unavailable(wrote=True) from error


def _unavailable(*, wrote: bool) -> DatabaseUnavailable:
    return DatabaseUnavailable(AWAY_WRITE if wrote else AWAY, headers={"Retry-After": "2"})


ALL: list[Statement] = []
"""Every statement of the service: a test runs them all."""
