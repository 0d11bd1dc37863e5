"""What was not sent is asked of the FHIR server, if the operator listed it: of no other, in bounded time and size."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.interop.cds_hooks.hospital import SIGN, VIEW, FhirServer, call, token
from tests.interop.cds_hooks.sent import FAILED_TWO, PATIENT_ID, bundle, depression, draft, orders, prefetch, view

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
SECRET = "a-token-for-this-call-alone"  # noqa: S105 - of a test
STATEMENTS = f"/fhir/MedicationStatement?patient={PATIENT_ID}&_count=500"
AUTHORIZATION = {
    "access_token": SECRET,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "trialbook",
}


def partial() -> Json:
    """All but the medication statements."""
    sent = prefetch(depression(), *FAILED_TWO)
    del sent["medicationStatements"], sent["medicationRequests"], sent["medicationDispenses"]
    return sent


def asking(server: str, sent: Json | None = None, **more: Any) -> Json:  # noqa: ANN401 - any field
    return view(partial() if sent is None else sent, fhirServer=server, fhirAuthorization=AUTHORIZATION, **more)


def give_all(ehr: FhirServer) -> None:
    ehr.give(STATEMENTS, bundle(*(each for each in FAILED_TWO if each["resourceType"] == "MedicationStatement")))


async def test_what_is_missing_is_fetched_and_nothing_but_that(hospital: FastAPI, ehr: FhirServer) -> None:
    give_all(ehr)
    answer = await call(hospital, token(ehr), asking(f"{ehr.issuer}/fhir/"))
    [card] = answer.json()["cards"]
    assert card["summary"].startswith("Treatment-resistant depression: ")
    assert f"Authorization: Bearer {SECRET}".lower() in ehr.heard.lower()
    fetched = ehr.asked_for
    kinds = ("MedicationStatement", "MedicationRequest", "MedicationDispense")
    assert fetched == {f"/fhir/{kind}?patient={PATIENT_ID}&_count=500" for kind in kinds}
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "server",
    [
        "{}",
        "{}/fhir/..",
        "{}/fhir/../other",
        "{}/fhir?x=",
        "{}/fhir#",
        "{}/fhir/R4",
        "{}/FHIR",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/fhir",
        "file:///etc/passwd",
        "gopher://127.0.0.1/fhir",
        "//127.0.0.1/fhir",
        "",
        "\u0000",
    ],
)
async def test_no_other_server_is_asked(hospital: FastAPI, ehr: FhirServer, server: str) -> None:
    give_all(ehr)
    answer = await call(hospital, token(ehr), asking(server.format(ehr.issuer)))
    assert answer.status_code == (422 if server == "\u0000" else 412)
    assert not ehr.asked_for
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", ["../../admin", "1?_include=*", "1 2", "1&x=y", "%2e%2e", "1/2", "é"])
async def test_no_patient_whose_id_does_not_fit_into_an_address_is_asked_for(
    hospital: FastAPI, ehr: FhirServer, name: str
) -> None:
    body = asking(f"{ehr.issuer}/fhir", context={"patientId": name})
    assert (await call(hospital, token(ehr), body)).status_code == 412
    assert not ehr.asked_for


@pytest.mark.parametrize("kind", ["redirect", "refused", "compressed", "huge", "no JSON", "no resource"])
async def test_a_server_that_does_not_answer_as_it_should_gives_nothing(
    hospital: FastAPI, ehr: FhirServer, kind: str
) -> None:
    give_all(ehr)
    bearer = token(ehr)
    if kind == "redirect":
        ehr.status, ehr.head = "302 Found", f"Location: {ehr.issuer}/elsewhere\r\n"
    elif kind == "refused":
        ehr.status = "403 Forbidden"
    elif kind == "compressed":
        ehr.head = "Content-Encoding: gzip\r\n"
    else:
        wrong = {"huge": b" " * (1024 * 1024 + 1), "no JSON": b"<html>", "no resource": b"[]"}[kind]
        ehr.bodies = {STATEMENTS: wrong}
        for other in ("MedicationRequest", "MedicationDispense"):
            ehr.bodies[f"/fhir/{other}?patient={PATIENT_ID}&_count=500"] = wrong
    answer = await call(hospital, bearer, asking(f"{ehr.issuer}/fhir"))
    assert answer.status_code == 412
    assert "/elsewhere" not in ehr.asked


@pytest.fixture
def hurried(hospital: FastAPI) -> Iterator[FastAPI]:
    """The service with a deadline of a tenth of a second."""
    service = hospital.state.service
    hospital.state.service = service._replace(hooks=service.hooks._replace(deadline_seconds=0.1))
    yield hospital
    hospital.state.service = service


async def test_a_server_that_is_slow_gives_a_card_that_says_so(hurried: FastAPI, ehr: FhirServer) -> None:
    ehr.pause = 0.4
    ordered = orders(None, draft("sertraline"))
    for path, body in ((VIEW, view(partial())), (SIGN, ordered)):
        answer = await call(hurried, token(ehr, path), body | {"fhirServer": f"{ehr.issuer}/fhir"}, path)
        assert answer.status_code == 200
        [card] = answer.json()["cards"]
        assert "could not be evaluated in time" in card["summary"]
    await asyncio.sleep(0.5)  # the server has not answered yet; it must not be left alone with it


async def test_orders_of_no_medicine_that_is_known_ask_nobody(hospital: FastAPI, ehr: FhirServer) -> None:
    body = orders(None) | {"fhirServer": f"{ehr.issuer}/fhir"}
    answer = await call(hospital, token(ehr, SIGN), body, SIGN)
    assert answer.json() == {"cards": []}
    assert not ehr.asked_for


async def test_a_server_that_gives_more_pages_is_not_taken_for_whole(hospital: FastAPI, ehr: FhirServer) -> None:
    page = bundle(FAILED_TWO[0]) | {"link": [{"relation": "next", "url": f"{ehr.issuer}/fhir?page=2"}]}
    ehr.give(STATEMENTS, page)
    [card] = (await call(hospital, token(ehr), asking(f"{ehr.issuer}/fhir"))).json()["cards"]
    assert card["summary"].startswith("By what was sent: ")
    assert "/fhir?page=2" not in ehr.asked


async def test_work_that_cannot_be_done_now_gives_a_card_that_says_so(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interop.cds_hooks.answering.MUCH", 0)
    monkeypatch.setattr("interop.cds_hooks.answering.COMPOSING._seconds", 0)
    [card] = (await client.post(VIEW, json=view(prefetch(*FAILED_TWO)))).json()["cards"]
    assert "could not be evaluated in time" in card["summary"]
