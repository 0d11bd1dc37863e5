"""The database goes away and comes back."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from fastapi import FastAPI
from sqlalchemy import func, select

from access.roles import Role
from identity.claims import Holder
from main import create_app
from models.database import Away, Database, TooSlow
from ops.postgres import EmbeddedPostgres
from registry.errors import DatabaseTooSlow
from registry.statements import ALL, Statement
from settings import FIRST_ORGANISATION
from tests.conftest import migrations, own_folder, settings_for
from tests.factories import PATIENT
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio


@pytest.fixture
async def single(database_url: str) -> AsyncIterator[Database]:
    """A pool of one connection."""
    async with Database(database_url, 1) as pool:
        yield pool


async def test_away_is_503_and_it_recovers_by_itself() -> None:
    with own_folder() as folder:
        embedded = EmbeddedPostgres(folder, durable=False)
        try:
            await tell_of(embedded, await asyncio.to_thread(embedded.start))
        finally:
            await asyncio.to_thread(embedded.stop)


async def tell_of(embedded: EmbeddedPostgres, url: str) -> None:
    await asyncio.to_thread(command.upgrade, migrations(url), "head")
    app = create_app(settings_for(url))
    async with app.router.lifespan_context(app), client_of(app, await somebody(app)) as client:
        location = (await client.post("/v1/patients", json=PATIENT)).headers["Location"]
        assert (await client.get("/readyz")).status_code == 200
        await asyncio.to_thread(embedded.stop)
        keyed = {"Idempotency-Key": "while-away"}
        for answer in (
            await client.get(location),
            await client.post("/v1/patients", json=PATIENT),
            await client.post("/v1/patients", json=PATIENT, headers=keyed),
            await client.get("/readyz"),
        ):
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "2"
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert (await client.get("/healthz")).status_code == 200
        await asyncio.to_thread(embedded.start)
        assert (await client.get(location)).status_code == 200
        assert (await client.post("/v1/patients", json=PATIENT, headers=keyed)).status_code == 201


async def test_the_service_starts_while_the_database_is_away(tmp_path: Path) -> None:
    app = create_app(settings_for(f"postgresql://nobody@/nothing?host={tmp_path}"))
    async with app.router.lifespan_context(app), client_of(app, token_of(app)) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/v1/patients")).status_code == 503


def token_of(app: FastAPI) -> str:
    """A token that the service issued before, of a session that cannot be looked up at the moment."""
    service = app.state.service
    holder = Holder(
        subject=str(uuid4()),
        kind="user",
        organisation_id=FIRST_ORGANISATION,
        roles=frozenset({Role.CLINICIAN}),
        scope=(),
        patient_id=None,
        session_id=str(uuid4()),
    )
    return str(service.issuer.issue(holder, service.clock(), 900))


async def test_a_read_over_a_connection_that_was_cut_is_repeated(
    single: Database, connection: asyncpg.Connection
) -> None:
    for _ in range(5):
        row = await single.run("SELECT pg_backend_pid() AS pid", (), repeatable=True)
        await connection.execute("SELECT pg_terminate_backend($1)", row[0]["pid"])
    assert await single.run("SELECT 1", (), repeatable=True)


async def test_a_statement_that_the_server_forgot_is_prepared_again(single: Database) -> None:
    for repeatable in (True, False):
        await single.run("SELECT 1 AS one", (), repeatable=True)
        await single.run("DEALLOCATE ALL", (), repeatable=True)
        assert (await single.run("SELECT 1 AS one", (), repeatable=repeatable))[0]["one"] == 1


async def test_a_statement_forgotten_in_a_transaction_counts_as_away(single: Database) -> None:
    await single.run("SELECT 1 AS one", (), repeatable=True)
    with pytest.raises(Away):
        await forget_within(single)
    assert await single.run("SELECT 1 AS one", (), repeatable=True)


async def forget_within(single: Database) -> None:
    async with single.transaction() as inside:
        await inside.run("DEALLOCATE ALL", (), repeatable=False)
        await inside.run("SELECT 1 AS one", (), repeatable=False)


async def test_a_write_over_a_broken_connection_is_not_repeated(single: Database) -> None:
    with pytest.raises(Away):
        await single.run("SELECT pg_terminate_backend(pg_backend_pid())", (), repeatable=False)


@pytest.fixture
async def hurried(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A pool of one connection whose statements may take 0.3 s."""
    monkeypatch.setattr("models.database.SECONDS_FOR_A_STATEMENT", 0.3)
    async with Database(database_url, 1) as pool:
        yield pool


async def test_a_statement_that_takes_too_long_is_not_said_to_be_a_database_that_is_away(hurried: Database) -> None:
    nap = Statement(select(func.pg_sleep(3)))
    ALL.remove(nap)
    with pytest.raises(DatabaseTooSlow) as caught:
        await nap.fetch_all(hurried)
    error = caught.value
    assert (error.status, error.headers["Retry-After"], "away" in f"{error.title} {error.detail}") == (503, "10", False)


async def test_what_took_too_long_is_not_repeated_and_holds_no_connection(hurried: Database) -> None:
    began = time.monotonic()
    with pytest.raises(TooSlow):
        await hurried.run("SELECT pg_sleep(3)", (), repeatable=True)
    assert time.monotonic() - began < 0.6
    with pytest.raises(TooSlow):
        async with hurried.transaction() as inside:
            await inside.run("SELECT pg_sleep(3)", (), repeatable=False)
    assert await hurried.run("SELECT 1", (), repeatable=True)


async def test_what_somebody_stopped_on_the_server_is_too_slow_and_not_away(single: Database) -> None:
    await single.run("SET statement_timeout = 50", (), repeatable=False)
    with pytest.raises(TooSlow):
        await single.run("SELECT pg_sleep(3)", (), repeatable=True)


async def test_a_network_that_gives_up_is_away(single: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has one name for both; only that of the network has a number."""

    async def lost(*_: object) -> None:
        raise TimeoutError(errno.ETIMEDOUT, "Connection timed out")

    monkeypatch.setattr(asyncpg.Connection, "fetch", lost)
    with pytest.raises(Away):
        await single.run("SELECT 1", (), repeatable=True)


async def test_waiting_for_a_connection_ends(single: Database) -> None:
    async with single.transaction():
        with pytest.raises(Away):
            await single.run("SELECT 1", (), repeatable=False)


async def test_a_transaction_that_was_left_open_is_rolled_back(single: Database) -> None:
    await single.run("BEGIN", (), repeatable=False)
    numbers = [(await single.run("SELECT txid_current() AS it", (), repeatable=True))[0]["it"] for _ in range(2)]
    assert numbers[0] != numbers[1]
