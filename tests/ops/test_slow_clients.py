"""Clients that take their time, come in numbers or send too much: a real server, real sockets, bounded time."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from main import create_app
from ops.edge import spare
from ops.protocol import MOST_BYTES_OF_A_HEAD, SECONDS_FOR_THE_APPLICATION
from registry.errors import InvalidRequest
from settings import Settings
from tests.ops.serving import close_all, connect, heard, is_open, served
from web.bodies import CheckedRequest, read_json
from web.errors import add_error_handlers
from web.metrics import Metrics
from web.middleware import Envelope
from web.uploads import uploaded

SECONDS, MOST = 1.0, 24
HEAD = b"GET /healthz HTTP/1.1\r\nHost: trialbook.test\r\n"
TYPED = b"POST /v1/evaluate HTTP/1.1\r\nHost: trialbook.test\r\nContent-Type: application/json\r\n"
POST = TYPED + b"Content-Length: 500\r\n\r\n"
WHOLE = HEAD + b"Connection: close\r\n\r\n"


def settings_with(**more: object) -> Settings:
    return Settings.model_validate(
        {
            "environment": "test",
            "database_url": SecretStr("postgresql://nobody@127.0.0.1:1/nothing"),
            "encryption_key": SecretStr("Hn4vQ8sTz1XbK6yMw3RgP9dLc7JfUe2A"),
            "seconds_for_a_request": SECONDS,
            **more,
        }
    )


@pytest.fixture(autouse=True)
def _leave_nothing_open() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The application, with a second of patience and room for all."""
    settings = settings_with(max_connections=1000)
    with served(settings, create_app(settings)) as taken:
        yield taken


@pytest.fixture(scope="module")
def reading() -> Iterator[int]:
    """A route that reads a body as ours do, and asks nobody who they are."""
    app = FastAPI(openapi_url=None)
    add_error_handlers(app)
    app.add_middleware(Envelope, metrics=Metrics("0", None))

    @app.post("/v1/evaluate")
    async def read(request: Request) -> None:
        await read_json(CheckedRequest(request.scope, request.receive), 1_000_000, SECONDS)
        raise InvalidRequest("It was read.")

    @app.post("/v1/imports")
    async def upload(request: Request) -> None:
        size = sum([len(part) async for part in uploaded(request, 1_000_000, SECONDS)])
        raise InvalidRequest(f"{size} bytes were read.")

    with served(settings_with(), app) as taken:
        yield taken


@pytest.fixture(scope="module")
def narrow() -> Iterator[int]:
    """The same with room for a few."""
    settings = settings_with(max_connections=MOST, seconds_for_a_request=20)
    with served(settings, create_app(settings)) as taken:
        yield taken


def said(answer: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    """The status, the headers and the problem of a raw answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, json.loads(body)


def test_two_hundred_dripping_connections_hold_nobody_up_and_are_closed_in_time(port: int) -> None:
    drips = [connect(port, HEAD) for _ in range(200)]
    began = time.monotonic()
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.2):
            for number, one in enumerate(drips):
                with suppress(OSError):
                    one.send(f"X-{number}: y\r\n".encode())

    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    slowest = 0.0
    try:
        while any(is_open(one) for one in drips):
            asked = time.monotonic()
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            slowest = max(slowest, time.monotonic() - asked)
            assert time.monotonic() - began < 3 * SECONDS
    finally:
        stop.set()
        dripping.join()
    assert time.monotonic() - began > 0.8 * SECONDS
    assert slowest < 0.5


@pytest.mark.parametrize("begun", [b"GET /healthz HT", HEAD], ids=["first line", "headers"])
def test_whoever_began_a_head_is_told_that_it_is_late(port: int, begun: bytes) -> None:
    began = time.monotonic()
    status, headers, problem = said(heard(connect(port, begun)))
    assert (status, problem["type"]) == (408, "/problems/request-timeout")
    assert headers["connection"] == "close"
    assert headers["content-type"] == "application/problem+json"
    assert 0.8 * SECONDS < time.monotonic() - began < 2 * SECONDS


def test_whoever_sends_nothing_is_cut_without_a_word(port: int) -> None:
    began = time.monotonic()
    assert heard(connect(port)) == b""
    assert 0.8 * SECONDS < time.monotonic() - began < 2 * SECONDS


def test_empty_lines_after_an_answer_do_not_hold_a_connection(port: int) -> None:
    """They end the server's own waiting for another request."""
    one = connect(port, HEAD + b"\r\n")
    assert b"200 OK" in one.recv(65536)
    began = time.monotonic()
    while is_open(one) and time.monotonic() - began < 10:
        with suppress(OSError):
            one.send(b"\r\n")
        time.sleep(0.1)
    one.close()
    assert time.monotonic() - began < 3 * SECONDS


def test_a_second_request_has_its_own_time(port: int) -> None:
    one = connect(port)
    for _ in range(3):
        one.sendall(HEAD)
        time.sleep(0.7 * SECONDS)
        one.sendall(b"\r\n")
        assert b"200 OK" in one.recv(65536)
    one.close()


def test_a_body_that_does_not_end_is_answered_by_the_application(reading: int) -> None:
    began = time.monotonic()
    one = connect(reading, POST)
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.1):
            with suppress(OSError):
                one.send(b" ")

    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    status, headers, problem = said(heard(one))
    stop.set()
    dripping.join()
    assert (status, problem["type"]) == (408, "/problems/request-timeout")
    assert problem["instance"] == "/v1/evaluate"
    assert headers["x-request-id"] == problem["request_id"]
    assert headers["connection"] == "close"
    assert 0.8 * SECONDS < time.monotonic() - began < 2 * SECONDS


