"""What is asked and not served is refused by name; what one entry of a batch does, the others do not suffer for."""

from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from interop.fhir import batches
from interop.fhir.calls import Call, Reply
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio


async def test_an_entry_of_a_batch_that_fails_by_our_fault_leaves_the_answers_of_the_others(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_call: Call) -> Reply:
        raise RuntimeError("Anna Maria Example")

    monkeypatch.setitem(batches.ACTS, ("DELETE", True), fails)
    first, last = (
        {"request": {"method": "POST", "url": "Patient"}, "resource": person(f"our fault {n}")} for n in "12"
    )
    listed = [first, {"request": {"method": "DELETE", "url": "Patient/1"}}, last]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": listed}
    answer = await client.post(BASE, json=batch, headers=JSON)
    assert answer.status_code == 200
    entries = answer.json()["entry"]
    assert [each["response"]["status"] for each in entries] == ["201", "500", "201"]
    assert entries[1]["response"]["outcome"]["issue"][0]["code"] == "exception"
    assert "Anna Maria" not in str(entries[1])
    whole = {**batch, "type": "transaction", "entry": [{**first, "resource": person("our fault 3")}, listed[1]]}
    assert (await client.post(BASE, json=whole, headers=JSON)).status_code == 500
    nobody = await client.get(f"{BASE}/Patient", params={"identifier": "urn:fhir:mrn|our fault 3"})
    assert nobody.json()["total"] == 0


async def test_what_is_looked_at_takes_the_parameters_that_it_says_and_refuses_others_by_name(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    at = f"MedicationStatement/{UUID(int=7)}"
    for path, named in (
        (f"Provenance?target={at}&recorded=ge2025", "#query/recorded"),
        ("CodeSystem?name=x", "#query/name"),
        ("ValueSet?url=x&_id=1", "#query/_id"),
        ("Observation?subject:Patient.identifier=urn:fhir:mrn|1", "#query/subject:Patient.identifier"),
    ):
        answer = await client.get(f"{BASE}/{path}")
        assert (answer.status_code, named in answer.text) == (400, True), (path, answer.text)
    assert (await client.get(f"{BASE}/Observation?subject:Patient={UUID(int=7)}")).status_code == 200
    assert (await client.get(f"{BASE}/CodeSystem?url=x&_format=json")).json()["total"] == 0
    async with client_of(app, await somebody(app, Role.AUDITOR)) as auditor:
        for asked in ("nonsense", "", "Patient/1"):
            answer = await auditor.get(f"{BASE}/AuditEvent", params={"patient": asked})
            assert (answer.status_code, "#query/patient" in answer.text) == (422, True), answer.text
        whole = f"{BASE}/AuditEvent?patient=http://test{BASE}/Patient/{UUID(int=7)}"
        assert "entry" not in (await auditor.get(whole)).json()
    stated = (await client.get(f"{BASE}/metadata")).json()["rest"][0]["resource"]
    searches = {each["type"]: [one["name"] for one in each.get("searchParam", ())] for each in stated}
    assert (searches["AuditEvent"], searches["Provenance"], searches["CodeSystem"]) == (
        ["patient"],
        ["target"],
        ["url"],
    )
    assert "searchInclude" not in next(each for each in stated if each["type"] == "AuditEvent")


async def test_everything_of_some_types_or_since_a_moment(client: httpx.AsyncClient) -> None:
    patient = f"Patient/{(await made(client, person('of some types'))).json()['id']}"
    sent = (await made(client, statement(patient))).json()
    at = f"{BASE}/{patient}/$everything"

    async def found(**asked: str) -> list[str]:
        entries = (await client.get(at, params=asked)).json().get("entry", [])
        return [each["resource"]["resourceType"] for each in entries]

    assert await found(_type="MedicationStatement,Observation") == ["MedicationStatement"]
    assert await found(_type="Patient") == ["Patient"]
    assert await found(_since=sent["meta"]["lastUpdated"]) == ["MedicationStatement"]
    assert await found(_since="2001-01-01T00:00:00Z") == ["Patient", "MedicationStatement"]
    for name, value in (("_count", "1"), ("start", "2025"), ("_type", "Coffee"), ("_since", "2025-01-01")):
        refused = await client.get(at, params={name: value})
        assert (refused.status_code, f"#query/{name}" in refused.text) == (422, True), refused.text
