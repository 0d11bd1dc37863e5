"""Nothing that may name a patient leaves: not to the collector, not into the log, not into the metrics."""

import asyncio
import gc
import io
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI
from pydantic import SecretStr

from main import create_app
from settings import Settings
from tests.collector import Collector, attributes, collecting
from tests.conftest import settings_for
from tests.signed_in import client_of, somebody
from web import telemetry_pipeline

pytestmark = pytest.mark.anyio
MARK = "MARKER-PATIENT"
TOKEN = "a-token-of-the-tests"  # noqa: S105 - of the tests
TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADERS = {
    "Host": f"{MARK}-HOST.example",
    "User-Agent": f"{MARK}-AGENT",
    "Cookie": f"name={MARK}-COOKIE",
    "Referer": f"http://nowhere.example/{MARK}-REFERER",
    "X-Forwarded-For": f"{MARK}-ADDRESS",
    "X-Request-ID": f"of {MARK}-REQUEST",
    "traceparent": f"00-{TRACE}-b7ad6b7169203331-01",
    "tracestate": f"vendor={MARK}-STATE",
    "baggage": f"name={MARK}-BAGGAGE",
}


async def stumble(name: str) -> None:
    raise RuntimeError(f"{MARK}: nothing is known of {name}")


async def stumble_with_cause(name: str) -> None:
    try:
        await stumble(name)
    except RuntimeError as error:
        raise ExceptionGroup(f"{MARK}-GROUP", [error, ValueError(f"{MARK}-VALUE")]) from error


async def stumble_afterwards(name: str, later: BackgroundTasks) -> dict[str, str]:
    later.add_task(stumble, name)
    asyncio.get_running_loop().call_soon(json.loads, f"{MARK}-CALLBACK")
    forgotten = asyncio.create_task(stumble(f"{MARK}-TASK"))
    await asyncio.sleep(0)
    del forgotten
    thread = threading.Thread(target=json.loads, args=(f"{MARK}-THREAD",))
    thread.start()
    thread.join()
    logging.getLogger("somebody").error(f"{MARK}-LIBRARY")  # noqa: G004 - as libraries do
    logging.getLogger("uvicorn.error").error("could not read %s", f"{MARK}-ARGUMENT", exc_info=ValueError(MARK))
    return {"name": name}


class Watched(NamedTuple):
    """A service that is watched in every way."""

    app: FastAPI
    log: io.BytesIO

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as listening:
        yield listening


def watched_by(address: str, database: str) -> Settings:
    told = {"otel_exporter_otlp_endpoint": address, "metrics_token": SecretStr(TOKEN)}
    return settings_for(database).model_copy(update=told)


@asynccontextmanager
async def serving(settings: Settings, log: io.BytesIO) -> AsyncIterator[Watched]:
    """The service with a few routes more that fail in ways of their own. When it ends, everything was sent."""
    app = create_app(settings)
    app.router.add_api_route("/v1/stumble/{name}", stumble)
    app.router.add_api_route("/v1/group/{name}", stumble_with_cause)
    app.router.add_api_route("/v1/afterwards/{name}", stumble_afterwards)
    loop = asyncio.get_running_loop()
    of_the_tests = loop.get_exception_handler()
    loop.set_exception_handler(None)  # what nobody caught goes to the log, as it does in the service
    try:
        async with app.router.lifespan_context(app):
            yield Watched(app, log)
            gc.collect()
    finally:
        loop.set_exception_handler(of_the_tests)


async def ask_everything(app: FastAPI) -> list[httpx.Response]:
    """Requests that hold the mark wherever a request can hold something."""
    async with client_of(app, await somebody(app)) as http:
        http.headers.update(HEADERS)
        number = {"system": "urn:x", "value": f"{MARK}-{uuid4()}"}
        made = await http.post("/v1/patients", json={"identifiers": [number], "display_name": f"{MARK}-NAME"})
        asked = [
            await http.get(f"/v1/patients/{made.json()['id']}?include={MARK}"),
            await http.get(f"/v1/patients?identifier=urn:x|{number['value']}"),
            await http.get("/v1/patients", headers={"Authorization": f"Bearer {MARK}-TOKEN"}),
            await http.head(f"/v1/patients/{MARK}"),
            await http.request(MARK, f"/v1/patients/{MARK}"),
            await http.get(f"/{MARK}/{MARK}?q={MARK}"),
            await http.post(
                "/v1/patients", content=f'{{"{MARK}": "{MARK}"', headers={"Content-Type": "application/json"}
            ),
            await http.post("/v1/patients", json={"sex": f"{MARK}"}, headers={"Idempotency-Key": MARK}),
            await http.get(f"/v1/%00{MARK}"),
            *[await http.get(f"/v1/{way}/{MARK}?q={MARK}") for way in ("stumble", "group", "afterwards")],
            await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}),
        ]
    return [made, *asked]


