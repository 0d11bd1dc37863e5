"""What names a patient is nowhere in the database in plain form, and everywhere in the answers that it belongs to."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from models.database import Database
from ops.owner import within
from ops.roles import SERVICE
from registry import records
from registry.desk import Desk, Ref
from registry.errors import DatabaseUnavailable
from registry.patients import PATIENTS
from settings import FIRST_ORGANISATION
from tests.dump import files_with, rows_of
from tests.signed_in import desk_of
from vault.errors import CannotOpen

pytestmark = pytest.mark.anyio
MARK = "Zanzibarwood"
SYSTEM = "urn:zanzibarwood:mrn"
NAMED = {"display_name": f"{MARK} One", "identifiers": [{"system": SYSTEM, "value": f"{MARK}-1"}]}
RENAMED = {"display_name": f"{MARK} Two", "identifiers": [{"system": SYSTEM, "value": f"{MARK}-2"}]}


async def test_names_are_in_every_answer_and_nowhere_in_the_database(
    client: httpx.AsyncClient, superuser: asyncpg.Connection
) -> None:
    keyed = {"Idempotency-Key": "named"}
    created = await client.post("/v1/patients", json=NAMED, headers=keyed)
    location = created.headers["Location"]
    assert created.json()["identifiers"] == NAMED["identifiers"]
    patched = await client.patch(location, json=RENAMED, headers={"If-Match": "*"})
    again = await client.post("/v1/patients", json=NAMED, headers=keyed)
    assert (again.headers["Idempotent-Replayed"], again.content) == ("true", created.content)
    found = await client.get("/v1/patients", params={"identifier": f"{SYSTEM}|{MARK}-2"})
    included = await client.get(location, params={"include": "episodes"})
    for said in (patched.json(), (await client.get(location)).json(), found.json()["items"][0], included.json()):
        assert {name: said[name] for name in RENAMED} == RENAMED
        assert not {"identity", "identifier_digests"} & set(said)
    versions = (await client.get(f"{location}/history")).json()["items"]
    assert [{name: each["record"][name] for name in NAMED} for each in versions] == [NAMED, RENAMED]
    for moment, name in ((versions[0]["recorded_at"], "One"), (versions[1]["recorded_at"], "Two")):
        report = await client.get(f"{location}/report", params={"known_at": moment}, headers={"Accept": "text/html"})
        assert f"{MARK} {name}" in report.text
    stored = (await rows_of(superuser)).lower()
    assert versions[0]["record"]["id"] in stored
    assert MARK.lower() not in stored
    for mark in (MARK, SYSTEM):
        assert await files_with(superuser, mark) == []
    assert (await client.delete(location, headers={"If-Match": "*"})).status_code == 204


async def test_a_mark_that_is_stored_is_found(client: httpx.AsyncClient, superuser: asyncpg.Connection) -> None:
    """Else the test before this would pass whatever is stored."""
    patient = (await client.post("/v1/patients", json={})).headers["Location"]
    await client.post(f"{patient}/episodes", json={"diagnosis": {"text": "Yellowfinch"}})
    assert "Yellowfinch" in await rows_of(superuser)
    assert "episodes" in await files_with(superuser, "Yellowfinch")


async def test_search_compares_what_it_compared_before(client: httpx.AsyncClient) -> None:
    system, value = "urn:Case:Sensitive", "Ümlaut 7"
    body = {"identifiers": [{"system": f" {system} ", "value": f"{value} "}]}
    made = (await client.post("/v1/patients", json=body)).json()["id"]
    for asked, there in (
        (f"{system}|{value}", True),
        (f" {system} | {value} ", True),
        (f"{system}|{value.lower()}", False),
        (f"{system.lower()}|{value}", False),
        (f"{system}|U\u0308mlaut 7", False),
        (f"{system}{value[0]}|{value[1:]}", False),
    ):
        items = (await client.get("/v1/patients", params={"identifier": asked})).json()["items"]
        assert [item["id"] for item in items] == ([made] if there else [])


@pytest.fixture
async def two(client: httpx.AsyncClient, connection: asyncpg.Connection) -> AsyncIterator[list[UUID]]:
    """Two patients, who are in no list when the test is over: what it wrote cannot be opened."""
    made = [await client.post("/v1/patients", json={"display_name": name}) for name in ("First", "Second")]
    ids = [UUID(each.json()["id"]) for each in made]
    yield ids
    await connection.execute("UPDATE patients SET entered_in_error = true WHERE id = ANY($1)", ids)


async def test_a_ciphertext_copied_to_another_patient_does_not_open(
    two: list[UUID], connection: asyncpg.Connection, desk: Desk
) -> None:
    first, second = two
    copy = "UPDATE patients SET identity = (SELECT identity FROM patients WHERE id = $1) WHERE id = $2"
    await connection.execute(copy, first, second)
    with pytest.raises(CannotOpen):
        await records.read(desk, PATIENTS, Ref(second, second))
    assert (await records.read(desk, PATIENTS, Ref(first, first)))["display_name"] == "First"


@pytest.fixture
async def desk(app: Any, database: Database) -> Desk:  # noqa: ANN401 - the application
    made = desk_of(database)
    return made._replace(vault=await app.state.service.vaults.of(made.database, FIRST_ORGANISATION))


async def test_without_keys_a_named_patient_is_503_and_nothing_is_stored(
    two: list[UUID], connection: asyncpg.Connection, desk: Desk
) -> None:
    patient = two[0]
    keyless = desk._replace(vault=None)
    before = await connection.fetchval("SELECT count(*) FROM patients")
    for attempt in (
        records.read(keyless, PATIENTS, Ref(patient, patient)),
        records.create(keyless, PATIENTS, None, PATIENTS.entry()),
    ):
        with pytest.raises(DatabaseUnavailable, match="cannot be read"):
            await attempt
    assert await connection.fetchval("SELECT count(*) FROM patients") == before


async def test_the_database_refuses_plain_names(connection: asyncpg.Connection) -> None:
    insert = "INSERT INTO patients (organisation_id, id, sex, {}) VALUES ($1, gen_random_uuid(), 'unknown', {})"
    for columns, values in (
        ("identifiers", "'[]'"),
        ("display_name", "'A name'"),
        ("identity, identifier_digests, display_name", "'1:x', '[]', 'A name'"),
        ("identity", "'1:x'"),
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(insert.format(columns, values), FIRST_ORGANISATION)


REWRITE_STATE = "UPDATE patients SET identity = '1:x' WHERE id = $1"
REWRITE_VERSION = 'UPDATE record_versions SET document = document || \'{"identity": "1:x"}\' WHERE record_id = $1'


async def test_the_owner_rewrites_names_without_a_new_version_and_nothing_else(
    two: list[UUID], connection: asyncpg.Connection
) -> None:
    patient = two[0]
    state = "SELECT version, updated_at, identity FROM patients WHERE id = $1"
    before = await connection.fetchrow(state, patient)
    async with within(connection, FIRST_ORGANISATION):
        await connection.execute(REWRITE_STATE, patient)
        await connection.execute(REWRITE_VERSION, patient)
    after = await connection.fetchrow(state, patient)
    assert (after["version"], after["updated_at"], after["identity"]) == (1, before["updated_at"], "1:x")
    versions = await connection.fetch(
        "SELECT document ->> 'identity' AS it FROM record_versions WHERE record_id = $1", patient
    )
    assert [row["it"] for row in versions] == ["1:x"]
    for more in (
        "UPDATE patients SET sex = 'male' WHERE id = $1",
        "UPDATE patients SET version = 7 WHERE id = $1",
        'UPDATE record_versions SET document = document || \'{"sex": "male"}\' WHERE record_id = $1',
        "UPDATE record_versions SET superseded_at = now() WHERE record_id = $1",
        "DELETE FROM record_versions WHERE record_id = $1",
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with within(connection, FIRST_ORGANISATION):
                await connection.execute(more, patient)


async def test_versions_of_other_records_are_never_rewritten(
    client: httpx.AsyncClient, connection: asyncpg.Connection, patient_id: str
) -> None:
    episode = (await client.post(f"/v1/patients/{patient_id}/episodes", json={})).json()["id"]
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        async with within(connection, FIRST_ORGANISATION):
            await connection.execute(REWRITE_VERSION, UUID(episode))


async def test_whoever_does_not_own_the_tables_rewrites_nothing(two: list[UUID], superuser: asyncpg.Connection) -> None:
    """The setting is not enough, nor would the right to update be: what such a role changes makes a version."""
    patient = two[0]
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await rewritten_as_service(superuser, REWRITE_VERSION, patient)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await rewritten_as_service(superuser, REWRITE_VERSION, patient, grant="SELECT")
    await rewritten_as_service(superuser, REWRITE_STATE, patient, grant="SELECT")
    assert await superuser.fetchval("SELECT version FROM patients WHERE id = $1", patient) == 2


async def rewritten_as_service(
    superuser: asyncpg.Connection, statement: str, patient: UUID, *, grant: str = "UPDATE"
) -> None:
    """Run it as the service's role, which for this transaction has one more right."""
    async with within(superuser, FIRST_ORGANISATION):
        await superuser.execute(f"GRANT {grant} ON record_versions TO {SERVICE}")
        await superuser.execute(f"SET LOCAL ROLE {SERVICE}")
        await superuser.execute(statement, patient)
