"""What the database itself ends, should a worker no longer be able to."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from models import database as module
from models.database import Away, Database, TooSlow

pytestmark = pytest.mark.anyio


@pytest.fixture
async def single(database_url: str) -> AsyncIterator[Database]:
    async with Database(database_url, 1) as pool:
        yield pool


async def shown(pool: Database, name: str) -> str:
    rows = await pool.run("SELECT current_setting($1) AS value", [name], repeatable=True)
    return str(rows[0]["value"])


async def test_the_server_waits_a_little_longer_than_we_do(single: Database) -> None:
    assert await shown(single, "statement_timeout") == "12s"
    assert await shown(single, "lock_timeout") == "11s"
    assert await shown(single, "idle_in_transaction_session_timeout") == "30s"
    assert module.SECONDS_FOR_A_STATEMENT == 10


async def test_a_statement_that_we_cannot_end_is_ended_by_the_server(
    database_url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is stopped (not killed) sends no cancel: the statement must not run for ever."""
    monkeypatch.setattr(module, "SECONDS_FOR_A_STATEMENT", 0.5)
    monkeypatch.setattr(module, "SECONDS_MORE_ON_THE_SERVER", 1.5)
    async with Database(database_url, 1) as pool:
        assert await shown(pool, "statement_timeout") == "2s"
        pid = (await pool.run("SELECT pg_backend_pid() AS pid", (), repeatable=True))[0]["pid"]
        held = pool._pool._holders[0]._con  # noqa: SLF001 - past our own time-out, as if nobody watched the clock
        began = time.monotonic()
        with pytest.raises(asyncpg.QueryCanceledError):
            await held.fetch("SELECT pg_sleep(30)", timeout=20)
        assert 1.5 < time.monotonic() - began < 5
        state = await connection.fetchval("SELECT state FROM pg_stat_activity WHERE pid = $1", pid)
        assert state == "idle"


async def test_waiting_for_a_lock_that_the_server_ends_is_too_slow_and_not_away(
    database_url: str, connection: asyncpg.Connection
) -> None:
    async with Database(database_url, 1) as pool, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(20)")
        await pool.run("SET lock_timeout = 200", (), repeatable=False)
        with pytest.raises(TooSlow):
            await pool.run("SELECT pg_advisory_xact_lock(20)", (), repeatable=False)


async def test_a_transaction_that_nobody_goes_on_with_is_ended(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_IDLE_IN_A_TRANSACTION", 0.3)
    async with Database(database_url, 1) as pool:
        with pytest.raises(Away):
            await dawdle(pool)
        assert await pool.run("SELECT 1", (), repeatable=True)


async def dawdle(pool: Database) -> None:
    async with pool.transaction() as inside:
        await inside.run("SELECT 1", (), repeatable=False)
        await asyncio.sleep(0.8)
        await inside.run("SELECT 1", (), repeatable=False)