async def test_no_mark_of_a_patient_is_sent_written_or_counted(
    collector: Collector, database_url: str, log: io.BytesIO
) -> None:
    async with serving(watched_by(collector.address, database_url), log) as watched:
        answers = await ask_everything(watched.app)
        await asyncio.sleep(0)
    scraped = answers[-1].text
    assert [answer.status_code for answer in answers] == [
        201,
        422,
        200,
        401,
        422,
        405,
        404,
        400,
        422,
        422,
        500,
        500,
        200,
        200,
    ]
    for said in (collector.everything(), watched.log.getvalue().decode(), scraped):
        assert MARK.lower() not in said.lower()
    # And yet all of it is there.
    requests = [line for line in watched.lines() if line["event"] == "request"]
    assert len(collector.spans()) == len(requests) == len(answers)
    assert {"http.server.request.duration", "http.server.active_requests"} <= collector.metrics()
    assert 'trialbook_request_seconds_count{method="GET",operation="stumble",status="5xx"} 1.0' in scraped
    assert 'method="OTHER",operation="none",status="4xx"' in scraped


async def test_what_is_sent_finds_the_line_in_the_log(collector: Collector, database_url: str, log: io.BytesIO) -> None:
    async with serving(watched_by(collector.address, database_url), log) as watched:
        await ask_everything(watched.app)
    (line,) = [line for line in watched.lines() if line.get("operation") == "stumble"]
    (span,) = [span for span in collector.spans() if span.name == "GET /v1/stumble/{name}"]
    assert (line["level"], line["status"], line["error"]) == ("error", 500, "RuntimeError")
    assert __file__ in str(line["place"])
    assert attributes(span.attributes) == {
        "http.request.method": "GET",
        "http.route": "/v1/stumble/{name}",
        "http.response.status_code": "500",
        "error.type": "500",
        "trialbook.request_id": line["request_id"],
    }
    assert span.trace_id.hex() == line["trace_id"] == TRACE
    assert (span.trace_state, len(span.events), len(span.links), span.status.message) == ("", 0, 0, "")
    of_lists = [attributes(span.attributes) for span in collector.spans() if span.name == "GET /v1/patients"]
    assert [of_list["http.response.status_code"] for of_list in of_lists] == ["200", "401"]


async def test_libraries_are_heard_without_what_they_hold(database_url: str, log: io.BytesIO) -> None:
    async with serving(settings_for(database_url), log) as watched:
        await ask_everything(watched.app)
    heard = {(line.get("logger"), line["event"], line.get("error")) for line in watched.lines()}
    assert {
        ("asyncio", "Exception in callback", "JSONDecodeError"),
        ("asyncio", "Task exception was never retrieved", "RuntimeError"),
        (None, "a thread ended by an exception", "JSONDecodeError"),
        ("somebody", "a library said something", None),
        ("uvicorn.error", "could not read %s", "ValueError"),
    } <= heard


async def test_without_the_processor_the_marks_would_be_sent(
    collector: Collector, database_url: str, log: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry_pipeline, "redacted", lambda span: span)
    async with serving(watched_by(collector.address, database_url), log) as watched:
        await ask_everything(watched.app)
    sent = collector.everything()
    for place in (f"/v1/stumble/{MARK}", f"q={MARK}", f"{MARK}-HOST".lower(), f"vendor={MARK}-STATE"):
        assert place in sent


async def test_without_an_address_nothing_is_traced(database_url: str, log: io.BytesIO) -> None:
    async with serving(settings_for(database_url), log) as watched:
        await ask_everything(watched.app)
    assert not [line for line in watched.lines() if "trace_id" in line]


async def test_a_collector_that_is_away_holds_up_neither_requests_nor_the_end(
    database_url: str, log: io.BytesIO
) -> None:
    with collecting() as gone:
        address = gone.address
    began = time.monotonic()
    async with serving(watched_by(address, database_url), log) as watched:
        answers = await ask_everything(watched.app)
    assert answers[0].status_code == 201
    assert time.monotonic() - began < 30
    assert MARK not in log.getvalue().decode()
