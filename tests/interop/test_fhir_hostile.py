"""What an integrator, or somebody worse, may send: refused in an OperationOutcome, and nothing is stored."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement

pytestmark = pytest.mark.anyio
MEBIBYTE = 1024 * 1024


async def patients(client: httpx.AsyncClient, mark: str) -> int:
    found = await client.get(f"{BASE}/Patient", params={"identifier": f"urn:fhir:mrn|{mark}"})
    total: int = found.json()["total"]
    return total


def nested(levels: int) -> str:
    return '{"resourceType": "Patient", "extension": ' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (nested(10_000), 400),
        (nested(60), 400),
        ("{" + ", ".join(f'"a{number}": 1' for number in range(500)) + "}", 413),
        ('{"resourceType": "Patient", "resourceType": "Patient"}', 400),
        ('{"resourceType": "Patient", "name": [{"text": "a\\u0000b"}]}', 422),
        ("[" + "[]," * 200_000 + "[]]", 413),
        ("null", 422),
        ("<Patient/>", 400),
    ],
)
async def test_what_would_cost_too_much_or_is_no_json_is_refused(
    client: httpx.AsyncClient, body: str, status: int
) -> None:
    for address in (f"{BASE}/Patient", BASE):
        answer = await client.post(address, content=body, headers=JSON)
        assert answer.status_code in {status, 422 if status == 413 else status}, answer.text
        assert answer.json()["resourceType"] == "OperationOutcome"
        assert answer.json()["issue"][0]["details"]["text"]


async def test_a_bundle_of_a_hundred_megabytes_is_refused_before_it_is_here(client: httpx.AsyncClient) -> None:
    pulled = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal pulled
        for _ in range(100):
            pulled += 1
            yield b" " * MEBIBYTE

    answer = await client.post(BASE, content=chunks(), headers=JSON)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (413, "too-long")
    assert pulled <= 10


async def test_references_in_a_circle_are_stored_as_they_are_and_followed_once(client: httpx.AsyncClient) -> None:
    anna, first, second = (f"urn:uuid:15efabf0-4be2-4561-91ce-51548425acb{number}" for number in range(3))
    medicine = {"medicationCodeableConcept": {"text": "sertraline"}, "subject": {"reference": anna}}
    order = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", **medicine}
    contained = [{"resourceType": "Medication", "id": "a", "ingredient": [{"itemReference": {"reference": "#a"}}]}]
    entries = [
        {"fullUrl": anna, "request": {"method": "POST", "url": "Patient"}, "resource": person("circle")},
        {"fullUrl": first, "resource": {**order, "basedOn": [{"reference": second}]}},
        {"fullUrl": second, "resource": {**order, "priorPrescription": {"reference": first}, "contained": contained}},
    ]
    asked = [{"request": {"method": "POST", "url": "MedicationRequest"}, **each} for each in entries]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "transaction", "entry": asked}
    done = await client.post(BASE, json=bundle, headers=JSON)
    assert done.status_code == 200, done.text
    _, one, other = (each["resource"] for each in done.json()["entry"])
    assert one["basedOn"][0]["reference"] == f"MedicationRequest/{other['id']}"
    assert other["priorPrescription"]["reference"] == f"MedicationRequest/{one['id']}"
    patient = one["subject"]["reference"]
    everything = (await client.get(f"{BASE}/{patient}/$everything")).json()
    assert everything["total"] == 4, "the patient, two orders, and the trial that is made of them"


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/1"},
        {"reference": "https://elsewhere.example/fhir/R4/Patient/1"},
        {"reference": "Group/1"},
        {"reference": "urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9"},
        {"identifier": {"system": "urn:fhir:mrn", "value": "nobody has this one"}},
        {"display": "Anna"},
        {"reference": "Patient/01a21a7c-5a3b-776e-be80-e10745f84412"},
    ],
)
async def test_a_reference_to_a_patient_who_is_not_here_is_refused_and_nothing_of_the_bundle_stays(
    client: httpx.AsyncClient, subject: dict[str, Any]
) -> None:
    mark = f"foreign {len(str(subject))}"
    resource = {**statement("Patient/x"), "subject": subject}
    entries = [
        {"request": {"method": "POST", "url": "Patient"}, "resource": person(mark)},
        {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": resource},
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = await client.post(BASE, json=bundle, headers=JSON)
    assert answer.status_code in {404, 422}, answer.text
    assert "/entry/1" in answer.text
    assert await patients(client, mark) == 0


async def test_an_entry_that_is_none_is_named_by_its_place(client: httpx.AsyncClient) -> None:
    good = {"request": {"method": "POST", "url": "Patient"}, "resource": person("named by place")}
    for bad in (
        None,
        {},
        {"request": {"method": "BREW", "url": "Patient"}},
        {"request": {"method": "POST", "url": "Coffee"}, "resource": {}},
        {"request": {"method": "GET", "url": "Patient/1/2"}},
        {"request": {"method": "PUT", "url": "Patient"}, "resource": person("x")},
        {"request": {"method": "PATCH", "url": "Patient/1"}, "resource": {"data": "!"}},
        {"request": {"method": "DELETE", "url": "Patient"}},
    ):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [good, bad]}
        answer = await client.post(BASE, json=bundle, headers=JSON)
        assert answer.status_code in {404, 405, 422}, answer.text
        assert "/entry/1" in answer.text, (bad, answer.text)
    no_list = {"resourceType": "Bundle", "type": "batch", "entry": 1}
    for bundle in ([], {"resourceType": "Bundle", "type": "searchset"}, no_list):
        assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 422
    many = {"resourceType": "Bundle", "type": "batch", "entry": [{}] * 1001}
    assert (await client.post(BASE, json=many, headers=JSON)).status_code == 422
    twice = {"resourceType": "Bundle", "type": "transaction", "entry": [{**good, "fullUrl": "urn:x"}] * 2}
    assert (await client.post(BASE, json=twice, headers=JSON)).status_code == 422
    assert await patients(client, "named by place") == 0


async def test_patches_that_cannot_be_applied_change_nothing(client: httpx.AsyncClient) -> None:
    sent = (await made(client, person("patched"))).json()
    media = {"Content-Type": "application/json-patch+json", "If-Match": "*"}
    at = f"{BASE}/Patient/{sent['id']}"
    for patch in ("{}", "[1]", '[{"op": "replace", "path": "/nothing/9", "value": 1}]', '[{"op": "x"}]', "[{}]"):
        assert (await client.patch(at, content=patch, headers=media)).status_code == 422, patch
    other = '[{"op": "replace", "path": "/id", "value": "1"}]'
    assert (await client.patch(at, content=other, headers=media)).status_code == 422
    stale = '[{"op": "remove", "path": "/address"}]'
    assert (await client.patch(at, content=stale, headers={**media, "If-Match": 'W/"7"'})).status_code == 412
    assert (await client.get(at)).json()["meta"]["versionId"] == "1"


DOUBLED = {"op": "copy", "from": "/name", "path": "/name/-"}
MUCH = {"op": "add", "path": "/name/0/text", "value": "x" * 40_000}


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ([DOUBLED] * 60, "at most 100 operations, and copy at most 65536 bytes"),
        ([MUCH, {**DOUBLED, "path": "/contact"}, {**DOUBLED, "path": "/contact"}], "at most 65536 bytes"),
        ([{"op": "test", "path": "/gender", "value": "female"}] * 101, "at most 100 operations"),
        ([{"op": "copy", "from": "/nowhere", "path": "/name/-"}], "cannot be applied"),
        ([{"op": "copy", "path": "/name/-"}], "cannot be applied"),
    ],
)
async def test_a_patch_that_would_grow_without_bound_is_refused(
    client: httpx.AsyncClient, patch: list[Any], said: str
) -> None:
    sent = (await made(client, person(f"grows {str(patch)[:80]} {len(patch)}"))).json()
    at = f"{BASE}/Patient/{sent['id']}"
    media = {"Content-Type": "application/json-patch+json", "If-Match": "*"}
    alone = await client.patch(at, content=orjson.dumps(patch), headers=media)
    assert (alone.status_code, said in alone.text) == (422, True), alone.text
    binary = {"resourceType": "Binary", "data": base64.b64encode(orjson.dumps(patch)).decode()}
    asked = {"method": "PATCH", "url": f"Patient/{sent['id']}", "ifMatch": 'W/"1"'}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": asked, "resource": binary}]}
    (entry,) = (await client.post(BASE, json=bundle, headers=JSON)).json()["entry"]
    assert (entry["response"]["status"], said in str(entry)) == ("422", True), entry
    small = [{"op": "copy", "from": "/name/0", "path": "/name/-"}]
    assert len((await client.patch(at, content=orjson.dumps(small), headers=media)).json()["name"]) == 2


@pytest.mark.parametrize("meta", [None, {"tag": None}, {"tag": []}])
async def test_a_meta_that_is_null_is_answered_as_any_other(client: httpx.AsyncClient, meta: Any) -> None:  # noqa: ANN401
    sent = (await made(client, person(f"null {meta}"))).json()
    at = f"{BASE}/Patient/{sent['id']}"
    answer = await client.put(at, json={**sent, "meta": meta}, headers={**JSON, "If-Match": "*"})
    assert answer.status_code in {200, 422}, answer.text
    patch = [{"op": "add", "path": "/meta", "value": meta}]
    media = {"Content-Type": "application/json-patch+json", "If-Match": "*"}
    answer = await client.patch(at, content=orjson.dumps(patch), headers=media)
    assert answer.status_code in {200, 422}, answer.text