def test_a_body_that_nobody_reads_does_not_hold_a_connection_after_the_answer(port: int) -> None:
    one = connect(port, HEAD + b"Content-Length: 100000\r\n\r\n")
    assert b"200 OK" in one.recv(65536)
    began = time.monotonic()
    while is_open(one) and time.monotonic() - began < 20:
        with suppress(OSError):
            one.send(b"x")
        time.sleep(0.1)
    one.close()
    assert time.monotonic() - began < SECONDS + SECONDS_FOR_THE_APPLICATION + 1


def test_a_body_in_time_is_answered(reading: int) -> None:
    one = connect(reading, POST)
    time.sleep(0.5 * SECONDS)
    one.sendall(b" " * 498 + b"{}")
    assert b" 422 " in one.recv(65536)
    one.close()


def test_an_application_that_waits_in_vain_ends_and_its_client_is_told() -> None:
    ended = threading.Event()

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - it never answers
        if scope["type"] == "http":
            while (await receive())["type"] != "http.disconnect":
                pass
            ended.set()

    with served(settings_with(), waits) as port:
        began = time.monotonic()
        status, headers, problem = said(heard(connect(port, POST + b"{")))
        assert (status, problem["status"], headers["x-frame-options"]) == (408, 408, "DENY")
        assert time.monotonic() - began < SECONDS + SECONDS_FOR_THE_APPLICATION + 1
        assert ended.wait(2)


