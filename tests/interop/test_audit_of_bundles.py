"""Whoever was read by an entry of a Bundle or by a condition is in the audit as read, whatever was written besides.

And whoever an entry was refused for is in it with the status of the refusal.
"""

import base64
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio


async def patient(fhir: httpx.AsyncClient, mark: str) -> str:
    return str((await made(fhir, person(mark))).json()["id"])


async def events_of(app: FastAPI, patient_id: str) -> list[dict[str, Any]]:
    """All that the audit says of a patient."""
    async with client_of(app, await somebody(app, Role.AUDITOR)) as auditor:
        answer = await auditor.get("/v1/audit/events", params={"patient_id": patient_id})
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


async def reads_of(app: FastAPI, patient_id: str) -> list[str]:
    """The operations by which a patient was read."""
    return [each["operation"] for each in await events_of(app, patient_id) if each["action"] == "R"]


async def said_of(app: FastAPI, patient_id: str, request_id: str) -> list[tuple[str, str, int]]:
    """What the audit says that one request did of a patient: operation, action and outcome."""
    events = [each for each in await events_of(app, patient_id) if each["request_id"] == request_id]
    return [(each["operation"], each["action"], each["outcome"]) for each in events]


def asks(url: str) -> dict[str, Any]:
    return {"request": {"method": "GET", "url": url}}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize("looks", ["Patient/{}", "MedicationStatement?patient={}", "Patient/{}/_history/1"])
async def test_a_bundle_that_writes_for_one_and_reads_of_another_is_in_the_audit_of_both(
    app: FastAPI, client: httpx.AsyncClient, kind: str, looks: str
) -> None:
    written, read = await patient(client, f"written {kind} {looks}"), await patient(client, f"read {kind} {looks}")
    write = {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": statement(f"Patient/{written}")}
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [asks(looks.format(read)), write]}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    assert await reads_of(app, read) == ["fhir_bundle"]
    assert await reads_of(app, written) == []


