"""The keys of an organisation: made once, kept in the process, read again in time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from models.database import Database
from models.executor import Executor, Row
from models.on_behalf import system
from ops.owner import connected
from ops.rotate_keys import rotate
from registry.vaults import SECONDS_BETWEEN_TRIES, SECONDS_FRESH, Vaults
from settings import FIRST_ORGANISATION
from tests.conftest import as_superuser
from tests.dump import masters_of_tests, rotated_at_once
from vault.keys import Masters
from vault.vault import Vault

pytestmark = pytest.mark.anyio
PATIENT = UUID(int=2)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """Counts round trips."""

    def __init__(self, executor: Executor) -> None:
        self.trips, self.recorded, self._executor = 0, False, executor

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:
        self.trips += 1
        return await self._executor.run(sql, values, repeatable=repeatable)

    def transaction(self) -> AbstractAsyncContextManager[Executor]:
        return self._executor.transaction()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Past row-level security, since it looks at several organisations."""
    async with connected(as_superuser(database_url)) as plain:
        await plain.execute("SELECT set_config('app.audit', $1, false)", system(FIRST_ORGANISATION, "test").audit)
        yield plain


@pytest.fixture
async def organisation(owner: asyncpg.Connection) -> UUID:
    """A new organisation, without keys."""
    made = uuid4()
    await owner.execute("INSERT INTO organisations (id, name) VALUES ($1, 'Another')", made)
    return made


async def held(vaults: Vaults, database: Database, organisation: UUID) -> Vault:
    vault = await vaults.of(database.bound(system(organisation, "test")), organisation)
    assert vault is not None
    return vault


async def test_processes_that_make_the_first_keys_at_once_end_up_with_the_same(
    database: Database, owner: asyncpg.Connection, organisation: UUID
) -> None:
    processes = [Vaults(masters_of_tests()) for _ in range(20)]
    vaults = await asyncio.gather(*(held(each, database, organisation) for each in processes))
    assert len({vault.digest("a", "b") for vault in vaults}) == 1
    assert len({vault.writing for vault in vaults}) == 1
    count = "SELECT array_agg(purpose ORDER BY purpose) FROM data_keys WHERE organisation_id = $1"
    assert await owner.fetchval(count, organisation) == ["fields", "search"]
    sealed = vaults[0].sealed(PATIENT, "identity", b"a name")
    assert {vault.opened(PATIENT, "identity", sealed) for vault in vaults} == {b"a name"}


async def test_keys_are_read_once_and_again_after_half_a_minute(database: Database, organisation: UUID) -> None:
    counting, clock = Counting(database.bound(system(organisation, "test"))), Clock()
    vaults = Vaults(masters_of_tests(), clock)
    await vaults.of(counting, organisation)
    assert counting.trips == 3  # nothing there, made, read
    for seconds, trips in ((0.0, 3), (SECONDS_FRESH - 1, 3), (SECONDS_FRESH, 4), (SECONDS_FRESH + 1, 4)):
        clock.now = 1000.0 + seconds
        await vaults.of(counting, organisation)
        assert counting.trips == trips


async def test_a_new_key_is_known_before_it_is_written_with(
    database: Database, owner: asyncpg.Connection, organisation: UUID
) -> None:
    clock = Clock()
    vaults = Vaults(masters_of_tests(), clock)
    first = (await held(vaults, database, organisation)).writing
    await rotate(owner, masters_of_tests(), organisation)
    clock.now += SECONDS_FRESH
    known = await held(vaults, database, organisation)
    assert (known.writing, "keys=2" in repr(known)) == (first, True)
    wait = (
        "SELECT extract(epoch FROM active_from - created_at) FROM data_keys WHERE organisation_id = $1 AND number = 2"
    )
    assert round(await owner.fetchval(wait, organisation)) == 60
    await rotated_at_once(owner, organisation)
    clock.now += SECONDS_FRESH
    assert (await held(vaults, database, organisation)).writing != first


async def test_each_organisation_has_keys_of_its_own(database: Database, organisation: UUID) -> None:
    vaults = Vaults(masters_of_tests())
    one, other = await held(vaults, database, organisation), await held(vaults, database, FIRST_ORGANISATION)
    assert one.digest("a", "b") != other.digest("a", "b")


async def test_an_organisation_that_is_not_there_gets_no_keys(database: Database, owner: asyncpg.Connection) -> None:
    nobody = uuid4()
    assert await Vaults(masters_of_tests()).of(database.bound(system(nobody, "test")), nobody) is None
    assert await owner.fetchval("SELECT count(*) FROM data_keys WHERE organisation_id = $1", nobody) == 0


async def test_under_another_master_key_nothing_opens(database: Database, organisation: UUID) -> None:
    await held(Vaults(masters_of_tests()), database, organisation)
    bound = database.bound(system(organisation, "test"))
    assert await Vaults(Masters("another master key of enough length")).of(bound, organisation) is None


async def test_a_process_goes_on_when_its_keys_are_wrapped_under_a_master_key_that_it_does_not_have(
    database: Database, owner: asyncpg.Connection, organisation: UUID
) -> None:
    clock = Clock()
    old, new = Masters("the old master key of this test: long"), "the new master key of this test: long"
    vaults = Vaults(old, clock)
    sealed = (await held(vaults, database, organisation)).sealed(PATIENT, "identity", b"a name")
    await rotate(owner, Masters(new, ["the old master key of this test: long"]), organisation)
    clock.now += SECONDS_FRESH
    assert (await held(vaults, database, organisation)).opened(PATIENT, "identity", sealed) == b"a name"
    restarted = await held(Vaults(Masters(new)), database, organisation)
    assert restarted.opened(PATIENT, "identity", sealed) == b"a name"


async def test_while_the_database_is_away_opened_keys_stay_open(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    vaults = Vaults(masters_of_tests(), clock)
    vault = await held(vaults, database, FIRST_ORGANISATION)
    async with Database(f"postgresql://nobody@/nothing?host={tmp_path}", 1) as nowhere:
        away = nowhere.bound(system(FIRST_ORGANISATION, "test"))
        assert await Vaults(masters_of_tests()).of(away, FIRST_ORGANISATION) is None
        counting = Counting(away)
        clock.now += SECONDS_FRESH
        for wait, trips in ((0.0, 1), (SECONDS_BETWEEN_TRIES - 1, 1), (1.0, 2)):
            clock.now += wait
            assert await vaults.of(counting, FIRST_ORGANISATION) is vault
            assert counting.trips == trips


async def test_a_key_that_this_process_does_not_know_yet_is_read_for_the_next_request(
    client: httpx.AsyncClient, owner: asyncpg.Connection, database: Database
) -> None:
    """Nothing of the kind happens in a rotation; a backup that was put back may bring it about."""
    location = (await client.post("/v1/patients", json={"display_name": "Known later"})).headers["Location"]
    patient = UUID(location.rpartition("/")[2])
    await rotated_at_once(owner)
    newer = await held(Vaults(masters_of_tests()), database, FIRST_ORGANISATION)
    sealed = newer.sealed(patient, "identity", b'{"identifiers":[],"display_name":"Known now"}')
    set_it = "UPDATE patients SET identity = $2 WHERE id = $1"
    await owner.execute(set_it, patient, sealed)
    early = await client.get(location)
    assert (early.status_code, early.headers["Retry-After"]) == (503, "1")
    assert "Send the request again" in early.json()["detail"]
    assert (await client.get(location)).json()["display_name"] == "Known now"
