"""Connections to the database: what each of them is taught, and who waits for one."""

import asyncio
from typing import NamedTuple

import asyncpg
import orjson

from models import decimals

SECONDS_FOR_A_CONNECTION = 2.0


def _read_number(text: str) -> float:
    """A numeric as Python knows it: 50 stays 50."""
    return float(text) if "." in text else int(text)


async def prepare(connection: asyncpg.Connection) -> None:
    """Teach a new connection JSON and numbers."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + decimals.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
        format="binary",
    )
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_read_number, format="text")


class PoolState(NamedTuple):
    """How busy the pool is: connections that are open, those of them that are free, and who waits for one."""

    size: int
    idle: int
    waiting: int


class Queue:
    """Those who wait for a connection, counted."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting = 0

    async def acquire(self, pool: asyncpg.Pool) -> asyncpg.Connection:
        """Wait for a connection, for at most two seconds.

        Raises:
            TimeoutError: there is none to be had.
        """
        self._waiting += 1
        try:
            async with asyncio.timeout(SECONDS_FOR_A_CONNECTION):
                return await pool.acquire()
        finally:
            self._waiting -= 1

    def state(self, pool: asyncpg.Pool) -> PoolState:
        """How busy the pool is at this moment."""
        return PoolState(pool.get_size(), pool.get_idle_size(), self._waiting)
