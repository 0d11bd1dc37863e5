"""A launch that an EHR begins: for the patient whose record is open there, for one app, once."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.interop.conftest import Launching
from tests.interop.launching import ASK, Launch, patients_in, returned
from tests.signed_in import ADDRESS, client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
SCOPE = "launch patient/*.rs"


async def prepared(http: httpx.AsyncClient, patient: str, client_id: str) -> httpx.Response:
    return await http.post(f"/v1/patients/{patient}/app-launch", json={"client_id": client_id})


async def launch_of(http: httpx.AsyncClient, patient: str, launch: Launch) -> dict[str, str]:
    answer = await prepared(http, patient, launch.client_id)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["iss"], answer.json()["expires_in"]) == (f"{ADDRESS}/fhir/R4", 300)
    return {"launch": answer.json()["launch"], "scope": SCOPE}


async def test_an_app_is_opened_for_the_patient_of_the_ehr_and_nobody_picks(
    launching: Launching, client: httpx.AsyncClient
) -> None:
    patient = (await client.post("/v1/patients", json={"display_name": "Open in the EHR"})).json()["id"]
    launch = await launching()
    asked = await launch_of(client, patient, launch)
    assert "A growth chart" in (await launch.ask(**asked)).text
    question = await launch.sign_in(**asked)
    assert "Open in the EHR" in question.text
    assert patients_in(question) == []
    other = (await client.post("/v1/patients", json={})).json()["id"]
    token = (await launch.exchange(returned(await launch.answer(question, patient=other))["code"])).json()
    assert (token["patient"], token["scope"]) == (patient, SCOPE)
    assert returned(await launch.ask(**asked))["error"] == "invalid_request", "it is good once"
    assert returned(await launch.sign_in(**asked))["error"] == "invalid_request"


async def test_a_request_may_come_as_a_form(launching: Launching, client: httpx.AsyncClient, patient_id: str) -> None:
    launch = await launching()
    form = launch.parameters(**await launch_of(client, patient_id, launch))
    headers = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    assert "A growth chart" in (await launch.browser.post(ASK, data=form, headers=headers)).text


async def test_a_launch_is_of_no_use_to_another_app_or_when_it_is_over(
    launching: Launching, client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    launch, other = await launching(), await launching()
    asked = await launch_of(client, patient_id, launch)
    assert returned(await other.ask(**asked))["error"] == "invalid_request"
    await connection.execute(
        "UPDATE launch_contexts SET expires_at = clock_timestamp() WHERE client_id = $1", UUID(launch.client_id)
    )
    told = returned(await launch.ask(**asked))
    assert "five minutes are over" in told["error_description"]
    await launch.sign_in(**await launch_of(client, patient_id, launch))
    kept = "SELECT count(*) FROM launch_contexts WHERE client_id = $1"
    assert await connection.fetchval(kept, UUID(launch.client_id)) == 0, "what is over is swept"


async def test_a_launch_that_two_use_at_once_serves_one(
    launching: Launching, client: httpx.AsyncClient, patient_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one has seen that it waits before the first one takes it."""
    launch = await launching()
    asked = await launch_of(client, patient_id, launch)
    await launch.sign_in(**asked)

    async def waits(*_: Any) -> None:  # noqa: ANN401 - whatever it is given
        return None

    monkeypatch.setattr("api.authorize.expect_launch", waits)
    second = await launch.sign_in(**asked)
    assert (second.status_code, "Open the app there once more" in second.text) == (400, True)
    no_token = await launch.sign_in(launch="x", scope=SCOPE)
    assert no_token.status_code == 400


async def test_whoever_may_not_open_the_record_lets_no_app_in_for_it(
    launching: Launching, client: httpx.AsyncClient, patient_id: str
) -> None:
    me = (await client.get("/v1/me")).json()["subject"]
    closed = (await client.post("/v1/patients", json={"restricted_to": [me]})).json()["id"]
    clinician = await launching()
    own = await launching(Role.PATIENT, own_patient_id=UUID(patient_id))
    for launch, patient in ((clinician, closed), (own, closed)):
        question = await launch.sign_in(**await launch_of(client, patient, launch))
        assert (await launch.answer(question)).status_code == 403
        assert returned(await launch.answer(question, "refuse"))["error"] == "access_denied"
    mine = await own.sign_in(**await launch_of(client, patient_id, own))
    assert "your own record" in mine.text
    assert "code" in returned(await own.answer(mine))


async def test_only_who_sees_the_patient_prepares_a_launch_and_only_of_an_app_that_is_there(
    launching: Launching, app: FastAPI, client: httpx.AsyncClient, database_url: str, patient_id: str
) -> None:
    launch = await launching()
    assert (await prepared(client, str(uuid4()), launch.client_id)).status_code == 404
    refused = await prepared(client, patient_id, str(uuid4()))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/client_id")
    elsewhere = await somebody(app, organisation=await new_organisation(database_url))
    async with client_of(app, elsewhere) as theirs:
        assert (await prepared(theirs, patient_id, launch.client_id)).status_code == 404
    launched = (await launch.exchange(await launch.code(patient_id, scope="patient/Observation.rs"))).json()
    async with client_of(app, launched["access_token"]) as narrowed:
        assert (await prepared(narrowed, patient_id, launch.client_id)).status_code == 403
    assert urlsplit((await prepared(client, patient_id, launch.client_id)).json()["iss"]).path == "/fhir/R4"
