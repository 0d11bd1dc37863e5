"""The OpenAPI document: complete, kind to generators, and kept with the code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from main import openapi_text, write_openapi

pytestmark = pytest.mark.anyio
KEPT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
VERBS = {"get", "post", "patch", "delete"}


@pytest.fixture(scope="module")
async def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def nodes(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(inner)


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation for verb, operation in path.items() if verb in VERBS)


async def test_the_document_is_served_and_kept(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    assert (await client.get("/openapi.json")).json() == document
    assert KEPT.read_text("utf-8") == openapi_text(), "run `make openapi`"


async def test_the_document_can_be_written_anew(tmp_path: Path) -> None:
    write_openapi(tmp_path / "openapi.json")
    assert (tmp_path / "openapi.json").read_text("utf-8") == openapi_text()


async def test_nothing_is_any_of_something_and_null(document: dict[str, Any]) -> None:
    assert [node for node in nodes(document) if {"type": "null"} in node.get("anyOf", ())] == []


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    components = document["components"]
    names = {f"#/components/{kind}/{name}" for kind in ("schemas", "headers") for name in components[kind]}
    assert {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)} <= names


async def test_every_operation_is_named_and_explained(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert len({operation["operationId"] for operation in found}) == len(found)
    for operation in found:
        assert operation["summary"], operation["operationId"]
        assert operation["description"], operation["operationId"]
        assert operation["tags"][0] in {tag["name"] for tag in document["tags"]}


async def test_every_field_is_described(document: dict[str, Any]) -> None:
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, said in schema.get("properties", {}).items()
        if "description" not in said and "$ref" not in said
    ]
    assert bare == []


async def test_every_fault_is_a_problem(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if status[0] in "45":
                assert list(response["content"]) == ["application/problem+json"], operation["operationId"]


async def test_links_lead_to_operations_that_exist(document: dict[str, Any]) -> None:
    ids = {operation["operationId"] for operation in operations(document)}
    linked = {
        link["operationId"]
        for operation in operations(document)
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    }
    assert linked
    assert linked <= ids


async def test_examples_work_as_they_stand(client: httpx.AsyncClient, document: dict[str, Any]) -> None:
    patient = await client.post("/v1/patients", json=example(document, "PatientCreate"))
    address = patient.headers["Location"]
    for kind, name in (
        ("episodes", "Episode"),
        ("medication-trials", "MedicationTrial"),
        ("assessments", "Assessment"),
        ("treatments", "Treatment"),
        ("symptoms", "SymptomRecord"),
        ("contributing-factors", "ContributingFactor"),
        ("external-scores", "ExternalScore"),
        ("treatment-plans", "TreatmentPlan"),
    ):
        created = await client.post(f"{address}/{kind}", json=example(document, f"{name}Create"))
        assert created.status_code == 201, created.text
        patch = example(document, f"{name}Update")
        changed = await client.patch(created.headers["Location"], json=patch, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
    changed = await client.patch(address, json=example(document, "PatientUpdate"), headers={"If-Match": '"1"'})
    assert changed.status_code == 200


def example(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]["example"]
    return found
