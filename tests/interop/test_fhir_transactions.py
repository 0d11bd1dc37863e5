"""Transactions whose entries refer to what others find or make by a condition."""

from typing import Any

import httpx
import pytest

from interop.fhir.bundle_references import MOST
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


def by(condition: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any element
    """A trial of whoever is found by a condition."""
    resource = statement(condition, **more)
    return {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": resource}


async def test_a_reference_by_a_condition_stands_for_the_one_who_is_found_or_made_beside(
    client: httpx.AsyncClient,
) -> None:
    there = (await made(client, person("there before"))).json()["id"]
    source = {"informationSource": {"reference": "Practitioner?identifier=urn:npi|1"}}
    new = {"request": {"method": "POST", "url": "Patient"}, "resource": person("made beside")}
    told = by("Patient?identifier=urn:fhir:mrn|there before", **source)
    made_beside = by("Patient?identifier=urn%3Afhir%3Amrn%7Cmade%20beside")
    done = await together(client, told, made_beside, new, told)
    assert done.status_code == 200, done.text
    first, second, patient, third = (each["resource"] for each in done.json()["entry"])
    subjects = [each["subject"]["reference"] for each in (first, second, third)]
    assert subjects == [f"Patient/{there}", f"Patient/{patient['id']}", f"Patient/{there}"]
    assert first["informationSource"] == source["informationSource"], "what is not held here is not resolved"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("Patient?identifier=urn:fhir:mrn|nobody at all", "of this Patient, none was found"),
        ("Patient?name=Example", "names `identifier=system|value`"),
        ("Patient?shoe-size=44", "no search parameter of this name"),
        ("MedicationStatement?status=active", "names `patient={id}`"),
    ],
)
async def test_a_reference_by_a_condition_that_is_not_one_is_refused_with_its_place_and_nothing_is_stored(
    client: httpx.AsyncClient, condition: str, words: str
) -> None:
    mark = f"refused {condition}"
    new = {"request": {"method": "POST", "url": "Patient"}, "resource": person(mark)}
    refused = await together(client, new, by(condition))
    issue = refused.json()["issue"][0]
    assert refused.status_code in {400, 422}, refused.text
    assert issue["expression"][0].startswith("Bundle.entry[1]"), issue
    assert "|" not in issue["details"]["text"].replace("system|value", ""), "what was sent may name somebody"
    assert words in str(issue), issue
    nobody = await client.get(f"{BASE}/Patient", params={"identifier": f"urn:fhir:mrn|{mark}"})
    assert nobody.json()["total"] == 0


async def test_conditions_of_references_are_bounded(client: httpx.AsyncClient) -> None:
    many = [{"reference": f"Patient?identifier=urn:fhir:mrn|bound-{number}"} for number in range(MOST + 1)]
    for each in many:
        await made(client, person(each["reference"].partition("|")[2]))
    patient = (await made(client, person("bounded"))).json()["id"]
    refused = await together(client, by(f"Patient/{patient}", partOf=many))
    assert (refused.status_code, "at most 100 conditions" in refused.text) == (422, True), refused.text
    done = await together(client, by(f"Patient/{patient}", partOf=many[:MOST]))
    assert done.status_code == 200, done.text
