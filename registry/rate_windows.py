"""What is counted of each client's requests: in PostgreSQL for all workers, in numbered shares that a worker spends.

A worker takes a share of the quota in one round trip, such as the numbers 301 to 600 of 30,000, and gives them to
requests from memory. No number is given twice, and one beyond the quota lets nobody through: so no more is ever let
through than the quota, however many workers and hosts there are. What a worker took and did not spend by the end of
the window is lost to the others: at most a share, a hundredth of the quota.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from limits.aio.storage import Storage
from sqlalchemy import BigInteger, DateTime, LargeBinary, Table, bindparam, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from models.executor import Executor
from models.rate_window import RateWindow
from registry.errors import DatabaseTooSlow, DatabaseUnavailable
from registry.statements import Statement

log = logging.getLogger("trialbook")
WINDOWS: Table = RateWindow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
MOST_KEYS = 10_000
"""Clients that one worker remembers: whoever sends from ever new addresses must not fill its memory."""
SWEPT_AT_ONCE = 20
KEPT_AFTER_THE_END = timedelta(minutes=10)
"""Longer than the clocks of two hosts are apart: the slower one still counts in a window that is over elsewhere."""
SHARES, SHARES_WHILE_AWAY = 100, 10
ALONE = "The database is away: requests are counted by each worker for itself until it is back."

_given = {
    "client": bindparam("client", type_=LargeBinary),
    "window_start": bindparam("window_start", type_=DateTime(timezone=True)),
    "window_end": bindparam("window_end", type_=DateTime(timezone=True)),
    "taken": bindparam("amount", type_=BigInteger),
}
_old = (
    select(WINDOWS.c.client, WINDOWS.c.window_start)
    .where(WINDOWS.c.window_end < bindparam("swept_before", type_=DateTime(timezone=True)))
    .limit(SWEPT_AT_ONCE)
    .with_for_update(skip_locked=True)
)
_sweep = delete(WINDOWS).where(tuple_(WINDOWS.c.client, WINDOWS.c.window_start).in_(_old)).cte("swept")
_add = insert(WINDOWS).values(_given)
TAKE = Statement(
    _add.on_conflict_do_update(
        index_elements=["client", "window_start"], set_={"taken": WINDOWS.c.taken + _add.excluded.taken}
    )
    .returning(WINDOWS.c.taken)
    .add_cte(_sweep),
    repeatable=False,
    records=False,
)
LOOK = Statement(
    select(WINDOWS.c.taken).where(
        WINDOWS.c.client == _given["client"], WINDOWS.c.window_start == _given["window_start"]
    )
)
FORGET = Statement(delete(WINDOWS).where(WINDOWS.c.client == _given["client"]), records=False)
FORGET_ALL = Statement(delete(WINDOWS), records=False)


class Lease:
    """The numbers of one client in one window that this worker may still give away: `next` to `last`."""

    __slots__ = ("last", "lock", "next", "window")

    def __init__(self, window: int) -> None:
        """Nothing yet."""
        self.window, self.next, self.last = window, 1, 0
        self.lock = asyncio.Lock()


class Tickets(Storage):
    """Counts for one quota: each request gets the next number of its client in the window that it falls in."""

    STORAGE_SCHEME = None

    def __init__(
        self, database: Executor, quota: int, seconds: int, clock: Callable[[], float], *, alone_while_away: bool
    ) -> None:
        """Count in this database; while it is away, for this worker alone, or not at all."""
        super().__init__()
        self._database, self._quota, self._seconds, self._clock = database, quota, seconds, clock
        self._share, self._alone_while_away = max(1, quota // SHARES), alone_while_away
        self._leases: dict[str, Lease] = {}
        self.latest = 0
        """The number that was given last, to whomever: to be read at once, before another task has its turn."""

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What may go wrong with the database."""
        return (DatabaseUnavailable, DatabaseTooSlow)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """The number of this request in its window: from memory if there is one left, else with a new share.

        Raises:
            DatabaseUnavailable: it is away, and this quota may not be counted by a worker alone.
        """
        window = int(self._clock() // expiry)
        if amount != 1:
            return await self._take(key, window, amount)
        lease = self._leases.get(key)
        if lease is None or lease.window != window:
            lease = self._begin(key, window)
        if lease.next > lease.last:
            async with lease.lock:  # one round trip for all who wait
                if lease.next > lease.last:
                    await self._fill(lease, key)
        self.latest = lease.next
        lease.next += 1
        return self.latest

    def _begin(self, key: str, window: int) -> Lease:
        """A lease without numbers, in a table that does not grow for ever."""
        if len(self._leases) >= MOST_KEYS:
            self._leases = {held: lease for held, lease in self._leases.items() if lease.window >= window}
            while len(self._leases) >= MOST_KEYS:
                del self._leases[next(iter(self._leases))]
        lease = self._leases[key] = Lease(window)
        return lease

    async def _fill(self, lease: Lease, key: str) -> None:
        """Take a share. When nothing is left, all further numbers of the window are known to be beyond the quota."""
        try:
            taken = await self._take(key, lease.window, self._share)
        except self.base_exceptions:
            if not self._alone_while_away:
                raise
            log.warning(ALONE)
            lease.last = lease.next - 1 + max(self._share, self._quota // SHARES_WHILE_AWAY)
            return
        lease.next = taken - self._share + 1
        lease.last = taken if taken <= self._quota else sys.maxsize

    async def _take(self, key: str, window: int, amount: int) -> int:
        start = datetime.fromtimestamp(window * self._seconds, UTC)
        row = await TAKE.fetch_one(
            self._database,
            client=_digest(key),
            window_start=start,
            window_end=start + timedelta(seconds=self._seconds),
            amount=amount,
            swept_before=start - KEPT_AFTER_THE_END,
        )
        return int(row["taken"]) if row else sys.maxsize

    async def get(self, key: str) -> int:
        """What all workers have taken of this window, shares that are not spent yet included."""
        window = int(self._clock() // self._seconds)
        start = datetime.fromtimestamp(window * self._seconds, UTC)
        row = await LOOK.fetch_one(self._database, client=_digest(key), window_start=start)
        return int(row["taken"]) if row else 0

    async def get_expiry(self, key: str) -> float:  # noqa: ARG002 - all windows of a quota end together
        """When the window ends."""
        return (self._clock() // self._seconds + 1) * self._seconds

    async def check(self) -> bool:
        """True when the database answers."""
        await self.get("")
        return True

    async def clear(self, key: str) -> None:
        """Forget what this client has taken. Other workers still spend the shares that they hold."""
        self._leases.pop(key, None)
        await FORGET.fetch_all(self._database, client=_digest(key))

    async def reset(self) -> int | None:
        """Forget all clients."""
        self._leases.clear()
        await FORGET_ALL.fetch_all(self._database)
        return None


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()
