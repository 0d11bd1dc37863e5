"""patient-view: where the patient stands, by the same answer as everywhere; never more than is known."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from clinical.vocabulary import Status
from interop.cds_hooks.status_card import summary_of
from tests.interop.cds_hooks.rules import broken
from tests.interop.cds_hooks.sent import (
    FAILED_ONE,
    FAILED_TWO,
    KEYS,
    PATIENT_ID,
    bundle,
    depression,
    phq9,
    prefetch,
    statement,
    view,
)
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio
VIEW = "/cds-services/trd-patient-view"
Json = dict[str, Any]


async def cards_for(client: httpx.AsyncClient, call: Json) -> list[Json]:
    answer = await client.post(VIEW, json=call)
    assert answer.status_code == 200, answer.text
    assert broken(answer.json()) == []
    cards: list[Json] = answer.json()["cards"]
    return cards


async def test_resistance_is_said_with_safety_first_its_reasons_and_what_is_missing(client: httpx.AsyncClient) -> None:
    [card] = await cards_for(client, view(prefetch(depression(), *FAILED_TWO)))
    assert card["indicator"] == "warning"
    assert card["summary"].startswith("Treatment-resistant depression: Two different antidepressants failed")
    assert card["source"]["url"].startswith("https://doi.org/10.")
    parts = [card["detail"].index(words) for words in ("**Safety.**", "**Answer**", "**sertraline**: failed", "**Miss")]
    assert parts == sorted(parts)
    assert "5 % improvement; failure is below 50 %" in card["detail"]
    assert "links" not in card


async def test_the_answer_is_the_one_of_evaluate(client: httpx.AsyncClient) -> None:
    trial = {"medication": {"text": "sertraline"}, "started": "2025-01-10", "ended": "2025-03-28"}
    history = {
        "medication_trials": [trial | {"daily_dose_mg": 100}],
        "assessments": [
            {"instrument": "phq9", "assessed_on": day, "total_score": total}
            for day, total in (("2025-01-09", 20), ("2025-03-28", 19))
        ],
    }
    told = (await client.post("/v1/evaluate", json={"history": history})).json()["assessments"][0]
    [card] = await cards_for(client, view(prefetch(*FAILED_ONE)))
    assert told["summary"] in card["summary"]
    assert card["indicator"] == "info"
    for question in told["missing_information"]:
        assert question["question"] in card["detail"]
    for finding in told["trials"][0]["findings"]:
        assert finding["sentence"] in card["detail"]


async def test_what_is_not_known_is_never_resistance(client: httpx.AsyncClient) -> None:
    untold = (statement("sertraline", "2025-01-10", "2025-03-28"), statement("fluoxetine", "2025-04-01", "2025-07-15"))
    [card] = await cards_for(client, view(prefetch(depression(), *untold)))
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Treatment resistance is undecided: ")
    assert "How did the depression respond to sertraline" in card["detail"]


async def test_where_not_all_was_sent_no_is_said_of_what_was_sent_alone(client: httpx.AsyncClient) -> None:
    sent = prefetch(*FAILED_ONE)
    del sent["medicationDispenses"]
    page = bundle(statement("sertraline", "2025-01-10", "2025-03-28")) | {"link": [{"relation": "next", "url": "x"}]}
    for partly in (sent, prefetch(*FAILED_ONE, medicationStatements=page)):
        [card] = await cards_for(client, view(partly))
        assert card["summary"].startswith("By what was sent: not treatment-resistant: ")
        assert "**Not all was sent.**" in card["detail"]


async def test_resistance_that_is_shown_stays_so_whatever_was_not_sent(client: httpx.AsyncClient) -> None:
    sent = prefetch(depression(), *FAILED_TWO)
    del sent["medicationDispenses"], sent["procedures"]
    [card] = await cards_for(client, view(sent))
    assert card["summary"].startswith("Treatment-resistant depression: ")


async def test_suicidal_thoughts_that_ask_for_acting_today_make_a_card_critical(client: httpx.AsyncClient) -> None:
    items = ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"]
    answers = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueInteger": 3 if code == items[-1] else 2,
        }
        for code in items
    ]
    asked = phq9("2025-07-20", 19) | {"component": answers}
    [card] = await cards_for(client, view(prefetch(depression(), *FAILED_ONE, asked)))
    assert card["indicator"] == "critical"
    assert card["detail"].startswith("**Safety.** ")


async def test_where_nothing_speaks_of_depression_nothing_is_said(client: httpx.AsyncClient) -> None:
    assert await cards_for(client, view(prefetch())) == []


async def test_resources_of_somebody_else_are_left_out_and_said(client: httpx.AsyncClient) -> None:
    others = [each | {"subject": {"reference": "https://ehr.example/Patient/other"}} for each in FAILED_TWO]
    [card] = await cards_for(client, view(prefetch(depression(), *others)))
    assert card["summary"].startswith("Not treatment-resistant")
    assert f"{len(others)} resources that name another subject were left out." in card["detail"]


async def test_what_others_wrote_makes_no_link(client: httpx.AsyncClient) -> None:
    strange = statement("sertraline", "2025-01-10", "2025-03-28", id="[x](http://evil.example)")
    del strange["medicationCodeableConcept"]
    [card] = await cards_for(client, view(prefetch(depression(), strange)))
    assert "**Not understood**" in card["detail"]
    assert "[x]" not in card["detail"]
    assert "http://" not in card["detail"]


async def test_the_report_is_linked_only_where_the_patient_is_known_here(client: httpx.AsyncClient) -> None:
    value = f"MRN-{uuid4()}"
    identifier = {"system": "urn:example:hospital", "value": value}
    created = await client.post("/v1/patients", json={"identifiers": [identifier]})
    for listed, known in (
        ([identifier], True),
        ([identifier | {"value": "other-MRN"}], False),
        ([{"value": value}], False),
    ):
        person = {"resourceType": "Patient", "id": PATIENT_ID, "identifier": listed}
        [card] = await cards_for(client, view(prefetch(*FAILED_ONE, patient=person)))
        address = f"http://trialbook.test/v1/patients/{created.json()['id']}/report"
        assert [link["url"] for link in card.get("links", ())] == ([address] if known else [])


async def test_without_anything_on_medicines_it_is_412_and_says_what_to_send(client: httpx.AsyncClient) -> None:
    without = {key: value for key, value in prefetch(depression()).items() if not key.startswith("medication")}
    for call in (
        view(None),
        view({}),
        view(without),
        view(without | {"medicationRequests": {"resourceType": "OperationOutcome"}}),
    ):
        answer = await client.post(VIEW, json=call)
        assert answer.status_code == 412
        assert answer.json()["type"] == "/problems/prefetch-missing"
        pointers = {fault["pointer"] for fault in answer.json()["errors"]}
        assert pointers == {f"/prefetch/{key}" for key in KEYS if key.startswith("medication")}


async def test_resources_under_other_keys_are_understood_by_their_kind(client: httpx.AsyncClient) -> None:
    other = {"meds": bundle(*(each for each in FAILED_TWO if each["resourceType"] == "MedicationStatement"))}
    other["scores"] = {"response": {"status": "200 OK"}, "resource": bundle(phq9("2025-01-09", 20))}
    [card] = await cards_for(client, view(other))
    assert "**sertraline**" in card["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hook": "order-sign"}, "/hook"),
        ({"context": {}}, "/context/patientId"),
        ({"context": {"patientId": 7}}, "/context/patientId"),
        ({"prefetch": []}, "/prefetch"),
    ],
)
async def test_a_call_that_says_too_little_is_told_where(client: httpx.AsyncClient, change: Json, pointer: str) -> None:
    answer = await client.post(VIEW, json=view(prefetch()) | change)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_there_is_no_other_service(client: httpx.AsyncClient) -> None:
    for path in ("/cds-services/none", "/cds-services/none/feedback"):
        body = (
            view(prefetch())
            if path.endswith("none")
            else {"feedback": [{"card": "x", "outcome": "accepted", "outcomeTimestamp": "2025-01-01T00:00:00Z"}]}
        )
        assert (await client.post(path, json=body)).status_code == 404


async def test_no_report_is_linked_that_is_closed_to_whoever_asks(app: FastAPI, client: httpx.AsyncClient) -> None:
    identifier = {"system": "urn:example:hospital", "value": f"MRN-{uuid4()}"}
    me = (await client.get("/v1/me")).json()["subject"]
    await client.post("/v1/patients", json={"identifiers": [identifier], "restricted_to": [me]})
    person = {"resourceType": "Patient", "id": PATIENT_ID, "identifier": [identifier]}
    call = view(prefetch(*FAILED_ONE, patient=person))
    async with client_of(app, await somebody(app, Role.CLINICIAN)) as other:
        for asking, links in ((client, 1), (other, 0)):
            [card] = await cards_for(asking, call)
            assert len(card.get("links", ())) == links


def test_a_summary_is_as_much_of_the_answer_as_there_is_room_for() -> None:
    known = SimpleNamespace(may_be_more=True, may_be_excluded=False)
    for text, expected in (
        ("One failed. " * 20, "By what was sent: not treatment-resistant: One failed. One failed. "),
        ("word " * 50, "By what was sent: not treatment-resistant: 1 of 2 failed medicines are certain."),
    ):
        known.assessment = SimpleNamespace(
            status=Status.NOT_RESISTANT, summary=text.strip(), confirmed_names=("x",), required=2
        )
        assert summary_of(known).startswith(expected)  # type: ignore[arg-type]
        assert len(summary_of(known)) < 140  # type: ignore[arg-type]
