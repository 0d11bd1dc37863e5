"""Pages of other origins: none may read our answers unless it is named, but for what is public. Starlette's decides."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST")
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


def allow_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call; with none of them nothing is said about origins at all.

    No cookie is ever a credential here: whoever calls sends a token, so `credentials` are not allowed.
    """
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=READ,
            expose_headers=EXPOSED,
        )


class OpenPath:
    """Pure ASGI: one path may be read by pages of any origin, as what is public and the same for everybody may be."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        """Wrap the application."""
        self._app, self._path = app, path
        self._open = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "HEAD"], allow_headers=READ, expose_headers=EXPOSED
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let any page read that path; all else is as it was."""
        is_open = scope["type"] == "http" and scope["path"] == self._path
        await (self._open if is_open else self._app)(scope, receive, send)


def open_to_all_origins(app: FastAPI, path: str) -> None:
    """Let pages of any origin read what is at this path, whatever origins are named besides."""
    app.add_middleware(OpenPath, path=path)
