"""Patients: found by identifier, created if absent, read with their records."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.factories import EPISODE, OF_EACH_KIND, PHQ9, SERTRALINE

pytestmark = pytest.mark.anyio


@pytest.fixture
def identifier() -> dict[str, str]:
    return {"system": "urn:oid:1.2.36.146.595.217.0.1", "value": f"MRN-{uuid4()}"}


async def test_a_patient_is_found_by_identifier(client: httpx.AsyncClient, identifier: dict[str, str]) -> None:
    created = (await client.post("/v1/patients", json={"identifiers": [identifier]})).json()
    question = f"{identifier['system']}|{identifier['value']}"
    found = await client.get("/v1/patients", params={"identifier": question})
    assert found.json() == {"items": [created], "next_cursor": None}
    nobody = await client.get("/v1/patients", params={"identifier": f"{question}-else"})
    assert nobody.json()["items"] == []


async def test_create_if_absent_creates_once(client: httpx.AsyncClient, identifier: dict[str, str]) -> None:
    headers = {"If-None-Exist": f"identifier={identifier['system']}|{identifier['value']}"}
    body = {"identifiers": [identifier]}
    first = await client.post("/v1/patients", json=body, headers=headers)
    second = await client.post("/v1/patients", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["ETag"] == '"1"'


async def test_create_if_absent_by_many_at_once_creates_one(
    client: httpx.AsyncClient, identifier: dict[str, str]
) -> None:
    headers = {"If-None-Exist": f"identifier={identifier['system']}|{identifier['value']}"}
    body = {"identifiers": [identifier]}
    asked = (client.post("/v1/patients", json=body, headers=headers) for _ in range(12))
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_create_if_absent_still_refuses_an_id_that_is_taken(
    client: httpx.AsyncClient, patient_id: str, identifier: dict[str, str]
) -> None:
    headers = {"If-None-Exist": f"identifier={identifier['system']}|{identifier['value']}"}
    answer = await client.post("/v1/patients", json={"id": patient_id}, headers=headers)
    assert answer.status_code == 409


async def test_a_condition_that_cannot_be_read_is_refused(client: httpx.AsyncClient) -> None:
    for condition in ("name=x", "identifier=x", "identifier=|x"):
        answer = await client.post("/v1/patients", json={}, headers={"If-None-Exist": condition})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "#header/if-none-exist"


async def test_identifiers_of_a_patient_entered_in_error_are_free_again(
    client: httpx.AsyncClient, identifier: dict[str, str]
) -> None:
    body = {"identifiers": [identifier]}
    location = (await client.post("/v1/patients", json=body)).headers["Location"]
    assert (await client.post("/v1/patients", json=body)).status_code == 409
    await client.delete(location, headers={"If-Match": '"1"'})
    assert (await client.post("/v1/patients", json=body)).status_code == 201


async def test_a_patch_may_take_and_free_identifiers(client: httpx.AsyncClient, identifier: dict[str, str]) -> None:
    holder = (await client.post("/v1/patients", json={"identifiers": [identifier]})).headers["Location"]
    other = (await client.post("/v1/patients", json={})).headers["Location"]
    patch = {"identifiers": [identifier]}
    refused = await client.patch(other, json=patch, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (409, "/identifiers/0")
    await client.patch(holder, json={"identifiers": None}, headers={"If-Match": "*"})
    assert (await client.patch(other, json=patch, headers={"If-Match": "*"})).status_code == 200


async def test_a_patient_is_read_with_its_records_in_one_answer(client: httpx.AsyncClient, patient_id: str) -> None:
    patient = f"/v1/patients/{patient_id}"
    made = {}
    for kind, body in (("episodes", EPISODE), ("medication-trials", SERTRALINE), ("assessments", PHQ9)):
        location = (await client.post(f"{patient}/{kind}", json=body)).headers["Location"]
        made[kind] = (await client.get(location)).json()
        gone = (await client.post(f"{patient}/{kind}", json=body)).headers["Location"]
        await client.delete(gone, headers={"If-Match": "*"})
    whole = await client.get(patient, params={"include": "episodes,medication-trials,assessments"})
    assert whole.headers["ETag"] == '"1"'
    for kind, record in made.items():
        assert whole.json()[kind.replace("-", "_")] == [record]
    some = (await client.get(patient, params={"include": ["episodes", "assessments"]})).json()
    assert some["medication_trials"] is None
    assert some["episodes"] == [made["episodes"]]
    bare = (await client.get(patient)).json()
    assert bare["episodes"] is None


async def test_all_patients_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    made = {(await client.post("/v1/patients", json={})).json()["id"] for _ in range(3)}
    seen: list[str] = []
    address = "/v1/patients?limit=2"
    while address:
        page = await client.get(address)
        seen.extend(item["id"] for item in page.json()["items"])
        link = page.headers.get("Link")
        address = link[1 : link.index(">")] if link else ""
    assert made <= set(seen)
    assert seen == sorted(seen)


async def test_every_kind_of_record_can_be_included(client: httpx.AsyncClient, patient_id: str) -> None:
    patient = f"/v1/patients/{patient_id}"
    made = {kind: (await client.post(f"{patient}/{kind}", json=body)).json() for kind, body in OF_EACH_KIND.items()}
    whole = (await client.get(patient, params={"include": ",".join(OF_EACH_KIND)})).json()
    for kind, record in made.items():
        assert whole[kind.replace("-", "_")] == [record], kind
    for one in (["symptoms"], ["treatments", "external-scores"]):
        some = (await client.get(patient, params={"include": one})).json()
        assert [kind for kind in OF_EACH_KIND if some[kind.replace("-", "_")] is not None] == one
