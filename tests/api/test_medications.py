"""The formulary over HTTP: found, read, and refused with what to send instead."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.signed_in import client_of

pytestmark = pytest.mark.anyio


async def ask(client: httpx.AsyncClient, path: str, **query: str | int) -> httpx.Response:
    return await client.get(path, params=query)


async def found(client: httpx.AsyncClient, path: str, **query: str | int) -> Any:  # noqa: ANN401 - any JSON
    return (await ask(client, path, **query)).json()


@pytest.mark.parametrize("q", ["zolft", "sertralin", "36437", "N06AB06", "Zoloft 50 MG Oral Tablet"])
async def test_a_medicine_is_found_by_misspelling_code_and_product_name(client: httpx.AsyncClient, q: str) -> None:
    answer = await found(client, "/v1/medications", q=q)
    assert answer["items"][0]["id"] == "sertraline"
    assert answer["items"][0]["match"]["name"].casefold() in {"sertraline", "zoloft"}
    assert answer["next_cursor"] is None


async def test_without_a_question_the_whole_formulary_is_listed_by_name(client: httpx.AsyncClient) -> None:
    items = (await found(client, "/v1/medications"))["items"]
    assert (len(items), items[0]["id"], items[0]["match"]) == (86, "ademetionine", None)
    assert (await found(client, "/v1/medications", q="  ", limit=1))["items"] == items[:1]


async def test_one_medicine_says_what_each_table_asks_for_and_how_well_that_is_known(client: httpx.AsyncClient) -> None:
    answer = await found(client, "/v1/medications/venlafaxine")
    least = {dose["table"]: (dose["min_mg"], dose["evidence"]) for dose in answer["minimum_doses"]}
    assert (least["mgh_atrq"], least["canmat_2023"]) == ((150, "secondary"), (75, "primary"))
    assert (answer["class"], answer["atc"], answer["counts_as_antidepressant"]) == ("SNRI", "N06AX16", "met")


async def test_a_medicine_that_does_not_exist_is_a_problem_that_says_how_to_find_one(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "/v1/medications/zoloft")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "GET /v1/medications?q=" in answer.json()["detail"]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"q": "x" * 201}])
async def test_a_question_out_of_bounds_is_refused(client: httpx.AsyncClient, query: dict[str, str | int]) -> None:
    answer = await ask(client, "/v1/medications", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#query/{next(iter(query))}"


async def test_the_formulary_is_for_those_who_are_signed_in(app: FastAPI) -> None:
    async with client_of(app, None) as stranger:
        for path in ("/v1/medications", "/v1/medications/sertraline"):
            answer = await ask(stranger, path)
            assert (answer.status_code, answer.json()["type"]) == (401, "/problems/not-signed-in")


async def test_every_parameter_and_field_is_described(app: FastAPI) -> None:
    document = app.openapi()
    paths = {path: item for path, item in document["paths"].items() if path.startswith("/v1/medications")}
    assert len(paths) == 2
    for path, item in paths.items():
        assert all(parameter["description"] for parameter in item["get"]["parameters"]), path
    medicine = document["components"]["schemas"]["MedicinePublic"]["properties"]
    dose = document["components"]["schemas"]["MinimumDosePublic"]["properties"]
    for fields in (medicine, medicine["match"]["properties"], dose):
        assert all("description" in field for field in fields.values()), fields
