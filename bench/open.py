"""The same application without authentication, row-level security and audit, to measure what they cost.

The product has no switch for it: the parts are replaced from outside, and the database is a copy whose protection was
taken off (bench/stage.py). `python -m bench.open` serves it as the service itself is served.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import uvicorn
from fastapi import FastAPI, Request

import main as product
from access.caller import Caller
from access.roles import Role
from assembly import assembled
from identity.scopes import parsed
from models.database import Database, Transaction
from registry.audit_book import AuditBook
from settings import FIRST_ORGANISATION, Settings
from web import deps, guard
from web.deps import Service

SOMEBODY = Caller(FIRST_ORGANISATION, "somebody", "user", frozenset({Role.CLINICIAN}), parsed("user/*.cruds"))


class OpenDoorman:
    """Takes everybody for one and the same, whatever they show."""

    def __init__(self, tokens: Any) -> None:  # noqa: ANN401 - kept to be closed
        """Keep what the application closes at its end."""
        self.tokens = tokens

    async def caller(self, _request: Request) -> Caller:
        """The same for all."""
        return SOMEBODY


class EmptyBook(AuditBook):
    """Records nothing."""

    async def record(self, *events: Any) -> None:  # noqa: ANN401 - not looked at
        """Nothing."""


class Plain:
    """Runs statements as they are, each by itself, on nobody's behalf."""

    def __init__(self, database: Database) -> None:
        """Keep where."""
        self._database, self.recorded = database, True

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Mapping[str, Any]]:
        """Run one."""
        return await self._database.run(sql, values, repeatable=repeatable)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Several in one transaction."""
        async with self._database.transaction() as inside:
            yield inside


def _plain(request: Request) -> Plain:
    return Plain(request.app.state.service.database)


def _without_trust(settings: Settings, database: Database, clock: Any) -> Service:  # noqa: ANN401 - handed on
    service = assembled(settings, database, clock)
    doorman: Any = OpenDoorman(service.doorman.tokens)
    return service._replace(doorman=doorman, book=EmptyBook(database))


def without_audit(settings: Settings, database: Database, clock: Any) -> Service:  # noqa: ANN401 - handed on
    """The service, recording nothing."""
    return assembled(settings, database, clock)._replace(book=EmptyBook(database))


async def seal_nothing(*_: Any) -> None:  # noqa: ANN401 - not looked at
    """Wait for ever."""
    await asyncio.Event().wait()


def serve(application: FastAPI) -> None:
    """Serve as the service itself is served."""
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def main() -> None:
    """Replace, and serve."""
    with (
        patch.object(product, "assembled", _without_trust),
        patch.object(product, "keep_sealing", seal_nothing),
        patch.object(deps, "bound_to", _plain),
        patch.object(guard, "bound_to", _plain),
    ):
        serve(product.create_app())


if __name__ == "__main__":
    main()
