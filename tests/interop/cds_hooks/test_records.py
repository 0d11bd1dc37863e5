"""Requests as the standard's examples and its sandbox build them: each is understood as far as possible."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
LINES = (Path(__file__).parent / "records.ndjson").read_text("utf-8").splitlines()
RECORDS: dict[str, Any] = {record.get("id") or record["case"]: record["payload"] for record in map(json.loads, LINES)}
# By hand: which cards each of them gives. None of the first seven orders an antidepressant, or holds a history.
EXPECTED: dict[str, list[str]] = {
    "docs/examples.md#0": [],
    "docs/examples.md#2": [],
    "docs/quickstart.md#2": ["was not evaluated: the history of medicines was not sent"],
    "docs/hooks/order-select.md#0": [],
    "docs/hooks/order-select.md#1": [],
    "docs/hooks/order-sign.md#0": [],
    "docs/hooks/order-sign.md#1": [],
    # Two pills of 50 mg and of 25 mg a day; MGH-ATRQ has 150 mg for both.
    "sandbox-order-select-857302": ["100 mg of clomipramine a day is ordered; at least 150 mg", "was not sent"],
    "sandbox-order-sign-328764": ["50 mg of trimipramine a day is ordered; at least 150 mg", "was not sent"],
    # 2 x 2 x 45 mg, 100 mg, 2 x 100 mg, 2 x 75 mg: none is below what is held adequate.
    "sandbox-order-sign-261135": ["was not sent"],
    "sandbox-order-select-328670": ["was not sent"],
    "sandbox-order-select-312938": ["was not sent"],
    "sandbox-order-sign-313585": ["was not sent"],
}


def service_for(name: str, payload: dict[str, Any]) -> str:
    """The service of its hook; the pages on hooks leave it to their own name."""
    named = payload.get("hook") or name.rpartition("/")[2].partition(".")[0]
    return f"/cds-services/trd-{named}"


def test_every_record_has_its_cards_written_down() -> None:
    assert RECORDS.keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_request_of_the_standard_is_answered_with_the_cards_that_it_gives(
    client: httpx.AsyncClient, name: str
) -> None:
    payload = RECORDS[name]
    answer = await client.post(service_for(name, payload), json=payload)
    assert answer.status_code == 200, answer.text
    cards = answer.json()["cards"]
    assert len(cards) == len(EXPECTED[name])
    for card, words in zip(cards, EXPECTED[name], strict=True):
        assert words in card["summary"]
        assert card["indicator"] == "info"
