"""Every error rendered once, as problem+json."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from registry.errors import Fault, InvalidRequest, NotFound, TrialbookError
from registry.noun import CANNOT_STORE
from registry.wording import wrong
from web.problems import problem

CANNOT_ASK = "The request cannot be answered as it is; `errors` says what to correct."


class MethodNotAllowed(TrialbookError):
    """The path exists, but does not do that."""

    status, slug, title = 405, "method-not-allowed", "This path does not do that"


class UnsupportedMediaType(TrialbookError):
    """The body is not of a kind that is read here."""

    status, slug, title = 415, "unsupported-media-type", "The body is not of a kind that is read here"


class TooLarge(TrialbookError):
    """The body is too large."""

    status, slug, title = 413, "too-large", "The body is too large"


class RequestTimeout(TrialbookError):
    """The request did not arrive in time."""

    status, slug, title = 408, "request-timeout", "The request did not arrive in time"


class HeadTooLarge(TrialbookError):
    """The address and headers are too large."""

    status, slug, title = 431, "head-too-large", "The address and headers are too large"


class TooManyConnections(TrialbookError):
    """More connections are open than one process serves."""

    status, slug, title = 503, "too-many-connections", "Too many connections at the moment"


class OtherHttpError(TrialbookError):
    """Whatever else the framework refuses."""

    slug, title = "request-refused", "The request was refused"
    status: ClassVar[int] = 400


NO_SUCH_PATH = "There is nothing at this path. All paths are listed in /openapi.json and can be tried at /docs."


def add_error_handlers(app: FastAPI) -> None:
    """Render our errors, the framework's, and faults in requests."""
    app.add_exception_handler(TrialbookError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)


async def _ours(request: Request, error: Exception) -> Response:
    return problem(request.scope, error) if isinstance(error, TrialbookError) else Response(status_code=500)


async def _invalid(request: Request, error: Exception) -> Response:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    in_body = any(fault["loc"][0] == "body" for fault in found)
    faults = tuple(_fault(fault) for fault in found)
    return problem(request.scope, InvalidRequest(CANNOT_STORE if in_body else CANNOT_ASK, faults))


async def _framework(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    headers = dict((error.headers if isinstance(error, HTTPException) else None) or {})
    if status == NotFound.status:
        return problem(request.scope, NotFound(NO_SUCH_PATH))
    if status == MethodNotAllowed.status:
        detail = f"This path answers {headers.get('Allow', 'other methods')}."
        return problem(request.scope, MethodNotAllowed(detail, headers=headers))
    return problem(request.scope, OtherHttpError("The request could not be read.", headers=headers))


def _fault(fault: Mapping[str, Any]) -> Fault:
    where, *path = fault["loc"]
    pointer = "".join(f"/{escaped(part)}" for part in path)
    return Fault(pointer if where == "body" else f"#{where}{pointer}", wrong(fault))


def escaped(part: object) -> str:
    """A step of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")
