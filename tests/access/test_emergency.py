"""Restricted records: closed to others, opened in an emergency for a while, marked in the audit, and reviewed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.factories import EPISODE, SERTRALINE
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio
IDENTIFIER = {"system": "urn:restricted", "value": "VIP-1"}
REASON = {"reason": "Unconscious in the emergency department."}


async def subject_of(client: httpx.AsyncClient) -> str:
    return str((await client.get("/v1/me")).json()["subject"])


@pytest.fixture
async def colleague(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as other:
        yield other


@pytest.fixture
async def auditor(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, await somebody(app, Role.AUDITOR)) as other:
        yield other


@pytest.fixture
async def restricted(client: httpx.AsyncClient) -> dict[str, Any]:
    """A patient whose record is open to `client` alone."""
    body = {"display_name": "A colleague of ours", "restricted_to": [await subject_of(client)]}
    made = (await client.post("/v1/patients", json=body)).json()
    await client.post(f"/v1/patients/{made['id']}/episodes", json=EPISODE)
    await client.post(f"/v1/patients/{made['id']}/medication-trials", json=SERTRALINE)
    return made


def addresses(patient: str) -> list[str]:
    one = f"/v1/patients/{patient}"
    rest = (
        "",
        "/history",
        "?include=episodes",
        "/episodes",
        "/medication-trials",
        "/trd-status",
        "/staging",
        "/report",
    )
    more = ("/trd-status/by-definition", "/timeline", "/timeline.svg", "/treatment-options", "/kept-answers", "/export")
    return [one + each for each in (*rest, *more)]


async def test_a_restricted_record_is_closed_to_colleagues_everywhere(
    client: httpx.AsyncClient, colleague: httpx.AsyncClient, restricted: dict[str, Any]
) -> None:
    for address in addresses(restricted["id"]):
        assert (await client.get(address)).status_code == 200, address
        answer = await colleague.get(address)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/restricted"), address
        assert "emergency-access" in answer.json()["detail"]
    one = f"/v1/patients/{restricted['id']}"
    for method, address, body in (
        ("POST", f"{one}/episodes", EPISODE),
        ("PATCH", one, {"sex": "male"}),
        ("PATCH", one, {"restricted_to": None}),
        ("DELETE", one, None),
        ("POST", f"{one}/kept-answers", {}),
    ):
        answer = await colleague.request(method, address, json=body, headers={"If-Match": "*"})
        assert answer.status_code == 403, (method, address)
    assert (await client.get(one)).json()["version"] == 1
    listed = (await colleague.get("/v1/patients", params={"limit": 200})).json()["items"]
    assert restricted["id"] not in [item["id"] for item in listed]


async def test_a_restricted_patient_is_not_found_by_identifier_but_said_to_be_closed(
    client: httpx.AsyncClient, colleague: httpx.AsyncClient
) -> None:
    body = {"identifiers": [IDENTIFIER], "restricted_to": [await subject_of(client)], "display_name": "Hidden"}
    await client.post("/v1/patients", json=body)
    answer = await colleague.get("/v1/patients", params={"identifier": "|".join(IDENTIFIER.values())})
    assert (answer.status_code, "Hidden" in answer.text) == (403, False)


async def test_an_emergency_opens_it_for_an_hour_and_marks_what_is_done(
    colleague: httpx.AsyncClient,
    auditor: httpx.AsyncClient,
    restricted: dict[str, Any],
    connection: asyncpg.Connection,
) -> None:
    one = f"/v1/patients/{restricted['id']}"
    short = await colleague.post(f"{one}/emergency-access", json={"reason": "hm"})
    assert short.status_code == 422
    opened = await colleague.post(f"{one}/emergency-access", json=REASON)
    assert opened.status_code == 201, opened.text
    grant = opened.json()["id"]
    for address in addresses(restricted["id"]):
        assert (await colleague.get(address)).status_code == 200, address
    assert (await colleague.post(f"{one}/episodes", json=EPISODE)).status_code == 201
    events = (await auditor.get("/v1/audit/events", params={"patient_id": restricted["id"], "limit": 200})).json()
    mine = [event for event in events["items"] if event["subject"] == await subject_of(colleague)]
    marked = {event["grant_id"] for event in mine if event["outcome"] < 300}
    assert marked == {grant}, "all that was done is marked"
    assert {event["action"] for event in mine if event["grant_id"]} >= {"R", "C"}
    others = [event for event in events["items"] if event["subject"] != await subject_of(colleague)]
    assert {event["grant_id"] for event in others} == {None}
    await connection.execute("UPDATE emergency_accesses SET expires_at = now() - interval '1 s' WHERE id = $1", grant)
    assert (await colleague.get(one)).status_code == 403, "the hour is over"


async def test_one_emergency_opens_one_record_to_one_person(
    app: FastAPI, client: httpx.AsyncClient, colleague: httpx.AsyncClient, restricted: dict[str, Any]
) -> None:
    await colleague.post(f"/v1/patients/{restricted['id']}/emergency-access", json=REASON)
    body = {"restricted_to": [await subject_of(client)]}
    another = (await client.post("/v1/patients", json=body)).json()["id"]
    assert (await colleague.get(f"/v1/patients/{another}")).status_code == 403
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as third:
        assert (await third.get(f"/v1/patients/{restricted['id']}")).status_code == 403


async def test_each_access_waits_for_a_review_by_somebody_else(
    app: FastAPI, colleague: httpx.AsyncClient, auditor: httpx.AsyncClient, restricted: dict[str, Any]
) -> None:
    grant = (await colleague.post(f"/v1/patients/{restricted['id']}/emergency-access", json=REASON)).json()["id"]
    waiting = await auditor.get("/v1/emergency-accesses", params={"reviewed": False, "limit": 200})
    (entry,) = [each for each in waiting.json()["items"] if each["id"] == grant]
    assert (entry["reason"], entry["reviewed_by"]) == (REASON["reason"], None)
    address = f"/v1/emergency-accesses/{grant}/review"
    reviewed = await auditor.post(address, json={"review": "Justified."})
    assert (reviewed.status_code, reviewed.json()["reviewed_by"]) == (200, await subject_of(auditor))
    assert (await auditor.post(address, json={"review": "Again."})).status_code == 409
    still = await auditor.get("/v1/emergency-accesses", params={"reviewed": False, "limit": 200})
    assert grant not in [each["id"] for each in still.json()["items"]]
    async with client_of(app, await somebody(app, Role.CLINICIAN, Role.AUDITOR)) as both:
        own = (await both.post(f"/v1/patients/{restricted['id']}/emergency-access", json=REASON)).json()["id"]
        refused = await both.post(f"/v1/emergency-accesses/{own}/review", json={"review": "I was right."})
        assert refused.status_code == 403


async def test_in_an_emergency_nobody_has_to_find_out_first_whether_a_record_is_open(
    client: httpx.AsyncClient, colleague: httpx.AsyncClient
) -> None:
    unrestricted = (await client.post("/v1/patients", json={})).json()["id"]
    assert (await colleague.post(f"/v1/patients/{unrestricted}/emergency-access", json=REASON)).status_code == 201


async def test_of_many_at_once_one_is_made_and_the_others_are_told_until_when_it_runs(
    colleague: httpx.AsyncClient, restricted: dict[str, Any], connection: asyncpg.Connection
) -> None:
    address = f"/v1/patients/{restricted['id']}/emergency-access"
    answers = await asyncio.gather(*(colleague.post(address, json=REASON) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    again = await colleague.post(address, json=REASON)
    assert (again.status_code, made["expires_at"][:19] in again.json()["detail"]) == (409, True), again.text
    await connection.execute(
        "UPDATE emergency_accesses SET expires_at = now() - interval '1 s' WHERE id = $1", made["id"]
    )
    assert (await colleague.post(address, json=REASON)).status_code == 201, "the hour is over, the emergency is not"


async def test_a_review_ends_an_access_that_is_still_running_and_leaves_the_end_of_one_that_is_over(
    colleague: httpx.AsyncClient, auditor: httpx.AsyncClient, restricted: dict[str, Any], connection: asyncpg.Connection
) -> None:
    one = f"/v1/patients/{restricted['id']}"
    first = (await colleague.post(f"{one}/emergency-access", json=REASON)).json()
    assert (await colleague.get(one)).status_code == 200
    reviewed = await auditor.post(f"/v1/emergency-accesses/{first['id']}/review", json={"review": "Not justified."})
    assert reviewed.json()["expires_at"] < first["expires_at"]
    assert (await colleague.get(one)).status_code == 403
    second = (await colleague.post(f"{one}/emergency-access", json=REASON)).json()
    over = await connection.fetchval(
        "UPDATE emergency_accesses SET expires_at = now() - interval '1 h' WHERE id = $1 RETURNING expires_at",
        second["id"],
    )
    reviewed = await auditor.post(f"/v1/emergency-accesses/{second['id']}/review", json={"review": "Justified."})
    assert datetime.fromisoformat(reviewed.json()["expires_at"]) == over


async def test_machines_and_the_patient_are_not_bound_by_the_restriction(
    app: FastAPI, restricted: dict[str, Any]
) -> None:
    own = await somebody(app, Role.PATIENT, own_patient_id=UUID(restricted["id"]))
    async with client_of(app, own) as patient:
        assert (await patient.get(f"/v1/patients/{restricted['id']}/trd-status")).status_code == 200
