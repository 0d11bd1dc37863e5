"""What apps find before they know anybody: where to sign in, what is served, and that pages of all origins may ask."""

import httpx
import pytest
from fastapi import FastAPI

from interop.smart import OF_APPS
from tests.api.test_sign_in_page import replace_service
from tests.interop.conftest import Launching
from tests.interop.launching import BACK, TOKEN
from tests.signed_in import ADDRESS

pytestmark = pytest.mark.anyio
PLACES = ("/.well-known/smart-configuration", "/fhir/R4/.well-known/smart-configuration")
OPEN = (*PLACES, "/fhir/R4/metadata", "/.well-known/oauth-authorization-server", "/oauth/jwks", TOKEN)
CLOSED = ("/v1/patients", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize", "/fhir/R4/Patient", "/healthz")
APP = "https://app.example"
ENDPOINTS = ("authorization", "token", "revocation", "introspection")


async def test_both_places_say_the_same_and_only_what_is_served(browser: httpx.AsyncClient) -> None:
    said, below = [(await browser.get(place)).json() for place in PLACES]
    assert said == below
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert said["response_types_supported"] == ["code"]
    assert "private_key_jwt" in said["token_endpoint_auth_methods_supported"]
    assert "issuer" not in said, "only with sso-openid-connect"
    assert sorted(said["capabilities"]) == [
        "authorize-post",
        "client-confidential-asymmetric",
        "client-public",
        "context-ehr-patient",
        "context-standalone-patient",
        "launch-ehr",
        "launch-standalone",
        "permission-offline",
        "permission-online",
        "permission-patient",
        "permission-user",
        "permission-v1",
        "permission-v2",
    ]
    discovered = (await browser.get("/.well-known/oauth-authorization-server")).json()
    for name in [*(f"{each}_endpoint" for each in ENDPOINTS), "jwks_uri"]:
        assert said[name] == discovered[name]
        path = said[name].removeprefix(ADDRESS)
        assert (await browser.request("PUT", path)).status_code == 405, f"{path} is served"


async def test_where_nobody_signs_in_only_machines_are_told_of(
    browser: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_service(app, monkeypatch, embedded=False)
    for place in (PLACES[0], "/.well-known/oauth-authorization-server"):
        said = (await browser.get(place)).json()
        assert "authorization_endpoint" not in said
        assert not {"authorization_code", "password"} & set(said["grant_types_supported"])
        assert not set(OF_APPS) & set(said.get("capabilities", ()))


@pytest.mark.parametrize("path", OPEN)
async def test_pages_of_every_origin_may_ask_where_and_what_without_credentials(
    browser: httpx.AsyncClient, path: str
) -> None:
    method = "POST" if path == TOKEN else "GET"
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    before = await browser.options(path, headers={"Origin": APP, **wanted})
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, "*")
    after = await browser.request(method, path, headers={"Origin": APP})
    assert after.headers["access-control-allow-origin"] == "*"
    for answer in (before, after):
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", CLOSED)
async def test_elsewhere_no_page_of_another_origin_may_read_anything(browser: httpx.AsyncClient, path: str) -> None:
    wanted = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    for answer in (
        await browser.options(path, headers={"Origin": APP, **wanted}),
        await browser.get(path, headers={"Origin": APP}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_page_of_another_origin_gets_its_token(launching: Launching, patient_id: str) -> None:
    launch = await launching()
    code = await launch.code(patient_id)
    launch.browser.headers["Origin"] = APP
    answer = await launch.exchange(code)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")


REFUSED = {
    "no keys and nowhere to go": ({"redirect_uris": []}, "/jwks"),
    "no keys for a machine's scopes": ({"scope": "system/*.rs patient/*.rs"}, "/scope"),
    **{
        address: ({"redirect_uris": [address]}, "/redirect_uris/0")
        for address in (
            "http://app.example/",
            "http://127.0.0.1.app.example/",
            "http://[::1]/",
            "https://app.example/#part",
            "https://user@app.example/",
            "https://app.example/ https://elsewhere.example/",
            "https://app.example/';script-src *",
            "https://app.example;x/",
            "https:///callback",
            "javascript:alert(1)",
            "/callback",
        )
    },
    "too many": ({"redirect_uris": [f"{BACK}/{number}" for number in range(11)]}, "/redirect_uris"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_an_app_is_registered_with_addresses_that_are_safe_to_be_sent_to(
    client: httpx.AsyncClient, case: str
) -> None:
    body = {"name": "App", "scope": "patient/*.rs", "redirect_uris": [BACK]} | REFUSED[case][0]
    answer = await client.post("/v1/clients", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == REFUSED[case][1]


async def test_an_app_may_be_one_in_development_and_have_its_addresses_changed(client: httpx.AsyncClient) -> None:
    local = ["http://localhost:3000/back?app=1", "http://127.0.0.1/", "https://app.example:8443/back"]
    body = {"name": "App", "scope": "patient/*.rs", "redirect_uris": local}
    made = (await client.post("/v1/clients", json=body)).json()
    assert (made["redirect_uris"], made["jwks"]) == (local, None)
    address = f"/v1/clients/{made['id']}"
    changed = await client.patch(address, json={"redirect_uris": [BACK]}, headers={"If-Match": "*"})
    assert changed.json()["redirect_uris"] == [BACK]
    gone = await client.patch(address, json={"redirect_uris": []}, headers={"If-Match": "*"})
    assert gone.status_code == 422
    versions = (await client.get(f"{address}/history")).json()["items"]
    assert [each["record"]["redirect_uris"] for each in versions] == [local, [BACK]]
