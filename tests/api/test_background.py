"""Contributing factors and results that were scored elsewhere, through the API."""

import httpx
import pytest

from clinical.background import FACTORS_OF, ContributingFactor, FactorCategory
from tests.factories import FACTOR, SCORE, Json, varied

pytestmark = pytest.mark.anyio


@pytest.fixture
def factors(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/contributing-factors"


@pytest.fixture
def scores(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/external-scores"


def test_every_factor_makes_sense_somewhere_and_other_everywhere() -> None:
    assert set().union(*FACTORS_OF.values()) == set(ContributingFactor)
    assert all(ContributingFactor.OTHER in FACTORS_OF[category] for category in FactorCategory)


@pytest.mark.parametrize("category", list(FactorCategory))
async def test_a_factor_is_taken_where_it_makes_sense_alone(
    client: httpx.AsyncClient, factors: str, category: FactorCategory
) -> None:
    for factor in ContributingFactor:
        answer = await client.post(factors, json=varied(FACTOR, category=category, factor=factor))
        assert answer.status_code == (201 if factor in FACTORS_OF[category] else 422), (factor, answer.text)


async def test_a_factor_of_another_category_is_refused_with_what_to_send_instead(
    client: httpx.AsyncClient, factors: str
) -> None:
    answer = await client.post(factors, json=varied(FACTOR, category="genetics", factor="trauma"))
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/factor"
    assert "`category` environmental" in fault["message"]
    assert "family_history" in fault["suggestions"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"noted_on": "2099"}, "/noted_on"),
        ({"certainty": None}, "/certainty"),
        ({"certainty": "sure"}, "/certainty"),
        ({"category": None}, "/category"),
        ({"factor": "bad_luck"}, "/factor"),
    ],
)
async def test_a_factor_that_cannot_be_is_refused(
    client: httpx.AsyncClient, factors: str, changes: Json, pointer: str
) -> None:
    answer = await client.post(factors, json=varied(FACTOR, **changes))
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_a_suspicion_becomes_certain_and_both_are_kept(client: httpx.AsyncClient, factors: str) -> None:
    location = (await client.post(factors, json=varied(FACTOR, noted_on=None))).headers["Location"]
    await client.patch(location, json={"certainty": "confirmed", "noted_on": "2025-02"}, headers={"If-Match": '"1"'})
    moved = await client.patch(location, json={"category": "genetics"}, headers={"If-Match": "*"})
    assert moved.json()["errors"][0]["pointer"] == "/factor"
    history = (await client.get(f"{location}/history")).json()["items"]
    assert [each["record"]["certainty"] for each in history] == ["suspected", "confirmed"]
    assert [each["record"]["noted_on"] for each in history] == [None, "2025-02"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"score": -1}, "/score"),
        ({"score": 100}, "/score"),
        ({"score": 1000}, "/score"),
        ({"score": 2.5}, "/score"),
        ({"score": None}, "/score"),
        ({"scored_on": "2099"}, "/scored_on"),
        ({"scored_on": None}, "/scored_on"),
        ({"instrument": "phq9"}, "/instrument"),
    ],
)
async def test_a_score_that_cannot_be_is_refused(
    client: httpx.AsyncClient, scores: str, changes: Json, pointer: str
) -> None:
    answer = await client.post(scores, json=varied(SCORE, **changes))
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], answer.text


async def test_a_score_from_none_to_the_highest_is_kept_as_it_was_given(client: httpx.AsyncClient, scores: str) -> None:
    for score in (0, 99):
        made = await client.post(scores, json=varied(SCORE, score=score, rater=None))
        assert (made.status_code, made.json()["score"], made.json()["rater"]) == (201, score, None)
    too_high = await client.patch(made.headers["Location"], json={"score": 100}, headers={"If-Match": "*"})
    assert too_high.json()["errors"][0]["pointer"] == "/score"
