"""`/metrics`, for who knows the token; and the line that each request leaves in the log."""

import asyncio
import io
import json
import re
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import Scope

from main import VERSION, create_app
from settings import FIRST_ORGANISATION, Settings
from tests.conftest import settings_for
from tests.signed_in import client_of, somebody
from web.metrics import Metrics
from web.request_log import RequestLog

pytestmark = pytest.mark.anyio
TOKEN = "a-token-of-the-tests"  # noqa: S105 - of the tests
KNOWS = {"Authorization": f"Bearer {TOKEN}"}
NAMED = "0192f0c1a7b84c1f9a3c"


@pytest.fixture
def counting(database_url: str) -> Settings:
    return settings_for(database_url).model_copy(update={"metrics_token": SecretStr(TOKEN), "database_pool_size": 1})


@pytest.fixture
async def counted(counting: Settings) -> AsyncIterator[FastAPI]:
    """An application of its own, that has counted nothing yet."""
    app = create_app(counting)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def http(counted: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(counted, await somebody(counted)) as client:
        yield client


def lines_of(log: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def until_waiting(app: FastAPI, number: int) -> None:
    """Let others run until so many requests wait for the database."""
    while app.state.service.database.state().waiting < number:  # noqa: ASYNC110 - nothing says so
        await asyncio.sleep(0.001)


async def numbers(http: httpx.AsyncClient) -> dict[str, float]:
    """Every number that `/metrics` says, by its name with its labels."""
    answer = await http.get("/metrics", headers=KNOWS)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def count_of(operation: str, method: str = "GET", status: str = "2xx") -> str:
    return f'trialbook_request_seconds_count{{method="{method}",operation="{operation}",status="{status}"}}'


@pytest.mark.parametrize(
    "sent", [None, TOKEN, "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer ä"]
)
async def test_who_does_not_know_the_token_is_refused(counted: FastAPI, sent: str | None) -> None:
    answer = await client_of(counted, None).get(
        "/metrics", headers={} if sent is None else {"Authorization": sent.encode()}
    )
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["type"], answer.json()["title"]) == ("/problems/not-signed-in", "Sign in first")
    assert "trialbook_" not in answer.text


@pytest.mark.parametrize("sent", ["Bearer", "Bearer ", f"Bearer {TOKEN}", "Bearer None"])
async def test_without_the_setting_nobody_is_let_in(client: httpx.AsyncClient, sent: str) -> None:
    assert (await client.get("/metrics", headers={"Authorization": sent})).status_code == 401


async def test_requests_are_counted_by_operation_method_and_class_of_status(http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await http.get("/v1/patients")
    await http.head("/v1/patients")
    await http.get("/v1/patients/nobody")
    await http.get("/v1/nothing")
    found = await numbers(http)
    assert found[count_of("list_patients")] == 3
    assert found[count_of("list_patients", "HEAD")] == 1
    assert found[count_of("read_patient", status="4xx")] == 1
    assert found[count_of("none", status="4xx")] == 1
    least, most = (
        found[f'trialbook_request_seconds_bucket{{le="{le}",method="GET",operation="list_patients",status="2xx"}}']
        for le in ("0.001", "+Inf")
    )
    assert least <= most == 3
    assert found["trialbook_requests_in_flight"] == 1  # this one
    assert (await numbers(http))[count_of("read_metrics")] == 1


async def test_the_build_and_the_process_are_said(http: httpx.AsyncClient) -> None:
    found = await numbers(http)
    (build,) = [name for name in found if name.startswith("trialbook_build_info")]
    assert f'version="{VERSION}"' in build
    assert found["trialbook_workers"] == 1
    for usual in ("resident_memory_bytes", "cpu_seconds_total", "open_fds", "start_time_seconds"):
        assert any(re.fullmatch(rf'process_{usual}{{worker="\d+"}}', name) and found[name] for name in found), usual


async def test_who_waits_for_the_database_is_counted(http: httpx.AsyncClient, counted: FastAPI) -> None:
    async with counted.state.service.database.transaction() as held:
        await held.run("SELECT 1", (), repeatable=True)
        waiting = [asyncio.create_task(http.get("/v1/patients")) for _ in range(2)]
        await until_waiting(counted, 2)
        found = await numbers(http)
    names = ("connections", "connections_idle", "connections_waiting")
    assert [found[f"trialbook_database_{name}"] for name in names] == [1, 0, 2]
    assert found["trialbook_requests_in_flight"] == 3
    assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [200, 200]
    found = await numbers(http)
    assert [found[f"trialbook_database_{name}"] for name in names] == [1, 1, 0]


async def test_a_request_leaves_one_line(log: io.BytesIO, http: httpx.AsyncClient) -> None:
    made = await http.post("/v1/patients", json={"display_name": "Jane"}, headers={"X-Request-ID": NAMED})
    await http.head("/v1/patients")
    line, of_head = lines_of(log)
    assert line.pop("ms") > 0
    assert line.pop("time")
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": NAMED,
        "method": "POST",
        "operation": "create_patient",
        "status": 201,
        "bytes": len(made.content),
        "caller": "user",
        "organisation_id": str(FIRST_ORGANISATION),
    }
    assert (of_head["method"], of_head["operation"], of_head["bytes"]) == ("HEAD", "list_patients", 0)


def a_request(**more: Any) -> Scope:  # noqa: ANN401 - whatever a scope holds
    route = SimpleNamespace(operation_id="list_patients")
    return {"type": "http", "method": "GET", "trialbook.request_id": NAMED, "route": route} | more


async def test_the_line_says_of_which_kind_and_organisation_the_caller_is(log: io.BytesIO) -> None:
    asked = {"trialbook.caller": SimpleNamespace(kind="client", organisation_id="0192", subject="Jane")}
    requests = RequestLog(Metrics())
    for scope in (a_request(**asked), a_request(method="HEAD", **{"trialbook.as_get": a_request(**asked)})):
        requests.end(scope, requests.begin(scope))
    assert [(line["caller"], line["organisation_id"]) for line in lines_of(log)] == [("client", "0192")] * 2
    assert "Jane" not in log.getvalue().decode()


async def test_a_request_that_was_given_up_is_written_down_and_no_longer_in_flight(
    log: io.BytesIO, http: httpx.AsyncClient, counted: FastAPI
) -> None:
    async with counted.state.service.database.transaction():
        given_up = asyncio.create_task(http.get("/v1/patients"))
        await until_waiting(counted, 1)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
    assert [(line["operation"], line["status"]) for line in lines_of(log)] == [("list_patients", 0)]
    found = await numbers(http)
    assert found[count_of("list_patients", status="0xx")] == 1
    assert found["trialbook_requests_in_flight"] == 1


async def test_counting_costs_some_microseconds() -> None:
    metrics, rounds = Metrics(), []
    for _ in range(7):
        began = time.process_time()
        for _ in range(2_000):
            metrics.begin()
            metrics.end(("list_patients", "GET", "2xx"), 0.003)
        rounds.append((time.process_time() - began) / 2_000)
    assert min(rounds) < 25e-6
