"""Whom a record is restricted to is left to its care team; and who was shown is said patient by patient."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.signed_in import EVERYTHING, client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
REASON = {"reason": "Unconscious in the emergency department."}


async def me(client: httpx.AsyncClient) -> str:
    return str((await client.get("/v1/me")).json()["subject"])


async def test_an_emergency_does_not_change_whom_the_record_is_open_to(app: FastAPI, client: httpx.AsyncClient) -> None:
    patient = (await client.post("/v1/patients", json={"restricted_to": [await me(client)]})).json()["id"]
    one, any_version = f"/v1/patients/{patient}", {"If-Match": "*"}
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as other:
        assert (await other.post(f"{one}/emergency-access", json=REASON)).status_code == 201
        assert (await other.patch(one, json={"sex": "male"}, headers=any_version)).status_code == 200
        for team in (None, [await me(other)]):
            answer = await other.patch(one, json={"restricted_to": team}, headers=any_version)
            assert (answer.status_code, "care team" in answer.json()["detail"]) == (403, True)
        assert (await other.delete(one, headers=any_version)).status_code == 403
    assert (await client.get(one)).json()["restricted_to"] == [await me(client)]
    assert (await client.patch(one, json={"restricted_to": None}, headers=any_version)).status_code == 200
    assert (await client.delete(one, headers=any_version)).status_code == 204


async def test_nobody_shuts_themselves_out_by_a_slip(client: httpx.AsyncClient) -> None:
    own = await me(client)
    for team in ([own.upper()], ["somebody else"], []):
        answer = await client.post("/v1/patients", json={"restricted_to": team})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/restricted_to"), team
    patient = (await client.post("/v1/patients", json={})).json()["id"]
    address = f"/v1/patients/{patient}"
    answer = await client.patch(address, json={"restricted_to": ["somebody else"]}, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert (await client.get(address)).status_code == 200


async def events_of(client: httpx.AsyncClient, request_id: str) -> list[dict[str, Any]]:
    items = (await client.get("/v1/audit/events", params={"limit": 200})).json()["items"]
    return [item for item in items if item["request_id"] == request_id]


@pytest.fixture
async def alone(app: FastAPI, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of an organisation without patients, whose lists are one page."""
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, *EVERYTHING, Role.AUDITOR, organisation=elsewhere)) as http:
        yield http


async def test_a_list_and_a_search_say_in_the_audit_whom_they_showed(alone: httpx.AsyncClient) -> None:
    client = alone
    identifier = {"system": "urn:shown", "value": "SHOWN-1"}
    made = await client.post("/v1/patients", json={"identifiers": [identifier]})
    other = (await client.post("/v1/patients", json={})).json()["id"]
    listed = await client.get("/v1/patients", params={"limit": 200}, headers={"X-Request-ID": "shown-list"})
    ids = {item["id"] for item in listed.json()["items"]}
    assert {made.json()["id"], other} <= ids
    assert {event["patient_id"] for event in await events_of(client, "shown-list")} == ids
    query = {"identifier": "urn:shown|SHOWN-1"}
    await client.get("/v1/patients", params=query, headers={"X-Request-ID": "shown-search"})
    (event,) = await events_of(client, "shown-search")
    assert (event["patient_id"], event["action"]) == (made.json()["id"], "R")
    none = {"identifier": "urn:shown|NOBODY"}
    await client.get("/v1/patients", params=none, headers={"X-Request-ID": "shown-nobody"})
    assert [each["patient_id"] for each in await events_of(client, "shown-nobody")] == [None]


async def test_creating_whoever_is_there_already_is_a_read_and_needs_the_right_to_search(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    body = {"identifiers": [{"system": "urn:shown", "value": "SHOWN-2"}]}
    condition = {"If-None-Exist": "identifier=urn:shown|SHOWN-2"}
    made = await client.post("/v1/patients", json=body, headers={**condition, "X-Request-ID": "made-first"})
    again = await client.post("/v1/patients", json=body, headers={**condition, "X-Request-ID": "made-again"})
    assert (made.status_code, again.status_code) == (201, 200)
    for name, action in (("made-first", "C"), ("made-again", "R")):
        (event,) = await events_of(client, name)
        assert (event["action"], event["patient_id"]) == (action, made.json()["id"]), name
    async with client_of(app, await somebody(app, Role.CLINICIAN, scope="user/Patient.c")) as narrow:
        assert (await narrow.post("/v1/patients", json=body, headers=condition)).status_code == 403


async def test_a_key_of_one_user_is_not_one_of_a_colleague(app: FastAPI, client: httpx.AsyncClient) -> None:
    team = {"restricted_to": [await me(client)]}
    patient = (await client.post("/v1/patients", json=team)).json()["id"]
    address, key = f"/v1/patients/{patient}/kept-answers", {"Idempotency-Key": "one-key"}
    first = await client.post(address, json={}, headers=key)
    replayed = await client.post(address, json={}, headers={**key, "X-Request-ID": "replayed-own"})
    assert (first.status_code, replayed.headers["Idempotent-Replayed"]) == (201, "true")
    (event,) = await events_of(client, "replayed-own")
    assert (event["action"], event["patient_id"]) == ("R", patient)
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as colleague:
        assert (await colleague.post(address, json={}, headers=key)).status_code == 403


async def test_a_late_repeat_brings_no_erased_patient_back(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "sent-from-a-queue"}
    body = {"display_name": "From an offline queue"}
    patient = (await client.post("/v1/patients", json=body, headers=key)).json()["id"]
    whole = {"reason": "Request of the data subject.", "confirm": "erase for ever"}
    assert (await client.post(f"/v1/patients/{patient}/erasure", json=whole)).status_code == 201
    late = await client.post("/v1/patients", json=body, headers=key)
    assert (late.status_code, "erased" in late.json()["detail"]) == (410, True)


async def test_a_narrow_scope_learns_nothing_from_a_kept_answer(app: FastAPI, client: httpx.AsyncClient) -> None:
    patient = (await client.post("/v1/patients", json={})).json()["id"]
    scope = "user/DocumentReference.cruds user/Patient.r"
    async with client_of(app, await somebody(app, Role.CLINICIAN, scope=scope)) as narrow:
        assert (await narrow.post(f"/v1/patients/{patient}/kept-answers", json={})).status_code == 403
        assert (await narrow.get(f"/v1/patients/{patient}/kept-answers")).status_code == 403
