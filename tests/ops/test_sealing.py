"""Databases from before are sealed, keys are rotated, and no name is lost or left in plain form on the way."""

import asyncio
import json
import signal
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from alembic import command
from pydantic import SecretStr

from main import create_app
from ops import rotate_keys
from ops.encrypt import IS_DONE, seal_plain
from ops.owner import KeysUnreadable, connected
from settings import FIRST_ORGANISATION
from tests.conftest import as_superuser, migrations, settings_for
from tests.dump import files_with, masters_of_tests, rotated_at_once, rows_of
from tests.ops.conftest import Start, query, wait_for
from tests.ops.test_serve import free_port, is_up
from tests.signed_in import client_of, somebody
from vault.keys import Masters

LAST_WITH_PLAIN_NAMES = "0012"
MARK = "Zanzibarwood"
SYSTEM = "urn:old:mrn"
OLD, NEW = "the old master key of these tests: long", "the new master key of these tests: long"
INSERT = (
    "INSERT INTO patients (organisation_id, id, identifiers, display_name, birth_date, sex) "
    "VALUES ($1, $2, $3, $4, '1984', 'female')"
)
Maker = Callable[[], str]


def named(number: int) -> dict[str, Any]:
    return {"identifiers": [{"system": SYSTEM, "value": f"{MARK}-{number}"}], "display_name": f"{MARK} {number}"}


@pytest.fixture
def old_url(server_url: Callable[[str], str]) -> str:
    """A database at the last revision with plain names."""
    name = f"old_{uuid4().hex}"
    asyncio.run(execute(server_url("postgres"), f"CREATE DATABASE {name}"))
    command.upgrade(migrations(server_url(name)), LAST_WITH_PLAIN_NAMES)
    return server_url(name)


async def execute(url: str, sql: str, *values: Any) -> None:  # noqa: ANN401 - any column's type
    async with connected(url) as connection:
        await connection.execute(sql, *values)


async def fill(url: str, count: int) -> list[UUID]:
    """Patients as they were stored before: one changed, one entered in error, and an answer kept for a repeat."""
    ids = [uuid4() for _ in range(count)]
    rows = [(FIRST_ORGANISATION, each, *named(number).values()) for number, each in enumerate(ids)]
    async with connected(url) as connection:
        await connection.executemany(INSERT, rows)
        await connection.execute("UPDATE patients SET display_name = $2 WHERE id = $1", ids[0], f"{MARK} renamed")
        await connection.execute("UPDATE patients SET entered_in_error = true WHERE id = $1", ids[1])
        await connection.execute(
            "INSERT INTO idempotency_keys (organisation_id, key, fingerprint, status, headers, body) "
            "VALUES ($1, 'kept', $2, 201, $3, $4)",
            *(FIRST_ORGANISATION, b"\x01" * 32, {"ETag": '"1"'}, json.dumps(named(0)).encode()),
        )
        await connection.execute("ANALYZE")
    return ids


