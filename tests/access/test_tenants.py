"""Another organisation's records do not exist: in any route, list, search, cursor, history, report, key or error."""

import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from api.openapi_examples import PATIENT as EXAMPLE_PATIENT
from tests.access.test_sweep import PRIVATE, Line
from tests.factories import OF_EACH_KIND, SERTRALINE
from tests.signed_in import client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
EVERYBODY = tuple(role for role in Role if role is not Role.PATIENT)
IDENTIFIER = {"system": "urn:tenants", "value": "MARKED-4711"}
NAME = "Marked Patient Name"
NDJSON = {"Content-Type": "application/fhir+ndjson"}
RECORDS = {**OF_EACH_KIND, "kept-answers": {"note": "Marked note."}}


class Theirs(NamedTuple):
    """What an organisation keeps: a client of its own, a patient, and a record of each kind."""

    client: httpx.AsyncClient
    patient: str
    records: dict[str, str]
    user: str

    async def everything(self) -> dict[str, Any]:
        """All that is held, to see afterwards that nothing changed. The audit grows with each look."""
        held = (await self.client.get(f"/v1/patients/{self.patient}/export")).json()
        return {"versions": held["versions"]}


@pytest.fixture(scope="module")
async def theirs(app: FastAPI) -> AsyncIterator[Theirs]:
    async with client_of(app, await somebody(app, *EVERYBODY)) as client:
        made = await client.post("/v1/patients", json={"identifiers": [IDENTIFIER], "display_name": NAME})
        patient = made.json()["id"]
        records = {}
        for kind, body in RECORDS.items():
            answer = await client.post(f"/v1/patients/{patient}/{kind}", json=body)
            assert answer.status_code == 201, answer.text
            records[kind] = answer.json()["id"]
        body = {"reason": "To have one to look for."}
        records["emergency-accesses"] = (
            await client.post(f"/v1/patients/{patient}/emergency-access", json=body)
        ).json()["id"]
        sent = await client.post("/v1/imports", content=b'{"resourceType": "Group"}\n', headers=NDJSON)
        assert sent.status_code == 202, sent.text
        records["imports"] = sent.json()["id"]
        yield Theirs(client, patient, records, (await client.get("/v1/me")).json()["subject"])


