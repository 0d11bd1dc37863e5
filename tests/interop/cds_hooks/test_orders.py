"""order-select and order-sign: what the history says of a medicine that is being ordered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.interop.cds_hooks.rules import broken
from tests.interop.cds_hooks.sent import (
    FAILED_ONE,
    FAILED_TWO,
    PATIENT_ID,
    RXNORM,
    bundle,
    concept,
    depression,
    draft,
    orders,
    phq9,
    prefetch,
    statement,
)

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


async def cards_for(client: httpx.AsyncClient, call: Json) -> list[Json]:
    answer = await client.post(f"/cds-services/trd-{call['hook']}", json=call)
    assert answer.status_code == 200, answer.text
    assert broken(answer.json()) == []
    cards: list[Json] = answer.json()["cards"]
    assert all(card["overrideReasons"] for card in cards)
    return cards


def said(cards: list[Json]) -> list[tuple[str, str]]:
    return [(card["indicator"], card["summary"]) for card in cards]


async def test_a_medicine_that_failed_is_said_with_the_reasons(client: httpx.AsyncClient) -> None:
    [card] = await cards_for(client, orders(prefetch(depression(), *FAILED_ONE), draft("sertraline")))
    assert (card["indicator"], card["summary"]) == ("warning", "Sertraline already failed in this patient.")
    assert "5 % improvement; failure is below 50 %" in card["detail"]


async def test_a_medicine_of_unknown_outcome_is_not_called_failed(client: httpx.AsyncClient) -> None:
    untold = statement("sertraline", "2025-01-10", "2025-03-28")
    assert await cards_for(client, orders(prefetch(depression(), untold), draft("sertraline"))) == []


def taken_for(days: int, mg: float) -> tuple[Json, ...]:
    """Sertraline since so many days, hardly better."""
    today = datetime.now(UTC).date()
    began, rated = (today - timedelta(days=each) for each in (days, 1))
    first, last = phq9(began.isoformat(), 20), phq9(rated.isoformat(), 19)
    return statement("sertraline", began.isoformat(), None, mg), first, last


@pytest.mark.parametrize(
    ("days", "mg", "failed"), [(12, 25, False), (12, 100, False), (90, 25, False), (90, 100, True)]
)
async def test_a_medicine_that_is_being_begun_has_not_failed(
    client: httpx.AsyncClient, days: int, mg: float, *, failed: bool
) -> None:
    """Only a fair dose for a fair time can fail while it goes on."""
    sent = prefetch(depression(), *taken_for(days, mg))
    summaries = said(await cards_for(client, orders(sent, draft("sertraline", 50))))
    assert (("warning", "Sertraline already failed in this patient.") in summaries) == failed


async def test_several_orders_of_one_medicine_are_not_each_too_low_a_dose(client: httpx.AsyncClient) -> None:
    one, other = draft("venlafaxine", 37.5), draft("venlafaxine", 75, id="draft-more")
    assert await cards_for(client, orders(prefetch(depression()), one, other)) == []
    [(_, summary)] = said(await cards_for(client, orders(prefetch(depression()), one)))
    assert "37.5 mg of venlafaxine a day" in summary


async def test_a_third_of_a_class_of_which_two_failed_is_said(client: httpx.AsyncClient) -> None:
    other = {"coding": [{"system": RXNORM, "code": "2556", "display": "citalopram"}]}
    order = draft("sertraline", 20, medicationCodeableConcept=other)
    [card] = await cards_for(client, orders(prefetch(depression(), *FAILED_TWO), order))
    assert card["summary"] == (
        "Two or more medicines of the class of citalopram (SSRI) already failed: fluoxetine, sertraline."
    )
    another_class = orders(prefetch(depression(), *FAILED_TWO), draft("venlafaxine", 150))
    assert not any("class" in summary for _, summary in said(await cards_for(client, another_class)))


async def test_a_dose_below_the_adequate_one_is_said_with_its_source(client: httpx.AsyncClient) -> None:
    for mg, expected in ((25, "25 mg of sertraline a day is ordered; at least 50 mg is held adequate."), (50, None)):
        cards = await cards_for(client, orders(prefetch(), draft("sertraline", mg)))
        assert [card["summary"] for card in cards] == ([expected] if expected else [])
        assert all(card["source"]["label"] == "MGH-ATRQ minimum doses" for card in cards)


async def test_what_the_record_raises_against_it_is_said_the_gravest_first(client: httpx.AsyncClient) -> None:
    taken = statement("phenelzine", "2025-12-01", None, 45)
    cards = await cards_for(client, orders(prefetch(depression(), *FAILED_ONE, taken), draft("sertraline", 25)))
    assert [card["indicator"] for card in cards] == ["critical", "warning", "info"]
    assert "serotonin syndrome" in cards[0]["summary"]
    assert "Source (secondary): " in cards[0]["detail"]


async def test_two_drafts_that_do_not_go_together_are_said(client: httpx.AsyncClient) -> None:
    both = (draft("phenelzine", 60), draft("sertraline"))
    cards = await cards_for(client, orders(prefetch(), *both))
    assert [card["indicator"] for card in cards] == ["critical", "critical"]
    assert "being ordered as well" in cards[0]["detail"]


async def test_only_what_was_selected_now_has_cards(client: httpx.AsyncClient) -> None:
    both = (draft("phenelzine", 60), draft("sertraline", 25))
    call = orders(prefetch(), *both, hook="order-select", selections=["MedicationRequest/draft-sertraline"])
    cards = await cards_for(client, call)
    assert [summary.split()[0] for _, summary in said(cards)] == ["Sertraline:", "25"]


async def test_without_a_history_it_is_said_that_it_was_not_checked(client: httpx.AsyncClient) -> None:
    [card] = await cards_for(client, orders(None, draft("sertraline")))
    assert "were not checked" in card["summary"]
    assert "medication statements" in card["detail"]
    assert await cards_for(client, orders(prefetch(), draft("sertraline"))) == []


async def test_a_draft_is_no_trial(client: httpx.AsyncClient) -> None:
    asked = draft("sertraline")
    sent = prefetch(depression(), medicationRequests=bundle(asked | {"intent": "order"}))
    assert await cards_for(client, orders(sent, asked)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"category": {"coding": [{"code": "community"}]}},
        {"intent": None},
        {"status": None},
        {"dosageInstruction": {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}},
        {"resourceType": "MedicationOrder"},
        {"medicationCodeableConcept": None, "medicationReference": {"reference": "#m"}},
        {"subject": "Patient/1288992", "dosageInstruction": None},
    ],
)
async def test_drafts_that_are_no_valid_r4_are_understood(client: httpx.AsyncClient, change: Json) -> None:
    contained = [{"resourceType": "Medication", "id": "m", "code": concept("sertraline")}]
    order = {
        key: value for key, value in (draft("sertraline", contained=contained) | change).items() if value is not None
    }
    cards = await cards_for(client, orders(prefetch(depression(), *FAILED_ONE), order))
    assert "Sertraline already failed in this patient." in [card["summary"] for card in cards]


ONCE, TWICE = ({"frequency": times, "period": 1} for times in (1, 2))


@pytest.mark.parametrize(
    "dosage",
    [
        {
            "doseAndRate": {"doseQuantity": {"value": 25, "unit": "mg"}},
            "timing": {"repeat": ONCE | {"periodUnit": "d"}},
        },
        {"doseQuantity": {"value": 12.5, "unit": "mg"}, "timing": {"repeat": TWICE | {"periodUnits": "d"}}},
        {"doseQuantity": {"value": 25, "unit": "mg"}, "timing": {"repeat": ONCE | {"unit": "d"}}},
        {"doseQuantity": {"value": 25, "code": "mg"}, "timing": {"code": {"coding": [{"code": "QD"}]}}},
    ],
)
async def test_doses_that_are_no_valid_r4_are_understood(client: httpx.AsyncClient, dosage: Json) -> None:
    for instructions in ([dosage], dosage):
        cards = await cards_for(client, orders(prefetch(), draft("sertraline", dosageInstruction=instructions)))
        assert [summary for _, summary in said(cards)] == [
            "25 mg of sertraline a day is ordered; at least 50 mg is held adequate."
        ]


async def test_orders_of_earlier_versions_are_understood(client: httpx.AsyncClient) -> None:
    old = draft("sertraline", 25) | {"resourceType": "MedicationOrder"}
    call = orders(prefetch())
    call["context"] = {"patientId": PATIENT_ID, "medications": [old]}
    assert len(await cards_for(client, call)) == 1


async def test_an_order_that_contradicts_itself_is_not_guessed(client: httpx.AsyncClient) -> None:
    torn = {"coding": [{"system": RXNORM, "code": "36437"}], "text": "escitalopram"}
    order = draft("sertraline", medicationCodeableConcept=torn)
    [card] = await cards_for(client, orders(prefetch(), order))
    assert (card["indicator"], card["summary"]) == (
        "warning",
        "The order names two different medicines; nothing was checked for it.",
    )


async def test_orders_that_are_taken_back_have_no_cards(client: httpx.AsyncClient) -> None:
    for change in ({"doNotPerform": True}, {"status": "cancelled"}):
        assert await cards_for(client, orders(prefetch(*FAILED_ONE), draft("sertraline", **change))) == []
