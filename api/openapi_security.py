"""What the OpenAPI document says of signing in, of limits, and of the answers that any operation may give.

One step for all operations: a route declares only what is its own. Which answer without a token, the table of
operations says.
"""

from typing import Any

from access.operations import OPERATIONS
from models.fields import LARGEST
from web.issuer import TOKEN
from web.problems import MEDIA_TYPE, Problem

Schema = dict[str, Any]
PUBLIC = frozenset(name for name, operation in OPERATIONS.items() if operation.public)
"""The operations that answer without a token, by operationId."""
READING = ("get", "head", "options")
CAREFULLY = "Tokens are signed JWTs, issued and checked as RFC8725 asks: a fixed list of algorithms, never `none`."
SCOPES = {
    "user/*.cruds": "Read and record all that your role may.",
    "user/*.rs": "Only read and search, as far as your role may.",
    "patient/*.rs": "Only read and search, and only the record of one patient.",
}
SCHEMES: Schema = {
    "signIn": {
        "type": "oauth2",
        "description": "Sign in with your user name and password. A token is good for minutes; a refresh token, which "
        f"can be used once, gives the next one. {CAREFULLY}",
        "flows": {"password": {"tokenUrl": TOKEN, "refreshUrl": TOKEN, "scopes": SCOPES}},
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token that you have already: from this service, as a machine client, or from the identity "
        f"provider that it trusts. {CAREFULLY}",
    },
}
SERVERS = [
    {
        "url": "/",
        "description": "The installation that gave this document, be it production, staging or local.",
        "x-internal": False,
    }
]
CONTACT = {"name": "Whoever runs this installation"}


def _number(description: str) -> Schema:
    schema = {"type": "integer", "format": "int32", "minimum": 0, "maximum": LARGEST}
    return {"description": description, "schema": schema}


LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
ORIGIN = "Access-Control-Allow-Origin"
HEADERS: Schema = {
    "RateLimit-Limit": _number("How many requests the client has in a stretch of time. Absent where none are counted."),
    "RateLimit-Remaining": _number("How many of them are left. Absent where none are counted."),
    "RateLimit-Reset": _number("In how many seconds a new stretch begins. Absent where none are counted."),
    "Retry-After": _number("After how many seconds to try again."),
    ORIGIN: {
        "description": "The site that asked, when it is one that this installation allows. Absent otherwise: by "
        "default no page of another site may read an answer, but for discovery and the token of an app (`*`).",
        "schema": {"type": "string", "pattern": "^([*]|https?://[^ ]+)$", "maxLength": 300},
    },
    "WWW-Authenticate": {
        "description": "`Bearer`, and what was wrong with the token (RFC 6750).",
        "schema": {"type": "string", "pattern": "^Bearer", "maxLength": 1000},
    },
}
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}}
SIGNED_IN = {
    "401": "There is no token, or it is expired or not valid here. Sign in again.",
    "403": "You are signed in, but this is not for your role or the scopes of your token.",
    "429": "Too many requests for the moment. Try again after `Retry-After` seconds.",
}
ANYWHERE = {"500": "Something went wrong in the service. Nothing was stored; `request_id` finds it in the log."}
OF_STATUS = {"401": ("WWW-Authenticate",), "429": ("Retry-After",), "503": ("Retry-After",)}


def secure(document: Schema) -> None:
    """Say of every operation who may call it, and which answers and headers come with that."""
    document["info"].setdefault("contact", CONTACT)
    document["servers"] = SERVERS
    document["security"] = [{name: []} for name in SCHEMES]
    document["components"] |= {"securitySchemes": SCHEMES, "headers": HEADERS}
    for path in document["paths"].values():
        for method, operation in path.items():
            _secure(method, operation)


def _secure(method: str, operation: Schema) -> None:
    if public := operation["operationId"] in PUBLIC:
        # For a writing operation, "no token is also good": an empty list would read as one that was forgotten.
        operation["security"] = [] if method in READING else [{}]
    for status, meaning in (ANYWHERE if public else SIGNED_IN | ANYWHERE).items():
        operation["responses"].setdefault(status, {"description": meaning, "content": PROBLEM})
    operation["responses"] = dict(sorted(operation["responses"].items()))
    for status, response in operation["responses"].items():
        _give_headers(status, response)


def _give_headers(status: str, response: Schema) -> None:
    """A success and a refusal say what is left of the limit; each answer, whether another site may read it."""
    limits = LIMITS if status[0] in "24" else ()
    names = (*OF_STATUS.get(status, ()), *limits, ORIGIN)
    common = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    response["headers"] = response.get("headers", {}) | common
