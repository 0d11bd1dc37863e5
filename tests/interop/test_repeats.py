"""A POST of FHIR with an Idempotency-Key is done once, and its repeats get the same answer."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import EVERYTHING, client_of, somebody

pytestmark = pytest.mark.anyio


def keyed(**more: str) -> dict[str, str]:
    return {**JSON, "Idempotency-Key": uuid4().hex, **more}


async def a_patient(client: httpx.AsyncClient, mark: str) -> str:
    return f"Patient/{(await made(client, person(mark))).json()['id']}"


async def number_of(client: httpx.AsyncClient, patient: str) -> int:
    listed = await client.get(f"{BASE}/MedicationStatement", params={"patient": patient})
    return int(listed.json()["total"])


def transaction(*resources: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    entries = [{"request": {"method": "POST", "url": each["resourceType"]}, "resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


@pytest.mark.parametrize("prefer", ["return=representation", "return=minimal", "return=OperationOutcome"])
async def test_a_repeated_create_makes_nothing_and_gets_the_same_answer(client: httpx.AsyncClient, prefer: str) -> None:
    patient, headers = await a_patient(client, f"repeated {prefer}"), keyed(Prefer=prefer)
    asked = (f"{BASE}/MedicationStatement", statement(patient))
    first, again = [await client.post(asked[0], json=asked[1], headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert [again.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert await number_of(client, patient) == 1


async def test_a_key_is_good_for_one_request_of_one_person(app: FastAPI, client: httpx.AsyncClient) -> None:
    patient, headers = await a_patient(client, "one key"), keyed()
    address = f"{BASE}/MedicationStatement"
    await client.post(address, json=statement(patient), headers=headers)
    other = await client.post(address, json=statement(patient, status="completed"), headers=headers)
    assert (other.status_code, other.json()["issue"][0]["code"]) == (409, "conflict")
    async with client_of(app, await somebody(app, *EVERYTHING)) as somebody_else:
        assert (await somebody_else.post(address, json=statement(patient), headers=headers)).status_code == 201
    assert await number_of(client, patient) == 2
    for bad in ("with blanks in it", "x" * 256):
        refused = await client.post(address, json=statement(patient), headers={**JSON, "Idempotency-Key": bad})
        assert refused.status_code == 422


async def test_a_refusal_uses_up_no_key(client: httpx.AsyncClient) -> None:
    patient, headers = await a_patient(client, "refused first"), keyed()
    wrong = statement(patient, status=7)
    assert (await client.post(f"{BASE}/MedicationStatement", json=wrong, headers=headers)).status_code == 422
    right = await client.post(f"{BASE}/MedicationStatement", json=statement(patient), headers=headers)
    assert right.status_code == 201


async def test_many_at_once_with_one_key_make_one_record(client: httpx.AsyncClient) -> None:
    patient, headers = await a_patient(client, "many at once"), keyed()
    asked = [client.post(f"{BASE}/MedicationStatement", json=statement(patient), headers=headers) for _ in range(12)]
    answers = await asyncio.gather(*asked)
    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.headers["Location"] for each in answers if each.status_code == 201}) == 1
    assert await number_of(client, patient) == 1


async def test_a_repeated_transaction_is_done_once(client: httpx.AsyncClient) -> None:
    patient, headers = await a_patient(client, "repeated transaction"), keyed()
    bundle = transaction(statement(patient), statement(patient, status="completed"))
    first, again = [await client.post(BASE, json=bundle, headers=headers) for _ in range(2)]
    assert (first.status_code, again.content) == (200, first.content)
    assert await number_of(client, patient) == 2


async def test_the_kept_answer_to_a_transaction_of_several_patients_names_none(client: httpx.AsyncClient) -> None:
    one, other = await a_patient(client, "one in it"), await a_patient(client, "other in it")
    headers, bundle = keyed(), transaction(statement(one), statement(other))
    first, again = [await client.post(BASE, json=bundle, headers=headers) for _ in range(2)]
    assert (first.status_code, again.content) == (200, first.content)
    assert [each.keys() for each in first.json()["entry"]] == [{"response"}] * 2
    assert [await number_of(client, each) for each in (one, other)] == [1, 1]


async def test_a_batch_takes_no_key(client: httpx.AsyncClient) -> None:
    patient = await a_patient(client, "batch with key")
    refused = await client.post(BASE, json=transaction(statement(patient), kind="batch"), headers=keyed())
    assert (refused.status_code, "Send a transaction" in refused.text) == (422, True)
    assert await number_of(client, patient) == 0


async def test_what_was_kept_of_an_erased_patient_is_gone(client: httpx.AsyncClient) -> None:
    patient, headers = await a_patient(client, "erased with key"), keyed()
    await client.post(f"{BASE}/MedicationStatement", json=statement(patient), headers=headers)
    body = {"reason": "Asked for it.", "confirm": "erase for ever"}
    erased = await client.post(f"/v1/{patient.replace('Patient', 'patients')}/erasure", json=body)
    assert erased.status_code in {200, 201, 204}, erased.text
    again = await client.post(f"{BASE}/MedicationStatement", json=statement(patient), headers=headers)
    assert again.status_code == 410
