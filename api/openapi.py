"""The OpenAPI document, made kinder: no `anyOf` with null, problems everywhere, links between operations."""

from typing import Any

from api.problems import Problem

Schema = dict[str, Any]
TAGS = [
    {"name": "1 Find or add the patient", "description": "Start here: find the patient by an identifier, or add one."},
    {"name": "2 Find the medicine", "description": "Brand, generic name, code or misspelling: find what is known."},
    {
        "name": "3 Record episodes and trials",
        "description": "When the depression began, and which medicines were tried with what outcome.",
    },
    {"name": "4 Record rating scales", "description": "Filled-in scales: totals, items, severity, safety and trend."},
    {
        "name": "5 Ask for the TRD status",
        "description": "Whether the history meets a definition of treatment-resistant depression, and why.",
    },
    {"name": "9 Service", "description": "Whether the service lives and can answer."},
]
DESCRIPTION = """Record which antidepressants a patient has tried and what came of them, and ask whether the history
meets a published definition of treatment-resistant depression, with the reason for every step.

Work through the numbered sections from top to bottom. Unknown is a valid answer everywhere: leave a field out, or send
null. Dates may be as vague as what is remembered (`2024`, `2024-11`, `2024-11-05`). The service supports a clinician's
judgement and never replaces it.
"""
NULL = {"type": "null"}
PARTS_OF = ("episode", "medication_trial", "assessment")


def refined(document: Schema) -> Schema:
    """The document as it is published."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas.setdefault(Problem.__name__, _problem_schema(schemas))
    _refine(document, schemas)
    for path in document["paths"].values():
        for operation in path.values():
            _use_problems(operation)
    _link(document["paths"])
    return document


def _problem_schema(schemas: dict[str, Schema]) -> Schema:
    schema = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
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
    described = "\n\n".join(text for text in (node.get("description"), other.pop("description", None)) if text)
    node.update({key: value for key, value in other.items() if key not in node})
    node["type"] = [other["type"], "null"]
    if described:
        node["description"] = described
    if "enum" in node:
        node["enum"] = [*node["enum"], None]


def _use_problems(operation: Schema) -> None:
    """The framework announces its own shape of a validation error, which is never sent."""
    for status, response in operation.get("responses", {}).items():
        content = response.get("content", {})
        if status.startswith(("4", "5")) and "application/json" in content:
            response["content"] = {"application/problem+json": content.pop("application/problem+json", _PROBLEM)}


_PROBLEM = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}


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
