"""What a score corresponds to on another scale, at the JSON edge."""

import httpx
import pytest

pytestmark = pytest.mark.anyio
WHERE = "/v1/scales/crosswalk"


async def test_a_score_is_answered_as_a_range_with_cautions(client: httpx.AsyncClient) -> None:
    answer = await client.get(WHERE, params={"from": "qids_sr16", "to": "hamd17", "score": 14})
    said = answer.json()
    assert answer.status_code == 200
    assert (said["from"], said["to"], said["score"], said["first"], said["last"]) == ("qids_sr16", "hamd17", 14, 18, 19)
    assert len(said["cautions"]) == 3


async def test_an_unknown_scale_is_refused_with_those_that_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.get(WHERE, params={"from": "phq9", "to": "hamd17", "score": 14})
    assert answer.status_code == 422
    assert "qids_sr16" in answer.json()["errors"][0]["message"]


async def test_a_scale_is_still_read_by_its_name(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/scales/phq9")).json()["id"] == "phq9"
