"""Rating scales: what their numbers mean."""

import httpx
import pytest

from tests.factories import PHQ9, varied

pytestmark = pytest.mark.anyio


@pytest.fixture
def ratings(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/assessments"


async def test_the_total_is_computed_from_the_items(client: httpx.AsyncClient, ratings: str) -> None:
    said = (await client.post(ratings, json=varied(PHQ9, total_score=None))).json()
    assert said["total_score"] == 17
    assert said["severity"] == {"band": "moderate", "label": "moderately severe"}
    assert said["safety"]["level"] == "review"


async def test_an_item_not_answered_leaves_the_total_unknown(client: httpx.AsyncClient, ratings: str) -> None:
    items = [2, 2, 2, 2, 2, 2, 2, 2, None]
    said = (await client.post(ratings, json=varied(PHQ9, total_score=None, items=items))).json()
    assert said["total_score"] is None
    assert said["severity"] is None
    assert said["safety"]["level"] == "unknown"
    assert said["trend"] is None


async def test_a_total_may_stand_beside_items_that_are_not_all_answered(
    client: httpx.AsyncClient, ratings: str
) -> None:
    items = [2, 2, 2, 2, 2, 2, 2, 2, None]
    said = (await client.post(ratings, json=varied(PHQ9, total_score=18, items=items))).json()
    assert said["total_score"] == 18


async def test_a_whole_number_may_be_written_with_a_point(client: httpx.AsyncClient, ratings: str) -> None:
    said = await client.post(ratings, json=varied(PHQ9, total_score=17.0, items=None))
    assert said.json()["total_score"] == 17


async def test_the_rater_is_the_scales_own_unless_said(client: httpx.AsyncClient, ratings: str) -> None:
    madrs = {"instrument": "madrs", "assessed_on": "2025", "total_score": 30}
    assert (await client.post(ratings, json=madrs)).json()["rater"] == "clinician"
    assert (await client.post(ratings, json=varied(PHQ9, rater=None))).json()["rater"] == "self"


async def test_the_trend_is_against_the_one_before_on_the_same_scale(client: httpx.AsyncClient, ratings: str) -> None:
    first = (await client.post(ratings, json=rated("2025-01", 20))).json()
    await client.post(ratings, json={"instrument": "gad7", "assessed_on": "2025-01-20", "total_score": 5})
    second = (await client.post(ratings, json=rated("2025-02-01", 10))).json()
    assert first["trend"] is None
    assert second["trend"] == {
        "previous_id": first["id"],
        "previous_on": "2025-01",
        "previous_total": 20,
        "change": -10,
        "percent": 50,
        "direction": "improved",
    }
    worse = (await client.post(ratings, json=rated("2025-03-01", 15))).json()["trend"]
    assert (worse["direction"], worse["percent"]) == ("worse", -50)
    same = (await client.post(ratings, json=rated("2025-04-01", 15))).json()["trend"]
    assert (same["direction"], same["change"]) == ("unchanged", 0)
    between = (await client.post(ratings, json=rated("2025-02-10", 0))).json()["trend"]
    assert between["previous_id"] == second["id"]
    listed = {item["id"]: item["trend"] for item in (await client.get(ratings)).json()["items"]}
    assert listed[second["id"]] == second["trend"]


async def test_a_rating_that_may_be_later_is_not_the_one_before(client: httpx.AsyncClient, ratings: str) -> None:
    await client.post(ratings, json=rated("2025", 20))
    assert (await client.post(ratings, json=rated("2025-02-01", 10))).json()["trend"] is None


async def test_a_change_from_nothing_has_no_percentage(client: httpx.AsyncClient, ratings: str) -> None:
    await client.post(ratings, json=rated("2025-01-01", 0))
    trend = (await client.post(ratings, json=rated("2025-02-01", 4))).json()["trend"]
    assert (trend["percent"], trend["direction"]) == (None, "worse")


async def test_judgements_against_the_start_are_not_compared(client: httpx.AsyncClient, ratings: str) -> None:
    for day in ("2025-01-01", "2025-02-01"):
        said = (await client.post(ratings, json={"instrument": "cgi_i", "assessed_on": day, "total_score": 2})).json()
    assert said["trend"] is None
    assert said["safety"] is None


async def test_corrected_items_give_a_new_total(client: httpx.AsyncClient, ratings: str) -> None:
    location = (await client.post(ratings, json=PHQ9)).headers["Location"]
    patch = {"items": [0, 0, 0, 0, 0, 0, 0, 0, 3]}
    said = (await client.patch(location, json=patch, headers={"If-Match": "*"})).json()
    assert said["total_score"] == 3
    assert said["safety"]["level"] == "urgent"


@pytest.mark.parametrize(
    ("instrument", "items", "level"),
    [
        ("phq9", [0] * 9, "none_reported"),
        ("phq9", [*[0] * 8, 1], "review"),
        ("phq9", [*[0] * 8, 2], "urgent"),
        ("madrs", [*[0] * 9, 6], "emergency"),
        ("hamd17", [4, 4, 4, *[0] * 14], "emergency"),
        ("phq9", [*[3] * 8, None], "unknown"),
        ("phq9", None, "unknown"),
    ],
)
async def test_the_answer_says_at_once_what_the_item_on_suicidal_thoughts_asks_for(
    instrument: str, items: list[int | None] | None, level: str, client: httpx.AsyncClient, ratings: str
) -> None:
    total = 12 if items is None else None
    body = {"instrument": instrument, "assessed_on": "2025-01-10", "items": items, "total_score": total}
    answer = await client.post(ratings, json=body)
    safety = answer.json()["safety"]
    assert (answer.status_code, safety["level"]) == (201, level)
    if level == "none_reported":
        assert "This does not rule out risk." in safety["sentence"]
    if level == "unknown":
        assert "This is not a zero: ask about suicidal thoughts." in safety["sentence"]


async def test_the_document_says_how_to_read_the_level(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    words = document["paths"]["/v1/patients/{patient_id}/assessments"]["post"]["description"]
    assert "Read `safety` first" in words
    assert "a zero does not rule out risk" in words
    assert (
        "zero no reassurance"
        in document["components"]["schemas"]["AssessmentPublic"]["properties"]["safety"]["description"]
    )


def rated(day: str, total: int) -> dict[str, object]:
    return {"instrument": "phq9", "assessed_on": day, "total_score": total}
