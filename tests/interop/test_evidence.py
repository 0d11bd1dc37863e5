"""Orders, dispenses and forms become trials and ratings, and follow what becomes of the evidence."""

from typing import Any

import httpx
import pytest

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


async def test_a_form_that_was_filled_in_becomes_a_rating(client: httpx.AsyncClient) -> None:
    patient = await patient_of(client, "evidence on a form")
    items = [{"linkId": f"/{code}", "answer": [{"valueInteger": 2}]} for code in PHQ9]
    form = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://loinc.org/q/44249-1",
        "status": "completed",
        "subject": {"reference": patient},
        "authored": "2025-01-12",
        "item": items,
    }
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
