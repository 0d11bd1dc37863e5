"""An OpenID Connect provider on the loopback address: a real HTTP server that can be slow, wrong, huge or gone."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"


class ProviderServer:
    """Publishes `keys`. `status`, `head`, `pause`, `drip` and `bodies` make it misbehave."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.asked: Counter[str] = Counter()
        self.status, self.head, self.pause, self.drip = "200 OK", "", 0.0, 0.0
        self.bodies: dict[str, bytes] = {}
        self.issuer = self.heard = ""
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", port)
        self.issuer = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = self.heard.split()[1]
            self.asked[path] += 1
            await asyncio.sleep(self.pause)
            body = self.bodies.get(path) or json.dumps(self._said(path)).encode()
            head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{self.head}\r\n"
            writer.write(head.encode())
            for at in range(0, len(body), 1 if self.drip else len(body)):
                await asyncio.sleep(self.drip)
                writer.write(body[at : at + 1] if self.drip else body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _said(self, path: str) -> dict[str, Any]:
        if path == DISCOVERY:
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}{KEYS}"}
        return {"keys": self.keys}


@asynccontextmanager
async def provider_server() -> AsyncIterator[ProviderServer]:
    server = ProviderServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
