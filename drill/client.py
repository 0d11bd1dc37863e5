"""A client that does what a careful integrator's does: it sends again, with the same key, until it is answered."""

import asyncio
import random
from collections import Counter
from typing import Any, NamedTuple

import orjson

from drill.failed import expect
from drill.service import Service

TRY_AGAIN = {409, 429, 503}
"""In flight, too many, or the database is away: the same request may be sent again. All else is an answer."""
FIRST_REFUSAL = 300
SECONDS_FOR_AN_ANSWER = 30.0
SHORTEST_WAIT, LONGEST_WAIT = 0.02, 0.5
Json = dict[str, Any]


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def same(self) -> tuple[int, bytes, str | None, str | None]:
        """What must be the same each time that a key is sent."""
        return (self.status, self.body, self.headers.get("location"), self.headers.get("etag"))

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body, read."""
        return orjson.loads(self.body)


class Client:
    """Sends requests, each on a connection of its own, and counts what came back."""

    def __init__(self, service: Service) -> None:
        """Talk to this service as the user who is signed in there."""
        self._service = service
        self.counted: Counter[str] = Counter()

    async def get(self, path: str) -> Any:  # noqa: ANN401 - any JSON
        """What is there."""
        return (await self.answered("GET", path)).json

    async def everything(self, path: str) -> list[Json]:
        """All items of a list, page by page."""
        found: list[Json] = []
        cursor = ""
        while True:
            page = await self.get(f"{path}?limit=200{cursor}")
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    async def answered(self, method: str, path: str, body: Json | None = None, **headers: str) -> Answer:
        """Send it until it is answered; underscores in names of headers stand for hyphens.

        Raises:
            PromiseBroken: the answer is an error that sending again would not mend.
        """
        while True:
            try:
                async with asyncio.timeout(SECONDS_FOR_AN_ANSWER):
                    answer = await self._sent(method, path, body, headers)
            except (OSError, EOFError, TimeoutError):
                self.counted["lost"] += 1
            else:
                if answer.status not in TRY_AGAIN:
                    expect(
                        answer.status < FIRST_REFUSAL, f"{method} {path}: {answer.status} {answer.body[:500].decode()}"
                    )
                    self.counted["replayed"] += "idempotent-replayed" in answer.headers
                    return answer
                self.counted[str(answer.status)] += 1
            await asyncio.sleep(random.uniform(SHORTEST_WAIT, LONGEST_WAIT))  # noqa: S311 - a wait

    async def _sent(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> Answer:
        """One request and its answer.

        Raises:
            OSError, EOFError: the service was gone before the answer was whole.
        """
        content = b"" if body is None else orjson.dumps(body)
        said = {
            "Host": f"127.0.0.1:{self._service.port}",
            "Authorization": f"Bearer {self._service.token}",
            "Connection": "close",
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        reader, writer = await asyncio.open_connection("127.0.0.1", self._service.port)
        try:
            writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + content)
            return await _read(reader)
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Answer:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Answer(int(first.split(" ", 2)[1]), headers, body)
