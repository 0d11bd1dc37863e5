"""Bulk imports over HTTP, worked off on a real database."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.bulk.records import Json, chart, imported, ndjson, patient, rating, rejects

pytestmark = pytest.mark.anyio


def created(said: Json) -> dict[str, int]:
    return {kind: done["created"] for kind, done in said["records"].items() if done["created"]}


async def test_charts_become_trials_ratings_and_episodes(app: FastAPI, client: httpx.AsyncClient) -> None:
    names = [uuid4().hex for _ in range(3)]
    said = await imported(app, client, ndjson(*(each for name in names for each in chart(name))))
    assert said["state"] == "done", said
    assert said["resources"] == {"total": 18, "done": 18}
    assert said["kinds"] == {"Patient": 3, "Condition": 3, "MedicationDispense": 6, "Observation": 6}
    assert created(said) == {"patients": 3, "episodes": 3, "medication_trials": 3, "assessments": 6}
    assert said["rejects"] == {}
    answer = await client.get("/v1/patients", params={"identifier": f"urn:example:hospital|MRN-{names[0]}"})
    [found] = answer.json()["items"]
    [trial] = (await client.get(f"/v1/patients/{found['id']}/medication-trials")).json()["items"]
    assert trial["medication"]["ingredient"] == "sertraline"


async def test_the_same_again_changes_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    body = ndjson(*chart(uuid4().hex))
    await imported(app, client, body)
    again = await imported(app, client, body)
    assert created(again) == {}
    assert {kind: done["unchanged"] for kind, done in again["records"].items()} == {
        "patients": 1, "episodes": 1, "medication_trials": 1, "assessments": 2, "treatments": 0,
    }  # fmt: skip


async def test_what_a_human_changed_stays(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    await imported(app, client, ndjson(patient(name), rating("o1", name, 9), rating("o2", name, 10, "2025-04-01")))
    listed = await client.get("/v1/patients", params={"identifier": f"urn:example:hospital|MRN-{name}"})
    ratings = f"/v1/patients/{listed.json()['items'][0]['id']}/assessments"
    first = next(each for each in (await client.get(ratings)).json()["items"] if each["total_score"] == 9)
    answer = await client.patch(f"{ratings}/{first['id']}", json={"total_score": 8}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    again = ndjson(patient(name), rating("o1", name, 11), rating("o2", name, 12, "2025-04-01"))
    said = await imported(app, client, again)
    assert said["records"]["assessments"] == {
        "created": 0, "updated": 1, "unchanged": 0, "retracted": 0, "kept_as_edited": 1, "found": 0,
    }  # fmt: skip
    assert [(each["reference"], each["code"]) for each in await rejects(client, said)] == [
        (f"assessments/{first['id']}", "kept_as_edited")
    ]
    listed = (await client.get(ratings)).json()["items"]
    assert sorted(each["total_score"] for each in listed) == [8, 12]


async def test_what_cannot_be_read_is_a_reject_and_stops_nothing(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    lines = [b"{", b"[1]", b'{"id": "x"}', ndjson(rating("alone", "nobody", 3)).strip()]
    lost = {"resourceType": "Observation", "id": "whose"}
    said = await imported(app, client, b"\n".join([*lines, ndjson(patient(name), rating("o", name, 7), lost)]))
    assert said["rejects"] == {"not_json": 1, "not_a_resource": 2, "unknown_patient": 1, "no_patient": 1}
    assert created(said) == {"patients": 1, "assessments": 1}
    told = await rejects(client, said)
    assert [each["number"] for each in told] == [1, 2, 3, 4, 5]
    assert {each["reference"] for each in told} == {"", "Observation/whose", "Observation/alone"}
    assert told[0]["place"] == "line 1"
