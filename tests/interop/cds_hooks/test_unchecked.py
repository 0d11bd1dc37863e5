"""What is being ordered and was not checked is said: another patient's, too many at once, or selected unclearly."""

from typing import Any

import httpx
import pytest

from tests.interop.cds_hooks.rules import broken
from tests.interop.cds_hooks.sent import CODES, FAILED_ONE, depression, draft, orders, prefetch

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
SENT = prefetch(depression(), *FAILED_ONE)
FAILED = "Sertraline already failed in this patient."
UNCHECKED = "Not everything that is being ordered was checked."


async def said(client: httpx.AsyncClient, *drafts: Json, **more: object) -> list[tuple[str, str]]:
    """The summaries and details of the cards."""
    call = orders(SENT, *drafts, hook="order-select", **more)
    answer = await client.post("/cds-services/trd-order-select", json=call)
    assert answer.status_code == 200, answer.text
    assert broken(answer.json()) == []
    return [(card["summary"], card["detail"]) for card in answer.json()["cards"]]


def of_no_interest(count: int) -> list[Json]:
    code = {"text": "ibuprofen"}
    return [draft("sertraline", medicationCodeableConcept=code, id=f"i{number}") for number in range(count)]


def doses(count: int) -> list[Json]:
    """So many different orders of medicines that are known."""
    return [draft(list(CODES)[1], 200 + number, id=f"v{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("before", "more"),
    [
        (of_no_interest(25), {}),
        (of_no_interest(250), {"selections": ["MedicationRequest/draft-sertraline"]}),
        (doses(20), {"selections": ["MedicationRequest/draft-sertraline"]}),
    ],
)
async def test_the_one_that_matters_is_found_among_many(
    client: httpx.AsyncClient, before: list[Json], more: Json
) -> None:
    found = await said(client, *before, draft("sertraline"), **more)
    assert found[0][0] == FAILED
    assert (UNCHECKED in dict(found)) == (len(before) == 250), "those that stand beside are looked at as far as it goes"


@pytest.mark.parametrize("before", [of_no_interest(200), doses(20)])
async def test_what_there_is_no_room_for_is_said(client: httpx.AsyncClient, before: list[Json]) -> None:
    found = dict(await said(client, *before, draft("sertraline")))
    assert FAILED not in found
    assert "Drafts beyond what one call is checked for: 1 (at most 20 medicines of 200 drafts)." in found[UNCHECKED]


@pytest.mark.parametrize("subject", ["Patient/other", "Group/9", "urn:uuid:other"])
async def test_a_draft_of_another_patient_is_not_judged_by_this_history(
    client: httpx.AsyncClient, subject: str
) -> None:
    other = draft("sertraline", subject={"reference": subject})
    [(summary, detail)] = await said(client, other)
    assert summary == UNCHECKED
    assert "another patient than the one of the call: 1." in detail
    assert await said(client, *(each | {"subject": {"reference": subject}} for each in of_no_interest(1))) == []
    beside = draft("phenelzine", 60, subject={"reference": subject})
    selections = ["MedicationRequest/draft-sertraline"]
    assert [each for each, _ in await said(client, beside, draft("sertraline"), selections=selections)] == [FAILED]


@pytest.mark.parametrize(
    "name",
    [
        "draft-sertraline",
        " MedicationRequest/draft-sertraline ",
        "https://ehr.example/fhir/MedicationRequest/draft-sertraline",
        "MedicationRequest/draft-sertraline/_history/1",
        "urn:uuid:draft-sertraline",
    ],
)
async def test_a_selection_is_understood_however_it_names_its_draft(client: httpx.AsyncClient, name: str) -> None:
    both = (draft("venlafaxine", 150), draft("sertraline"))
    assert FAILED in [summary for summary, _ in await said(client, *both, selections=[name])]


@pytest.mark.parametrize("name", ["MedicationRequest/other", "other", "twice"])
async def test_a_selection_that_names_no_draft_or_two_is_said(client: httpx.AsyncClient, name: str) -> None:
    two = (draft("sertraline", id="twice"), draft("sertraline", id="twice", resourceType="MedicationOrder"))
    [(summary, detail)] = await said(client, *two, selections=[name])
    assert summary == UNCHECKED
    assert "name none of the drafts that were sent, or more than one: 1." in detail


async def test_a_selection_of_what_is_no_medicine_is_no_matter(client: httpx.AsyncClient) -> None:
    for name in ("ServiceRequest/x-ray", "NutritionOrder/diet"):
        assert await said(client, draft("sertraline"), selections=[name]) == []
