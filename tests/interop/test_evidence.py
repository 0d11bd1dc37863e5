"""Orders, dispenses and forms become trials and ratings, and follow what becomes of the evidence."""

from typing import Any

import httpx
import pytest

from interop.fhir.canonical import extension_url
from registry.errors import InvalidRequest
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement

pytestmark = pytest.mark.anyio
PHQ9 = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")


def handed_over(patient: str, day: str, days: int) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "status": "completed",
        "medicationCodeableConcept": {"text": "sertraline 50 MG Oral Tablet"},
        "subject": {"reference": patient},
        "whenHandedOver": day,
        "daysSupply": {"value": days, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"},
    }


async def patient_of(client: httpx.AsyncClient, mark: str) -> str:
    return f"Patient/{(await made(client, person(mark))).json()['id']}"


async def records(client: httpx.AsyncClient, patient: str, kind: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/{patient.replace('Patient', 'patients')}/{kind}")
    listed: list[dict[str, Any]] = answer.json()["items"]
    return listed


async def test_dispenses_become_one_trial_that_goes_with_them(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence")
    first = (await made(client, handed_over(patient, "2024-01-10", 30))).json()
    (trial,) = await records(client, patient, "medication-trials")
    assert (trial["medication"]["ingredient"], trial["started"], trial["version"]) == ("sertraline", "2024-01-10", 1)
    assert trial["source"] == {"kind": "claims", "reference": f"MedicationDispense/{first['id']}"}
    second = (await made(client, handed_over(patient, "2024-02-09", 30))).json()
    (longer,) = await records(client, patient, "medication-trials")
    assert (longer["id"], longer["ended"] > trial["ended"]) == (trial["id"], True)
    found = (await client.get(f"{BASE}/MedicationStatement", params={"patient": patient})).json()
    assert [each["resource"]["id"] for each in found["entry"]] == [trial["id"]]
    for each in (second, first):
        at = f"{BASE}/MedicationDispense/{each['id']}"
        assert (await client.delete(at, headers={"If-Match": "*"})).status_code == 204
    assert await records(client, patient, "medication-trials") == []


async def test_what_somebody_changed_since_stays_as_they_left_it(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence that was edited")
    await made(client, handed_over(patient, "2024-01-10", 30))
    (trial,) = await records(client, patient, "medication-trials")
    at = f"/v1/{patient.replace('Patient', 'patients')}/medication-trials/{trial['id']}"
    await client.patch(at, json={"stop_reason": "intolerance"}, headers={"If-Match": "*"})
    await made(client, handed_over(patient, "2024-02-09", 30))
    (kept,) = await records(client, patient, "medication-trials")
    assert (kept["stop_reason"], kept["ended"]) == ("intolerance", trial["ended"])


async def test_a_statement_and_a_dispense_of_the_same_course_are_one_trial(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence beside a statement")
    await made(client, handed_over(patient, "2025-01-12", 30))
    sent = (await made(client, statement(patient))).json()
    (trial,) = await records(client, patient, "medication-trials")
    assert trial["id"] == sent["id"]


def form_of(patient: str) -> dict[str, Any]:
    """A PHQ-9 with two points for each item."""
    items = [{"linkId": f"/{code}", "answer": [{"valueInteger": 2}]} for code in PHQ9]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://loinc.org/q/44249-1",
        "status": "completed",
        "subject": {"reference": patient},
        "authored": "2025-01-12",
        "item": items,
    }


async def test_a_form_that_was_filled_in_becomes_a_rating(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence on a form")
    form = form_of(patient)
    answer = await client.post(f"{BASE}/QuestionnaireResponse", json=form, headers=JSON)
    assert answer.status_code == 201, answer.text
    (rating,) = await records(client, patient, "assessments")
    assert (rating["instrument"], rating["total_score"], rating["assessed_on"]) == ("phq9", 18, "2025-01-12")


async def test_a_transaction_of_many_orders_is_read_once_at_its_end(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence in a bundle")
    fills = [handed_over(patient, f"2024-{month:02}-01", 31) for month in range(1, 7)]
    entries = [{"request": {"method": "POST", "url": "MedicationDispense"}, "resource": each} for each in fills]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    (trial,) = await records(client, patient, "medication-trials")
    assert (trial["version"], trial["started"]) == (1, "2024-01-01")


async def test_what_was_kept_alone_becomes_a_record_as_soon_as_it_can(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "confirmed later")
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    condition = {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": verification, "code": "provisional"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F31.30"}]},
        "subject": {"reference": patient},
        "onsetDateTime": "2024-05-01",
    }
    sent = (await made(client, condition)).json()
    assert await records(client, patient, "episodes") == []
    at, status = f"{BASE}/Condition/{sent['id']}", f"{BASE}/{patient}/$trd-status"
    confirmed = {**sent, "verificationStatus": {"coding": [{"system": verification, "code": "confirmed"}]}}
    assert (await client.put(at, json=confirmed, headers={**JSON, "If-Match": "*"})).status_code == 200
    (episode,) = await records(client, patient, "episodes")
    assert episode["polarity"] == "bipolar"
    said = (await client.get(status, params={"definition": "fda_label"})).json()
    assert said["valueCodeableConcept"]["coding"][0]["code"] == "not_applicable"
    assert (await client.put(at, json={**sent}, headers={**JSON, "If-Match": "*"})).status_code == 200
    assert await records(client, patient, "episodes") == []
    assert (await client.put(at, json=confirmed, headers={**JSON, "If-Match": "*"})).status_code == 200
    (again,) = await records(client, patient, "episodes")
    assert again["id"] != episode["id"]


async def test_what_says_that_it_never_was_so_is_taken_back(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "taken back")
    sent = (await made(client, statement(patient))).json()
    at = f"{BASE}/MedicationStatement/{sent['id']}"
    wrong = {**sent, "status": "entered-in-error"}
    answer = await client.put(at, json=wrong, headers={**JSON, "If-Match": 'W/"1"'})
    assert (answer.status_code, answer.json()["status"], answer.headers["ETag"]) == (200, "entered-in-error", 'W/"2"')
    assert await records(client, patient, "medication-trials") == []
    assert (await client.get(at)).status_code == 410
    assert (await client.get(f"{at}/_history/1")).json()["status"] == "stopped", "as it was sent then"


async def test_evidence_counts_again_when_what_stood_for_it_is_gone(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence again")
    await made(client, handed_over(patient, "2025-01-12", 30))
    (first,) = await records(client, patient, "medication-trials")
    sent = (await made(client, statement(patient))).json()
    assert [each["id"] for each in await records(client, patient, "medication-trials")] == [sent["id"]]
    await client.delete(f"{BASE}/MedicationStatement/{sent['id']}", headers={"If-Match": "*"})
    (again,) = await records(client, patient, "medication-trials")
    assert again["id"] not in {first["id"], sent["id"]}
    at = f"/v1/{patient.replace('Patient', 'patients')}/medication-trials/{again['id']}"
    await client.delete(at, headers={"If-Match": "*"})
    await made(client, handed_over(patient, "2024-12-12", 30))
    assert await records(client, patient, "medication-trials") == [], "a clinician took it away"


async def test_a_trial_that_was_entered_here_stands_for_its_dispenses(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "entered here")
    at = f"/v1/{patient.replace('Patient', 'patients')}/medication-trials"
    body = {"medication": {"text": "Zoloft"}, "started": "2025-01-10", "ended": "2025-03-28"}
    entered = (await client.post(at, json=body)).json()
    await made(client, handed_over(patient, "2025-01-12", 30))
    (trial,) = await records(client, patient, "medication-trials")
    assert (trial["id"], trial["version"]) == (entered["id"], 1)


async def test_a_value_of_ours_that_is_none_is_refused_with_its_place(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "no such role")
    sent = (await made(client, statement(patient))).json()
    at = f"{BASE}/MedicationStatement/{sent['id']}"
    emitted = {**statement(patient), "extension": [{"url": extension_url("role"), "valueCode": "nonsense"}]}
    for answer in (
        await client.post(f"{BASE}/MedicationStatement", json=emitted, headers=JSON),
        await client.put(at, json={**emitted, "id": sent["id"]}, headers={**JSON, "If-Match": "*"}),
    ):
        assert (answer.status_code, answer.json()["resourceType"]) == (422, "OperationOutcome"), answer.text


async def test_a_form_and_the_rating_that_was_drawn_from_it_are_one_rating(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "form and rating")
    rating = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "subject": {"reference": patient},
        "effectiveDateTime": "2025-01-12",
        "valueInteger": 18,
    }
    sent = (await made(client, rating)).json()
    form = form_of(patient)
    await made(client, form)
    assert [each["id"] for each in await records(client, patient, "assessments")] == [sent["id"]]


async def test_evidence_that_contradicts_itself_makes_no_record_and_stays(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        raise InvalidRequest("It contradicts itself.")

    patient = await patient_of(client, "contradicting evidence")
    monkeypatch.setattr("registry.derivation.create", refused)
    sent = (await made(client, handed_over(patient, "2024-01-10", 30))).json()
    assert await records(client, patient, "medication-trials") == []
    assert (await client.get(f"{BASE}/MedicationDispense/{sent['id']}")).status_code == 200
