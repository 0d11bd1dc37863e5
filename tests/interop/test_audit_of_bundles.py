"""Whoever was read by an entry of a Bundle is in the audit as read, whatever the Bundle wrote besides."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio


async def patient(fhir: httpx.AsyncClient, mark: str) -> str:
    return str((await made(fhir, person(mark))).json()["id"])


async def reads_of(app: FastAPI, patient_id: str) -> list[str]:
    """The operations by which a patient was read."""
    async with client_of(app, await somebody(app, Role.AUDITOR)) as auditor:
        events = (await auditor.get("/v1/audit/events", params={"patient_id": patient_id})).json()["items"]
    return [each["operation"] for each in events if each["action"] == "R"]


def asks(url: str) -> dict[str, Any]:
    return {"request": {"method": "GET", "url": url}}


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize("looks", ["Patient/{}", "MedicationStatement?patient={}", "Patient/{}/_history/1"])
async def test_a_bundle_that_writes_for_one_and_reads_of_another_is_in_the_audit_of_both(
    app: FastAPI, client: httpx.AsyncClient, kind: str, looks: str
) -> None:
    written, read = await patient(client, f"written {kind} {looks}"), await patient(client, f"read {kind} {looks}")
    write = {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": statement(f"Patient/{written}")}
    bundle = {"resourceType": "Bundle", "type": kind, "entry": [asks(looks.format(read)), write]}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    assert await reads_of(app, read) == ["fhir_bundle"]
    assert await reads_of(app, written) == []


async def test_whoever_a_reference_by_a_condition_finds_was_read(app: FastAPI, client: httpx.AsyncClient) -> None:
    written, found = await patient(client, "refers"), await patient(client, "is referred to")
    resource = statement(f"Patient/{written}", partOf=[{"reference": "Patient?identifier=urn:fhir:mrn|is referred to"}])
    write = {"request": {"method": "POST", "url": "MedicationStatement"}, "resource": resource}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [write]}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    assert await reads_of(app, found) == ["fhir_bundle"]


async def test_a_batch_that_only_reads_is_in_the_audit_once_for_each_patient(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    one, other = await patient(client, "one of two"), await patient(client, "other of two")
    entries = [asks(f"Patient/{one}"), asks(f"Patient/{other}"), asks(f"MedicationStatement?patient={one}")]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    assert (await client.post(BASE, json=bundle, headers=JSON)).status_code == 200
    assert (await reads_of(app, one), await reads_of(app, other)) == (["fhir_bundle"], ["fhir_bundle"])
