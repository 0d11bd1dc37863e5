"""A condition that was not sent could exclude resistance: it is certain only where all conditions are here."""

from typing import Any

import httpx
import pytest

from tests.interop.cds_hooks.sent import FAILED_TWO, bundle, depression, prefetch, view
from tests.interop.cds_hooks.test_patient_view import cards_for

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
OUTCOME: Json = {"resourceType": "OperationOutcome", "issue": []}
NEXT = {"link": [{"relation": "next", "url": "https://ehr.example/page2"}]}


@pytest.mark.parametrize(
    "conditions",
    [
        None,
        OUTCOME,
        bundle(depression()) | NEXT,
        bundle() | {"total": 50},
        bundle(depression()) | {"total": 2},
        {"resourceType": "Bundle", "total": 2, "entry": [{"resource": depression()}, {"fullUrl": "urn:uuid:x"}]},
    ],
)
async def test_resistance_that_a_condition_could_exclude_is_not_certain(
    client: httpx.AsyncClient, conditions: Json | None
) -> None:
    sent = prefetch(*FAILED_TWO, conditions=conditions)
    if conditions is None:
        del sent["conditions"]
    [card] = await cards_for(client, view(sent))
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Treatment resistance cannot be told, conditions are missing: ")
    assert "**It cannot be told**" in card["detail"]
    assert "Missing, in whole or in part: conditions." in card["detail"]


async def test_what_stands_beside_the_matches_of_a_search_is_not_counted_as_one(client: httpx.AsyncClient) -> None:
    beside = [
        {"resource": OUTCOME, "search": {"mode": "outcome"}},
        {"resource": {"resourceType": "Encounter"}, "search": {"mode": "include"}},
    ]
    for total, whole in ((1, True), (2, False), ("many", True), (None, True)):
        answer = bundle(depression()) | {"total": total}
        answer["entry"] = [*answer["entry"], *beside]
        [card] = await cards_for(client, view(prefetch(*FAILED_TWO, conditions=answer)))
        assert card["summary"].startswith("Treatment-resistant depression: ") == whole
