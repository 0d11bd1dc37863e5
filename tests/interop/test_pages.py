"""Pages of searches: a form's words stay out of addresses, and a page is good for its own list alone."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from interop.fhir.including import MOST_ALONG
from interop.fhir.search import MOST_INCLUDES
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import EVERYTHING, client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def patient_with(client: httpx.AsyncClient, mark: str, trials: int) -> tuple[str, list[str]]:
    patient = f"Patient/{(await made(client, person(mark))).json()['id']}"
    months = [{"start": f"2025-0{number + 1}-01", "end": f"2025-0{number + 1}-20"} for number in range(trials)]
    listed = [await made(client, statement(patient, effectivePeriod=each)) for each in months]
    return patient, [each.json()["id"] for each in listed]


def following(page: dict[str, Any]) -> str | None:
    return next((each["url"] for each in page["link"] if each["relation"] == "next"), None)


@pytest.mark.parametrize("sort", [{}, {"_sort": "-effective"}])
async def test_what_was_asked_for_in_a_form_stands_in_no_address_of_the_answer(
    client: httpx.AsyncClient, sort: dict[str, str]
) -> None:
    patient, listed = await patient_with(client, f"form {sort}", 5)
    form = {"patient": patient, "status": "stopped", "_count": "2", **sort}
    page = (await client.post(f"{BASE}/MedicationStatement/_search", data=form)).json()
    found = [each["resource"]["id"] for each in page["entry"]]
    while url := following(page):
        assert parse_qs(urlsplit(url).query).keys() == {"_page"}
        assert patient.partition("/")[2] not in str(page["link"])
        page = (await client.get(url, params={**parse_qs(urlsplit(url).query), "_format": "json"})).json()
        found += [each["resource"]["id"] for each in page["entry"]]
    assert sorted(found) == sorted(listed)
    assert (found == list(reversed(listed))) == bool(sort)
    (own,) = [each["url"] for each in page["link"] if each["relation"] == "self"]
    assert own.endswith("/MedicationStatement/_search")


async def test_a_page_that_was_altered_moved_or_is_anothers_is_refused(
    app: FastAPI, client: httpx.AsyncClient, database_url: str
) -> None:
    patient, _ = await patient_with(client, "moved", 3)
    form = {"patient": patient, "_count": "1", "_sort": "effective"}
    url = following((await client.post(f"{BASE}/MedicationStatement/_search", data=form)).json())
    assert url is not None
    page = parse_qs(urlsplit(url).query)["_page"][0]
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, *EVERYTHING, organisation=elsewhere)) as stranger:
        refused = [
            await client.get(f"{BASE}/MedicationStatement", params={"_page": page[:-2] + "xx"}),
            await client.get(f"{BASE}/Observation", params={"_page": page}),
            await client.get(f"{BASE}/MedicationStatement", params={"_page": page, "status": "active"}),
            await stranger.get(f"{BASE}/MedicationStatement", params={"_page": page}),
        ]
    assert [each.status_code for each in refused] == [422] * 4
    asked = {"patient": patient, "_count": 1, "_sort": "effective"}
    cursor = following((await client.get(f"{BASE}/MedicationStatement", params=asked)).json())
    assert cursor is not None
    moved = await client.get(cursor.replace("effective", "-effective"))
    assert moved.status_code == 422


async def test_what_comes_along_is_asked_once_and_bounded(client: httpx.AsyncClient) -> None:
    patient, listed = await patient_with(client, "along", 2)
    identity = patient.partition("/")[2]
    same = [("_id", identity), *[("_revinclude", "MedicationStatement:patient")] * 200]
    page = (await client.get(f"{BASE}/Patient", params=same)).json()
    assert sorted(each["resource"]["id"] for each in page["entry"] if each["search"]["mode"] == "include") == listed
    kinds = ("Observation", "MedicationStatement", "Condition", "Procedure", "MedicationRequest", "MedicationDispense")
    many = [("_revinclude", f"{kind}:{name}") for kind in kinds for name in ("patient", "subject")]
    assert len(many) > MOST_INCLUDES
    refused = await client.get(f"{BASE}/Patient", params=[("_id", identity), *many])
    assert (refused.status_code, "At most 10 different" in refused.text) == (400, True), refused.text
    lenient = {"Prefer": "handling=lenient"}
    passed = await client.get(f"{BASE}/Patient", params=[("_id", identity), *many], headers=lenient)
    assert passed.status_code == 200
    assert "At most 10 different" in passed.text


async def test_no_more_comes_along_than_a_page_holds(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, _ = await patient_with(client, "too much along", 3)
    monkeypatch.setattr("interop.fhir.including.MOST_ALONG", 2)
    monkeypatch.setattr("interop.fhir.searching.MOST_ALONG", 2)
    asked = {"_id": patient.partition("/")[2], "_revinclude": "MedicationStatement:patient"}
    page = (await client.get(f"{BASE}/Patient", params=asked)).json()
    kinds = [each["resource"]["resourceType"] for each in page["entry"]]
    assert kinds == ["Patient", "MedicationStatement", "MedicationStatement", "OperationOutcome"]
    assert f"At most {MOST_ALONG} resources come along" in str(page["entry"][-1])


async def test_a_batch_is_answered_with_no_more_than_it_may_hold(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, _ = await patient_with(client, "batch of searches", 3)
    monkeypatch.setattr("interop.fhir.batches.MOST_ANSWERED", 7)
    entry = {"request": {"method": "GET", "url": f"MedicationStatement?patient={patient}"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry] * 4}
    said = (await client.post(BASE, json=bundle, headers=JSON)).json()
    assert [each["response"]["status"] for each in said["entry"]] == ["200", "200", "413", "413"]


async def test_a_resource_has_a_largest_size_here_as_in_imports(client: httpx.AsyncClient) -> None:
    patient, _ = await patient_with(client, "large", 0)
    large = statement(patient, note=[{"text": "x" * 1_048_576}])
    refused = await client.post(f"{BASE}/MedicationStatement", json=large, headers=JSON)
    assert (refused.status_code, "1024 KiB" in refused.text) == (413, True)


@pytest.mark.parametrize("by_patient", [True, False])
async def test_a_count_of_few_is_in_the_audit_of_each(
    app: FastAPI, client: httpx.AsyncClient, *, by_patient: bool
) -> None:
    patient = f"Patient/{(await made(client, person(f'counted {by_patient}'))).json()['id']}"
    year = 1990 + by_patient
    await made(client, statement(patient, effectivePeriod={"start": f"{year}-02-01", "end": f"{year}-05-01"}))
    narrowed = {"subject:Patient": patient.partition("/")[2]} if by_patient else {"effective": str(year)}
    counted = await client.get(f"{BASE}/MedicationStatement", params={**narrowed, "_summary": "count"})
    assert counted.json()["total"] == 1
    async with client_of(app, await somebody(app, *EVERYTHING)) as auditor:
        params = {"patient_id": patient.partition("/")[2], "limit": 200}
        events = (await auditor.get("/v1/audit/events", params=params)).json()["items"]
    assert [each["operation"] for each in events if each["action"] == "R"] == ["fhir_search_MedicationStatement"]
