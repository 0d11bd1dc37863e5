"""The formulary over HTTP: found, read, and refused with what to send instead."""

import anyio
import httpx
import pytest
from fastapi import FastAPI

from api.errors import add_error_handlers
from api.medications import router


@pytest.fixture(scope="module")
def service() -> FastAPI:
    """The formulary's own routes: they need no database."""
    app = FastAPI()
    app.include_router(router)
    add_error_handlers(app)
    return app


def ask(service: FastAPI, path: str, **query: str | int) -> httpx.Response:
    async def answered() -> httpx.Response:
        transport = httpx.ASGITransport(app=service)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get(path, params=query)

    return anyio.run(answered)


@pytest.mark.parametrize("q", ["zolft", "sertralin", "36437", "N06AB06", "Zoloft 50 MG Oral Tablet"])
def test_a_medicine_is_found_by_misspelling_code_and_product_name(service: FastAPI, q: str) -> None:
    answer = ask(service, "/v1/medications", q=q).json()
    assert answer["items"][0]["id"] == "sertraline"
    assert answer["items"][0]["match"]["name"].casefold() in {"sertraline", "zoloft"}
    assert answer["next_cursor"] is None


def test_without_a_question_the_whole_formulary_is_listed_by_name(service: FastAPI) -> None:
    items = ask(service, "/v1/medications").json()["items"]
    assert (len(items), items[0]["id"], items[0]["match"]) == (86, "ademetionine", None)
    assert ask(service, "/v1/medications", q="  ", limit=1).json()["items"] == items[:1]


def test_one_medicine_says_what_each_table_asks_for_and_how_well_that_is_known(service: FastAPI) -> None:
    answer = ask(service, "/v1/medications/venlafaxine").json()
    least = {dose["table"]: (dose["min_mg"], dose["evidence"]) for dose in answer["minimum_doses"]}
    assert (least["mgh_atrq"], least["canmat_2023"]) == ((150, "secondary"), (75, "primary"))
    assert (answer["class"], answer["atc"], answer["counts_as_antidepressant"]) == ("SNRI", "N06AX16", "met")


def test_a_medicine_that_does_not_exist_is_a_problem_that_says_how_to_find_one(service: FastAPI) -> None:
    answer = ask(service, "/v1/medications/zoloft")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "GET /v1/medications?q=" in answer.json()["detail"]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"q": "x" * 201}])
def test_a_question_out_of_bounds_is_refused(service: FastAPI, query: dict[str, str | int]) -> None:
    answer = ask(service, "/v1/medications", **query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#query/{next(iter(query))}"


def test_every_parameter_and_field_is_described(service: FastAPI) -> None:
    document = service.openapi()
    for path, item in document["paths"].items():
        assert all(parameter["description"] for parameter in item["get"]["parameters"]), path
    for shape in ("MedicinePublic", "MedicineMatch", "MinimumDosePublic"):
        fields = document["components"]["schemas"][shape]["properties"]
        assert all("description" in field for field in fields.values()), shape
