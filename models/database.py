"""The pool of connections: how a statement reaches PostgreSQL, for whom, and what happens when PostgreSQL is away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg

from models.executor import Row
from models.on_behalf import OnBehalf, guarded
from models.pool import SECONDS_FOR_A_CONNECTION, PoolState, Queue, prepare

SECONDS_FOR_A_STATEMENT = 10.0
# The server's own time-outs, a little above ours: they end what a client began that can no longer end it itself.
SECONDS_MORE_ON_THE_SERVER, SECONDS_IDLE_IN_A_TRANSACTION = 2.0, 30.0
# PostgreSQL is away, going down, coming up, or has restarted under a connection that does not know it yet.
AWAY: tuple[type[BaseException], ...] = (
    OSError,  # also TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InsufficientResourcesError,  # too many connections, a full disk
    asyncpg.TransactionRollbackError,  # a deadlock: the other one went on
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
)
# The connection is fine, but what it remembers is not: after a migration, or through a connection pooler.
STALE: tuple[type[BaseException], ...] = (asyncpg.InvalidSQLStatementNameError, asyncpg.InvalidCachedStatementError)

SETTINGS = {"timezone": "UTC", "application_name": "trialbook"}


class Away(Exception):
    """The database does not answer at the moment."""


class Forgotten(Away):
    """The connection forgot a statement, and the transaction ended before it did anything."""


class TooSlow(Exception):
    """The database is there, but did not come to the end of a statement in time."""


def _server_timeouts() -> dict[str, str]:
    """Waiting for a lock ends a second before the statement would, so that the log of the server says which it was."""
    whole = int((SECONDS_FOR_A_STATEMENT + SECONDS_MORE_ON_THE_SERVER) * 1000)
    return {
        "statement_timeout": str(whole),
        "lock_timeout": str(whole - 1000),
        "idle_in_transaction_session_timeout": str(int(SECONDS_IDLE_IN_A_TRANSACTION * 1000)),
    }


async def _reset(connection: asyncpg.Connection) -> None:
    """Nothing to do: no statement of ours leaves session state behind. A transaction left open is rolled back."""
    if connection.is_in_transaction():
        await connection.reset()


async def _fetch(connection: asyncpg.Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    """Run a statement for at most as long as one may take.

    Raises:
        TooSlow: it takes longer, or somebody stopped it.
    """
    try:
        rows: list[Row] = await connection.fetch(sql, *values)
    except (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError) as error:
        raise TooSlow from error
    except TimeoutError as error:
        if error.errno is not None:  # of the network and not of the clock
            raise
        raise TooSlow from error
    return rows


class Transaction:
    """One connection inside one transaction."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Keep the connection."""
        self._connection = connection
        self.recorded = False

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:  # noqa: ARG002 - Executor
        """Run a statement; a failed transaction is repeated by its caller or not at all."""
        return await _fetch(self._connection, sql, values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """This one: all of it is done, or nothing."""
        yield self


class Database:
    """A pool that connects when it is first needed, so that the service starts while the database is still away."""

    def __init__(self, dsn: str, size: int, *, pooled: bool = False) -> None:
        """Name the database; `open` before use.

        `pooled`: a pooler stands between that gives each transaction another connection (PgBouncer). Nothing may be
        left on a connection then, so every statement has a transaction and is prepared in it.
        """
        self.pooled, self.recorded = pooled, False
        self._queue = Queue()
        self._pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            timeout=SECONDS_FOR_A_CONNECTION,
            command_timeout=SECONDS_FOR_A_STATEMENT,
            init=prepare,
            reset=_reset,
            server_settings=SETTINGS if pooled else SETTINGS | {"jit": "off"} | _server_timeouts(),
            **({"statement_cache_size": 0} if pooled else {}),
        )

    async def __aenter__(self) -> Self:
        """Open the pool. No connection is made yet."""
        await self._pool
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection, the busy ones after a moment."""
        try:
            async with asyncio.timeout(SECONDS_FOR_A_CONNECTION):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of the pool, waited for at most two seconds.

        Raises:
            Away: there is none to be had, or it broke.
        """
        try:
            connection = await self._queue.acquire(self._pool)
            try:
                yield connection
            finally:
                await self._pool.release(connection)
        except AWAY as error:
            raise Away from error

    def state(self) -> PoolState:
        """How busy the pool is at this moment."""
        return self._queue.state(self._pool)

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:
        """Run one statement in a transaction of its own. A read that met a broken connection is repeated once.

        Raises:
            Away: the database does not answer.
            TooSlow: it takes too long; not repeated, since it would again.
        """
        try:
            return await self._run_once(sql, values)
        except STALE:
            pass  # it was refused before it ran, so a write may be repeated as well
        except Away:
            if not repeatable:
                raise
        return await self._run_once(sql, values)

    async def _run_once(self, sql: str, values: Sequence[Any]) -> list[Row]:
        async with self._connection() as connection:
            try:
                return await _fetch(connection, sql, values)
            except STALE:
                connection.terminate()
                raise

    @asynccontextmanager
    async def transaction(self, whose: OnBehalf | None = None) -> AsyncIterator[Transaction]:
        """One transaction, committed when the block ends and rolled back when it fails.

        Raises:
            Away: the database does not answer.
            Forgotten: the same, and a statement was refused before it ran.
        """
        async with self._connection() as connection:
            try:
                await connection.execute("BEGIN" if whose is None else whose.beginning)
                yield Transaction(connection)
                await connection.execute("COMMIT")
            except STALE as error:
                connection.terminate()
                raise Forgotten from error
            except BaseException:
                if not connection.is_closed():
                    await connection.execute("ROLLBACK")
                raise

    def bound(self, whose: OnBehalf) -> "Bound":
        """The same database as one organisation sees it."""
        return Bound(self, whose)


class Bound:
    """The database on behalf of somebody: row-level security shows what is of their organisation, and nothing else."""

    def __init__(self, database: Database, whose: OnBehalf) -> None:
        """Keep for whom."""
        self._database, self._whose = database, whose
        self.recorded = False

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:
        """Run one statement: a read in one round trip, a write in a transaction that says who writes.

        Raises:
            Away, TooSlow: as for the database.
        """
        if repeatable and not self._database.pooled:
            return await self._database.run(guarded(sql, len(values)), [*values, *self._whose.seen_by], repeatable=True)
        try:
            return await self._within(sql, values)
        except Forgotten:
            pass
        except Away:
            if not repeatable:
                raise
        return await self._within(sql, values)

    async def _within(self, sql: str, values: Sequence[Any]) -> list[Row]:
        async with self.transaction() as inside:
            return await inside.run(sql, values, repeatable=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction on the same behalf."""
        async with self._database.transaction(self._whose) as inside:
            yield inside
        self.recorded = self.recorded or inside.recorded
