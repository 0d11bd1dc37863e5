"""Every answer of every test is held against the OpenAPI document; here, that this would notice a wrong one."""

import json
from copy import deepcopy
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.openapi_bounds import kinds_of, named
from api.openapi_examples import ANSWERED
from tests.declared import Declared

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
KEPT: Json = json.loads(ANSWERED.read_text("utf-8"))


def answer(address: str, said: Any, *, method: str = "GET", status: int = 200) -> httpx.Response:  # noqa: ANN401 - JSON
    return httpx.Response(status, json=said, request=httpx.Request(method, f"http://trialbook.test{address}"))


async def test_answers_of_tests_are_held_against_the_document(client: httpx.AsyncClient, patient_id: str) -> None:
    declared = client.event_hooks["response"][0].__self__
    before = declared.checked
    await client.get(f"/v1/patients/{patient_id}")
    await client.get(f"/v1/patients/{patient_id}/trd-status")
    await client.get(f"/v1/patients/{patient_id}/trd-status?definition=none")
    assert declared.checked == before + 3


async def test_the_kept_examples_are_as_declared(app: FastAPI) -> None:
    declared = Declared(app)
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            for status, said in KEPT.get(operation["operationId"], {}).items():
                await declared.check(answer(path, said, method=method.upper(), status=int(status)))
    assert declared.checked >= 60


WRONG: dict[str, Any] = {
    "a field more": {"secret": "x"},
    "a version of 0": {"version": 0},
    "a number too large": {"version": 2**31},
    "a day that is none": {"birth_date": "March 1984"},
    "a text too long": {"display_name": "x" * 100_001},
    "an identity that is none": {"id": "1042"},
    "another word": {"sex": "yes"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_an_answer_that_is_not_as_declared_is_noticed(app: FastAPI, wrong: Json) -> None:
    said = deepcopy(KEPT["read_patient"]["200"])
    declared = Declared(app)
    await declared.check(answer(f"/v1/patients/{said['id']}", said))
    with pytest.raises(AssertionError, match="is not as declared"):
        await declared.check(answer(f"/v1/patients/{said['id']}", said | wrong))


async def test_every_answer_has_just_the_fields_that_are_named(app: FastAPI) -> None:
    document = app.openapi()
    schemas = document["components"]["schemas"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    answered = named([each["responses"] for each in operations], schemas)
    assert len(answered) > 90
    open_ones = [
        name
        for name in answered
        if "object" in kinds_of(schemas[name]) and schemas[name].get("additionalProperties") is not False
    ]
    assert open_ones == []
