"""A card that was overridden with a reason is not shown again, until the facts behind it change."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from tests.interop.cds_hooks.sent import FAILED_ONE, FAILED_TWO, depression, draft, orders, phq9, prefetch, view

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
VIEW, SIGN, SELECT = (f"/cds-services/trd-{hook}" for hook in ("patient-view", "order-sign", "order-select"))
REASON = {"reason": {"system": "urn:trialbook:cds-hooks:override-reasons", "code": "considered"}}
COMMENT = "She told me that she prefers it"


def somebody_new(call: Json) -> Json:
    """The same call about a patient of whom nothing was ever said."""
    return call | {"context": call["context"] | {"patientId": str(uuid4())}}


def anonymous(*resources: Json) -> list[Json]:
    """Resources that name nobody, so that they can be anybody's."""
    return [{key: value for key, value in each.items() if key != "subject"} for each in resources]


async def ids(client: httpx.AsyncClient, call: Json, path: str = VIEW) -> list[str]:
    answer = await client.post(path, json=call)
    assert answer.status_code == 200, answer.text
    return [card["uuid"] for card in answer.json()["cards"]]


async def tell(client: httpx.AsyncClient, card: str, outcome: str = "overridden", **more: Any) -> Json:  # noqa: ANN401
    entry = {"card": card, "outcome": outcome, "outcomeTimestamp": "2025-06-01T10:00:00Z", **more}
    answer = await client.post(f"{VIEW}/feedback", json={"feedback": [entry]})
    assert answer.status_code == 200, answer.text
    said: Json = answer.json()
    return said


def status_call(*more: Json) -> Json:
    person = {"resourceType": "Patient", "gender": "female"}
    return view(prefetch(*anonymous(depression(), *FAILED_ONE, *more), patient=person))


async def test_a_card_set_aside_with_a_reason_comes_back_when_its_facts_change(client: httpx.AsyncClient) -> None:
    call = somebody_new(status_call())
    [card] = await ids(client, call)
    assert await ids(client, call) == [card]
    assert await tell(client, card, overrideReason=REASON) == {"received": 1}
    assert await ids(client, call) == []
    assert len(await ids(client, somebody_new(call))) == 1, "another patient on the same facts"
    changed = status_call(phq9("2025-09-01", 5)) | {"context": call["context"]}
    [later] = await ids(client, changed)
    assert later != card


@pytest.mark.parametrize(
    ("given", "again"),
    [
        ({"overrideReason": REASON}, 0),
        ({"overrideReason": {"userComment": COMMENT}}, 0),
        ({"overrideReason": {"reason": {"code": "of-the-ehr", "system": "urn:ehr"}}}, 0),
        ({"overrideReason": {"userComment": " "}}, 1),
        ({"overrideReason": {}}, 1),
        ({}, 1),
        ({"outcome": "accepted", "acceptedSuggestions": [{"id": "x"}]}, 1),
    ],
)
async def test_only_overriding_with_a_reason_sets_a_card_aside(
    client: httpx.AsyncClient, given: Json, again: int
) -> None:
    call = somebody_new(status_call())
    [card] = await ids(client, call)
    await tell(client, card, **given)
    assert len(await ids(client, call)) == again


async def test_a_card_on_an_order_is_set_aside_whichever_hook_shows_it(client: httpx.AsyncClient) -> None:
    order = draft("sertraline") | {"subject": {}}
    call = somebody_new(orders(status_call(*FAILED_TWO[3:])["prefetch"], order))
    selecting = call | {"hook": "order-select"}
    cards = await ids(client, call, SIGN)
    assert len(cards) == 2
    assert await ids(client, selecting, SELECT) == cards
    await tell(client, cards[0], overrideReason=REASON)
    assert await ids(client, call, SIGN) == await ids(client, selecting, SELECT) == cards[1:]


async def test_the_latest_that_was_done_counts_in_whatever_order_it_is_told(client: httpx.AsyncClient) -> None:
    call = somebody_new(status_call())
    [card] = await ids(client, call)
    await tell(client, card, "accepted", outcomeTimestamp="2025-06-02T10:00:00Z")
    await tell(client, card, overrideReason=REASON)
    assert len(await ids(client, call)) == 1
    await tell(client, card, overrideReason=REASON, outcomeTimestamp="2025-06-03T12:00:00+02:00")
    assert await ids(client, call) == []


async def test_what_is_said_to_be_done_in_the_future_counts_as_done_now(client: httpx.AsyncClient) -> None:
    call = somebody_new(status_call())
    [card] = await ids(client, call)
    await tell(client, card, "accepted", outcomeTimestamp="2099-06-02T10:00:00Z")
    await tell(client, card, overrideReason=REASON)
    assert len(await ids(client, call)) == 1, "that was long before"
    now = datetime.now(UTC).isoformat()
    await tell(client, card, overrideReason=REASON, outcomeTimestamp=now)
    assert await ids(client, call) == []


async def test_of_cards_that_were_not_made_here_nothing_is_kept(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    strange = str(uuid4())
    assert await tell(client, strange, overrideReason=REASON) == {"received": 0, "notKnown": [strange]}
    said = await tell(client, "no uuid at all", overrideReason=REASON)
    assert said == {"received": 0, "notKnown": ["no uuid at all"]}
    assert await connection.fetchval("SELECT count(*) FROM card_feedback WHERE card = $1", UUID(strange)) == 0


async def test_nothing_of_the_patient_is_kept_with_it(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    call = somebody_new(status_call())
    [card] = await ids(client, call)
    await tell(client, card, overrideReason={"userComment": COMMENT, **REASON})
    row = await connection.fetchrow("SELECT * FROM card_feedback WHERE card = $1", UUID(card))
    held = " ".join(map(str, row.values()))
    assert (row["reason"], row["outcome"], row["service"]) == ("considered", "overridden", "trd-patient-view")
    for told in (call["context"]["patientId"], COMMENT, "sertraline"):
        assert told not in held


async def test_a_year_later_the_card_is_shown_again(client: httpx.AsyncClient, connection: asyncpg.Connection) -> None:
    call = somebody_new(status_call())
    [card] = await ids(client, call)
    await tell(client, card, overrideReason=REASON)
    await connection.execute("UPDATE card_feedback SET recorded_at = recorded_at - interval '366 days'")
    [other] = await ids(client, somebody_new(call))
    await tell(client, other)
    assert await ids(client, call) == [card]


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"outcome": "ignored"},
        {"outcomeTimestamp": "2025-06-01T10:00:00"},
        {"outcomeTimestamp": "yesterday"},
        {"card": None},
    ],
)
async def test_feedback_that_says_too_little_is_told_where(client: httpx.AsyncClient, entry: Json) -> None:
    whole = {"card": str(uuid4()), "outcome": "accepted", "outcomeTimestamp": "2025-06-01T10:00:00Z"}
    body = {"feedback": [whole | entry]} if entry else {"feedback": []}
    answer = await client.post(f"{VIEW}/feedback", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/feedback")
