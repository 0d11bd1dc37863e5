"""Introspection: who may ask about a token, and that nothing is told of what is not theirs, or not good."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.interop.conftest import Launching
from tests.interop.keys import Signer
from tests.interop.launching import TOKEN
from tests.signed_in import ADDRESS, client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
ASK = "/oauth/introspect"
INACTIVE = {"active": False}


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
async def machine(client: httpx.AsyncClient, signer: Signer) -> str:
    body = {"name": "A resource server", "scope": "system/*.rs", "jwks": signer.jwks}
    return str((await client.post("/v1/clients", json=body)).json()["id"])


async def asked(http: httpx.AsyncClient, token: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as httpx takes it
    return await http.post(ASK, data={"token": token}, **more)


async def test_a_client_with_keys_is_told_of_a_launch(
    launching: Launching, browser: httpx.AsyncClient, signer: Signer, machine: str, patient_id: str
) -> None:
    launch = await launching()
    token = (await launch.exchange(await launch.code(patient_id))).json()["access_token"]
    for audience in (f"{ADDRESS}{ASK}", f"{ADDRESS}/oauth/token"):
        answer = await browser.post(ASK, data={"token": token, **signer.proof(machine, audience)})
        said = answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
        told = ("active", "client_id", "patient", "scope", "token_type", "need_patient_banner")
        assert {name: said[name] for name in told} == {
            "active": True,
            "need_patient_banner": True,
            "client_id": launch.client_id,
            "patient": patient_id,
            "scope": "launch/patient patient/*.rs",
            "token_type": "Bearer",
        }
        assert said["exp"] - said["iat"] == 900
        assert said["iss"] == ADDRESS


async def test_an_administrator_and_a_machine_ask_with_their_tokens(
    app: FastAPI, browser: httpx.AsyncClient, signer: Signer, machine: str
) -> None:
    form = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    own = (await browser.post(TOKEN, data=form | signer.proof(machine))).json()["access_token"]
    for asking in (own, await somebody(app, Role.ADMINISTRATOR)):
        async with client_of(app, asking) as http:
            said = (await asked(http, own)).json()
            assert (said["active"], said["client_id"], said["sub"]) == (True, machine, machine)
            person = (await asked(http, await somebody(app, Role.CLINICIAN))).json()
            assert person["active"] is True
            assert "client_id" not in person


async def test_nobody_else_may_ask(
    app: FastAPI, browser: httpx.AsyncClient, client: httpx.AsyncClient, signer: Signer, machine: str
) -> None:
    token = await somebody(app, Role.CLINICIAN)
    async with client_of(app, token) as clinician:
        assert (await asked(clinician, token)).status_code == 403
    assert (await asked(browser, token)).status_code == 401
    used = signer.proof(machine)
    narrow = Signer()
    body = {"name": "Narrow", "scope": "system/Patient.rs", "jwks": narrow.jwks}
    other = str((await client.post("/v1/clients", json=body)).json()["id"])
    for proof, status in (
        (used, 200),
        (used, 401),
        (Signer().proof(machine), 401),
        (signer.proof(machine, "https://elsewhere.example"), 401),
        (signer.proof(str(uuid4())), 401),
        (narrow.proof(other), 403),
        ({**signer.proof(machine), "client_assertion_type": "x"}, 401),
    ):
        answer = await browser.post(ASK, data={"token": token, **proof})
        assert answer.status_code == status, (proof, answer.text)
        assert status == 200 or "sub" not in answer.json()
    assert (await browser.post(ASK, content=b"token=\xff")).status_code == 401


async def test_what_is_not_good_or_not_theirs_is_answered_alike(
    app: FastAPI, client: httpx.AsyncClient, browser: httpx.AsyncClient, database_url: str
) -> None:
    ended = await somebody(app, Role.CLINICIAN)
    assert (await asked(client, ended)).json()["active"] is True
    await browser.post("/oauth/revoke", data={"token": ended})
    elsewhere = await somebody(app, organisation=await new_organisation(database_url))
    for token in (ended, elsewhere, "x", "a.b.c", ended[:-3], "x" * 8000):
        answer = await asked(client, token)
        assert (answer.status_code, answer.json()) == (200, INACTIVE)
    async with client_of(app, elsewhere) as theirs:
        assert (await asked(theirs, await somebody(app))).json() == INACTIVE
        assert (await asked(theirs, elsewhere)).json()["active"] is True


async def test_a_machine_gets_what_it_is_registered_for_in_words_of_either_version(
    browser: httpx.AsyncClient, client: httpx.AsyncClient, signer: Signer, patient_id: str
) -> None:
    body = {"name": "Patients alone", "scope": "system/Patient.rs", "jwks": signer.jwks}
    narrow = str((await client.post("/v1/clients", json=body)).json()["id"])
    form = {"grant_type": "client_credentials", "scope": "system/Patient.read system/Observation.read"}
    token = (await browser.post(TOKEN, data=form | signer.proof(narrow))).json()
    assert (token["scope"], token["expires_in"]) == ("system/Patient.rs", 300)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    for path, status in (("", 200), ("/assessments", 403)):
        assert (await browser.get(f"/v1/patients/{patient_id}{path}", headers=headers)).status_code == status
    refused = await browser.post(TOKEN, data=form | {"scope": "system/Observation.rs"} | signer.proof(narrow))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
