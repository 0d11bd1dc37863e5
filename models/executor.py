"""What runs a statement: the service's statements know nothing else of the database."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Row = Mapping[str, Any]


class Executor(Protocol):
    """What runs a compiled statement: the pool for one statement, or a connection inside a transaction."""

    recorded: bool
    """Whether something was written, which the database audits by itself in the same transaction."""

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:
        """Run it and return all rows. `repeatable` statements change nothing, so may run twice."""

    def transaction(self) -> AbstractAsyncContextManager["Executor"]:
        """A transaction for several statements: a new one, or the one that this is."""
