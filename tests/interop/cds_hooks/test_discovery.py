"""Discovery: public, for pages of any origin, and as the standard describes it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from main import create_app
from settings import Settings
from tests.signed_in import client_of

pytestmark = pytest.mark.anyio
ANY_PAGE = {"Origin": "https://sandbox.example"}


@pytest.fixture
async def nobody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, None) as http:
        yield http


async def test_whoever_asks_is_told_the_services(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/cds-services", headers=ANY_PAGE)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    services = answer.json()["services"]
    assert [(each["id"], each["hook"]) for each in services] == [
        ("trd-patient-view", "patient-view"),
        ("trd-order-select", "order-select"),
        ("trd-order-sign", "order-sign"),
    ]
    assert all(each["title"] and each["description"] and each["usageRequirements"] for each in services)


async def test_the_templates_keep_to_what_the_standard_recommends(nobody: httpx.AsyncClient) -> None:
    for service in (await nobody.get("/cds-services")).json()["services"]:
        assert len(service["prefetch"]) == 7
        for template in service["prefetch"].values():
            patient = r"\{\{context\.patientId\}\}"
            assert re.fullmatch(rf"Patient/{patient}|[A-Z][A-Za-z]+\?patient={patient}(&code=[0-9,-]+)?", template)
        assert "44261-6" in service["prefetch"]["ratings"]


async def test_a_browser_may_ask_first_whether_it_may_read_discovery_and_nothing_else(
    nobody: httpx.AsyncClient,
) -> None:
    asking = ANY_PAGE | {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    allowed = await nobody.options("/cds-services", headers=asking)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, "*")
    refused = await nobody.options("/cds-services/trd-order-sign", headers=asking)
    assert "Access-Control-Allow-Origin" not in refused.headers


async def test_pages_that_are_named_may_call_the_services_too(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"cors_origins": ("https://ehr.example",)}))
    asking = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
    async with client_of(app, None) as http:
        answer = await http.options("/cds-services/trd-order-sign", headers=asking)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://ehr.example"


async def test_nobody_is_given_cards(nobody: httpx.AsyncClient) -> None:
    for path in ("/cds-services/trd-patient-view", "/cds-services/trd-patient-view/feedback"):
        answer = await nobody.post(path, json={})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