@asynccontextmanager
async def served(
    url: str, current: str | None = None, previous: str | None = None, same: httpx.AsyncClient | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The service on the database, with these master keys or those of the tests; asked by the `same` user as before."""
    settings = settings_for(url)
    if current:
        earlier = SecretStr(previous) if previous else None
        keys = {"encryption_key": SecretStr(current), "previous_encryption_keys": earlier}
        settings = settings.model_copy(update=keys)
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app, await somebody(app)) as client:
        if same:
            client.headers["Authorization"] = same.headers["Authorization"]
        yield client


async def names_in(client: httpx.AsyncClient, ids: list[UUID]) -> list[str]:
    return [(await client.get(f"/v1/patients/{each}")).json()["display_name"] for each in ids]


def test_a_database_from_before_is_sealed_whole_and_reads_as_it_did(old_url: str) -> None:
    ids = asyncio.run(fill(old_url, 450))
    history = "SELECT record_id, version, recorded_at, superseded_at FROM record_versions ORDER BY 1, 2"
    before = asyncio.run(fetch(old_url, history))
    command.upgrade(migrations(old_url), "head")
    rewritten = asyncio.run(seal_plain(old_url, masters_of_tests()))
    assert rewritten == 450 + 452 + 1
    assert asyncio.run(fetch(old_url, history)) == before
    asyncio.run(expect_sealed(old_url, ids))
    assert asyncio.run(seal_plain(old_url, masters_of_tests())) == 0


async def fetch(url: str, sql: str) -> list[asyncpg.Record]:
    async with connected(as_superuser(url)) as connection:
        return await connection.fetch(sql)


async def expect_sealed(url: str, ids: list[UUID]) -> None:
    """No name anywhere in the database, every name in the answers, and every identifier found and taken."""
    async with connected(as_superuser(url)) as superuser:
        assert MARK not in await rows_of(superuser)
        assert await files_with(superuser, MARK) == []
        assert await superuser.fetchval(IS_DONE)
    async with served(url) as client:
        standing = [each for number, each in enumerate(ids) if number != 1]
        wanted = [f"{MARK} {number}" for number in range(len(ids)) if number != 1]
        assert await names_in(client, standing) == [f"{MARK} renamed", *wanted[1:]]
        versions = (await client.get(f"/v1/patients/{ids[0]}/history")).json()["items"]
        assert [each["record"]["display_name"] for each in versions] == [f"{MARK} 0", f"{MARK} renamed"]
        for number, there in ((0, True), (1, False), (len(ids) - 1, True)):
            asked = {"identifier": f"{SYSTEM}|{MARK}-{number}"}
            items = (await client.get("/v1/patients", params=asked)).json()["items"]
            assert [item["id"] for item in items] == ([str(ids[number])] if there else [])
            made = await client.post("/v1/patients", json=named(number))
            assert made.status_code == (409 if there else 201)


def test_answers_without_any_patient_are_sealed_too(old_url: str) -> None:
    async def keep() -> None:
        await execute(
            old_url,
            "INSERT INTO idempotency_keys (organisation_id, key, fingerprint, status, headers, body) "
            "VALUES ($1, 'kept', $2, 201, '{}', $3)",
            *(FIRST_ORGANISATION, b"f", b'{"title":"Zanzibarwood"}'),
        )

    asyncio.run(keep())
    command.upgrade(migrations(old_url), "head")
    assert asyncio.run(seal_plain(old_url, masters_of_tests())) == 1
    assert asyncio.run(fetch(old_url, "SELECT FROM idempotency_keys WHERE body LIKE '1:%'"))
    assert asyncio.run(seal_plain(old_url, masters_of_tests())) == 0


def test_sealing_that_was_killed_goes_on_where_it_was(old_url: str, start: Start, folder: Any) -> None:  # noqa: ANN401
    ids = asyncio.run(fill(old_url, 3000))
    master = settings_for(old_url).master_keys[0]
    given = {"DATABASE_URL": old_url, "ENCRYPTION_KEY": master, "DATA_DIR": str(folder)}
    command.upgrade(migrations(old_url), "head")
    done = "SELECT count(*) FROM patients WHERE identity IS NOT NULL"
    for least in (1, 1200):
        sealing = start("-m", "ops.migrate", **given)
        wait_for(lambda least=least: query(as_superuser(old_url), done) >= least)
        sealing.send_signal(signal.SIGKILL)
        sealing.wait(10)
    assert 1200 <= query(as_superuser(old_url), done) < len(ids)
    finished = start("-m", "ops.migrate", **given)
    _, said = finished.communicate(timeout=60)
    assert (finished.returncode, query(as_superuser(old_url), done)) == (0, len(ids)), said
    asyncio.run(expect_sealed(old_url, ids))


def test_a_database_under_another_master_key_is_said_in_one_sentence(make_database: Maker) -> None:
    url = make_database()
    asyncio.run(seal_plain(url, Masters(OLD)))
    with pytest.raises(KeysUnreadable, match=f"fingerprint {Masters(OLD).fingerprint}"):
        asyncio.run(seal_plain(url, Masters(NEW)))
    assert asyncio.run(seal_plain(url, Masters(NEW, [OLD]))) == 0


def test_after_one_rotation_the_old_master_key_is_not_needed(make_database: Maker) -> None:
    asyncio.run(change_master(make_database()))


async def change_master(url: str) -> None:
    async with served(url, OLD) as before:
        made = await before.post("/v1/patients", json=named(1), headers={"Idempotency-Key": "one"})
        location = made.headers["Location"]
        async with served(url, NEW, OLD) as during:
            assert (await during.get(location)).json()["display_name"] == f"{MARK} 1"
            await rotate_keys.run(url, Masters(NEW, [OLD]), Namespace(delete_unused=False, reseal=False))
            for client in (before, during):
                assert (await client.get(location)).json()["display_name"] == f"{MARK} 1"
    async with served(url, NEW, same=before) as after:
        assert (await after.get(location)).json()["display_name"] == f"{MARK} 1"
        found = await after.get("/v1/patients", params={"identifier": f"{SYSTEM}|{MARK}-1"})
        assert len(found.json()["items"]) == 1
        again = await after.post("/v1/patients", json=named(1), headers={"Idempotency-Key": "one"})
        assert (again.headers["Idempotent-Replayed"], again.content) == ("true", made.content)
    async with served(url, OLD) as without:
        assert (await without.get(location)).status_code == 503


def test_what_is_resealed_needs_the_old_data_key_no_more_and_the_service_runs_meanwhile(make_database: Maker) -> None:
    asyncio.run(rotate_and_reseal(make_database()))


async def rotate_and_reseal(url: str) -> None:
    """The service knows the new key before anything is sealed under it: here a new process stands for its waiting."""
    async with served(url) as first, connected(url) as owner:
        ids = []
        for number in range(300):
            made = await first.post("/v1/patients", json=named(number), headers={"Idempotency-Key": f"k{number}"})
            ids.append(UUID(made.json()["id"]))
        await first.patch(f"/v1/patients/{ids[0]}", json={"display_name": "Later"}, headers={"If-Match": "*"})
        await rotated_at_once(owner)
    state = "SELECT id, version, updated_at FROM patients ORDER BY id"
    async with served(url) as client, connected(url) as owner, connected(as_superuser(url)) as superuser:
        await client.get(f"/v1/patients/{ids[0]}")
        before = await superuser.fetch(state)
        resealing = asyncio.create_task(rotate_keys.reseal(owner, masters_of_tests()))
        while not resealing.done():
            number = 1 + time.monotonic_ns() % 299
            assert await names_in(client, [ids[number]]) == [f"{MARK} {number}"]
        assert await resealing == 300 + 301 + 300
        assert await superuser.fetch(state) == before
        assert await rotate_keys.reseal(owner, masters_of_tests()) == 0
        await expect_deleted(owner, superuser)
    async with served(url, same=first) as client:
        assert await names_in(client, ids) == ["Later", *(f"{MARK} {number}" for number in range(1, 300))]
        versions = (await client.get(f"/v1/patients/{ids[0]}/history")).json()["items"]
        assert [each["record"]["display_name"] for each in versions] == [f"{MARK} 0", "Later"]
        again = await client.post("/v1/patients", json=named(7), headers={"Idempotency-Key": "k7"})
        assert (again.status_code, again.json()["id"]) == (201, str(ids[7]))


async def expect_deleted(owner: asyncpg.Connection, superuser: asyncpg.Connection) -> None:
    """An unused key is deleted when the newer one has been written with for an hour, and not before."""
    assert await rotate_keys.delete_unused(owner) == 0
    await superuser.execute("UPDATE data_keys SET active_from = active_from - interval '61 minutes'")
    assert await rotate_keys.delete_unused(owner) == 1
    assert await rotate_keys.delete_unused(owner) == 0
    assert await superuser.fetchval("SELECT array_agg(number) FROM data_keys WHERE purpose = 'fields'") == [2]


def test_a_key_that_something_is_sealed_under_is_not_deleted(make_database: Maker) -> None:
    asyncio.run(keep_used(make_database()))


async def keep_used(url: str) -> None:
    async with served(url) as client, connected(url) as owner, connected(as_superuser(url)) as superuser:
        await client.post("/v1/patients", json=named(1))
        await rotated_at_once(owner)
        await superuser.execute("UPDATE data_keys SET active_from = active_from - interval '61 minutes'")
        assert await rotate_keys.delete_unused(owner) == 0


def test_the_command_rotates_beside_a_running_embedded_database(start: Start, folder: Any) -> None:  # noqa: ANN401
    port = free_port()
    service = start("-m", "ops.serve", PORT=str(port), DATA_DIR=str(folder / "data"))
    wait_for(lambda: is_up(port) or service.poll() is not None)
    assert ((folder / "data" / "encryption-key").stat().st_mode & 0o777) == 0o600
    rotated = start("-m", "ops.rotate_keys", DATA_DIR=str(folder / "data"))
    _, said = rotated.communicate(timeout=60)
    assert rotated.returncode == 0, said
    assert "New data keys: 1." in said
    service.send_signal(signal.SIGTERM)
    assert service.wait(30) == 0
