"""What fuzzing checks besides the tool's own checks: a refusal helps, and nothing of the inside is shown."""

import json
import os
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

CLIENT_ERRORS = range(400, 500)
INSIDE = ("Traceback", "asyncpg", "sqlalchemy", "SELECT ", "INSERT ", ".py")


@schemathesis.check
def refusals_explain_themselves(_context: CheckContext, response: Response, case: Case) -> None:
    """Every refusal is a problem that says what to send instead; one for its meaning points at the fault."""
    if response.status_code not in CLIENT_ERRORS or case.method == "HEAD":
        return
    media_type = response.headers["content-type"][0]
    if media_type.startswith("application/fhir+json"):
        return  # below /fhir/R4 a refusal is an OperationOutcome, as FHIR's clients expect
    assert media_type.startswith("application/problem+json"), f"a refusal came as {media_type}"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"].startswith("/problems/")
    assert len(problem["detail"]) > 20, "the detail says too little"
    assert problem["request_id"]
    if response.status_code == 422:
        assert problem["errors"], "a refusal for its meaning points at nothing"
        assert all(fault["message"] and isinstance(fault["pointer"], str) for fault in problem["errors"])


@schemathesis.check
def nothing_of_the_inside_is_shown(_context: CheckContext, response: Response, case: Case) -> None:
    """No stack trace, statement or library name leaves the service in an error."""
    if response.status_code < 400:
        return
    sent = f"{case.body!r}{case.query!r}{case.path_parameters!r}"
    shown = [word for word in INSIDE if word in response.text and word not in sent]
    assert not shown, f"an error shows {shown}"


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:  # noqa: ARG001 - as it is called
    """Nobody takes away the password or the roles of whoever asks: all that comes after would be refused."""
    named = case.path_parameters or {}
    if "record_id" in named and str(named["record_id"]).lower() == os.environ.get("FUZZ_OWN_ID"):
        case.path_parameters["record_id"] = str(uuid4())


@schemathesis.serializer("application/fhir+ndjson", "application/zip")
def as_it_is(_context: object, value: object) -> bytes:
    """Bodies of imports: what was made up, one JSON value a line."""
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"
