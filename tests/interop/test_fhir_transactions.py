"""Transactions whose entries refer to what others find or make by a condition."""

from typing import Any

import httpx
import pytest

from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement

pytestmark = pytest.mark.anyio
URN = "urn:uuid:25efabf0-4be2-4561-91ce-51548425acb9"


def put(mark: str, url: str = URN) -> dict[str, Any]:
    asked = {"method": "PUT", "url": f"Patient?identifier=urn:fhir:mrn|{mark}"}
    return {"fullUrl": url, "request": asked, "resource": person(mark)}


async def together(client: httpx.AsyncClient, *entries: dict[str, Any]) -> httpx.Response:
    return await client.post(
        BASE, json={"resourceType": "Bundle", "type": "transaction", "entry": entries}, headers=JSON
    )


async def test_what_is_sent_with_a_patient_who_is_put_by_a_condition_is_of_that_patient(
    client: httpx.AsyncClient,
) -> None:
    about = {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": statement(URN)}
    answers = []
    for status in ("201", "200"):
        done = await together(client, about, put("put by condition"))
        assert done.status_code == 200, done.text
        trial, patient = done.json()["entry"]
        assert patient["response"]["status"] == status
        assert trial["resource"]["subject"]["reference"] == f"Patient/{patient['resource']['id']}"
        answers.append(patient["resource"]["id"])
    assert answers[0] == answers[1]


async def test_two_entries_about_the_same_resource_are_refused_however_its_id_is_written(
    client: httpx.AsyncClient,
) -> None:
    sent = (await made(client, person("twice in one"))).json()
    entries = [
        {"request": {"method": "PUT", "url": f"Patient/{each}"}, "resource": sent}
        for each in (sent["id"], sent["id"].upper())
    ]
    refused = await together(client, *entries)
    assert (refused.status_code, "same resource" in refused.text) == (422, True), refused.text
    new = {"request": {"method": "POST", "url": "Patient"}, "resource": person("made and put")}
    refused = await together(client, new, put("made and put"))
    assert refused.status_code in {409, 422}, refused.text
    nobody = await client.get(f"{BASE}/Patient", params={"identifier": "urn:fhir:mrn|made and put"})
    assert nobody.json()["total"] == 0
    no_condition = {"request": {"method": "PUT", "url": "MedicationStatement?status=active"}, "resource": sent}
    refused = await together(client, no_condition)
    assert (refused.status_code, "/entry/0" in refused.text) == (422, True), refused.text