async def test_whoever_a_reference_by_a_condition_finds_was_read(app: FastAPI, client: httpx.AsyncClient) -> None:
    written, found = await patient(client, "refers"), await patient(client, "is referred to")
    resource = statement(f"Patient/{written}", partOf=[{"reference": "Patient?identifier=urn:fhir:mrn|is referred to"}])
    write = {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": resource}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [write]}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    assert await reads_of(app, found) == ["fhir_bundle"]


async def test_a_batch_that_only_reads_is_in_the_audit_once_for_each_patient(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    one, other = await patient(client, "one of two"), await patient(client, "other of two")
    entries = [asks(f"Patient/{one}"), asks(f"Patient/{other}"), asks(f"MedicationStatement?patient={one}")]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    assert (await reads_of(app, one), await reads_of(app, other)) == (["fhir_bundle"], ["fhir_bundle"])


CODE = "http://hl7.org/fhir/sid/icd-10-cm|F32.2"


def condition(patient_id: str) -> dict[str, Any]:
    system, _, code = CODE.partition("|")
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "onsetDateTime": "2024-05-01",
    }


def rating(patient_id: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": "2025-01-12",
        "valueInteger": 18,
    }


def posts(resource: dict[str, Any], **conditions: str) -> dict[str, Any]:
    return {"request": {"method": "POST", "url": resource["resourceType"], **conditions}, "resource": resource}


async def sends(client: httpx.AsyncClient, kind: str, *entries: dict[str, Any]) -> tuple[list[str], str]:
    """The status of each entry of a Bundle, and the id of the request."""
    bundle, name = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, uuid4().hex
    answer = await client.post(BASE, json=bundle, headers={**JSON, "X-Request-ID": name})
    assert answer.status_code == 200, answer.text
    return [each["response"]["status"][:3] for each in answer.json()["entry"]], name


@pytest.mark.parametrize("found", [False, True], ids=["finds nothing", "finds one"])
async def test_whoever_a_condition_on_a_create_names_was_read(
    app: FastAPI, client: httpx.AsyncClient, *, found: bool
) -> None:
    written, named = await patient(client, f"is created {found}"), await patient(client, f"is named by it {found}")
    if found:
        await made(client, condition(named))
    name = uuid4().hex
    headers = {"If-None-Exist": f"patient={named}&code={CODE}", "X-Request-ID": name}
    answer = await made(client, condition(written), **headers)
    assert answer.status_code == (200 if found else 201)
    assert await said_of(app, named, name) == [("fhir_create_Condition", "R", 200)]
    made_of_it = {(action, outcome) for _, action, outcome in await said_of(app, written, name)}
    assert made_of_it == (set() if found else {("C", 201)})


@pytest.mark.parametrize("found", [False, True], ids=["finds nothing", "finds one"])
async def test_whoever_a_condition_on_a_change_names_was_read(
    app: FastAPI, client: httpx.AsyncClient, *, found: bool
) -> None:
    written, named = await patient(client, f"is changed {found}"), await patient(client, f"is named by that {found}")
    if found:
        await made(client, condition(named))
    name = uuid4().hex
    asked, headers = {"patient": named, "code": CODE}, {**JSON, "X-Request-ID": name}
    answer = await client.put(f"{BASE}/Condition", params=asked, json=condition(written), headers=headers)
    status = 422 if found else 201  # what is found is of another patient, whom a resource keeps
    assert answer.status_code == status, answer.text
    assert await said_of(app, named, name) == [("fhir_replace_Condition", "R", status if found else 200)]
    made_of_it = {(action, outcome) for _, action, outcome in await said_of(app, written, name)}
    assert made_of_it == (set() if found else {("C", 201)})


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize("found", [False, True], ids=["finds nothing", "finds one"])
async def test_whoever_a_condition_of_an_entry_names_was_read(
    app: FastAPI, client: httpx.AsyncClient, kind: str, *, found: bool
) -> None:
    written, named = await patient(client, f"entry {kind} {found}"), await patient(client, f"named {kind} {found}")
    if found:
        await made(client, condition(named))
    unless = posts(condition(written), ifNoneExist=f"patient={named}&code={CODE}")
    statuses, name = await sends(client, kind, posts(statement(f"Patient/{written}")), unless)
    assert statuses == ["201", "200" if found else "201"]
    assert await said_of(app, named, name) == [("fhir_bundle", "R", 200)]
    assert {action for _, action, _ in await said_of(app, written, name)} == {"C"}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_whoever_the_address_of_a_put_in_a_bundle_names_was_read(
    app: FastAPI, client: httpx.AsyncClient, kind: str
) -> None:
    written, named = await patient(client, f"put {kind}"), await patient(client, f"named by a put {kind}")
    asked = {"method": "PUT", "url": f"Condition?patient={named}&code={CODE}"}
    statuses, name = await sends(client, kind, {"request": asked, "resource": condition(written)})
    assert statuses == ["201"]
    assert await said_of(app, named, name) == [("fhir_bundle", "R", 200)]


def fails_a_test(reference: str) -> dict[str, Any]:
    """A JSON Patch of what is not so, in a Binary."""
    patch = [{"op": "test", "path": "/status", "value": "amended"}]
    binary = {"resourceType": "Binary", "data": base64.b64encode(orjson.dumps(patch)).decode()}
    return {"request": {"method": "PATCH", "url": reference, "ifMatch": 'W/"1"'}, "resource": binary}


@pytest.mark.parametrize("writes_first", [True, False])
async def test_whoever_a_patch_was_refused_for_is_in_the_audit_with_the_refusal(
    app: FastAPI, client: httpx.AsyncClient, *, writes_first: bool
) -> None:
    written = await patient(client, f"beside a refusal {writes_first}")
    refused = await patient(client, f"refused a patch {writes_first}")
    sent = (await made(client, rating(refused))).json()
    entries = [posts(statement(f"Patient/{written}")), fails_a_test(f"Observation/{sent['id']}")]
    statuses, name = await sends(client, "batch", *(entries if writes_first else entries[::-1]))
    assert sorted(statuses) == ["201", "422"]
    assert await said_of(app, refused, name) == [("fhir_bundle", "E", 422)]
    assert {(action, outcome) for _, action, outcome in await said_of(app, written, name)} == {("C", 201)}


async def test_a_batch_of_nothing_but_a_refusal_is_in_the_audit_as_refused(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    refused, read = await patient(client, "refused alone"), await patient(client, "read beside the refused")
    sent = (await made(client, rating(refused))).json()
    statuses, name = await sends(client, "batch", fails_a_test(f"Observation/{sent['id']}"), asks(f"Patient/{read}"))
    assert statuses == ["422", "200"]
    assert await said_of(app, refused, name) == [("fhir_bundle", "E", 422)]
    assert await said_of(app, read, name) == [("fhir_bundle", "R", 200)]


@pytest.mark.parametrize("writes", [True, False])
async def test_whoever_is_closed_to_an_entry_is_in_the_audit_as_refused(
    app: FastAPI, client: httpx.AsyncClient, *, writes: bool
) -> None:
    team = {"restricted_to": [str((await client.get("/v1/me")).json()["subject"])]}
    closed = (await client.post("/v1/patients", json=team)).json()["id"]
    written = await patient(client, f"beside the closed {writes}")
    also = posts(statement(f"Patient/{written}")) if writes else asks(f"Patient/{written}")
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as outsider:
        statuses, name = await sends(outsider, "batch", also, asks(f"Patient/{closed}"))
    assert statuses == ["201" if writes else "200", "403"]
    assert await said_of(app, closed, name) == [("fhir_bundle", "R", 403)]


async def test_a_write_for_whoever_is_closed_is_in_the_audit_as_refused(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    team = {"restricted_to": [str((await client.get("/v1/me")).json()["subject"])]}
    closed = (await client.post("/v1/patients", json=team)).json()["id"]
    written = await patient(client, "beside a write for the closed")
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as outsider:
        entries = [posts(statement(f"Patient/{each}")) for each in (written, closed)]
        statuses, name = await sends(outsider, "batch", *entries)
    assert statuses == ["201", "403"]
    assert await said_of(app, closed, name) == [("fhir_bundle", "E", 403)]
