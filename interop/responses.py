"""The answers of operations of this edge besides the usual one, for the documentation."""

from typing import Any

from web.problems import MEDIA_TYPE, Problem

Responses = dict[int | str, dict[str, Any]]
MEANINGS = {
    400: "The request cannot be read.",
    404: "There is no such service.",
    408: "The body did not arrive in time; send it again.",
    412: "What the service needs was neither sent along nor to be fetched; `errors` says what.",
    413: "The body is too large.",
    415: "The body is not of a kind that is read here.",
    422: "Something in the request is wrong; `errors` says what and where.",
    503: "The database is away for the moment; try again after `Retry-After` seconds.",
}


def _problems(*statuses: int) -> Responses:
    shown = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"description": MEANINGS[status], "content": shown} for status in statuses}


CALLED: Responses = _problems(400, 404, 408, 412, 413, 415, 422, 503)
FED_BACK: Responses = _problems(400, 404, 408, 413, 415, 422, 503)
