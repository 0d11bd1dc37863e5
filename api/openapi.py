"""The OpenAPI document, made kinder: no `anyOf` with null, problems everywhere, links between operations."""

import re
from typing import Any

from api.openapi_bounds import set_bounds
from api.openapi_examples import give_examples
from api.openapi_security import secure
from web.bodies import JSON, MERGE_PATCH
from web.problems import MEDIA_TYPE, Problem, TokenProblem

Schema = dict[str, Any]
NULL = {"type": "null"}
PARTS_OF = (
    *("episode", "medication_trial", "treatment", "assessment", "symptom_record", "contributing_factor"),
    *("external_score", "treatment_plan"),
)
PROBLEM = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
MEANINGS = {"200": "The answer.", "201": "Recorded.", "204": "Marked as entered in error."}
# What the framework calls a generic shape, and what a person would.
NAMES = (
    (re.compile(r"Page_VersionPublic_(\w+?)Public__"), r"\1History"),
    (re.compile(r"VersionPublic_(\w+?)Public_"), r"\1Version"),
    (re.compile(r"Page_(\w+?)Public_"), r"\1Page"),
)


def refined(document: Schema) -> Schema:
    """The document as it is published."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for problem in (Problem, TokenProblem):
        schemas.setdefault(problem.__name__, _problem_schema(problem, schemas))
    _refine(document, schemas)
    for path in document["paths"].values():
        for method, operation in path.items():
            _refine_operation(method, operation)
    _link(document["paths"])
    give_examples(document["paths"], schemas)
    secure(document)
    set_bounds(document)
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {_renamed(name): schema for name, schema in sorted(schemas.items())}
    _rename_references(document)
    return document


def _problem_schema(problem: type[Problem], schemas: dict[str, Schema]) -> Schema:
    schema = problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    for name, part in schema.pop("$defs", {}).items():
        schemas.setdefault(name, part)
    return schema


def _refine(node: Any, schemas: dict[str, Schema]) -> None:  # noqa: ANN401 - any JSON
    """Replace each `anyOf` of one thing and null, everywhere."""
    if isinstance(node, dict):
        for inner in node.values():
            _refine(inner, schemas)
        if NULL in node.get("anyOf", ()):
            _say_null_in_type(node, schemas)
    elif isinstance(node, list):
        for inner in node:
            _refine(inner, schemas)


def _say_null_in_type(node: Schema, schemas: dict[str, Schema]) -> None:
    others = [part for part in node["anyOf"] if part != NULL]
    if len(others) != 1:
        return
    del node["anyOf"]
    other = dict(others[0])
    if "$ref" in other:
        other = dict(schemas[other["$ref"].rsplit("/", 1)[1]])
        other.pop("title", None)
        _refine(other, schemas)
    said = (node.get("description"), other.pop("description", None))
    described = "\n\n".join(dict.fromkeys(text for text in said if text))
    node.update({key: value for key, value in other.items() if key not in node})
    node["type"] = [other["type"], "null"]
    if described:
        node["description"] = described
    if "enum" in node:
        node["enum"] = [*node["enum"], None]


def _refine_operation(method: str, operation: Schema) -> None:
    """Parameters are never null, a patch has its own media type, faults are problems, and answers have meanings."""
    for parameter in operation.get("parameters", ()):
        kinds = parameter["schema"].get("type")
        if isinstance(kinds, list):
            parameter["schema"]["type"] = kinds[0]
            _no_null_among(parameter["schema"])
        parameter["required"] = parameter["required"] or (parameter["name"] == "if-match" and method != "post")
    if method == "patch":
        content = operation["requestBody"]["content"]
        operation["requestBody"]["content"] = {MERGE_PATCH: content[JSON], JSON: content[JSON]}
    for status, response in operation["responses"].items():
        response["description"] = response["description"].replace("Successful Response", MEANINGS.get(status, ""))
        if status[0] in "45" and JSON in response.get("content", {}):
            response["content"] = {MEDIA_TYPE: PROBLEM}


def _no_null_among(schema: Schema) -> None:
    """A parameter that is not sent is left out, so null is none of its values."""
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]


def _renamed(name: str) -> str:
    for pattern, better in NAMES:
        name = pattern.sub(better, name)
    return name


def _rename_references(node: Any) -> None:  # noqa: ANN401 - any JSON
    """Let every reference follow its schema's better name."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = _renamed(node["$ref"])
        for inner in node.values():
            _rename_references(inner)
    elif isinstance(node, list):
        for inner in node:
            _rename_references(inner)


def _link(paths: dict[str, Schema]) -> None:
    """From each creation to reading, changing, removing what was created."""
    by_id = {operation["operationId"]: operation for path in paths.values() for operation in path.values()}
    patient = {"patient_id": "$response.body#/id"}
    _add_links(by_id, "create_patient", "patient", patient)
    for noun in PARTS_OF:
        _add_links(
            by_id, f"create_{noun}", noun, {"patient_id": "$request.path.patient_id", "record_id": "$response.body#/id"}
        )
        target = by_id["create_patient"]["responses"]["201"]["links"]
        target[f"create_{noun}"] = {"operationId": f"create_{noun}", "parameters": patient}


def _add_links(by_id: dict[str, Schema], creation: str, noun: str, parameters: dict[str, str]) -> None:
    links = by_id[creation]["responses"]["201"].setdefault("links", {})
    for verb in ("read", "change", "remove"):
        condition = {} if verb == "read" else {"if-match": "$response.header.ETag"}
        links[f"{verb}_{noun}"] = {"operationId": f"{verb}_{noun}", "parameters": parameters | condition}
    links[f"list_{noun}_versions"] = {"operationId": f"list_{noun}_versions", "parameters": parameters}
