"""Quotas: never more than the limit, over all workers; told as it is; and no way round while the database is away."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from models.database import Database
from registry.errors import DatabaseUnavailable, TooManyRequests
from registry.rate_limits import Allowance, Limiter, network_of, request_limiter, sign_in_limiter
from registry.rate_windows import MOST_KEYS, Tickets
from tests.conftest import Maker, as_service

pytestmark = pytest.mark.anyio
NOON = 1_764_158_400.0


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def own_url(make_database: Maker) -> str:
    return make_database()


@pytest.fixture
async def two_pools(own_url: str) -> AsyncIterator[tuple[Database, Database]]:
    served = as_service(own_url)
    async with Database(served, 4) as one, Database(served, 4) as other:
        for pool in (one, other):  # connected beforehand
            await pool.run("SELECT 1", (), repeatable=True)
        yield one, other


@pytest.fixture
async def pool(two_pools: tuple[Database, Database]) -> Database:
    return two_pools[0]


@pytest.fixture
async def away(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database(f"postgresql://nobody@/nothing?host={tmp_path}", 1) as nowhere:
        yield nowhere


async def outcome(limiter: Limiter, key: str) -> bool:
    """Whether it was let through."""
    try:
        await limiter.spend(key)
    except TooManyRequests:
        return False
    return True


@pytest.mark.parametrize("limit", [1, 7, 60, 250, 350, 1234])
async def test_two_workers_under_fire_let_through_exactly_the_limit(
    two_pools: tuple[Database, Database], limit: int
) -> None:
    """On a machine so busy that the database is away meanwhile, this fails: no worker may count alone here."""
    workers = [Limiter(pool, f"{limit}/minute", Clock(), alone_while_away=False) for pool in two_pools]
    key = uuid4().hex
    asked = [outcome(workers[number % 2], key) for number in range(2 * limit + 40)]
    allowed = sum(await asyncio.gather(*asked))
    assert allowed <= limit
    share = max(1, limit // 100)
    assert allowed > limit - 2 * share, "each worker may be left with less than a share"
    if share == 1:
        assert allowed == limit


async def test_what_one_worker_took_the_other_cannot_take(two_pools: tuple[Database, Database]) -> None:
    one, other = (Limiter(pool, "5/minute", Clock()) for pool in two_pools)
    assert [await outcome(one, "shared") for _ in range(3)] == [True] * 3
    assert [await outcome(other, "shared") for _ in range(3)] == [True, True, False]
    assert not await outcome(one, "shared")


async def test_clients_have_quotas_of_their_own_and_so_have_limiters_of_another_name(pool: Database) -> None:
    clock = Clock()
    requests, sign_ins = Limiter(pool, "1/hour", clock), Limiter(pool, "1/hour", clock, name="sign-ins")
    assert await outcome(requests, "a")
    assert await outcome(requests, "b")
    assert await outcome(sign_ins, "a")
    assert not await outcome(requests, "a")
    assert not await outcome(sign_ins, "a")


async def test_the_next_window_begins_anew_at_its_moment_and_not_before(pool: Database) -> None:
    clock = Clock()
    limiter = Limiter(pool, "2/minute", clock)
    key = uuid4().hex
    assert [await outcome(limiter, key) for _ in range(3)] == [True, True, False]
    clock.now = NOON + 59.999
    assert not await outcome(limiter, key)
    clock.now = NOON + 60
    assert [await outcome(limiter, key) for _ in range(3)] == [True, True, False]


async def test_a_host_whose_clock_is_behind_adds_nothing_to_a_quota(two_pools: tuple[Database, Database]) -> None:
    """Each window is counted by itself: going back and forth between two does not begin either anew."""
    ahead, behind = Clock(), Clock()
    ahead.now, behind.now = NOON + 61, NOON + 59
    key = uuid4().hex
    workers = [Limiter(pool, "3/minute", clock) for pool, clock in zip(two_pools, (ahead, behind), strict=True)]
    through: Counter[int] = Counter()
    for number in range(20):
        through[number % 2] += await outcome(workers[number % 2], key)
    assert through == {0: 3, 1: 3}


async def test_the_client_is_told_what_is_left_and_when_to_come_again(pool: Database) -> None:
    clock = Clock()
    clock.now = NOON + 18.5
    limiter = Limiter(pool, "2/minute", clock)
    key = uuid4().hex
    assert await limiter.spend(key) == Allowance(2, 1, 42)
    assert (await limiter.spend(key)).headers == {
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "42",
    }
    with pytest.raises(TooManyRequests) as refused:
        await limiter.spend(key)
    assert refused.value.status == 429
    assert refused.value.headers == {
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "42",
        "Retry-After": "42",
    }
    clock.now += float(refused.value.headers["Retry-After"])
    assert await outcome(limiter, key), "whoever waits as long as told is let through"


class Counted:
    """Counts the round trips to a database."""

    def __init__(self, database: Database) -> None:
        self.database, self.trips = database, 0

    recorded = False

    async def run(self, sql: str, values: object, *, repeatable: bool) -> object:
        self.trips += 1
        return await self.database.run(sql, values, repeatable=repeatable)  # type: ignore[arg-type]


async def test_a_share_costs_one_round_trip_and_a_flood_beyond_the_limit_costs_none(pool: Database) -> None:
    counted = Counted(pool)
    limiter = Limiter(counted, "1000/minute", Clock())  # type: ignore[arg-type]
    key = uuid4().hex
    allowed = sum(await asyncio.gather(*(outcome(limiter, key) for _ in range(1000))))
    assert (allowed, counted.trips) == (1000, 100)
    assert not await outcome(limiter, key)
    assert sum(await asyncio.gather(*(outcome(limiter, key) for _ in range(2000)))) == 0
    assert counted.trips == 101


async def test_counting_from_memory_costs_microseconds(pool: Database) -> None:
    limiter = Limiter(pool, "1000000/hour", time.time)
    key = uuid4().hex
    await limiter.spend(key)
    fastest = min([await _seconds_for(limiter, key, 1000) for _ in range(9)])
    assert fastest / 1000 < 20e-6


async def _seconds_for(limiter: Limiter, key: str, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        await limiter.spend(key)
    return time.perf_counter() - began


async def test_windows_that_are_over_are_swept_and_those_of_a_slow_clock_are_not(pool: Database, own_url: str) -> None:
    clock = Clock()
    limiter = Limiter(pool, "5/minute", clock)
    for number in range(50):
        await limiter.spend(f"old-{number}")
    clock.now = NOON + 120
    await limiter.spend("late")
    plain = await asyncpg.connect(own_url)
    assert await _rows_at(plain, NOON) >= 50
    clock.now = NOON + 7200  # windows of an hour, which another test began at noon, are over too
    for number in range(60):
        await limiter.spend(f"new-{number}")
    assert await _rows_at(plain, NOON) == 0
    assert await _rows_at(plain, NOON + 7200) == 60
    await plain.close()


async def _rows_at(plain: asyncpg.Connection, start: float) -> int:
    return int(await plain.fetchval("SELECT count(*) FROM rate_windows WHERE window_start = to_timestamp($1)", start))


async def test_a_worker_remembers_no_more_clients_than_its_table_holds(away: Database) -> None:
    limiter = Limiter(away, "100/minute", Clock())
    tickets = limiter._tickets  # noqa: SLF001 - what it holds is the question
    for number in range(MOST_KEYS + 500):
        tickets._begin(str(number), 0)  # noqa: SLF001
    assert len(tickets._leases) == MOST_KEYS  # noqa: SLF001


async def test_the_table_is_not_logged_and_holds_no_name(pool: Database, own_url: str) -> None:
    await Limiter(pool, "5/minute", Clock()).spend("somebody@hospital.example")
    plain = await asyncpg.connect(own_url)
    assert await plain.fetchval("SELECT relpersistence FROM pg_class WHERE relname = 'rate_windows'") == b"u"
    held = await plain.fetch("SELECT client FROM rate_windows")
    await plain.close()
    assert held
    assert not any(b"somebody" in row["client"] for row in held)


async def test_while_the_database_is_away_each_worker_still_limits(away: Database) -> None:
    limiter = request_limiter(away, "20/minute", Clock())
    assert limiter is not None
    through = sum([await outcome(limiter, "anybody") for _ in range(50)])
    assert through == 20


async def test_while_the_database_is_away_nobody_tries_passwords(away: Database) -> None:
    limiter = sign_in_limiter(away, "20/minute", Clock())
    assert limiter is not None
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable):
            await limiter.spend("192.0.2.7")


async def test_a_worker_that_counted_alone_counts_with_the_others_again(
    two_pools: tuple[Database, Database], away: Database
) -> None:
    clock, key = Clock(), uuid4().hex
    limiter = Limiter(away, "10/minute", clock)
    assert await outcome(limiter, key)
    tickets = limiter._tickets  # noqa: SLF001
    tickets._database = two_pools[0]  # noqa: SLF001 - it is back
    other = Limiter(two_pools[1], "10/minute", clock)
    assert [await outcome(other, key) for _ in range(10)] == [True] * 10
    assert not await outcome(limiter, key)


def test_no_limit_is_no_limiter() -> None:
    nothing = Database.__new__(Database)
    assert request_limiter(nothing, "0", Clock()) is None
    assert sign_in_limiter(nothing, "0", Clock()) is None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_one_customer_of_ipv6_is_one_client(address: str, key: str) -> None:
    assert network_of(address) == key


async def test_the_storage_answers_all_that_the_library_may_ask(pool: Database) -> None:
    clock, key = Clock(), uuid4().hex
    tickets = Tickets(pool, 500, 60, clock, alone_while_away=False)
    assert await tickets.check()
    assert await tickets.get(key) == 0
    assert await tickets.incr(key, 60, 3) == 3
    assert await tickets.incr(key, 60) == 4
    assert await tickets.get(key) == 8, "a share of five after the three"
    assert await tickets.get_expiry(key) == NOON + 60
    await tickets.clear(key)
    assert await tickets.incr(key, 60) == 1
    await tickets.reset()
    assert await tickets.get(key) == 0