def test_whoever_does_not_take_the_answer_is_cut() -> None:
    ended = threading.Event()

    async def floods(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        ended.set()

    with served(settings_with(), floods) as port:
        one = connect(port, WHOLE)
        began = time.monotonic()
        assert ended.wait(10), "the application is let go"
        assert 0.8 * SECONDS < time.monotonic() - began < 4 * SECONDS
        taken = heard(one)
        assert 0 < len(taken) < 65536 * 1000
        quick = heard(connect(port, WHOLE))
        assert len(quick) > 65536 * 1000, "whoever takes it gets all of it"


@pytest.mark.parametrize(
    "large",
    [
        HEAD + b"X-Long: " + b"y" * (MOST_BYTES_OF_A_HEAD + 1) + b"\r\n\r\n",
        HEAD + b"X-Long: " + b"y" * (MOST_BYTES_OF_A_HEAD + 1),
        b"GET /healthz?" + b"y" * (MOST_BYTES_OF_A_HEAD + 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        HEAD + b"X: y\r\n" * (MOST_BYTES_OF_A_HEAD // 5) + b"\r\n",
    ],
    ids=["one header", "a header without an end", "the address", "many headers"],
)
def test_a_head_that_is_too_large_is_refused(port: int, large: bytes) -> None:
    status, headers, problem = said(heard(connect(port, large)))
    assert (status, problem["type"], headers["connection"]) == (431, "/problems/head-too-large", "close")


def test_a_large_head_that_is_allowed_is_answered_also_before_a_large_body(port: int, reading: int) -> None:
    nearly = HEAD + b"X-Long: " + b"y" * (MOST_BYTES_OF_A_HEAD - 200) + b"\r\n"
    assert b"200 OK" in heard(connect(port, nearly + b"Connection: close\r\n\r\n"))
    head = TYPED + b"Content-Length: 200000\r\nConnection: close\r\n\r\n"
    assert b" 422 " in heard(connect(reading, head + b" " * 199_998 + b"{}"))


@pytest.mark.parametrize("nonsense", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", HEAD + b"Bad Header: x\r\n\r\n"])
def test_nonsense_is_refused_in_the_shape_of_all_refusals(port: int, nonsense: bytes) -> None:
    status, headers, problem = said(heard(connect(port, nonsense)))
    assert (status, problem["type"], headers["connection"]) == (400, "/problems/malformed-request", "close")
    assert headers["content-type"] == "application/problem+json"
    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"


def test_whoever_comes_above_the_limit_is_told_to_come_again_and_may_when_there_is_room(narrow: int) -> None:
    held = [connect(narrow, HEAD) for _ in range(MOST)]
    eventually(lambda: b" 503 " in heard(connect(narrow, WHOLE)))
    status, headers, problem = said(heard(connect(narrow, WHOLE)))
    assert (status, problem["type"]) == (503, "/problems/too-many-connections")
    assert (headers["retry-after"], headers["connection"]) == ("5", "close")
    assert headers["x-frame-options"] == "DENY"
    for one in held:
        one.close()
    eventually(lambda: b"200 OK" in heard(connect(narrow, WHOLE)))


def test_far_above_the_limit_connections_are_cut_at_once(narrow: int) -> None:
    held = [connect(narrow, HEAD) for _ in range(MOST + spare(MOST) + 40)]
    eventually(lambda: sum(is_open(one) for one in held) == MOST + spare(MOST))
    for one in held:
        one.close()
    eventually(lambda: b"200 OK" in heard(connect(narrow, WHOLE)))


def eventually(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_requests_that_are_pipelined_are_all_answered(port: int) -> None:
    one = connect(port, (HEAD + b"\r\n") * 5 + WHOLE)
    assert heard(one).count(b"200 OK") == 6


@pytest.mark.parametrize(
    ("trusted", "seen"), [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")]
)
def test_only_a_trusted_proxy_may_say_for_whom_it_asks(trusted: str, seen: str) -> None:
    app = FastAPI(openapi_url=None)

    async def who(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        body = f"{scope['client'][0]} {scope['scheme']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body})

    claims = b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
    with served(settings_with(trusted_proxies=trusted), who) as port:
        answer = heard(connect(port, HEAD + claims + b"\r\n"))
    assert f"{seen} {'https' if seen != '127.0.0.1' else 'http'}".encode() in answer


def test_the_port_speaks_on_loopback_only_and_says_nothing_of_its_software(port: int) -> None:
    answer = httpx.get(f"http://127.0.0.1:{port}/nothing-here")
    assert answer.status_code == 404
    assert "server" not in answer.headers
    assert not any("uvicorn" in value.lower() for value in answer.headers.values())
    with socket.socket() as outside:
        assert outside.connect_ex(("127.0.0.2", port)) != 0


UPLOAD = b"POST /v1/imports HTTP/1.1\r\nHost: trialbook.test\r\nConnection: close\r\nContent-Length: 240000\r\n\r\n"


def test_an_upload_may_take_as_long_as_it_comes_on(reading: int) -> None:
    connection = connect(reading, UPLOAD)
    for _ in range(8):
        connection.sendall(b"x" * 30_000)
        time.sleep(0.42)
    assert b"240000 bytes were read." in heard(connection)


def test_an_upload_that_trickles_is_given_up(reading: int) -> None:
    connection, started = connect(reading, UPLOAD), time.monotonic()
    with suppress(OSError):
        while time.monotonic() - started < 10:
            connection.sendall(b"x")
            time.sleep(0.2)
    assert time.monotonic() - started < 10
    assert b" 408 " in heard(connection)


def test_an_upload_that_stops_is_given_up(reading: int) -> None:
    connection, started = connect(reading, UPLOAD + b"x" * 100_000), time.monotonic()
    assert b" 408 " in heard(connection)
    assert time.monotonic() - started < 5
