"""Each example of the OpenAPI document is sent to a real server just as it stands, in the order of work."""

from typing import Any

import httpx

Operation = dict[str, Any]
NOUNS = {
    "episodes": "create_episode",
    "medication-trials": "create_medication_trial",
    "assessments": "create_assessment",
    "treatments": "create_treatment",
    "symptoms": "create_symptom_record",
    "contributing-factors": "create_contributing_factor",
    "external-scores": "create_external_score",
    "kept-answers": "create_kept_answer",
    "treatment-plans": "create_treatment_plan",
}


def operations(document: dict[str, Any]) -> list[tuple[str, str, Operation]]:
    """By group, creations first and removals last."""
    found = [(path, method, each) for path, item in document["paths"].items() for method, each in item.items()]
    order = {"post": 0, "get": 1, "patch": 2, "delete": 3}
    return sorted(found, key=lambda each: (order[each[1]], each[2]["tags"][0], each[0].count("{")))


def bodies(operation: Operation, schemas: dict[str, Any]) -> list[Any]:
    if "requestBody" not in operation:
        return [None]
    content = next(iter(operation["requestBody"]["content"].values()))
    named = [each["value"] for each in content.get("examples", {}).values()]
    schema = schemas[content["schema"]["$ref"].rsplit("/", 1)[1]]
    own = [content[key] for key in ("example",) if key in content] + [
        schema[key] for key in ("example",) if key in schema
    ]
    return named + own + schema.get("examples", [])


def queries(operation: Operation) -> list[dict[str, Any]]:
    """Only what is required, then each example of each other parameter."""
    values = {
        each["name"]: [
            *(one["value"] for one in each.get("examples", {}).values()),
            *each["schema"].get("examples", []),
        ]
        for each in operation.get("parameters", ())
        if each["in"] == "query"
    }
    required = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query" and each["required"]]
    least = {name: values[name][0] for name in required}
    return [least, *({**least, name: value} for name, some in values.items() for value in some)]


def path_of(path: str, operation: Operation, made: dict[str, str]) -> str:
    values = {"patient_id": made.get("create_patient", "")}
    for noun, creation in NOUNS.items():
        if f"/{noun}/" in path:
            values["record_id"] = made[creation]
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] not in values:
            values[parameter["name"]] = parameter["schema"]["examples"][0]
    return path.format(**values)


def test_each_example_works_as_it_stands(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    made: dict[str, str] = {}
    refused = []
    todo = operations(document)
    # The patient goes last of all: what is removed takes its records out of reach.
    todo.sort(key=lambda each: each[2]["operationId"] == "remove_patient")
    for path, method, operation in todo:
        examples = bodies(operation, document["components"]["schemas"])
        assert examples, f"{operation['operationId']} has no example"
        for body in examples:
            for query in queries(operation):
                answer = http.request(
                    method,
                    path_of(path, operation, made),
                    json=body,
                    params=query,
                    headers={"If-Match": "*"}
                    | ({"Content-Type": "application/merge-patch+json"} if method == "patch" else {}),
                )
                if answer.status_code >= 400:
                    refused.append((operation["operationId"], query, answer.text))
                elif method == "post" and "id" in answer.json():
                    made.setdefault(operation["operationId"], answer.json()["id"])
    assert refused == []
