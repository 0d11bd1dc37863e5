"""What a record refuses over FHIR to whoever is not in its care team, and what a token of one patient never learns."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.access.test_care_teams import REASON, me
from tests.access.test_sweep import holder_of
from tests.interop.test_fhir_rest import BASE, JSON, made
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio
ANY_VERSION = {"If-Match": "*"}
SYSTEM = "urn:fhir:refusals"


@pytest.fixture
async def outsider(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A clinician who is in no care team."""
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as other:
        yield other


async def patient(client: httpx.AsyncClient, mark: str = "", *, closed: bool = False) -> str:
    """A new patient, whose record may be open to this client alone."""
    body: dict[str, Any] = {"identifiers": [{"system": SYSTEM, "value": mark}]} if mark else {}
    team = {"restricted_to": [await me(client)]} if closed else {}
    answer = await client.post("/v1/patients", json={**body, **team})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def condition(patient_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any element
    at = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": f"{at}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{at}/condition-ver-status", "code": "confirmed"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F32.2"}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "onsetDateTime": "2024-05-01",
        **more,
    }


def rating(subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "subject": subject,
        "effectiveDateTime": "2025-01-12",
        "valueInteger": 18,
    }


async def test_an_emergency_does_not_remove_the_patient_over_fhir(
    client: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    one = await patient(client, closed=True)
    at = f"{BASE}/Patient/{one}"
    closed = await outsider.delete(at, headers=ANY_VERSION)
    assert (closed.status_code, closed.json()["issue"][0]["code"]) == (403, "suppressed")
    assert (await outsider.post(f"/v1/patients/{one}/emergency-access", json=REASON)).status_code == 201
    assert (await outsider.get(at)).status_code == 200
    answer = await outsider.delete(at, headers=ANY_VERSION)
    assert (answer.status_code, "care team" in answer.text) == (403, True)
    assert (await client.get(at)).status_code == 200
    assert (await client.delete(at, headers=ANY_VERSION)).status_code == 204


@pytest.mark.parametrize("kind", ["batch", "transaction"])
async def test_an_emergency_does_not_remove_the_patient_by_an_entry_of_a_bundle(
    client: httpx.AsyncClient, outsider: httpx.AsyncClient, kind: str
) -> None:
    one = await patient(client, closed=True)
    assert (await outsider.post(f"/v1/patients/{one}/emergency-access", json=REASON)).status_code == 201
    entry = {"request": {"method": "DELETE", "url": f"Patient/{one}", "ifMatch": 'W/"1"'}}
    answer = await outsider.post(BASE, json={"resourceType": "Bundle", "type": kind, "entry": [entry]}, headers=JSON)
    if kind == "batch":
        assert (answer.status_code, answer.json()["entry"][0]["response"]["status"]) == (200, "403")
    else:
        assert answer.status_code == 403
    assert "care team" in answer.text
    assert (await client.get(f"{BASE}/Patient/{one}")).status_code == 200


async def test_an_emergency_removes_a_record_of_the_patient_all_the_same(
    client: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    one = await patient(client, closed=True)
    sent = (await made(client, condition(one))).json()
    assert (await outsider.post(f"/v1/patients/{one}/emergency-access", json=REASON)).status_code == 201
    assert (await outsider.delete(f"{BASE}/Condition/{sent['id']}", headers=ANY_VERSION)).status_code == 204


PROVISIONAL = {"verificationStatus": {"coding": [{"code": "provisional"}]}}


@pytest.mark.parametrize("alone", [False, True], ids=["a record", "kept alone"])
async def test_who_wrote_a_restricted_record_is_told_to_its_care_team_alone(
    client: httpx.AsyncClient, outsider: httpx.AsyncClient, *, alone: bool
) -> None:
    one = await patient(client, closed=True)
    sent = (await made(client, condition(one, **(PROVISIONAL if alone else {})))).json()
    own = await me(client)
    for target in (f"Condition/{sent['id']}", f"Patient/{one}"):
        at = f"{BASE}/Provenance?target={target}"
        refused = await outsider.get(at)
        assert (refused.status_code, refused.json()["issue"][0]["code"]) == (403, "suppressed"), target
        assert own not in refused.text
        told = await client.get(at)
        assert (told.status_code, told.json()["total"]) == (200, 1), target
    assert (await outsider.post(f"/v1/patients/{one}/emergency-access", json=REASON)).status_code == 201
    assert (await outsider.get(f"{BASE}/Provenance?target=Patient/{one}")).status_code == 200


async def test_who_removed_a_record_is_still_told(client: httpx.AsyncClient) -> None:
    one = await patient(client)
    sent = (await made(client, condition(one))).json()
    assert (await client.delete(f"{BASE}/Condition/{sent['id']}", headers=ANY_VERSION)).status_code == 204
    told = await client.get(f"{BASE}/Provenance?target=Condition/{sent['id']}")
    assert (told.status_code, told.json()["total"]) == (200, 2)


async def token_of_one(app: FastAPI, kind: str, own: str) -> str:
    """A token for this patient's record alone: the patient's, or that of an app that a clinician launched."""
    if kind == "patient":
        return await somebody(app, Role.PATIENT, own_patient_id=UUID(own))
    holder = holder_of(app, await somebody(app, Role.CLINICIAN, scope="patient/*.cruds"))
    issuer, now = app.state.service.issuer, app.state.service.clock()
    return str(issuer.issue(replace(holder, patient_id=UUID(own)), now, 60))


@pytest.mark.parametrize("kind", ["patient", "launched"])
async def test_a_token_of_one_patient_does_not_learn_whose_identifiers_are_known(
    app: FastAPI, client: httpx.AsyncClient, kind: str
) -> None:
    own = await patient(client, f"own of {kind}")
    await patient(client, f"other of {kind}")
    await patient(client, f"closed of {kind}", closed=True)
    async with client_of(app, await token_of_one(app, kind, own)) as alone:
        await refuses_all_but_own_alike(alone, kind)
        mine = rating({"identifier": {"system": SYSTEM, "value": f"own of {kind}"}})
        answer = await alone.post(f"{BASE}/Observation", json=mine, headers=JSON)
        assert answer.status_code == (403 if kind == "patient" else 201), answer.text
        if kind == "patient":
            assert "they write nothing else" in answer.text, "over FHIR, patients themselves only read"
        listed = (await alone.get(f"{BASE}/Observation")).json()
        assert listed["total"] == (0 if kind == "patient" else 1)


async def refuses_all_but_own_alike(alone: httpx.AsyncClient, kind: str) -> None:
    """By itself and as an entry of a batch, the refusals of all others are one."""
    said, said_in_batch = set(), set()
    for mark in (f"nobody of {kind}", f"other of {kind}", f"closed of {kind}"):
        sent = rating({"identifier": {"system": SYSTEM, "value": mark}})
        answer = await alone.post(f"{BASE}/Observation", json=sent, headers=JSON)
        said.add((answer.status_code, answer.text))
        entry = {"request": {"method": "POST", "url": "Observation"}, "resource": sent}
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
        answer = await alone.post(BASE, json=bundle, headers=JSON)
        assert answer.json()["entry"][0]["response"]["status"] == "403", mark
        said_in_batch.add(str(answer.json()["entry"]))
    assert ([status for status, _ in said], len(said_in_batch)) == ([403], 1), said | said_in_batch


async def test_an_identifier_that_nobody_has_is_said_to_whoever_may_ask_for_everybody(
    client: httpx.AsyncClient, outsider: httpx.AsyncClient
) -> None:
    await patient(client, "closed to an outsider", closed=True)
    for mark, status, code in (("that nobody has", 422, "invalid"), ("closed to an outsider", 403, "suppressed")):
        sent = rating({"identifier": {"system": SYSTEM, "value": mark}})
        answer = await outsider.post(f"{BASE}/Observation", json=sent, headers=JSON)
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (status, code), mark
