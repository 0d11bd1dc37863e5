"""A bare ASGI application: the same statements on the same driver, the rows as JSON, and nothing else.

It checks nothing, routes by a dictionary and judges nothing, so it is the ceiling under Python, not a rival.
"""

import os
from typing import Any
from uuid import UUID

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from bench.driver import pool
from bench.hot_paths import HOT_PATHS, ROOT, ordered
from settings import FIRST_ORGANISATION, Settings, read_settings

BY_ADDRESS = {(path.method, path.suffix): path for path in HOT_PATHS}
ID_FROM, ID_TO = len(ROOT), len(ROOT) + 36
JSON = [(b"content-type", b"application/json")]


class Bare:
    """The application."""

    def __init__(self, settings: Settings) -> None:
        """Keep what a request needs."""
        self._settings = settings
        self._pool: Any = None  # until the server says that it starts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path, query = scope["path"], scope["query_string"].decode()
        hot = BY_ADDRESS[scope["method"], path[ID_TO:] + (f"?{query}" if query else "")]
        body = orjson.loads(await _read(receive)) if hot.writes else {}
        values = ordered(hot, UUID(path[ID_FROM:ID_TO]), FIRST_ORGANISATION, body)
        rows = await self._pool.fetch(hot.statement.sql, *values)
        answer = orjson.dumps([dict(row) for row in rows], default=str)
        headers = [*JSON, (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 201 if hot.writes else 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Receive, send: Send) -> None:
        """Open the pool at start and close it at the end."""
        await receive()
        self._pool = await pool(self._settings.database_dsn, self._settings.database_pool_size)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message.get("more_body", False)
    return body


def main() -> None:
    """Serve as the service itself is served."""
    settings = read_settings()
    uvicorn.run(
        Bare(settings),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
