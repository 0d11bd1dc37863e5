"""Several clients at once, on really concurrent connections."""

import asyncio
from uuid import uuid4

import asyncpg
import httpx
import pytest

from registry.idempotency import fingerprint
from tests.factories import SERTRALINE, varied

pytestmark = pytest.mark.anyio


async def test_of_two_patches_with_the_same_if_match_exactly_one_wins_100_times(
    client: httpx.AsyncClient, trials: str
) -> None:
    location = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    for version in range(1, 101):
        headers = {"If-Match": f'"{version}"'}
        answers = await asyncio.gather(
            client.patch(location, json={"note": "one"}, headers=headers),
            client.patch(location, json={"note": "two"}, headers=headers),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        winner = next(answer for answer in answers if answer.status_code == 200)
        assert (await client.get(location)).json() == winner.json()
    assert winner.json()["version"] == 101


async def test_a_patch_that_lost_the_race_after_reading_is_refused(
    client: httpx.AsyncClient, trials: str, connection: asyncpg.Connection
) -> None:
    location = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    async with connection.transaction():
        # Another writer holds the row: both read version 1, wait for the row, and then find version 2.
        await connection.execute("UPDATE medication_trials SET note = 'x' WHERE id = $1", location.rsplit("/", 1)[1])
        patch = asyncio.create_task(client.patch(location, json={"note": "y"}, headers={"If-Match": "*"}))
        delete = asyncio.create_task(client.delete(location, headers={"If-Match": '"1"'}))
        while await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2:  # noqa: ASYNC110 - in the server
            await asyncio.sleep(0.02)
    assert (await patch).status_code == 412
    assert (await delete).status_code == 412
    assert (await client.get(location)).json()["note"] == "x"


async def test_the_same_key_and_body_gives_the_same_answer_and_one_record(
    client: httpx.AsyncClient, trials: str
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = await client.post(trials, json=SERTRALINE, headers=headers)
    again = await client.post(trials, json=dict(reversed(SERTRALINE.items())), headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    for name in ("ETag", "Location", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len((await client.get(trials)).json()["items"]) == 1


async def test_the_same_key_for_something_else_is_refused(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    await client.post(trials, json=SERTRALINE, headers=headers)
    for address, body in ((trials, varied(SERTRALINE, note="x")), (f"/v1/patients/{patient_id}/episodes", {})):
        answer = await client.post(address, json=body, headers=headers)
        assert answer.status_code == 409
        assert answer.json()["errors"][0]["pointer"] == "#header/idempotency-key"


async def test_a_refused_request_does_not_use_up_its_key(client: httpx.AsyncClient, trials: str) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    assert (await client.post(trials, json=varied(SERTRALINE, started="2099"), headers=headers)).status_code == 422
    assert (await client.post(trials, json=SERTRALINE, headers=headers)).status_code == 201


async def test_a_key_in_flight_is_refused_and_many_at_once_make_one_record(
    client: httpx.AsyncClient, trials: str
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(*(client.post(trials, json=SERTRALINE, headers=headers) for _ in range(12)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 409)
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert len((await client.get(trials)).json()["items"]) == 1


async def test_keys_are_forgotten_after_a_week(
    client: httpx.AsyncClient, trials: str, connection: asyncpg.Connection
) -> None:
    me = (await client.get("/v1/me")).json()["subject"]
    sent = str(uuid4()), str(uuid4())
    old, new = (fingerprint(me.encode(), key.encode()).hex() for key in sent)  # a key is of whoever sends it
    await client.post(trials, json=SERTRALINE, headers={"Idempotency-Key": sent[0]})
    age = "UPDATE idempotency_keys SET created_at = clock_timestamp() - interval '{}' WHERE key = $1"
    find = "SELECT count(*) FROM idempotency_keys WHERE key = $1"
    await connection.execute(age.format("6 days 23 hours"), old)
    await client.post(trials, json=SERTRALINE, headers={"Idempotency-Key": sent[1]})
    assert await connection.fetchval(find, old) == 1
    await connection.execute(age.format("7 days 1 minute"), old)
    await client.post(trials, json=SERTRALINE, headers={"Idempotency-Key": str(uuid4())})
    assert await connection.fetchval(find, old) == 0
    assert await connection.fetchval(find, new) == 1


async def test_numbers_beyond_all_machines_are_refused_with_a_key_as_without(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    body = {"instrument": "phq9", "assessed_on": "2025", "items": [10**40] * 9}
    headers = {"Idempotency-Key": str(uuid4())}
    for kept in ({}, headers):
        answer = await client.post(f"/v1/patients/{patient_id}/assessments", json=body, headers=kept)
        assert answer.status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "ümlaut".encode()])
async def test_a_key_that_is_no_key_is_refused(client: httpx.AsyncClient, trials: str, key: str | bytes) -> None:
    raw = key if isinstance(key, bytes) else key.encode()
    answer = await client.post(trials, json=SERTRALINE, headers=[(b"Idempotency-Key", raw)])
    assert answer.status_code == 422
