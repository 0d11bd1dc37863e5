"""One writer a patient at a time: an answer that is asked again with its own moment is the same answer."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from registry.facts import READERS
from settings import FIRST_ORGANISATION
from tests.factories import ECT, EPISODE, PHQ9, SERTRALINE, SYMPTOMS, Json, varied
from tests.signed_in import owner_connection

pytestmark = pytest.mark.anyio
WRITERS, ASKERS, ROUNDS = 4, 2, 6
BODIES: tuple[tuple[str, Json, Json], ...] = (
    ("medication-trials", SERTRALINE, {"note": "x"}),
    ("episodes", EPISODE, {"severity": "mild"}),
    ("assessments", PHQ9, {"rater": "clinician"}),
    ("symptoms", SYMPTOMS, {"absent": None}),
    ("treatments", ECT, {"sessions": 8}),
)
INSERT_EPISODE = (
    "INSERT INTO episodes (organisation_id, id, patient_id, polarity, severity) "
    "VALUES ($1, $2, $3, 'unknown', 'unknown') RETURNING updated_at"
)

INSERT_TRIAL = (
    "INSERT INTO medication_trials (organisation_id, id, patient_id, medication, ingredient, doses, indication, role, "
    "outcome_response, outcome_early_failure_confirmed, stop_reason) VALUES "
    "($1, $2, $3, '{}', 'sertraline', '[]', 'unknown', 'monotherapy', 'unknown', false, 'unknown')"
)


async def until_somebody_waits(connection: asyncpg.Connection) -> None:
    async with asyncio.timeout(5):
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_second_writer_of_the_same_patient_waits_and_is_stamped_later(
    client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    async with connection.transaction():
        first = await connection.fetchval(INSERT_EPISODE, FIRST_ORGANISATION, uuid4(), patient_id)
        second = asyncio.create_task(client.post(f"/v1/patients/{patient_id}/medication-trials", json=SERTRALINE))
        await until_somebody_waits(connection)
        before = (await client.get(f"/v1/patients/{patient_id}/trd-status")).json()["known_at"]
        released = datetime.now(UTC)
    stamped = datetime.fromisoformat((await second).json()["updated_at"])
    assert datetime.fromisoformat(before) < first < released < stamped


async def test_writers_of_two_patients_do_not_wait_for_each_other(
    client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    other = (await client.post("/v1/patients", json={})).json()["id"]
    async with connection.transaction():
        await connection.execute(INSERT_EPISODE, FIRST_ORGANISATION, uuid4(), patient_id)
        answer = await client.post(f"/v1/patients/{other}/medication-trials", json=SERTRALINE)
    assert answer.status_code == 201


async def test_moments_go_on_when_the_clock_is_set_back(
    client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    """A version of tomorrow stands for a clock that was ahead and has been corrected."""
    async with connection.transaction():
        await connection.execute("ALTER TABLE episodes DISABLE TRIGGER a_stamp")
        tomorrow = await connection.fetchval(
            "INSERT INTO episodes (organisation_id, id, patient_id, polarity, severity, updated_at) VALUES "
            "($1, $2, $3, 'unknown', 'unknown', clock_timestamp() + interval '1 day') RETURNING updated_at",
            *(FIRST_ORGANISATION, uuid4(), patient_id),
        )
        await connection.execute("ALTER TABLE episodes ENABLE TRIGGER a_stamp")
    made = await client.post(f"/v1/patients/{patient_id}/medication-trials", json=SERTRALINE)
    assert datetime.fromisoformat(made.json()["updated_at"]) > tomorrow


async def write(client: httpx.AsyncClient, address: str, number: int) -> None:
    """Create, change and remove records of every kind, another order for each writer."""
    for turn in range(ROUNDS):
        kind, body, patch = BODIES[(number + turn) % len(BODIES)]
        made = await client.post(f"{address}/{kind}", json=body)
        assert made.status_code == 201, made.text
        if turn % 3 == 1:
            changed = await client.patch(made.headers["Location"], json=patch, headers={"If-Match": "*"})
            assert changed.status_code == 200, changed.text
        if turn % 3 == 2:
            gone = await client.delete(made.headers["Location"], headers={"If-Match": "*"})
            assert gone.status_code == 204, gone.text


async def write_slowly(url: str, patient_id: str) -> None:
    """A writer past the service that takes its time between its statement and its commit, as a busy disk would."""
    connection = await owner_connection(url)
    try:
        for _ in range(ROUNDS):
            async with connection.transaction():
                await connection.execute(INSERT_TRIAL, FIRST_ORGANISATION, uuid4(), patient_id)
                await connection.execute("SELECT pg_sleep(0.01 * random())")
    finally:
        await connection.close()


async def read(client: httpx.AsyncClient, address: str, done: asyncio.Event) -> list[Json]:
    """Ask again and again while the others write."""
    answers = []
    while not done.is_set():
        answer = await client.get(f"{address}/trd-status", params={"on": "2025-12-31"})
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return answers


async def test_answers_given_while_others_write_are_the_same_when_asked_again(
    client: httpx.AsyncClient, patient_id: str, database_url: str
) -> None:
    address, done = f"/v1/patients/{patient_id}", asyncio.Event()
    readers = [asyncio.create_task(read(client, address, done)) for _ in range(ASKERS)]
    writers = [write(client, address, number) for number in range(WRITERS)]
    await asyncio.gather(*writers, *(write_slowly(database_url, patient_id) for _ in range(WRITERS)))
    done.set()
    answers = [answer for each in await asyncio.gather(*readers) for answer in each]
    different = [said for said in answers if await asked_again(client, address, said) != said]
    assert len({said["known_at"] for said in answers}) > ROUNDS
    assert different == []


async def asked_again(client: httpx.AsyncClient, address: str, said: Json) -> Json:
    params = {"on": "2025-12-31", "known_at": said["known_at"]}
    answer: Json = (await client.get(f"{address}/trd-status", params=params)).json()
    return answer


async def test_writers_of_records_that_refer_to_each_other_never_block_each_other_for_good(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    address = f"/v1/patients/{patient_id}"
    episode = (await client.post(f"{address}/episodes", json=EPISODE)).json()["id"]
    base = (await client.post(f"{address}/medication-trials", json=SERTRALINE)).json()["id"]
    added = varied(SERTRALINE, role="augmentation", augments=base, episode_id=episode)

    async def once() -> list[int]:
        any_version: dict[str, Any] = {"headers": {"If-Match": "*"}}
        answers = await asyncio.gather(
            client.post(f"{address}/medication-trials", json=added),
            client.patch(f"{address}/episodes/{episode}", json={"severity": "mild"}, **any_version),
            client.patch(f"{address}/medication-trials/{base}", json={"episode_id": episode}, **any_version),
            client.patch(address, json={"display_name": str(uuid4())}, **any_version),
        )
        return [answer.status_code for answer in answers]

    for _ in range(25):
        assert await once() == [201, 200, 200, 200]


async def test_a_writer_of_several_records_and_a_writer_of_one_never_wait_for_each_other(
    client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    """The second writer waits for the patient, and not while it holds the record that the first one needs next."""
    trials = f"/v1/patients/{patient_id}/medication-trials"
    one, two = [(await client.post(trials, json=SERTRALINE)).json()["id"] for _ in range(2)]
    note = "UPDATE medication_trials SET note = 'first' WHERE id = $1"
    async with connection.transaction():
        await connection.execute(note, one)
        change = client.patch(f"{trials}/{two}", json={"note": "second"}, headers={"If-Match": '"1"'})
        waiting = asyncio.create_task(change)
        await until_somebody_waits(connection)
        await connection.execute(note, two)
    assert (await waiting).status_code == 412
    assert (await client.get(f"{trials}/{two}")).json()["note"] == "first"


async def test_nothing_is_recorded_of_a_patient_who_is_just_being_removed(
    client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    async with connection.transaction():
        await connection.execute("UPDATE patients SET entered_in_error = true WHERE id = $1", patient_id)
        late = asyncio.create_task(client.post(f"/v1/patients/{patient_id}/episodes", json=EPISODE))
        await until_somebody_waits(connection)
    assert (await late).status_code == 410


async def test_every_table_of_records_of_a_patient_is_stamped_in_the_order_of_commits(
    connection: asyncpg.Connection,
) -> None:
    tables = await connection.fetch(
        "SELECT DISTINCT c.relname, p.proname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'patient_id' "
        "WHERE t.tgname = 'a_stamp'"
    )
    assert {row["relname"] for row in tables} >= set(READERS)
    assert {row["proname"] for row in tables} == {"stamp_record_of_patient"}


async def test_thousands_of_patients_are_imported_in_one_transaction(connection: asyncpg.Connection) -> None:
    """More rows than a server of default settings has places in its table of locks."""
    count = 12_000
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(
        "INSERT INTO patients (organisation_id, id, identity, identifier_digests, sex) "
        "SELECT $1, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '1:sealed', '[]', 'unknown' "
        "FROM generate_series(1, $2::int) AS n",
        *(FIRST_ORGANISATION, count),
    )
    made = await connection.execute(
        "INSERT INTO episodes (organisation_id, id, patient_id, polarity, severity) "
        "SELECT organisation_id, gen_random_uuid(), id, 'unknown', 'unknown' FROM patients "
        "WHERE id BETWEEN $1 AND $2",
        *(UUID("00000000-0000-4000-8000-000000000001"), UUID(f"00000000-0000-4000-8000-{count:012}")),
    )
    await transaction.rollback()
    assert made == f"INSERT 0 {count}"
