"""SMART App Launch: an app is let in by a person, for one patient, and goes on as long as it was granted."""

from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from tests.api.test_sign_in_page import replace_service
from tests.interop.conftest import Launching
from tests.interop.keys import TYPE, Signer
from tests.interop.launching import BACK, TOKEN, Launch, patients_in, returned
from tests.signed_in import ADDRESS

pytestmark = pytest.mark.anyio
AUDITED = "SELECT operation, action, outcome, patient_id FROM audit_events WHERE subject = $1 ORDER BY id"


def bearer(token: httpx.Response) -> dict[str, str]:
    assert token.status_code == 200, token.text
    return {"Authorization": f"Bearer {token.json()['access_token']}"}


async def refreshed(launch: Launch, token: httpx.Response, **more: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token.json()["refresh_token"]}
    return await launch.browser.post(TOKEN, data=form | {"client_id": launch.client_id} | more)


async def test_an_app_is_let_in_for_one_patient_and_opens_that_record_alone(
    launching: Launching, client: httpx.AsyncClient, browser: httpx.AsyncClient, patient_id: str
) -> None:
    launch = await launching()
    assert "A growth chart" in (await launch.ask()).text
    question = await launch.sign_in()
    assert "read and search all that is in the record of the one patient" in question.text
    led = await launch.answer(question, patient=patient_id)
    assert led.headers["Location"].startswith(f"{BACK}?")
    assert (returned(led)["state"], returned(led)["iss"]) == ("a state", ADDRESS)
    answer = await launch.exchange(returned(led)["code"])
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json()
    assert token.keys() == {"access_token", "token_type", "expires_in", "scope", "patient", "need_patient_banner"}
    assert (token["patient"], token["scope"]) == (patient_id, "launch/patient patient/*.rs")
    other = (await client.post("/v1/patients", json={})).json()["id"]
    asked = {"": 403, f"/{patient_id}": 200, f"/{patient_id}/episodes": 200, f"/{other}": 403}
    for path, status in asked.items():
        assert (await browser.get(f"/v1/patients{path}", headers=bearer(answer))).status_code == status, path
    assert (
        await browser.post(f"/v1/patients/{patient_id}/episodes", json={}, headers=bearer(answer))
    ).status_code == 403


async def test_scopes_of_version_1_are_answered_as_they_were_asked_and_mean_the_same(
    launching: Launching, patient_id: str
) -> None:
    launch = await launching()
    whole = await launch.exchange(await launch.code(patient_id, scope="patient/Observation.read launch/patient"))
    assert whole.json()["scope"] == "patient/Observation.read launch/patient"
    part = await launch.exchange(await launch.code(patient_id, scope="patient/*.read openid fhirUser system/*.read"))
    assert part.json()["scope"] == "patient/*.rs"
    observations = f"/v1/patients/{patient_id}/assessments"
    for token, path, status in ((whole, observations, 200), (whole, f"/v1/patients/{patient_id}/episodes", 403)):
        assert (await launch.browser.get(path, headers=bearer(token))).status_code == status


async def test_scopes_of_a_user_need_no_patient_and_open_what_the_user_may(
    launching: Launching, patient_id: str
) -> None:
    launch = await launching()
    question = await launch.sign_in(scope="user/Patient.rs")
    assert "For which patient" not in question.text
    assert "read and search who the patient is of every patient that you may open" in question.text
    token = await launch.exchange(returned(await launch.answer(question))["code"])
    assert "patient" not in token.json()
    assert (await launch.browser.get(f"/v1/patients/{patient_id}", headers=bearer(token))).status_code == 200
    assert (await launch.browser.get(f"/v1/patients/{patient_id}/episodes", headers=bearer(token))).status_code == 403


async def test_a_patient_lets_an_app_in_for_their_own_record_and_no_other(
    launching: Launching, client: httpx.AsyncClient, patient_id: str
) -> None:
    other = (await client.post("/v1/patients", json={"display_name": "Somebody else"})).json()["id"]
    launch = await launching(Role.PATIENT, own_patient_id=UUID(patient_id))
    question = await launch.sign_in()
    assert "your own record" in question.text
    assert "Somebody else" not in question.text
    token = await launch.exchange(returned(await launch.answer(question, patient=other))["code"])
    assert token.json()["patient"] == patient_id


