"""Headers that protect whoever reads an answer in a browser, and which pages of other origins may read one."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from main import create_app
from settings import Settings
from tests.factories import PATIENT
from web.cors import EXPOSED, READ

pytestmark = pytest.mark.anyio
OURS, THEIRS = "https://ehr.example.org", "https://elsewhere.example"
API_ONLY = "default-src 'none'; frame-ancestors 'none'"
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def settings_with(**more: object) -> Settings:
    url = SecretStr("postgresql://nobody@127.0.0.1:1/nothing")
    return Settings.model_validate({"environment": "test", "database_url": url, **more})


async def answers_of(app: FastAPI, *paths: str, **headers: str) -> list[httpx.Response]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trialbook.test") as http:
        return [await http.get(path, headers=headers) for path in paths]


async def test_every_answer_carries_the_guards_once_whatever_it_is(client: httpx.AsyncClient, patient_id: str) -> None:
    answers = [
        await client.get("/healthz"),
        await client.get(f"/v1/patients/{patient_id}"),
        await client.get(f"/v1/patients/{patient_id}/report"),
        await client.get(f"/v1/patients/{patient_id}/timeline.svg"),
        await client.get("/docs"),
        await client.get("/"),
        await client.get("/nothing"),
        await client.get("/healthz?a=%00"),
        await client.put("/healthz"),
        await client.post("/v1/patients", json=PATIENT),
        await client.post("/v1/patients", content=b"{"),
        await client.post("/v1/patients", json={"sex": 1}),
    ]
    for answer in answers:
        names = [name for name, _ in answer.headers.multi_items()]
        assert len(names) == len(set(names)), answer.url
        for name, value in EVERYWHERE.items():
            assert answer.headers[name] == value, (answer.url, name)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers, "not in a test without TLS"


async def test_data_may_load_nothing_and_pages_only_what_they_say(client: httpx.AsyncClient, patient_id: str) -> None:
    policies = {
        path: (await client.get(path)).headers["content-security-policy"]
        for path in ("/healthz", f"/v1/patients/{patient_id}", "/docs", f"/v1/patients/{patient_id}/report")
    }
    data, record, docs, report = policies.values()
    assert data == record == API_ONLY
    assert "script-src 'self'" in docs
    assert report != API_ONLY
    assert "unsafe" not in docs


async def test_an_unexpected_failure_is_guarded_too() -> None:
    app = create_app(settings_with())
    answer = (await answers_of(app, "/v1/patients"))[0]  # the lifespan has not begun: there is no service
    assert answer.status_code == 500
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-security-policy"] == API_ONLY


async def test_browsers_are_kept_to_tls_in_production() -> None:
    production = settings_with(
        environment="production",
        secret_key=SecretStr("q7Zk2mVx9LpR4tWc8NbY3sHd6JfGa1Ue"),
        encryption_key=SecretStr("Hn4vQ8sTz1XbK6yMw3RgP9dLc7JfUe2A"),
        public_url="https://trialbook.example.org",
    )
    answer = (await answers_of(create_app(production), "/healthz"))[0]
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.fixture
async def shared() -> AsyncIterator[httpx.AsyncClient]:
    """An application that one other origin may call."""
    transport = httpx.ASGITransport(create_app(settings_with(cors_origins=OURS)))
    async with httpx.AsyncClient(transport=transport, base_url="http://trialbook.test") as http:
        yield http


def asks(origin: str, method: str = "PATCH") -> dict[str, str]:
    """What a browser asks before it sends something for a page of this origin."""
    wanted = "authorization,content-type,idempotency-key,if-match"
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": wanted,
    }


async def test_by_default_no_page_of_another_origin_may_read_anything(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.get("/healthz", headers={"Origin": THEIRS}),
        await client.options("/v1/patients", headers=asks(THEIRS, "POST")),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_named_origin_may_send_what_our_requests_need_and_read_what_our_answers_say(
    shared: httpx.AsyncClient,
) -> None:
    before = await shared.options("/v1/patients", headers=asks(OURS))
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == OURS
    assert before.headers["x-content-type-options"] == "nosniff"
    assert {name.lower() for name in READ} <= {
        name.strip().lower() for name in before.headers["access-control-allow-headers"].split(",")
    }
    after = await shared.get("/healthz", headers={"Origin": OURS})
    assert after.headers["access-control-allow-origin"] == OURS
    assert after.headers["access-control-expose-headers"] == ", ".join(EXPOSED)
    assert "origin" in after.headers["vary"].lower()
    assert "access-control-allow-credentials" not in after.headers


async def test_a_failure_can_be_read_by_a_named_origin_as_well(shared: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/v1/patients"):
        answer = await shared.get(path, headers={"Origin": OURS})
        assert answer.status_code in {404, 500}
        assert answer.headers["access-control-allow-origin"] == OURS


@pytest.mark.parametrize(
    "origin", [THEIRS, "null", f"{OURS}.elsewhere.example", "http://ehr.example.org", f"{OURS}:444"]
)
async def test_an_origin_that_is_not_named_exactly_is_refused(shared: httpx.AsyncClient, origin: str) -> None:
    before = await shared.options("/v1/patients", headers=asks(origin))
    assert before.status_code == 400
    after = await shared.get("/healthz", headers={"Origin": origin})
    for answer in (before, after):
        assert "access-control-allow-origin" not in answer.headers
