"""Each example of the OpenAPI document is sent to a real server just as it stands, in the order of work."""

from typing import Any

import httpx

from ops.example_steps import BY_ANOTHER, Step, steps

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
    "users": "create_user",
    "clients": "create_client",
    "emergency-accesses": "create_emergency_access",
}


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


def sent(step: Step, body: Any, another: str) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """The body as its operation takes it, and what goes along in the head."""
    headers = {"If-Match": "*"} | ({"Authorization": another} if step.name in BY_ANOTHER else {})
    if step.sends_form:
        return {"data": body, "headers": headers}
    if step.method == "patch":
        headers["Content-Type"] = "application/merge-patch+json"
    return {"json": body, "headers": headers}


def test_each_example_works_as_it_stands(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    made: dict[str, str] = {}
    refused, another = [], ""
    for step in steps(document):
        examples = bodies(step.operation, document["components"]["schemas"])
        assert examples, f"{step.name} has no example"
        for body in examples:
            for query in queries(step.operation):
                hook = body.get("hook", "patient-view") if isinstance(body, dict) else ""
                path = step.path.replace("{service_id}", f"trd-{hook}")
                address = path_of(path, step.operation, made)
                answer = http.request(step.method, address, params=query, **sent(step, body, another))
                said = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
                if answer.status_code >= 400:
                    refused.append((step.name, query, answer.text))
                elif step.method == "post" and "id" in said:
                    made.setdefault(step.name, said["id"])
                if step.name == "issue_token" and answer.is_success:
                    another = f"Bearer {said['access_token']}"
    assert refused == []
