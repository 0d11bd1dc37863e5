"""The documentation shows of every answer one that was given, in the shape that is given now."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.openapi_examples import ANSWERED, PATIENT
from api.openapi_security import ANYWHERE, SIGNED_IN
from ops.response_examples import asked, written
from tests.conftest import Maker

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
EMPTY = "revoke_token"
"""Answers 200 with nothing in it (RFC 7009)."""


@pytest.fixture(scope="module")
def kept() -> Json:
    found: Json = json.loads(ANSWERED.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def empty_database(make_database: Maker) -> str:
    return make_database()


def paths_in(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every place of a key, whatever the value and however many entries a list has."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}/{key}"
            yield from paths_in(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from paths_in(inner, f"{path}/-")


async def test_every_success_with_a_body_has_an_example(app: FastAPI) -> None:
    bare = [
        (operation["operationId"], status)
        for path in app.openapi()["paths"].values()
        for operation in path.values()
        for status, response in operation["responses"].items()
        if status in {"200", "201"}
        and operation["operationId"] != EMPTY
        and not (
            response.get("content")
            and all("example" in each or "examples" in each for each in response["content"].values())
        )
    ]
    assert bare == []


async def test_every_example_is_just_what_its_operation_answers(app: FastAPI, kept: Json) -> None:
    routes = {each.operation_id: each for each in app.router.routes if isinstance(each, APIRoute)}
    for name, answers in kept.items():
        for said in answers.values():
            adapter: TypeAdapter[Any] = TypeAdapter(routes[name].response_model)
            route = routes[name]
            absent, bare = route.response_model_exclude_unset, route.response_model_exclude_none  # as CDS Hooks asks
            read = adapter.validate_python(said)
            dumped = adapter.dump_python(read, mode="json", by_alias=True, exclude_unset=absent, exclude_none=bare)
            assert dumped == said, name


async def test_the_examples_are_what_the_service_answers_today(empty_database: str, kept: Json) -> None:
    now = json.loads(written(await asked(empty_database)))
    assert now.keys() == kept.keys()
    for name, answers in now.items():
        assert set(paths_in(answers)) == set(paths_in(kept[name])), f"{name}: run `make examples`"
    assert now["create_patient"] == kept["create_patient"]
    assert (now["create_patient"]["201"]["id"], now["create_patient"]["200"]["id"]) == (PATIENT, PATIENT)


@pytest.mark.parametrize("kind", ["", "episodes", "kept-answers"])
async def test_a_history_answers_what_it_declares(
    client: httpx.AsyncClient, app: FastAPI, patient_id: str, kind: str
) -> None:
    patient = f"/v1/patients/{patient_id}"
    record = (await client.post(f"{patient}/{kind}", json={})).headers["Location"] if kind else patient
    seen = {(await client.get(f"{record}/history")).status_code}
    for gone in (record, patient):
        await client.delete(gone, headers={"If-Match": "*"})
        seen.add((await client.get(f"{record}/history")).status_code)
    assert seen == {200}, "what was entered in error stays readable"
    for wrong in ("history?limit=0", "history?cursor=x", "history?known_at=2025"):
        seen.add((await client.get(f"{record}/{wrong}")).status_code)
    seen.add((await client.get(f"{record[:-4]}0000/history")).status_code)
    path = "/v1/patients/{patient_id}" + (f"/{kind}/{{record_id}}" if kind else "") + "/history"
    declared = set(app.openapi()["paths"][path]["get"]["responses"])
    erased = {"410"}  # tests/access/test_rights.py asks for one
    assert declared == {str(status) for status in seen} | {"400", "503"} | erased | {*SIGNED_IN, *ANYWHERE}
