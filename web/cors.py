"""Pages of other origins: none may read our answers unless it is named. Starlette's middleware decides each request.

But for what an app in a browser needs before it knows anybody: where to sign in, what is served, and its token. That
is open to every origin, without credentials: it is the same for everybody, or needs a code that only the app has.
"""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from web.issuer import CDS, DISCOVERY, FHIR, KEYS, SMART, TOKEN

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
READ = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Exist",
    "If-None-Match",
    "Prefer",
    "X-Request-ID",
    "traceparent",
)
EXPOSED = (
    "Accept-Patch",
    "Accept-Post",
    "Allow",
    "Content-Disposition",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)


OPEN = frozenset({CDS, SMART, f"{FHIR}{SMART}", f"{FHIR}/metadata", DISCOVERY, KEYS, TOKEN})
"""What pages of every origin may ask, and read."""


class Origins:
    """Pure ASGI: which rule holds, by the path."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        """With no origin named, nothing is said about origins but on what is open.

        No cookie is ever a credential here: whoever calls sends a token, so `credentials` are not allowed.
        """
        self._named = _allowing(app, METHODS, origins) if origins else app
        self._open = _allowing(app, ("GET", "HEAD", "POST"), ("*",))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to the rule of its path."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        await (self._open if path in OPEN else self._named)(scope, receive, send)


def _allowing(app: ASGIApp, methods: tuple[str, ...], origins: tuple[str, ...]) -> ASGIApp:
    return CORSMiddleware(app, allow_origins=origins, allow_methods=methods, allow_headers=READ, expose_headers=EXPOSED)


def allow_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call."""
    app.add_middleware(Origins, origins=origins)
