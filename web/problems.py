"""Problem details (RFC 9457): the one shape of every answer that is not a success."""

from collections.abc import Callable

import orjson
from pydantic import Field
from starlette.responses import Response
from starlette.types import Scope

from models.base import Answer
from registry.errors import Fault, TrialbookError
from registry.oauth_errors import TokenRefused

MEDIA_TYPE = "application/problem+json"
TYPES = "/problems/"
MOST_SAID = 50


class FaultSaid(Answer):
    """One fault in what was sent."""

    pointer: str
    """Where: a JSON pointer into the body, or `#query/limit` and the like for parameters."""
    message: str
    """What is wrong and what to send instead."""
    suggestions: list[str]
    """Valid values that are near to what was sent, if any."""


class Problem(Answer):
    """Why the request was not answered, and what to do."""

    type: str = Field(
        examples=["/problems/invalid-request"],
        json_schema_extra={"pattern": "^/problems/[a-z0-9-]+$", "maxLength": 100},
    )
    """A stable name of the kind of problem."""
    title: str = Field(examples=["The request cannot be used as it is"])
    """The kind of problem in words."""
    status: int = Field(examples=[422], json_schema_extra={"minimum": 400, "maximum": 599})
    """The HTTP status."""
    detail: str = Field(examples=["The record cannot be stored as it is; `errors` says what to correct."])
    """What happened and what to do."""
    instance: str = Field(examples=["/v1/patients"])
    """The path that was asked."""
    request_id: str = Field(examples=["0192f0c1a7b84c1f9a3c"])
    """Name this when you ask for help: it finds the request in the log."""
    errors: list[FaultSaid] = Field(json_schema_extra={"maxItems": MOST_SAID})
    """Each fault with its place, the first 50 of them."""
    more_errors: int
    """How many more faults there are than `errors` names."""


class TokenProblem(Problem):
    """Why no token is issued: the same, with OAuth's own words beside (RFC 6749, 5.2)."""

    error: str = Field(examples=["invalid_grant"], max_length=40)
    """OAuth's name for the kind of refusal."""
    error_description: str = Field(examples=["The refresh token was used before. Sign in again."], max_length=2000)
    """The same as `detail`."""


def _said(fault: Fault) -> dict[str, object]:
    return {"pointer": fault.pointer, "message": fault.message, "suggestions": list(fault.suggestions)}


Render = Callable[[Scope, TrialbookError], Response]
SPOKEN: dict[str, Render] = {}
"""How errors are said below a path whose clients expect another form, such as FHIR's OperationOutcome."""


def problem(scope: Scope, error: TrialbookError) -> Response:
    """The answer for an error."""
    path = str(scope.get("path", ""))
    for prefix, render in SPOKEN.items():
        if path.startswith(prefix):
            return render(scope, error)
    return _problem(scope, error)


def _problem(scope: Scope, error: TrialbookError) -> Response:
    body = {
        "type": f"{TYPES}{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        # A path may hold lone surrogates from undecodable bytes; they cannot be written as JSON.
        "instance": scope.get("path", "").encode("utf-8", "replace").decode("utf-8"),
        "request_id": request_id(scope),
        "errors": [_said(fault) for fault in error.faults[:MOST_SAID]],
        "more_errors": max(0, len(error.faults) - MOST_SAID),
    }
    if isinstance(error, TokenRefused):  # OAuth's clients look for these
        body |= {"error": error.error, "error_description": error.detail}
    return Response(orjson.dumps(body), error.status, error.headers, MEDIA_TYPE)


def request_id(scope: Scope) -> str:
    """The identity of this request, also in the answer's `X-Request-ID`."""
    return str(scope.get("trialbook.request_id", ""))
