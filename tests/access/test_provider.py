"""A hospital's own identity provider: its tokens are believed, in the organisation and the roles that they name."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from main import create_app
from settings import FIRST_ORGANISATION, Settings
from tests.conftest import settings_for
from tests.identity.forging import by_rsa, rsa_jwk, rsa_key, seconds, signed
from tests.identity.provider_server import KEYS, ProviderServer, provider_server
from tests.signed_in import client_of, new_organisation

pytestmark = pytest.mark.anyio
AUDIENCE = "https://trialbook.hospital.example"
FIRST, LATER = rsa_key("hospital"), rsa_key("hospital, later")


@pytest.fixture
async def provider() -> AsyncIterator[ProviderServer]:
    async with provider_server() as started:
        started.keys = [rsa_jwk(FIRST, "r1", use="sig")]
        yield started


@pytest.fixture
async def hospital(provider: ProviderServer, database_url: str) -> AsyncIterator[FastAPI]:
    """A service that signs nobody in itself."""
    own = settings_for(database_url).model_dump()
    told = {
        "oidc_issuer": provider.issuer,
        "oidc_audience": AUDIENCE,
        "oidc_roles_claim": "realm_access.roles",
        "embedded_issuer": False,
    }
    application = create_app(Settings(**{**own, **told}))
    async with application.router.lifespan_context(application):
        yield application


def token(provider: ProviderServer, key: Any = FIRST, kid: str = "r1", **changes: Any) -> str:  # noqa: ANN401
    now = datetime.now(UTC)
    claims = {
        "iss": provider.issuer,
        "aud": AUDIENCE,
        "sub": "anna@hospital.example",
        "iat": seconds(now),
        "exp": seconds(now + timedelta(minutes=5)),
        "org": str(FIRST_ORGANISATION),
        "realm_access": {"roles": ["clinician", "something of another application"]},
        **changes,
    }
    return signed({"alg": "RS256", "kid": kid, "typ": "JWT"}, claims, by_rsa(key, "RS256"))


async def ask(hospital: FastAPI, bearer: str, path: str = "/v1/patients") -> httpx.Response:
    async with client_of(hospital, bearer) as client:
        return await client.get(path)


async def test_a_token_of_the_provider_opens_what_its_roles_and_organisation_allow(
    hospital: FastAPI, provider: ProviderServer, client: httpx.AsyncClient, database_url: str
) -> None:
    await client.post("/v1/patients", json={})
    good = token(provider)
    assert (await ask(hospital, good)).status_code == 200
    me = (await ask(hospital, good, "/v1/me")).json()
    assert (me["subject"], me["roles"]) == ("anna@hospital.example", ["clinician"])
    assert (await ask(hospital, good, "/v1/users")).status_code == 403
    elsewhere = await ask(hospital, token(provider, org=str(await new_organisation(database_url))))
    assert elsewhere.json()["items"] == []


async def test_whoever_acts_for_somebody_is_named_in_the_audit_with_whom_they_act_for(
    hospital: FastAPI, provider: ProviderServer
) -> None:
    acting = token(provider, act={"sub": "portal"}, realm_access={"roles": ["auditor"]})
    events = (await ask(hospital, acting, "/v1/audit/events?subject=portal")).json()["items"]
    again = (await ask(hospital, acting, "/v1/audit/events?subject=portal")).json()["items"]
    assert len(again) == len(events) + 1
    assert (again[0]["subject"], again[0]["on_behalf_of"]) == ("portal", "anna@hospital.example")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000},
        {"org": None},
        {"org": str(uuid4())},
        {"realm_access": {"roles": ["something else"]}},
        {"realm_access": {}},
    ],
    ids=["audience", "issuer", "expired", "no organisation", "no such organisation", "no role of ours", "no role"],
)
async def test_a_token_that_is_not_meant_for_us_opens_nothing(
    hospital: FastAPI, provider: ProviderServer, changes: dict[str, Any]
) -> None:
    answer = await ask(hospital, token(provider, **changes))
    assert answer.status_code == 401
    assert "anna" not in answer.text


async def test_new_keys_are_found_and_keys_that_cannot_be_had_are_503(
    hospital: FastAPI, provider: ProviderServer
) -> None:
    assert (await ask(hospital, token(provider))).status_code == 200
    before = provider.asked[KEYS]
    assert (await ask(hospital, token(provider))).status_code == 200
    assert provider.asked[KEYS] == before, "keys are remembered"
    await provider.stop()
    assert (await ask(hospital, token(provider))).status_code == 200, "also while the provider is away"


async def test_while_the_provider_cannot_be_asked_at_first_it_is_said_so(
    hospital: FastAPI, provider: ProviderServer
) -> None:
    bearer = token(provider)
    await provider.stop()
    answer = await ask(hospital, bearer)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/identity-provider-away")


async def test_a_service_without_passwords_says_where_to_sign_in(hospital: FastAPI) -> None:
    async with client_of(hospital, None) as client:
        form = {"grant_type": "password", "username": "x", "password": "y"}
        answer = await client.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert "identity provider" in answer.json()["detail"]
