"""A question with a moment of knowledge is asked by the version of an own definition that stood at that moment."""

from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.api.test_kept_answers import sterner
from tests.definitions import own_definition
from tests.factories import SERTRALINE
from tests.registry.test_status import VENLAFAXINE

pytestmark = pytest.mark.anyio
ANY = {"If-Match": "*"}
ANSWERS = ("trd-status", "timeline", "treatment-options")
PAGES = ("timeline.svg", "report")


class Posted(NamedTuple):
    """A patient with two failed trials, a definition, and when each of its three versions was recorded."""

    patient: str
    slug: str
    recorded: list[str]
    before: str


@pytest.fixture
async def posted(client: httpx.AsyncClient, patient_id: str, trials: str) -> Posted:
    """The first version finds two failures, the second asks for more and finds none, the third withdraws it."""
    for each in (SERTRALINE, VENLAFAXINE):
        before = (await client.post(trials, json=each)).json()["created_at"]
    first = own_definition(title="Usual")
    less = {"failure": {"improvement_below_percent": 5}, "worked_cases": sterner(first)}
    second = {**first, "title": "Sterner", **less}
    for body in (first, second):
        answer = await client.post("/v1/definitions", json=body)
        assert answer.status_code == 201, answer.text
    slug = first["slug"]
    assert (await client.delete(f"/v1/definitions/{slug}", headers=ANY)).status_code == 204
    versions = (await client.get(f"/v1/definitions/{slug}/versions")).json()["items"]
    return Posted(f"/v1/patients/{patient_id}", slug, [each["recorded_at"] for each in versions], before)


async def ask(client: httpx.AsyncClient, posted: Posted, what: str, **query: Any) -> httpx.Response:  # noqa: ANN401
    return await client.get(f"{posted.patient}/{what}", params={"on": "2025-12-31", **query})


@pytest.mark.parametrize("what", ANSWERS)
async def test_the_version_that_stood_then_is_used(client: httpx.AsyncClient, posted: Posted, what: str) -> None:
    found = []
    for known_at in posted.recorded[:2]:
        answer = await ask(client, posted, what, definition=posted.slug, known_at=known_at)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        found.append((said["definition"]["version"], said["status"], said["known_at"] == known_at))
    assert found == [("1", "treatment_resistant", True), ("2", "not_treatment_resistant", True)]


@pytest.mark.parametrize("what", PAGES)
async def test_the_pages_use_the_version_that_stood_then(client: httpx.AsyncClient, posted: Posted, what: str) -> None:
    texts = [
        (await ask(client, posted, what, definition=posted.slug, known_at=known_at)).text
        for known_at in posted.recorded[:2]
    ]
    assert texts[0] != texts[1]
    if what == "report":
        assert [("Usual" in each, "Sterner" in each) for each in texts] == [(True, False), (False, True)]


@pytest.mark.parametrize("what", [*ANSWERS, *PAGES])
async def test_from_its_withdrawal_on_it_is_refused_and_before_its_first_version_too(
    client: httpx.AsyncClient, posted: Posted, what: str
) -> None:
    for query in ({}, {"known_at": posted.recorded[2]}):
        answer = await ask(client, posted, what, definition=posted.slug, **query)
        assert (answer.status_code, "withdrawn" in answer.json()["detail"]) == (422, True)
    answer = await ask(client, posted, what, definition=posted.slug, known_at=posted.before)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], "posted on" in error["message"]) == (422, "#query/definition", True)


async def test_side_by_side_each_stands_as_it_stood(client: httpx.AsyncClient, posted: Posted) -> None:
    found = []
    for known_at in (posted.before, *posted.recorded):
        said = (await ask(client, posted, "trd-status/by-definition", known_at=known_at)).json()
        mine = [each for each in said["answers"] if each["definition"]["id"] == posted.slug]
        found.append([(each["definition"]["version"], each["status"]) for each in mine])
    assert found == [[], [("1", "treatment_resistant")], [("2", "not_treatment_resistant")], []]


@pytest.mark.parametrize("what", [*ANSWERS, "trd-status/by-definition"])
async def test_an_answer_by_a_definition_that_is_younger_than_the_record_can_be_asked_again_by_its_own_moment(
    client: httpx.AsyncClient, posted: Posted, what: str
) -> None:
    body = own_definition(title="Younger")
    recorded = (await client.post("/v1/definitions", json=body)).json()["recorded_at"]
    query = {} if "by" in what else {"definition": body["slug"]}
    first = (await ask(client, posted, what, **query)).json()
    assert first["known_at"] == recorded
    later = {"definition": body["slug"], "title": "Younger still"}
    assert (await client.post("/v1/definitions", json={**body, "title": later["title"]})).status_code == 201
    again = (await ask(client, posted, what, **query, known_at=first["known_at"])).json()
    assert again == first


async def test_the_record_too_stays_as_it_was_known(client: httpx.AsyncClient, posted: Posted) -> None:
    """A trial recorded after the definition is not there for a question of the moment of the definition."""
    third = {"medication": {"text": "mirtazapine"}, "started": "2025-08"}
    assert (await client.post(f"{posted.patient}/medication-trials", json=third)).status_code == 201
    answer = await ask(client, posted, "trd-status", definition=posted.slug, known_at=posted.recorded[1])
    assert (answer.json()["definition"]["version"], len(answer.json()["trials"])) == ("2", 2)


async def test_the_ends_of_the_calendar_are_moments_too(client: httpx.AsyncClient, posted: Posted) -> None:
    for known_at, word in (("9999-12-31T23:59:59-12:00", "withdrawn"), ("0001-01-01T00:00:00+12:00", "posted on")):
        answer = await ask(client, posted, "trd-status", definition=posted.slug, known_at=known_at)
        assert (answer.status_code, word in answer.json()["detail"]) == (422, True)


async def test_a_name_that_never_was_is_answered_with_the_nearest(client: httpx.AsyncClient, posted: Posted) -> None:
    for what in ("trd-status", "report"):
        answer = await ask(client, posted, what, definition=f"{posted.slug}_{uuid4().hex}", known_at=posted.recorded[0])
        assert (answer.status_code, "Nearest" in answer.json()["errors"][0]["message"]) == (422, True)


async def test_who_asks_for_a_new_name_adds_no_version_to_one_that_is_there(client: httpx.AsyncClient) -> None:
    body, new = own_definition(), {"If-None-Match": "*"}
    assert (await client.post("/v1/definitions", json=body, headers=new)).status_code == 201
    for title in (body["title"], "Another"):
        refused = await client.post("/v1/definitions", json={**body, "title": title}, headers=new)
        assert (refused.status_code, 'newest version is "1"' in refused.json()["detail"]) == (412, True)
    await client.delete(f"/v1/definitions/{body['slug']}", headers=ANY)
    assert (await client.post("/v1/definitions", json=body, headers=new)).status_code == 412
    for tags, status in (('"2"', 412), ('"1", "7", nonsense', 201)):
        answer = await client.post("/v1/definitions", json=body, headers={"If-None-Match": tags})
        assert answer.status_code == status