@pytest.fixture
async def stranger(app: FastAPI, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody of another organisation, new for each test, who may do everything there."""
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, *EVERYBODY, organisation=elsewhere)) as client:
        yield client


def address_of(line: Line, theirs: Theirs) -> str | None:
    """The path of an operation on what is theirs; None where it names nothing of an organisation."""
    kind = next((kind for kind in theirs.records if f"/{kind}/" in line.path), "")
    record = theirs.user if "/users/" in line.path else theirs.records.get(kind, theirs.user)
    values = {"patient_id": theirs.patient, "record_id": record}
    if not any(f"{{{name}}}" in line.path for name in values):
        return None
    return line.path.format(**values)


BODIES: dict[str, Any] = {
    "create_emergency_access": {"reason": "Just to have a look at it."},
    "erase_patient": {"reason": "Somebody else's patient.", "confirm": "erase for ever"},
    "prepare_app_launch": {"client_id": "0192f0c1-bbbb-7c1f-9a3c-5d2e8f4b6a1b"},
    "review_emergency_access": {"review": "Reviewed by a stranger."},
    "sign_kept_answer": {"signed_by": "A stranger", "meaning": "reviewer"},
    "set_password": {"password": "three calm otters swim"},
}


def body_of(line: Line) -> Any:  # noqa: ANN401 - any JSON
    """A body that would be stored if the record were one's own."""
    if line.operation in BODIES or line.method == "GET":
        return BODIES.get(line.operation)
    kind = next((kind for kind in RECORDS if line.path.split("/{record_id}")[0].endswith(f"/{kind}")), "")
    if line.method == "PATCH":
        return {"note": "Changed."} if kind in {"medication-trials", "treatments", "external-scores"} else {}
    return RECORDS.get(kind, {}) if line.method == "POST" else None


async def test_nothing_of_another_organisation_is_found_read_changed_or_removed(
    theirs: Theirs, stranger: httpx.AsyncClient
) -> None:
    before, tried = await theirs.everything(), 0
    for line in PRIVATE:
        address = address_of(line, theirs)
        if address is None:
            continue
        headers = {"If-Match": "*", "Idempotency-Key": f"t-{tried}"}
        answer = await stranger.request(line.method, address, json=body_of(line), headers=headers)
        tried += 1
        assert answer.status_code == 404, (line.operation, answer.status_code, answer.text)
        assert NAME not in answer.text
        assert IDENTIFIER["value"] not in answer.text
    assert tried > 60
    assert await theirs.everything() == before


async def test_the_same_addresses_are_found_by_those_whose_they_are(theirs: Theirs) -> None:
    """The other side of the test above: it is not for a wrong address that nothing is found."""
    for line in PRIVATE:
        address = address_of(line, theirs)
        if address is not None and line.method == "GET" and "/clients/" not in address and "/erasures/" not in address:
            assert (await theirs.client.get(address)).status_code == 200, line.operation


async def test_lists_searches_and_counts_are_of_ones_own_organisation(
    theirs: Theirs, stranger: httpx.AsyncClient
) -> None:
    marks = (theirs.patient, NAME, IDENTIFIER["value"], theirs.user, *theirs.records.values())
    for line in PRIVATE:
        if line.method == "GET" and "{" not in line.path and line.operation != "read_crosswalk":
            answer = await stranger.get(line.path)
            assert answer.status_code == 200, line.operation
            # The audit has one's own attempts, with the ids that one sent oneself.
            asked = marks if line.operation != "list_audit_events" else (NAME, IDENTIFIER["value"])
            assert not [mark for mark in asked if mark in answer.text], line.operation
    searched = await stranger.get("/v1/patients", params={"identifier": "|".join(IDENTIFIER.values())})
    assert searched.json()["items"] == []
    events = await stranger.get("/v1/audit/events", params={"patient_id": theirs.patient, "limit": 200})
    assert {event["subject"] for event in events.json()["items"]} <= {await me(stranger)}, "one's own attempts alone"


async def me(client: httpx.AsyncClient) -> str:
    return str((await client.get("/v1/me")).json()["subject"])


async def test_an_identifier_and_a_key_are_free_whatever_another_organisation_has(
    theirs: Theirs, stranger: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "the-very-same-key"}
    body = {"identifiers": [IDENTIFIER]}
    mine = await stranger.post("/v1/patients", json=body, headers=key)
    assert mine.status_code == 201
    assert mine.json()["id"] != theirs.patient
    again = await theirs.client.post("/v1/patients", json={"sex": "male"}, headers=key)
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (201, False)


async def test_a_cursor_of_another_organisation_opens_nothing(theirs: Theirs, stranger: httpx.AsyncClient) -> None:
    for _ in range(2):
        await theirs.client.post("/v1/patients", json={})
    cursor = (await theirs.client.get("/v1/patients", params={"limit": 1})).json()["next_cursor"]
    answer = await stranger.get("/v1/patients", params={"cursor": cursor, "limit": 200})
    assert theirs.patient not in answer.text
    ours = (await theirs.client.get("/v1/patients", params={"limit": 200})).json()["items"]
    assert not {item["id"] for item in answer.json().get("items", [])} & {item["id"] for item in ours}


async def test_an_id_that_another_organisation_uses_can_be_used(theirs: Theirs, stranger: httpx.AsyncClient) -> None:
    answer = await stranger.post("/v1/patients", json={"id": theirs.patient, "display_name": "Mine"})
    assert answer.status_code == 201, "a refusal would tell that there is such a patient"
    assert (await stranger.get(f"/v1/patients/{theirs.patient}")).json()["display_name"] == "Mine"
    assert (await theirs.client.get(f"/v1/patients/{theirs.patient}")).json()["display_name"] == NAME


async def test_a_reference_to_another_organisations_record_is_refused_as_one_to_nothing(
    theirs: Theirs, stranger: httpx.AsyncClient
) -> None:
    own = (await stranger.post("/v1/patients", json={})).json()["id"]
    answers = []
    for episode in (theirs.records["episodes"], EXAMPLE_PATIENT):
        body = {**SERTRALINE, "episode_id": episode}
        answer = await stranger.post(f"/v1/patients/{own}/medication-trials", json=body)
        answers.append({**answer.json(), "request_id": ""})
    assert answers[0] == answers[1], json.dumps(answers)
    assert answers[0]["status"] == 422
    assert UUID(own)
