"""EHRs sign each call: believed for their organisation, at the service that they call, and once."""

import asyncio
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from main import create_app
from settings import Settings
from tests.interop.cds_hooks.hospital import ANOTHER, AWAY, SIGN, STRANGE, VIEW, FhirServer, call, token, told
from tests.interop.cds_hooks.sent import FAILED_ONE, prefetch, view
from tests.signed_in import client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
BODY = view(prefetch(*FAILED_ONE))
FEEDBACK = {"feedback": [{"card": str(uuid4()), "outcome": "accepted", "outcomeTimestamp": "2025-01-01T00:00:00Z"}]}


async def test_a_signed_call_is_answered_and_opens_nothing_else(hospital: FastAPI, ehr: FhirServer) -> None:
    answer = await call(hospital, token(ehr), BODY)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["cards"]) == 1
    async with client_of(hospital, token(ehr)) as http:
        for path in ("/v1/patients", "/v1/me", "/v1/definitions"):
            assert (await http.get(path)).status_code == 401


async def test_a_call_is_audited_without_the_patient(hospital: FastAPI, ehr: FhirServer) -> None:
    answer = await call(hospital, token(ehr), BODY)
    async with client_of(hospital, await somebody(hospital, Role.AUDITOR)) as auditor:
        events = (await auditor.get("/v1/audit/events", params={"limit": 20})).json()["items"]
    [event] = [each for each in events if each["request_id"] == answer.headers["X-Request-ID"]]
    assert (event["operation"], event["subject"], event["action"]) == ("call_cds_service", ehr.issuer, "E")
    assert event["patient_id"] is None


async def test_a_call_whose_card_links_to_a_patient_of_ours_is_in_the_audit_of_that_patient(
    hospital: FastAPI, ehr: FhirServer, client: httpx.AsyncClient
) -> None:
    identifier = {"system": "urn:example:hospital", "value": f"MRN-{uuid4()}"}
    patient = (await client.post("/v1/patients", json={"identifiers": [identifier]})).json()["id"]
    person = {"resourceType": "Patient", "id": "1288992", "identifier": [identifier]}
    linked = await call(hospital, token(ehr), view(prefetch(*FAILED_ONE, patient=person)))
    nothing_to_say = await call(hospital, token(ehr), view(prefetch(patient=person)))
    assert (patient in linked.text, nothing_to_say.json()) == (True, {"cards": []})
    async with client_of(hospital, await somebody(hospital, Role.AUDITOR)) as auditor:
        asked = {"patient_id": patient, "limit": 20}
        events = (await auditor.get("/v1/audit/events", params=asked)).json()["items"]
    made = {each["request_id"] for each in events if each["operation"] == "call_cds_service"}
    assert made == {linked.headers["X-Request-ID"]}


async def test_a_token_is_good_once_also_when_sent_to_two_processes_at_the_same_time(
    hospital: FastAPI, settings: Settings, ehr: FhirServer, database_url: str
) -> None:
    bearer = token(ehr)
    other = create_app(settings.model_copy(update=told(ehr, await new_organisation(database_url))))
    async with other.router.lifespan_context(other):
        answers = await asyncio.gather(*(call(app, bearer, BODY) for app in (hospital, other) * 6))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(401)) == (1, 11)
    refused = next(answer for answer in answers if answer.status_code == 401)
    assert "used before" in refused.json()["detail"]


async def test_a_token_that_has_expired_is_refused(hospital: FastAPI, ehr: FhirServer) -> None:
    assert (await call(hospital, token(ehr, exp=1), BODY)).status_code == 401


async def test_a_token_is_good_for_the_service_that_it_names(hospital: FastAPI, ehr: FhirServer) -> None:
    for aud, status in ((SIGN, 401), ("", 401), (f"{VIEW}/feedback", 401), (f"{VIEW}/", 200)):
        assert (await call(hospital, token(ehr, aud), BODY)).status_code == status
    for aud in (VIEW, f"{VIEW}/feedback"):
        answer = await call(hospital, token(ehr, aud), FEEDBACK, f"{VIEW}/feedback")
        assert answer.status_code == 200, answer.text


async def test_the_organisation_is_the_one_that_the_operator_listed(
    hospital: FastAPI, ehr: FhirServer, client: httpx.AsyncClient
) -> None:
    identifier = {"system": "urn:example:hospital", "value": f"MRN-{uuid4()}"}
    await client.post("/v1/patients", json={"identifiers": [identifier]})
    person = {"resourceType": "Patient", "id": "1288992", "identifier": [identifier]}
    body = view(prefetch(*FAILED_ONE, patient=person))
    mine, other, unknown = [
        await call(hospital, token(ehr, iss=f"{ehr.issuer}{name}"), body) for name in ("", ANOTHER, STRANGE)
    ]
    assert unknown.status_code == 401
    [[one], [another]] = [answer.json()["cards"] for answer in (mine, other)]
    assert one["uuid"] != another["uuid"]
    assert ("links" in one, "links" in another) == (True, False)


async def test_an_ehr_that_cannot_be_asked_for_its_keys_is_told_to_come_again(
    hospital: FastAPI, ehr: FhirServer
) -> None:
    answer = await call(hospital, token(ehr, iss=f"{ehr.issuer}{AWAY}"), BODY)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


async def test_our_own_tokens_are_good_for_calls_too(hospital: FastAPI) -> None:
    passing = {Role.CLINICIAN: 200, Role.INTEGRATION: 200, Role.AUDITOR: 403, Role.ADMINISTRATOR: 403}
    for role, status in passing.items():
        assert (await call(hospital, await somebody(hospital, role), BODY)).status_code == status, role