async def test_a_patient_is_found_by_an_identifier_and_the_list_goes_on(
    launching: Launching, client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    named = {"identifiers": [{"system": "urn:test:launch", "value": "MRN-77"}], "display_name": "Ann <b>Test</b>"}
    ids = [(await client.post("/v1/patients", json={**named, "birth_date": "1984-03"})).json()["id"]]
    ids += [(await client.post("/v1/patients", json={})).json()["id"] for _ in range(11)]
    launch = await launching()
    question = await launch.sign_in()
    first = patients_in(question)
    assert len(first) == 10
    after = question.text.partition('name="after" value="')[2].partition('"')[0]
    more = patients_in(await launch.answer(question, "more", after=after))
    assert more
    assert not set(more) & set(first)
    found = await launch.answer(question, "find", system="urn:test:launch", value="MRN-77")
    assert patients_in(found) == ids[:1]
    assert "Ann &lt;b&gt;Test&lt;/b&gt;, born 1984-03" in found.text
    nobody = await launch.answer(question, "find", system="urn:test:launch", value="MRN-78")
    assert "No patient was found" in nobody.text
    user = await connection.fetchval("SELECT id FROM users WHERE username = $1", launch.username)
    seen = {row["patient_id"] for row in await connection.fetch(AUDITED, str(user)) if row["action"] == "R"}
    assert {UUID(each) for each in (*first, *more, ids[0])} == seen, "whoever was shown is in the audit"


async def test_what_was_answered_and_given_is_in_the_audit(
    launching: Launching, connection: asyncpg.Connection, patient_id: str
) -> None:
    launch = await launching()
    await launch.exchange(await launch.code(patient_id))
    await launch.answer(await launch.sign_in(), "refuse")
    user = await connection.fetchval("SELECT id FROM users WHERE username = $1", launch.username)
    rows = [tuple(row) for row in await connection.fetch(AUDITED, str(user)) if row["action"] == "E"]
    about, nobody = UUID(patient_id), None
    assert rows == [
        ("authorize_app", "E", 200, nobody),
        ("authorize_app", "E", 200, about),
        ("issue_token", "E", 200, about),
        ("authorize_app", "E", 200, nobody),
        ("authorize_app", "E", 403, nobody),
    ]


async def test_an_app_that_may_go_on_has_a_refresh_token_that_only_it_can_use(
    launching: Launching, patient_id: str
) -> None:
    launch = await launching(scope="patient/*.rs online_access")
    other = await launching()
    token = await launch.exchange(await launch.code(patient_id, scope="patient/*.rs online_access offline_access"))
    assert token.json()["scope"] == "patient/*.rs online_access", "offline_access was not registered"
    stranger = await refreshed(launch, token, client_id=other.client_id)
    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")
    nobody = await refreshed(launch, token, client_id="")
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    again = await refreshed(launch, token)
    assert again.json()["patient"] == patient_id
    assert (await launch.browser.get(f"/v1/patients/{patient_id}", headers=bearer(again))).status_code == 200
    assert (await refreshed(launch, token)).json()["error"] == "invalid_grant"
    assert (await refreshed(launch, again)).json()["error"] == "invalid_grant", "the old one ended the session"


STAYS = {
    "patient/*.rs": ("00:15:00", "00:15:00"),
    "patient/*.rs online_access": ("12:00:00", "02:00:00"),
    "patient/*.rs offline_access": ("90 days", "30 days"),
}
HELD = """
SELECT abs(extract(epoch FROM expires_at - created_at - $2::text::interval)) < 1 AND idle = $3::text::interval
FROM sessions WHERE client_id = $1 AND scope = $4
"""


async def test_an_app_stays_as_long_as_was_granted(
    launching: Launching, connection: asyncpg.Connection, patient_id: str
) -> None:
    launch = await launching(scope="patient/*.rs online_access offline_access")
    for scope, (lasts, idle) in STAYS.items():
        await launch.exchange(await launch.code(patient_id, scope=scope))
        assert await connection.fetchval(HELD, UUID(launch.client_id), lasts, idle, scope) is True, scope


async def test_an_app_with_keys_proves_who_it_is_at_each_step(launching: Launching, patient_id: str) -> None:
    signer = Signer()
    launch = await launching(jwks=signer.jwks, scope="patient/*.rs online_access")
    scope = "patient/*.rs online_access"
    unproved = await launch.exchange(await launch.code(patient_id, scope=scope))
    assert (unproved.status_code, unproved.json()["error"]) == (401, "invalid_client")
    assert "client_assertion" in unproved.json()["detail"]
    token = await launch.exchange(await launch.code(patient_id, scope=scope), **signer.proof(launch.client_id))
    assert (await refreshed(launch, token)).status_code == 401
    forged = await refreshed(launch, token, **Signer().proof(launch.client_id))
    assert forged.json()["error"] == "invalid_client"
    other = await refreshed(launch, token, **signer.proof(launch.client_id), client_id="0" * 32)
    assert other.json()["error"] == "invalid_client"
    for no_client in ("x", Signer().proof("no id")["client_assertion"]):
        answer = await refreshed(launch, token, client_assertion=no_client, client_assertion_type=TYPE)
        assert answer.json()["error"] == "invalid_client"
    unnamed = await refreshed(launch, token, client_assertion="x", client_assertion_type="")
    assert "client_assertion_type" in unnamed.json()["detail"]
    again = await refreshed(launch, token, **signer.proof(launch.client_id), client_id="")
    assert again.status_code == 200, again.text


async def test_an_app_that_was_changed_or_disabled_is_out(
    launching: Launching, client: httpx.AsyncClient, patient_id: str, app: FastAPI
) -> None:
    launch = await launching(scope="patient/*.rs online_access")
    waiting = await launch.code(patient_id)
    question = await launch.sign_in()
    token = await launch.exchange(await launch.code(patient_id, scope="patient/*.rs online_access"))
    changed = await client.patch(f"/v1/clients/{launch.client_id}", json={"disabled": True}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    app.state.service.doorman.standing._until.clear()  # noqa: SLF001 - ten seconds later
    assert (await launch.browser.get("/v1/me", headers=bearer(token))).status_code == 401
    assert (await refreshed(launch, token)).status_code == 401
    assert (await launch.exchange(waiting)).json()["error"] == "invalid_client"
    assert (await launch.ask()).status_code == 400
    assert (await launch.answer(question, patient=patient_id)).status_code == 403


async def test_signing_out_ends_what_an_app_has(launching: Launching, patient_id: str) -> None:
    launch = await launching()
    token = await launch.exchange(await launch.code(patient_id))
    await launch.browser.post("/oauth/revoke", data={"token": token.json()["access_token"]})
    assert (await launch.browser.get("/v1/me", headers=bearer(token))).status_code == 401


async def test_a_user_who_may_not_sign_in_any_more_lets_nobody_in(
    launching: Launching, client: httpx.AsyncClient, patient_id: str, connection: asyncpg.Connection
) -> None:
    launch = await launching()
    question, code = await launch.sign_in(), await launch.code(patient_id)
    user = await connection.fetchval("SELECT id FROM users WHERE username = $1", launch.username)
    await client.patch(f"/v1/users/{user}", json={"disabled": True}, headers={"If-Match": "*"})
    assert (await launch.answer(question, patient=patient_id)).status_code == 403
    refused = await launch.exchange(code)
    assert (refused.json()["error"], "may not sign in" in refused.json()["detail"]) == ("invalid_grant", True)


async def test_erasing_a_patient_takes_the_launches_with_it(
    launching: Launching, client: httpx.AsyncClient, connection: asyncpg.Connection, patient_id: str
) -> None:
    launch = await launching()
    token = await launch.exchange(await launch.code(patient_id))
    erased = await client.post(
        f"/v1/patients/{patient_id}/erasure", json={"reason": "Asked for by the patient", "confirm": "erase for ever"}
    )
    assert erased.status_code in {200, 201}, erased.text
    for table in ("app_launches", "sessions"):
        left = f"SELECT count(*) FROM {table} WHERE patient_id = $1"  # noqa: S608 - one of two words
        assert await connection.fetchval(left, UUID(patient_id)) == 0
    late = await launch.browser.post("/oauth/revoke", data={"token": token.json()["access_token"]})
    assert late.status_code == 200, "a session that is gone is no fault"


async def test_where_nobody_signs_in_no_app_is_let_in(
    launching: Launching, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = await launching()
    replace_service(app, monkeypatch, embedded=False)
    for answer in (await launch.ask(), await launch.sign_in()):
        assert (answer.status_code, "identity provider" in answer.text) == (400, True)
