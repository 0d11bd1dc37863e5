"""Pages of other origins: none may read our answers unless it is named. Starlette's middleware decides each request."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

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
