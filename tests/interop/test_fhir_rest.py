"""FHIR as an integrator uses it: create, read, search with pages, change with conflicts, bundles, answers."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.factories import SERTRALINE
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio
BASE = "/fhir/R4"
JSON = {"Content-Type": "application/fhir+json"}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture(scope="module")
async def fhir(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, await somebody(app)) as client:
        yield client


def person(mark: str) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:fhir:mrn", "value": mark}],
        "name": [{"family": "Example", "given": ["Anna", "Maria"]}],
        "birthDate": "1984-03",
        "gender": "female",
        "address": [{"city": "Bern"}],
    }


def statement(patient: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any element
    return {
        "resourceType": "MedicationStatement",
        "status": "stopped",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "36437"}], "text": "sertraline"},
        "subject": {"reference": patient},
        "effectivePeriod": {"start": "2025-01-10", "end": "2025-03-28"},
        "dosage": [
            {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
             "doseAndRate": [{"doseQuantity": {"value": 100, "unit": "mg"}}]}
        ],
        "note": [{"text": "Kept as it was sent."}],
        **more,
    }  # fmt: skip


async def made(fhir: httpx.AsyncClient, resource: dict[str, Any], **headers: str) -> httpx.Response:
    answer = await fhir.post(f"{BASE}/{resource['resourceType']}", json=resource, headers={**JSON, **headers})
    assert answer.status_code in {200, 201}, answer.text
    return answer


@pytest.fixture
async def patient(fhir: httpx.AsyncClient, request: pytest.FixtureRequest) -> str:
    """The reference of a new patient."""
    return f"Patient/{(await made(fhir, person(request.node.name))).json()['id']}"


async def test_what_is_sent_comes_back_as_it_was_sent(fhir: httpx.AsyncClient, patient: str) -> None:
    for sent in (person("again"), statement(patient)):
        answer = await made(fhir, sent)
        got = (await fhir.get(answer.headers["Location"])).json()
        assert {key: value for key, value in got.items() if key not in {"id", "meta"}} == sent
        assert answer.headers["ETag"] == 'W/"1"'
        at = f"{BASE}/{sent['resourceType']}/{got['id']}"
        assert (await fhir.get(at, headers={"If-None-Match": 'W/"1"'})).status_code == 304


async def test_a_statement_is_a_trial_of_the_json_edge_and_each_shows_what_the_other_changes(
    fhir: httpx.AsyncClient, patient: str
) -> None:
    sent = (await made(fhir, statement(patient))).json()
    trial = f"/v1/{patient.replace('Patient', 'patients')}/medication-trials/{sent['id']}"
    said = (await fhir.get(trial)).json()
    assert (said["medication"]["ingredient"], said["daily_dose_mg"], said["ended"]) == ("sertraline", 100, "2025-03-28")
    change = {"stop_reason": "lack_of_efficacy", "ended": "2025-04-01"}
    await fhir.patch(trial, json=change, headers={"If-Match": '"1"'})
    got = (await fhir.get(f"{BASE}/MedicationStatement/{sent['id']}")).json()
    assert (got["meta"]["versionId"], got["effectivePeriod"]["end"]) == ("2", "2025-04-01")
    assert got["note"] == sent["note"]
    assert got["statusReason"]
    before = (await fhir.get(f"{BASE}/MedicationStatement/{sent['id']}/_history/1")).json()
    assert before["effectivePeriod"]["end"] == "2025-03-28"


async def test_a_change_needs_the_version_that_it_was_made_from(fhir: httpx.AsyncClient, patient: str) -> None:
    sent = (await made(fhir, statement(patient))).json()
    at = f"{BASE}/MedicationStatement/{sent['id']}"
    longer = {**sent, "effectivePeriod": {"start": "2025-01-10", "end": "2025-05-01"}}
    unversioned = {**longer, "meta": {}}
    assert (await fhir.put(at, json=unversioned, headers=JSON)).status_code == 428
    first = await fhir.put(at, json=longer, headers={**JSON, "If-Match": 'W/"1"'})
    assert (first.status_code, first.json()["effectivePeriod"]["end"]) == (200, "2025-05-01")
    stale = await fhir.put(at, json=sent, headers={**JSON, "If-Match": 'W/"1"'})
    assert (stale.status_code, stale.json()["issue"][0]["code"]) == (412, "conflict")
    unseen = await fhir.put(at, json=sent, headers=JSON)  # no header: the version is the one in the resource
    assert (unseen.status_code, unseen.json()["issue"][0]["code"]) == (409, "conflict")
    bare = await fhir.put(at, json=unversioned, headers={**JSON, "If-Match": "W/2"})
    assert (bare.status_code, bare.json()["meta"]["versionId"]) == (200, "3")
    patched = await fhir.patch(
        at,
        content='[{"op": "replace", "path": "/note/0/text", "value": "Changed."}]',
        headers={"Content-Type": "application/json-patch+json", "If-Match": 'W/"3"'},
    )
    assert (patched.status_code, patched.json()["note"][0]["text"]) == (200, "Changed.")
    assert (await fhir.delete(at, headers={"If-Match": 'W/"4"'})).status_code == 204
    assert (await fhir.get(at)).status_code == 410
    listed = (await fhir.get(f"{at}/_history")).json()["entry"]
    assert [each["request"]["method"] for each in listed] == ["DELETE", "PUT", "PUT", "PUT", "POST"]
    assert listed[-1]["resource"]["medicationCodeableConcept"] == sent["medicationCodeableConcept"]


async def test_a_search_goes_on_page_by_page(fhir: httpx.AsyncClient, patient: str) -> None:
    for month in range(1, 6):
        period = {"start": f"2025-0{month}-01", "end": f"2025-0{month}-20"}
        await made(fhir, statement(patient, effectivePeriod=period))
    asked: dict[str, Any] = {"patient": patient, "_count": 2, "_include": "MedicationStatement:patient"}
    found, page = [], (await fhir.get(f"{BASE}/MedicationStatement", params=asked)).json()
    assert (page["total"], len([each for each in page["entry"] if each["search"]["mode"] == "include"])) == (5, 1)
    while True:
        found += [each["resource"]["id"] for each in page["entry"] if each["search"]["mode"] == "match"]
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            break
        page = (await fhir.get(following[0])).json()
    assert len(set(found)) == len(found) == 5
    late = {"patient": patient, "effective": "ge2025-04-01"}
    assert (await fhir.get(f"{BASE}/MedicationStatement", params=late)).json()["total"] == 2
    everything = (await fhir.get(f"{BASE}/{patient}/$everything")).json()
    assert everything["total"] == 6
    whole = (await fhir.get(f"{BASE}/MedicationStatement", params={"_count": 3})).json()
    assert (len(whole["entry"]), whole["link"][1]["relation"]) == (3, "next")


@pytest.mark.parametrize("sort", ["effective", "-effective", "status,-effective", None])
async def test_pages_of_a_patient_leave_out_and_repeat_nothing_while_others_write(
    fhir: httpx.AsyncClient, patient: str, sort: str | None
) -> None:
    stays = []
    for month in range(1, 7):
        period = {"start": f"2025-0{month}-01", "end": f"2025-0{month}-20"}
        stays.append((await made(fhir, statement(patient, effectivePeriod=period))).json()["id"])
    asked = {"patient": patient, "_count": 2} | ({"_sort": sort} if sort else {})
    page = (await fhir.get(f"{BASE}/MedicationStatement", params=asked)).json()
    found: list[str] = []
    for month in (1, 9):  # one before and one after all of them, and the last that was shown goes away
        found += [each["resource"]["id"] for each in page["entry"]]
        await made(fhir, statement(patient, effectivePeriod={"start": f"2025-0{month}-02", "end": "2025-10-20"}))
        gone = found[-1]
        assert (await fhir.delete(f"{BASE}/MedicationStatement/{gone}", headers={"If-Match": "*"})).status_code == 204
        (following,) = [link["url"] for link in page["link"] if link["relation"] == "next"]
        assert "2025" not in following.partition("_cursor=")[2]
        page = (await fhir.get(following)).json()
    while True:
        found += [each["resource"]["id"] for each in page["entry"]]
        after = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not after:
            break
        page = (await fhir.get(after[0])).json()
    assert [each for each in found if each in stays] == (list(reversed(stays)) if sort and "-" in sort else stays)
    assert len(set(found)) == len(found)


async def test_orders_and_what_is_not_understood_are_kept_and_found(fhir: httpx.AsyncClient, patient: str) -> None:
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "sertraline 50 mg"},
        "subject": {"reference": patient},
    }
    unknown = statement(patient, medicationCodeableConcept={"text": "a herb that nobody knows"})
    for sent in (order, unknown):
        got = (await made(fhir, sent)).json()
        assert {key: value for key, value in got.items() if key not in {"id", "meta"}} == sent
        found = (await fhir.get(f"{BASE}/{sent['resourceType']}", params={"patient": patient})).json()
        assert [each["resource"]["id"] for each in found["entry"]] == [got["id"]]
        changed = {**got, "note": [{"text": "Again"}]}
        at = f"{BASE}/{sent['resourceType']}/{got['id']}"
        assert (await fhir.put(at, json=changed, headers={**JSON, "If-Match": 'W/"1"'})).status_code == 200
        assert (await fhir.get(f"{at}/_history/1")).json().get("note") == sent.get("note")
        assert (await fhir.delete(at, headers={"If-Match": "*"})).status_code == 204


async def test_decimals_come_back_as_they_were_written(fhir: httpx.AsyncClient, patient: str) -> None:
    """In what is a record here, in what is kept alone, in versions, bundles, exports and what was patched."""
    dosed = {"doseAndRate": [{"doseQuantity": {"value": "EXACT", "unit": "mg"}}]}
    weight = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "weight"},
        "subject": {"reference": ""},
    }
    for sent in (
        statement(patient, dosage=[dosed]),
        {**weight, "subject": {"reference": patient}, "valueQuantity": {"value": "EXACT", "unit": "kg"}},
    ):
        for written in ("50.00", "5.0E1", "62.123456789012345678"):
            content = json.dumps(sent).replace('"EXACT"', written)
            made = await fhir.post(f"{BASE}/{sent['resourceType']}", content=content, headers=JSON)
            assert made.status_code == 201, made.text
            at = made.headers["Location"].partition("/_history")[0]
            patch = '[{"op": "add", "path": "/language", "value": "en"}]'
            how = {"Content-Type": "application/json-patch+json", "If-Match": 'W/"1"'}
            patched = await fhir.patch(at, content=patch, headers=how)
            listed = await fhir.get(f"{BASE}/{sent['resourceType']}", params={"patient": patient})
            said = [made, await fhir.get(at), await fhir.get(f"{at}/_history/1"), patched, listed]
            assert [f'"value":{written}' in each.text for each in said] == [True] * 5


async def test_a_trial_of_the_json_edge_is_removed_as_any_other(fhir: httpx.AsyncClient, patient: str) -> None:
    at_v1 = f"/v1/{patient.replace('Patient', 'patients')}/medication-trials"
    trial = (await fhir.post(at_v1, json=SERTRALINE)).json()
    at = f"{BASE}/MedicationStatement/{trial['id']}"
    assert (await fhir.delete(at, headers={"If-Match": 'W/"1"'})).status_code == 204
    assert (await fhir.get(at)).status_code == 410
    assert (await fhir.get(f"{at}/_history/1")).status_code == 200
    assert [(await fhir.get(f"{at}/_history/{none}")).status_code for none in ("2", "3", "99")] == [404, 404, 404]
    assert (await fhir.get(f"{at_v1}/{trial['id']}")).status_code == 410


async def test_create_if_absent_and_change_by_condition(fhir: httpx.AsyncClient) -> None:
    condition = "identifier=urn:fhir:mrn|condition"
    first = await made(fhir, person("condition"), **{"If-None-Exist": condition})
    again = await made(fhir, person("condition"), **{"If-None-Exist": condition})
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 200, first.json()["id"])
    at = f"{BASE}/Patient?{condition}"
    renamed = {**person("condition"), "name": [{"text": "Somebody else"}]}
    changed = await fhir.put(at, json=renamed, headers=JSON)
    assert (changed.status_code, changed.json()["id"]) == (200, first.json()["id"])
    new = await fhir.put(f"{BASE}/Patient?identifier=urn:fhir:mrn|new", json=person("new"), headers=JSON)
    assert new.status_code == 201


async def test_a_transaction_is_done_as_a_whole_or_not_at_all(fhir: httpx.AsyncClient) -> None:
    urn = "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"
    good = {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": statement(urn)}
    anna = {"fullUrl": urn, "request": {"method": "POST", "url": "Patient"}, "resource": person("whole")}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [good, anna]}
    done = await fhir.post(BASE, json=bundle, headers=JSON)
    assert done.status_code == 200, done.text
    trial, patient = (each["resource"] for each in done.json()["entry"])
    assert trial["subject"]["reference"] == f"Patient/{patient['id']}"
    bad = {"request": {"method": "POST", "url": "Observation"}, "resource": {"resourceType": "Observation"}}
    half = {**bundle, "entry": [{**anna, "resource": person("half")}, bad]}
    refused = await fhir.post(BASE, json=half, headers=JSON)
    assert (refused.status_code, refused.json()["resourceType"]) == (422, "OperationOutcome")
    nobody = await fhir.get(f"{BASE}/Patient", params={"identifier": "urn:fhir:mrn|half"})
    assert nobody.json()["total"] == 0
    batch = await fhir.post(BASE, json={**half, "type": "batch"}, headers=JSON)
    assert [each["response"]["status"] for each in batch.json()["entry"]] == ["201", "422"]


async def test_the_answers_are_those_of_the_json_edge(fhir: httpx.AsyncClient, patient: str) -> None:
    await made(fhir, statement(patient))
    said = (await fhir.get(f"/v1/{patient.replace('Patient', 'patients')}/trd-status")).json()
    status = await fhir.get(f"{BASE}/{patient}/$trd-status")
    value = status.json()["valueCodeableConcept"]
    assert (value["coding"][0]["code"], value["text"]) == (said["status"], said["summary"])
    asked = {"resourceType": "Parameters", "parameter": [{"name": "on", "valueDate": "2025-01-01"}]}
    assert (await fhir.post(f"{BASE}/{patient}/$trd-status", json=asked, headers=JSON)).status_code == 200
    staged = (await fhir.get(f"{BASE}/{patient}/$trd-staging", params={"method": "maudsley"})).json()
    assert len(staged["entry"]) == 1


async def test_what_cannot_be_read_is_an_outcome_and_changes_nothing(fhir: httpx.AsyncClient, patient: str) -> None:
    for resource, status, words in (
        ({**statement(patient), "nonsense": 1}, 422, "no element of this name"),
        ({**statement("Patient/elsewhere")}, 422, "no such patient"),
        ({**statement("https://elsewhere.example/fhir/Patient/1")}, 422, "another server"),
        ({"resourceType": "Observation"}, 422, "address of"),
    ):
        answer = await fhir.post(f"{BASE}/MedicationStatement", json=resource, headers=JSON)
        assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
        assert words in answer.text, answer.text
    xml = await fhir.post(f"{BASE}/Patient", content="<Patient/>", headers={"Content-Type": "application/fhir+xml"})
    assert (xml.status_code, xml.json()["resourceType"]) == (415, "OperationOutcome")
    assert (await fhir.get(f"{BASE}/{patient}", headers={"Accept": "application/fhir+xml"})).status_code == 415
    assert (await fhir.get(f"{BASE}/{patient}?_format=xml")).status_code == 415
    unknown = await fhir.get(f"{BASE}/MedicationStatement", params={"patient": patient, "nonsense": "1"})
    assert (unknown.status_code, "nonsense" in unknown.text) == (400, True)
    lenient = await fhir.get(
        f"{BASE}/MedicationStatement",
        params={"patient": patient, "nonsense": "1"},
        headers={"Prefer": "handling=lenient"},
    )
    assert lenient.json()["entry"][-1]["search"]["mode"] == "outcome"
    checked = await fhir.post(f"{BASE}/MedicationStatement/$validate", json=statement(patient), headers=JSON)
    assert checked.json()["issue"][0]["severity"] == "information"
    assert (await fhir.get(f"{BASE}/MedicationStatement", params={"patient": patient})).json()["total"] == 0


async def test_entries_of_a_transaction_may_refer_to_what_comes_later_or_is_there(fhir: httpx.AsyncClient) -> None:
    order, dispense, anna = (f"urn:uuid:05efabf0-4be2-4561-91ce-51548425acb{number}" for number in range(3))
    known = (await made(fhir, person("later"))).json()["id"]
    medicine = {"medicationCodeableConcept": {"text": "sertraline"}, "subject": {"reference": anna}}
    prescribed = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", **medicine}
    handed = {"resourceType": "MedicationDispense", "status": "completed", **medicine}
    handed["authorizingPrescription"] = [{"reference": order}]
    condition = "identifier=urn:fhir:mrn|later"
    entries = [
        {"fullUrl": dispense, "request": {"method": "POST", "url": "MedicationDispense"}, "resource": handed},
        {"fullUrl": order, "request": {"method": "POST", "url": "MedicationRequest"}, "resource": prescribed},
        {
            "fullUrl": anna,
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": condition},
            "resource": person("later"),
        },
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    done = await fhir.post(BASE, json=bundle, headers=JSON)
    first, second, third = done.json()["entry"]
    assert (third["response"]["status"], third["resource"]["id"]) == ("200", known)
    assert (
        first["resource"]["authorizingPrescription"][0]["reference"] == f"MedicationRequest/{second['resource']['id']}"
    )
    assert first["resource"]["subject"]["reference"] == f"Patient/{known}"
