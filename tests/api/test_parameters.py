"""A misspelt or repeated parameter is refused: the answer would be to another question."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.factories import SERTRALINE, Json
from web.problems import MOST_SAID

pytestmark = pytest.mark.anyio
NOWHERE = "01a208e7-e5cf-75fd-ae4a-000000000000"
STATUS = f"/v1/patients/{NOWHERE}/trd-status"
WRONG: dict[str, tuple[str, str, list[str]]] = {
    "several for one": (f"{STATUS}?definitions=fda_label", "#query/definitions", ["definition"]),
    "upper case": (f"{STATUS}?Definition=fda_label", "#query/Definition", ["definition"]),
    "nothing near": (f"{STATUS}?asof=2020-01-01", "#query/asof", ["definition", "on", "known_at"]),
    "sent twice": (f"{STATUS}?definition=fda_label&definition=gsrd", "#query/definition", []),
    "the same sent twice": (f"{STATUS}?on=2025-01-01&on=2025-01-01", "#query/on", []),
    "no name": (f"{STATUS}?=fda_label", "#query/", ["definition", "on", "known_at"]),
    "a name to escape": (f"{STATUS}?a/b~c=1", "#query/a~1b~0c", ["definition", "on", "known_at"]),
    "by definition": (f"{STATUS}/by-definition?definition=fda_label", "#query/definition", ["on", "known_at"]),
    "staging": (f"/v1/patients/{NOWHERE}/staging?methods=maudsley", "#query/methods", ["method"]),
    "a list": (f"/v1/patients/{NOWHERE}/episodes?Limit=5", "#query/Limit", ["limit"]),
    "a search": ("/v1/medications?query=zoloft", "#query/query", ["q", "limit"]),
    "no parameters at all": ("/v1/scales?limit=5", "#query/limit", []),
    "a picture": (f"/v1/patients/{NOWHERE}/timeline.svg?with=340", "#query/with", ["width"]),
}


@pytest.mark.parametrize(("address", "pointer", "suggestions"), WRONG.values(), ids=WRONG.keys())
async def test_a_parameter_that_is_not_read_is_refused_with_the_nearest(
    client: httpx.AsyncClient, address: str, pointer: str, suggestions: list[str]
) -> None:
    answer = await client.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json"), answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["suggestions"]) == (pointer, suggestions)
    assert all(f"`{name}`" in fault["message"] for name in suggestions)


async def test_what_may_be_sent_several_times_may(client: httpx.AsyncClient, patient_id: str) -> None:
    answer = await client.get(f"/v1/patients/{patient_id}?include=episodes&include=assessments")
    assert answer.status_code == 200, answer.text


async def test_posts_and_changes_take_no_unknown_parameters_either(client: httpx.AsyncClient, trials: str) -> None:
    for address in (trials, "/v1/evaluate"):
        answer = await client.post(f"{address}?dry_run=true", json=SERTRALINE)
        assert answer.json()["errors"][0]["pointer"] == "#query/dry_run"
    assert (await client.get(trials)).json()["items"] == []
    made = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    for method, body in (("PATCH", {"note": "Changed."}), ("DELETE", None)):
        answer = await client.request(method, f"{made}?force=1", json=body, headers={"If-Match": "*"})
        assert answer.json()["errors"][0]["pointer"] == "#query/force"
    assert (await client.get(made)).json()["version"] == 1


def routes(app: FastAPI) -> Iterator[APIRoute]:
    yield from (each for each in app.router.routes if isinstance(each, APIRoute) and each.path.startswith("/v1/"))


async def test_every_operation_refuses_what_it_does_not_read(client: httpx.AsyncClient, app: FastAPI) -> None:
    asked = 0
    for route in routes(app):
        address = route.path.format_map(dict.fromkeys(route.param_convertors, NOWHERE))
        for method in route.methods:
            sent: Json | None = {} if method in {"POST", "PATCH"} else None
            answer = await client.request(method, address, params={"nonsense": "1"}, json=sent)
            assert answer.status_code == 422, (method, address, answer.text)
            assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#query/nonsense"], address
            asked += 1
    assert asked > 60


async def test_a_crowd_of_parameters_is_counted_and_long_names_are_cut(client: httpx.AsyncClient) -> None:
    crowd = "&".join(f"definition{number}" for number in range(3000))
    said = (await client.get(f"{STATUS}?{crowd}")).json()
    assert (len(said["errors"]), said["more_errors"]) == (MOST_SAID, 3000 - MOST_SAID)
    answer = await client.get(f"{STATUS}?{'d' * 30_000}=1")
    assert len(answer.content) < 1000
