"""Routing and the envelope of every request."""

import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from web.errors import add_error_handlers
from web.middleware import Envelope
from web.routing import FlatRouter

pytestmark = pytest.mark.anyio
ROUTES = 150


async def answer_nothing() -> dict[str, str]:
    return {}


async def stumble() -> None:
    raise RuntimeError("Jane Doe")


async def stumble_late(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("Jane Doe")


@pytest.fixture
def many() -> FastAPI:
    """An application with many routes and a mount."""
    app = FastAPI(telemetry={"logs": False})
    app.router = FlatRouter(routes=app.router.routes)
    for number in range(ROUTES):
        app.router.add_api_route(f"/v1/things-{number}/{{thing}}/parts", answer_nothing)
    app.router.add_api_route("/v1/stumble", stumble)
    app.router.routes.append(Mount("/files", PlainTextResponse("file")))
    app.router.routes.append(Mount("/late", stumble_late))
    add_error_handlers(app)
    app.add_middleware(Envelope)
    return app


async def seconds_for(client: httpx.AsyncClient, address: str) -> float:
    started = time.perf_counter()
    for _ in range(30):
        assert (await client.get(address)).status_code == 200
    return time.perf_counter() - started


async def test_the_last_route_costs_at_most_twice_the_first(many: FastAPI) -> None:
    async with at(many) as client:
        addresses = [f"/v1/things-{number}/x/parts" for number in (0, ROUTES - 1)]
        # The best of several rounds: what is asked is the cost of the code, not of a busy machine.
        rounds = [[await seconds_for(client, address) for address in addresses] for _ in range(7)]
        first, last = (min(times) for times in zip(*rounds, strict=True))
        assert last <= 2 * first


async def test_mounts_are_found_after_all_routes(many: FastAPI) -> None:
    async with at(many) as client:
        assert (await client.get("/files/a")).text == "file"
        assert (await client.get("/v1/things-0//parts")).status_code == 404
        assert (await client.get("/v1/things-0/x")).status_code == 404
        assert (await client.get("/v1/things-0/x/parts/more")).status_code == 404


async def test_the_unexpected_is_a_quiet_500(many: FastAPI) -> None:
    with capture_logs() as lines:
        async with at(many) as client:
            answer = await client.get("/v1/stumble?name=Jane")
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal"
    (line,) = lines
    assert (line["log_level"], line["error"]) == ("error", "RuntimeError")
    assert line["request_id"] == answer.json()["request_id"]
    assert "test_routing.py" in line["place"]
    assert "Jane" not in str(lines) + answer.text


async def test_a_failure_after_the_answer_began_is_only_logged(many: FastAPI) -> None:
    sent: list[Any] = []
    with capture_logs() as lines:
        await many(scope_of("http", "/late/"), receive_nothing, keeping(sent))
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert [(line["error"], line["status"]) for line in lines] == [("RuntimeError", 200)]
    assert "Jane" not in str(lines)


async def test_a_prefix_that_a_proxy_added_is_not_part_of_the_route(many: FastAPI) -> None:
    many.root_path = "/trialbook"
    async with at(many) as client:
        assert (await client.get("/trialbook/v1/things-0/x/parts")).status_code == 200


async def test_web_sockets_are_refused_by_the_framework(many: FastAPI) -> None:
    sent: list[Any] = []
    await many(scope_of("websocket", "/v1/nothing"), receive_nothing, keeping(sent))
    assert sent[0]["type"] == "websocket.close"


def scope_of(kind: str, path: str) -> dict[str, Any]:
    return {"type": kind, "method": "GET", "path": path, "headers": [], "query_string": b""}


async def receive_nothing() -> Message:
    return {"type": "websocket.connect"}


def keeping(sent: list[Any]) -> Send:
    async def send(message: Message) -> None:
        sent.append(message)

    return send


def at(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trialbook.test")
