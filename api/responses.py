"""The answers of operations besides the usual one, for the documentation."""

from typing import Any

from web.problems import MEDIA_TYPE, Problem, TokenProblem

Responses = dict[int | str, dict[str, Any]]
MEANINGS = {
    304: "You have this version already.",
    400: "The request cannot be read.",
    404: "There is no such thing.",
    408: "The body did not arrive in time; send it again.",
    409: "It clashes with what is stored.",
    410: "It, or its patient, was marked as entered in error, or the patient was erased.",
    412: "Somebody else changed it meanwhile.",
    413: "The body is too large.",
    415: "The body is not of a kind that is read here.",
    422: "Something in the request is wrong; `errors` says what and where.",
    429: "Too many requests for the moment. Try again after `Retry-After` seconds.",
    428: "If-Match is missing.",
    503: "The database is away, or the service too busy, for the moment; try again after `Retry-After` seconds.",
}
ETAG = {
    "ETag": {
        "description": "The version of the record.",
        "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,9}"$', "maxLength": 12},
    }
}
LOCATION = {
    "Location": {
        "description": "Where the new record is.",
        "schema": {"type": "string", "format": "uri-reference", "maxLength": 300},
    }
}
LINK = {
    "Link": {
        "description": 'The next page, `rel="next"`; absent on the last.',
        "schema": {"type": "string", "pattern": '^<[^<> ]+>; rel="next"$', "maxLength": 4096},
    }
}


def _problems(*statuses: int) -> Responses:
    shown = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
    return {status: {"description": MEANINGS[status], "content": shown} for status in statuses}


BODY = (400, 408, 413, 415)
READS: Responses = {
    200: {"headers": ETAG},
    304: {"description": MEANINGS[304]},
    **_problems(400, 404, 410, 422, 503),
}
LISTS: Responses = {200: {"headers": LINK}, **_problems(400, 404, 410, 422, 503)}
LISTS_ALL: Responses = {200: {"headers": LINK}, **_problems(400, 422, 503)}
HISTORIES: Responses = {200: {"headers": LINK}, **_problems(400, 404, 410, 422, 503)}
CREATES: Responses = {201: {"headers": LOCATION | ETAG}, **_problems(*BODY, 404, 409, 410, 422, 503)}
CREATES_FIRST: Responses = {
    200: {"headers": LOCATION | ETAG},
    201: {"headers": LOCATION | ETAG},
    **_problems(*BODY, 409, 410, 422, 503),
}
ADDS: Responses = {201: {"headers": LOCATION | ETAG}, **_problems(*BODY, 409, 422, 503)}
CHANGES: Responses = {200: {"headers": ETAG}, **_problems(*BODY, 404, 409, 410, 412, 422, 428, 503)}
REMOVES: Responses = {204: {"headers": ETAG}, **_problems(400, 404, 410, 412, 422, 428, 503)}
ME: Responses = _problems(400, 422, 503)
PASSWORDS: Responses = _problems(*BODY, 404, 410, 422, 503)
PREPARES: Responses = _problems(*BODY, 404, 410, 422, 503)
ERASES: Responses = _problems(*BODY, 404, 410, 422, 503)
TOMBSTONE: Responses = _problems(404, 422, 503)
REVIEWS: Responses = _problems(*BODY, 404, 409, 422, 503)
REFUSED_TOKEN = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{TokenProblem.__name__}"}}}
TOKENS: Responses = {
    **_problems(408, 413, 422, 429, 503),
    400: {"description": "No token is issued.", "content": REFUSED_TOKEN},
    401: {"description": "The client is not believed.", "content": REFUSED_TOKEN},
}
REVOKES: Responses = _problems(400, 408, 413, 422, 503)
INTROSPECTS: Responses = {
    **_problems(400, 408, 413, 422, 503),
    401: {
        "description": "There is no token that is valid here, or the client is not believed.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "anyOf": [{"$ref": f"#/components/schemas/{kind.__name__}"} for kind in (Problem, TokenProblem)]
                }
            }
        },
    },
}
SERVICE: Responses = _problems(503)
ANSWERS: Responses = _problems(400, 404, 410, 422, 503)
EVALUATES: Responses = _problems(*BODY, 422, 503)
POSTS_VERSION: Responses = {
    200: {"headers": LOCATION | ETAG, "description": "You posted the same before: the newest version, as it is."},
    201: {"headers": LOCATION | ETAG, "description": "A new version."},
    **_problems(*BODY, 409, 412, 422, 503),
}
SIGNS: Responses = {201: {"headers": LOCATION | ETAG}, **_problems(*BODY, 404, 409, 410, 412, 422, 503)}
KEPT: Responses = {200: {"headers": ETAG}, **_problems(400, 404, 410, 422, 503)}
WITHDRAWS: Responses = {204: {"headers": ETAG}, **_problems(400, 404, 409, 410, 412, 422, 428, 503)}
DEFINITIONS: Responses = _problems(400, 422, 503)
DEFINITION: Responses = {
    200: {"headers": ETAG},
    304: {"description": MEANINGS[304]},
    **_problems(400, 404, 422, 503),
}
REJECT = '{"number":1,"reference":"Observation/7","code":"unknown_patient","sentence":"Whose it is ...","place":""}\n'
IMPORTS_CREATE: Responses = {
    202: {"description": "It is here, and waits to be worked off.", "headers": LOCATION},
    **_problems(*BODY, 409, 422, 503),
}
IMPORTS_READ: Responses = _problems(400, 404, 422, 503)
IMPORTS_CANCEL: Responses = {200: {"description": "It is stopped."}, **_problems(400, 404, 409, 422, 503)}
IMPORTS_REJECTS: Responses = {
    200: {
        "description": "One reject a line.",
        "content": {"application/x-ndjson": {"schema": {"type": "string", "maxLength": 2**31 - 1}, "example": REJECT}},
    },
    **_problems(400, 404, 422, 503),
}
CATALOGUE: Responses = _problems(400, 422, 503)
CATALOGUE_ONE: Responses = _problems(400, 404, 422, 503)
# How each begins; whole ones are too long to be read as an example.
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 560" role="img" lang="en"> ... </svg>'
PAGE = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Treatment history</title> ... </html>'
DOCUMENT = "%PDF-1.7 ..."
DRAWN = {"type": "string", "maxLength": 50_000_000}
SIGN_IN_FIRST = "For a browser that opens the address and is not signed in: the form is at `Location`, and leads back."
LED_ON = {
    "Location": {
        "description": "`/sign-in`, with the address that was asked.",
        "schema": {"type": "string", "format": "uri-reference", "maxLength": 20_000},
    }
}
PAGES: dict[str, Responses] = {
    kind: {
        200: {"description": meaning, "content": {kind: shown}},
        303: {"description": SIGN_IN_FIRST, "headers": LED_ON},
        **_problems(400, 404, 410, 422, 503),
    }
    for kind, meaning, shown in (
        ("image/svg+xml", "The picture.", {"schema": DRAWN, "example": PICTURE}),
        ("text/html", "The page.", {"schema": DRAWN, "example": PAGE}),
        ("application/pdf", "The document.", {"schema": DRAWN | {"format": "binary"}, "example": DOCUMENT}),
    )
}
"""What is not JSON, by its media type."""
