"""What patients may do themselves, and their rights: to have everything that is held, and to have it erased."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.factories import EPISODE, PHQ9, SCORE, SERTRALINE, SYMPTOMS
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio
WHOLE = {"reason": "Request of the data subject.", "confirm": "erase for ever"}
MARK = "Marked For Erasure"


@pytest.fixture
async def patient(client: httpx.AsyncClient) -> dict[str, Any]:
    body = {"display_name": MARK, "identifiers": [{"system": "urn:rights", "value": MARK}]}
    found = await client.post("/v1/patients", json=body, headers={"If-None-Exist": f"identifier=urn:rights|{MARK}"})
    one = f"/v1/patients/{found.json()['id']}"
    key = {"Idempotency-Key": f"key of {found.json()['id']}".replace(" ", "-")}
    await client.post(f"{one}/episodes", json={**EPISODE}, headers=key)
    trial = (await client.post(f"{one}/medication-trials", json={**SERTRALINE, "note": MARK})).json()
    await client.patch(f"{one}/medication-trials/{trial['id']}", json={"note": "Other"}, headers={"If-Match": "*"})
    await client.post(f"{one}/assessments", json=PHQ9)
    await client.post(f"{one}/kept-answers", json={"note": MARK})
    return {**found.json(), "trial": trial["id"]}


@pytest.fixture
async def own(app: FastAPI, patient: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, await somebody(app, Role.PATIENT, own_patient_id=UUID(patient["id"]))) as http:
        yield http


async def test_a_patient_adds_own_ratings_and_adherence_and_nothing_else(
    own: httpx.AsyncClient, patient: dict[str, Any]
) -> None:
    one = f"/v1/patients/{patient['id']}"
    for body, status in (
        ({"instrument": "phq9", "assessed_on": "2025-05-01", "total_score": 9, "rater": "self"}, 201),
        ({"instrument": "phq9", "assessed_on": "2025-05-01", "total_score": 9, "rater": "clinician"}, 403),
    ):
        assert (await own.post(f"{one}/assessments", json=body)).status_code == status, body
    unsaid = {"instrument": "phq9", "assessed_on": "2025-05-02", "total_score": 9}
    assert (await own.post(f"{one}/assessments", json=unsaid)).json()["rater"] == "self"
    for scale in ("madrs", "hamd17"):
        answer = await own.post(f"{one}/assessments", json={**unsaid, "instrument": scale})
        assert answer.status_code == 403, "never as if a clinician had"
    for kind, body in (("external-scores", SCORE), ("symptoms", SYMPTOMS)):
        assert (await own.post(f"{one}/{kind}", json=body)).status_code == 403, kind
    trial = f"{one}/medication-trials/{patient['trial']}"
    for body, status in (
        ({"adherence": {"adequate": False, "taken_fraction": 0.5}}, 200),
        ({"note": "I write what I like."}, 403),
        ({"adherence": {"adequate": True}, "outcome": {"response": "remission"}}, 403),
    ):
        assert (await own.patch(trial, json=body, headers={"If-Match": "*"})).status_code == status, body
    assert (await own.get(trial)).json()["note"] == "Other"
    assert (await own.post(f"{one}/episodes", json=EPISODE)).status_code == 403


async def test_everything_that_is_held_is_exported_with_who_looked_at_it(
    client: httpx.AsyncClient, own: httpx.AsyncClient, patient: dict[str, Any]
) -> None:
    for whoever in (client, own):
        found = (await whoever.get(f"/v1/patients/{patient['id']}/export")).json()
        kinds = [version["kind"] for version in found["versions"]]
        assert {"patients", "episodes", "medication_trials", "assessments", "kept_answers"} <= set(kinds)
        trials = [version for version in found["versions"] if version["record_id"] == patient["trial"]]
        assert [version["version"] for version in trials] == [1, 2], "every version"
        named = next(version["record"] for version in found["versions"] if version["kind"] == "patients")
        assert (named["display_name"], named["identifiers"][0]["value"]) == (MARK, MARK)
        assert {event["operation"] for event in found["audit"]} >= {"create_patient", "create_episode"}


async def held_as_text(connection: asyncpg.Connection, patient: str) -> dict[str, int]:
    """How many rows of each table hold the patient's id in any column."""
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    counts = {
        row["tablename"]: await connection.fetchval(
            f"SELECT count(*) FROM {row['tablename']} AS held WHERE held::text LIKE $1",  # noqa: S608 - names of tables
            f"%{patient}%",
        )
        for row in tables
    }
    return {table: count for table, count in counts.items() if count}


async def test_an_erased_patient_leaves_a_tombstone_and_a_proof_and_nothing_else(
    app: FastAPI, client: httpx.AsyncClient, own: httpx.AsyncClient, patient: dict[str, Any],
    connection: asyncpg.Connection,
) -> None:  # fmt: skip
    one = f"/v1/patients/{patient['id']}"
    assert {"patients", "record_versions", "idempotency_keys", "users"} <= (
        await held_as_text(connection, patient["id"])
    ).keys()
    assert (await client.post(f"{one}/erasure", json={**WHOLE, "confirm": "yes"})).status_code == 422
    erased = await client.post(f"{one}/erasure", json=WHOLE)
    assert erased.status_code == 201, erased.text
    said = erased.json()
    assert (said["patient_id"], said["records"] >= 5, said["versions"] >= 6) == (patient["id"], True, True)
    assert (await held_as_text(connection, patient["id"])).keys() == {"erasures", "audit_events"}
    gone = await client.get(f"{one}/trd-status")
    assert (gone.status_code, "erased" in gone.json()["detail"]) == (410, True)
    assert (await client.get(f"/v1/erasures/{patient['id']}")).json() == said
    assert said in (await client.get("/v1/erasures", params={"limit": 200})).json()["items"]
    again = await client.post("/v1/patients", json={"id": patient["id"]})
    assert again.status_code == 409, "the id is never used again"
    app.state.service.doorman.standing._until.clear()  # noqa: SLF001 - ten seconds later
    assert (await own.get("/v1/me")).status_code == 401, "the patient's own user is gone as well"
    async with client_of(app, await somebody(app, Role.AUDITOR)) as auditor:
        events = await auditor.get("/v1/audit/events", params={"operation": "erase_patient", "limit": 200})
        (proof,) = [event for event in events.json()["items"] if event["id"] == said["audit_event_id"]]
        assert (proof["entity"], proof["patient_id"], proof["outcome"]) == ("erasures", patient["id"], 201)


async def test_erasing_one_patient_touches_no_other(
    client: httpx.AsyncClient, patient: dict[str, Any], patient_id: str
) -> None:
    await client.post(f"/v1/patients/{patient_id}/medication-trials", json=SERTRALINE)
    before = (await client.get(f"/v1/patients/{patient_id}/export")).json()["versions"]
    assert (await client.post(f"/v1/patients/{patient['id']}/erasure", json=WHOLE)).status_code == 201
    assert (await client.get(f"/v1/patients/{patient_id}/export")).json()["versions"] == before


async def test_nobody_erases_past_the_function(connection: asyncpg.Connection, patient: dict[str, Any]) -> None:
    """Neither the service, which may not delete, nor the owner, whom the triggers stop."""
    for table in ("medication_trials", "record_versions", "patients"):
        column = "id" if table == "patients" else "patient_id"
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(f"DELETE FROM {table} WHERE {column} = $1", UUID(patient["id"]))  # noqa: S608
