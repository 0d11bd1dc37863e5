"""What clients send beside the resource: headers, parameters about the answer, other spellings of an address."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request

from interop.fhir.address import base_of
from interop.fhir.subsets import IN_PART
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
MEDICINE = {"medicationCodeableConcept": {"text": "sertraline 50 mg"}}
ORDER = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", **MEDICINE}


@pytest.fixture(scope="module")
async def fhir(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, await somebody(app)) as client:
        yield client


@pytest.fixture
async def patient(fhir: httpx.AsyncClient, request: pytest.FixtureRequest) -> str:
    """The reference of a new patient."""
    return f"Patient/{(await made(fhir, person(request.node.name))).json()['id']}"


async def test_what_is_served_and_our_definitions_are_open_to_anybody(app: FastAPI) -> None:
    async with client_of(app, None) as anybody:
        said = (await anybody.get(f"{BASE}/metadata")).json()
        assert (said["resourceType"], said["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
        for kind in ("CodeSystem", "ValueSet", "StructureDefinition", "OperationDefinition"):
            listed = (await anybody.get(f"{BASE}/{kind}")).json()
            first = listed["entry"][0]["resource"]
            assert (await anybody.get(f"{BASE}/{kind}/{first['id']}")).json() == first
            named = (await anybody.get(f"{BASE}/{kind}", params={"url": first["url"]})).json()
            assert [each["resource"]["id"] for each in named["entry"]] == [first["id"]]
        assert (await anybody.get(f"{BASE}/CodeSystem/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "Patient"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("return=presentation, respond-async", "Patient"),
    ],
)
async def test_as_much_comes_back_as_is_preferred(fhir: httpx.AsyncClient, prefer: str, kind: str | None) -> None:
    answer = await made(fhir, person(prefer), Prefer=prefer)
    assert answer.status_code == 201
    assert urlsplit(answer.headers["Location"]).path.endswith("/_history/1")
    assert (answer.json()["resourceType"] if answer.content else None) == kind


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/fhir+json; charset=UTF-8"},
        {"Content-Type": "application/json;charset=utf-8", "Accept": "application/json, text/plain, */*"},
        {"Content-Type": "application/fhir+json; fhirVersion=4.0", "Accept": "application/fhir+json; fhirVersion=4.0"},
        {"Content-Type": "application/json+fhir", "Accept-Charset": "UTF-8", "X-Medplum": "extended"},
    ],
    ids=str,
)
async def test_media_types_are_read_as_clients_write_them(fhir: httpx.AsyncClient, headers: dict[str, str]) -> None:
    sent = person(str(headers))
    answer = await fhir.post(f"{BASE}/Patient/", json=sent, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/fhir+json")
    for asked in ("json", "text/json", "application/fhir+json", "application/fhir json"):
        found = await fhir.get(f"{BASE}/Patient/", params={"_format": asked, "_id": answer.json()["id"]})
        assert found.json()["total"] == 1


async def test_head_tells_what_get_would_and_etags_may_lack_their_marks(fhir: httpx.AsyncClient, patient: str) -> None:
    told = await fhir.head(f"{BASE}/{patient}")
    assert (told.status_code, told.headers["ETag"], told.headers["Last-Modified"][-3:]) == (200, 'W/"1"', "GMT")
    for tag in ("1", "W/1", '"1"', 'W/"1"', "7, 1"):
        assert (await fhir.get(f"{BASE}/{patient}", headers={"If-None-Match": tag})).status_code == 304
    refused = await fhir.request("OPTIONS", f"{BASE}/{patient}")
    assert (refused.status_code, refused.json()["resourceType"]) == (405, "OperationOutcome")
    assert refused.headers["Allow"] == "DELETE, GET, PATCH, PUT"


async def test_a_search_may_be_counted_alone(fhir: httpx.AsyncClient, patient: str) -> None:
    for month in (1, 2, 3):
        await made(fhir, statement(patient, effectivePeriod={"start": f"2025-0{month}-01"}))
    for more in ({"_summary": "count"}, {"_count": 0}, {"_count": 0, "_totalMethod": "count"}):
        told = (await fhir.get(f"{BASE}/MedicationStatement", params={"patient": patient, **more})).json()
        assert (told["total"], "entry" in told, len(told["link"])) == (3, False, 1)
    assert "total" not in (await fhir.get(f"{BASE}/MedicationStatement", params={"_count": 1})).json()
    for wrong in ({"_summary": "short"}, {"_total": "roughly"}):
        refused = await fhir.get(f"{BASE}/MedicationStatement", params={"patient": patient, **wrong})
        assert (refused.status_code, "Send one of" in refused.text) == (400, True)
    alone = await fhir.get(f"{BASE}/{patient}", params={"_summary": "count"})
    assert (alone.status_code, "search for it" in alone.text) == (422, True)


async def test_a_whole_organisation_is_counted_stretch_by_stretch_and_not_without_end(
    app: FastAPI, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = await new_organisation(database_url)
    monkeypatch.setattr("interop.fhir.searching.LOOKED_AT_ONCE", 2)
    async with client_of(app, await somebody(app, organisation=elsewhere)) as fhir:
        patient = (await made(fhir, person("counted"))).json()["id"]
        for _ in range(5):
            await made(fhir, {**ORDER, "subject": {"reference": f"Patient/{patient}"}})
        counted = {"_summary": "count"}
        assert (await fhir.get(f"{BASE}/MedicationRequest", params=counted)).json()["total"] == 5
        monkeypatch.setattr("interop.fhir.searching.MOST_COUNTED", 4)
        refused = await fhir.get(f"{BASE}/MedicationRequest", params=counted)
        assert (refused.status_code, "Count by patient" in refused.text) == (422, True)
        page = await fhir.get(f"{BASE}/MedicationRequest", params={"_total": "accurate"})
        assert (page.status_code, "total" in page.json(), len(page.json()["entry"])) == (200, False, 5)


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"_elements": "dosage"}, "dosage"),
        ({"_elements": "effective,note"}, "effectivePeriod note"),
        ({"_summary": "true"}, "effectivePeriod"),
        ({"_summary": "text"}, "text"),
        ({"_summary": "data"}, "dosage effectivePeriod note"),
    ],
    ids=str,
)
async def test_a_part_is_tagged_as_one_and_is_not_taken_for_the_whole(
    fhir: httpx.AsyncClient, patient: str, asked: dict[str, Any], there: str
) -> None:
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Sertraline</div>'}
    whole = (await made(fhir, statement(patient, text=narrative))).json()
    at = f"{BASE}/MedicationStatement/{whole['id']}"
    found = (await fhir.get(f"{BASE}/MedicationStatement", params={"patient": patient, **asked})).json()
    part = found["entry"][0]["resource"]
    needed = {"resourceType", "id", "meta", "status", "subject", "medicationCodeableConcept"}
    assert set(part) == needed | set(there.split())
    assert part["meta"]["tag"] == [IN_PART]
    assert (await fhir.get(at, params=asked)).json() == part
    assert (await fhir.get(at, params={"_summary": "false", "_format": "json"})).json() == whole
    back = await fhir.put(at, json=part, headers=JSON)
    assert (back.status_code, "SUBSETTED" in back.text) == (422, True)


async def test_a_patient_is_a_compartment(fhir: httpx.AsyncClient, patient: str) -> None:
    await made(fhir, statement(patient))
    for kind, number in (("MedicationStatement", 1), ("Observation", 0)):
        assert (await fhir.get(f"{BASE}/{patient}/{kind}")).json()["total"] == number
    narrowed = await fhir.get(f"{BASE}/{patient}/MedicationStatement", params={"effective": "gt2030"})
    assert narrowed.json()["total"] == 0


async def test_a_condition_may_stand_in_the_address(fhir: httpx.AsyncClient) -> None:
    at = f"{BASE}/Patient?identifier=urn:fhir:mrn|in-the-address&_format=json"
    answers = [await fhir.post(at, json=person("in-the-address"), headers=JSON) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await fhir.post(f"{BASE}/Patient?_format=json", json=person("free"), headers=JSON)).status_code == 201


@pytest.mark.parametrize(
    "media", ["application/merge-patch+json", "application/json", "application/json; charset=utf-8"]
)
async def test_a_part_of_a_resource_may_be_sent_as_it_shall_be(
    fhir: httpx.AsyncClient, patient: str, media: str
) -> None:
    whole = (await made(fhir, statement(patient, effectivePeriod={"start": "2025-01", "end": "2025-03"}))).json()
    at, headers = f"{BASE}/MedicationStatement/{whole['id']}", {"Content-Type": media}
    part: dict[str, Any] = {"note": None, "effectivePeriod": {"end": "2025-04"}, "category": {"text": "outpatient"}}
    assert (await fhir.patch(at, json=part, headers=headers)).status_code == 428
    done = await fhir.patch(at, json=part | {"meta": {"versionId": "1"}}, headers=headers)
    after = whole | part | {"effectivePeriod": {"start": "2025-01", "end": "2025-04"}, "meta": done.json()["meta"]}
    del after["note"]
    assert (done.status_code, done.json()) == (200, after)
    stale = await fhir.patch(at, json=part | {"meta": {"versionId": "1"}}, headers=headers)
    assert (stale.status_code, stale.json()["issue"][0]["code"]) == (412, "conflict")
    for odd, status in ((part | {"meta": "2"}, 428), ("text", 428), ([1], 428)):
        assert (await fhir.patch(at, json=odd, headers=headers)).status_code == status
    for odd in ("text", [1], [{"op": "remove", "path": "/nowhere"}], {"status": {"a": 1}}):
        refused = await fhir.patch(at, json=odd, headers={**headers, "If-Match": "*"})
        assert (refused.status_code, refused.json()["resourceType"]) == (422, "OperationOutcome")


def created(*marks: str) -> dict[str, Any]:
    """A transaction that creates these patients if they are absent."""
    entries = [
        {"resource": person(mark), "request": {"method": "POST", "url": f"Patient?identifier=urn:fhir:mrn|{mark}"}}
        for mark in marks
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def test_transactions_that_create_the_same_patients_in_another_order_wait_for_each_other(
    fhir: httpx.AsyncClient,
) -> None:
    for number in range(3):
        one, other = f"one-{number}", f"other-{number}"
        sent = [created(one, other), created(other, one)] * 4
        done = await asyncio.gather(*(fhir.post(BASE, json=each, headers=JSON) for each in sent))
        assert [answer.status_code for answer in done] == [200] * len(sent)
        statuses = sorted(each["response"]["status"] for answer in done for each in answer.json()["entry"])
        assert statuses == ["200"] * (len(statuses) - 2) + ["201", "201"]


async def test_a_clash_within_a_transaction_refuses_the_whole(fhir: httpx.AsyncClient) -> None:
    await made(fhir, person("clash"))
    bundle = created("before-the-clash", "of-nobody")
    bundle["entry"][1]["resource"] = person("clash")
    refused = await fhir.post(BASE, json=bundle, headers=JSON)
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (409, "conflict")
    asked = {"identifier": "urn:fhir:mrn|before-the-clash"}
    assert (await fhir.get(f"{BASE}/Patient", params=asked)).json()["total"] == 0
    renamed = {**person("by-condition"), "gender": "male"}
    request = {"method": "PUT", "url": "Patient?identifier=urn:fhir:mrn|by-condition"}
    changing = {**bundle, "entry": [{"resource": renamed, "request": request}]}
    statuses = [(await fhir.post(BASE, json=changing, headers=JSON)).json()["entry"][0] for _ in range(2)]
    assert [each["response"]["status"] for each in statuses] == ["201", "200"]


@pytest.mark.parametrize(
    ("public", "host", "base"),
    [
        ("http://127.0.0.1:8000", "localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000", "[::1]:8000", "http://[::1]:8000"),
        ("http://localhost", "127.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1:8000", "localhost:9000", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000", "evil.example", "http://127.0.0.1:8000"),
        ("https://clinic.example", "localhost", "https://clinic.example"),
        ("https://clinic.example", "evil.example", "https://clinic.example"),
    ],
)
def test_links_have_the_public_address_or_the_name_of_this_machine_that_was_asked_for(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, public: str, host: str, base: str
) -> None:
    monkeypatch.setattr(app.state.service.issuer, "url", public)
    scope = {"type": "http", "app": app, "headers": [(b"host", host.encode())]}
    assert base_of(Request(scope)) == f"{base}{BASE}"
