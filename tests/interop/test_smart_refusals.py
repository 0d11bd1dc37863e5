"""What is refused of a launch: each thing that could be taken, replayed, guessed or sent elsewhere."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from registry.rate_limits import request_limiter, sign_in_limiter
from registry.secret_tokens import new_token
from settings import FIRST_ORGANISATION
from tests.api.test_sign_in_page import replace_service
from tests.interop.conftest import Launching
from tests.interop.launching import ASK, BACK, CONSENT, SIGN_IN, VERIFIER, Launch, challenge_of, page_in, returned
from tests.signed_in import ADDRESS, client_of, new_organisation, owner_connection, somebody

pytestmark = pytest.mark.anyio
LONG_AGO = datetime.now(UTC) - timedelta(seconds=1)


def refused(answer: httpx.Response, error: str = "invalid_grant") -> bool:
    return answer.status_code == (401 if error == "invalid_client" else 400) and answer.json()["error"] == error


TOLD_TO_THE_APP: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "invalid_request"),
    ({"state": None}, "invalid_request"),
    ({"state": "a\nb"}, "invalid_request"),
    ({"state": "s" * 1001}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"aud": "https://elsewhere.example/fhir/R4"}, "invalid_request"),
    ({"aud": None}, "invalid_request"),
    ({"launch": "a-launch"}, "invalid_request"),
    ({"launch": "A" * 64}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "openid fhirUser launch/patient"}, "invalid_scope"),
    ({"scope": "system/*.rs"}, "invalid_scope"),
    ({"scope": "user/Patient.d"}, "invalid_scope"),
]


async def test_what_is_wrong_is_told_to_the_app_at_its_own_address(launching: Launching) -> None:
    launch = await launching()
    for wrong, error in TOLD_TO_THE_APP:
        for led in (await launch.ask(**wrong), await launch.sign_in(**wrong)):
            told = returned(led)
            assert led.headers["Location"].startswith(f"{BACK}?"), wrong
            assert (told["error"], told["iss"]) == (error, ADDRESS), wrong
            assert len(told["error_description"]) > 20, wrong
            assert "code" not in told, wrong


NOT_ITS_OWN: list[dict[str, str | None]] = [
    {"redirect_uri": f"{BACK}/"},
    {"redirect_uri": BACK[:-1]},
    {"redirect_uri": f"{BACK}?more=1"},
    {"redirect_uri": BACK.replace("https", "http")},
    {"redirect_uri": "https://elsewhere.example/"},
    {"redirect_uri": None},
    {"client_id": str(uuid4())},
    {"client_id": "no id"},
    {"client_id": None},
]


async def test_nobody_is_sent_to_an_address_that_is_not_the_apps_own(launching: Launching) -> None:
    launch = await launching()
    for wrong in NOT_ITS_OWN:
        for answer in (await launch.ask(**wrong), await launch.sign_in(**wrong)):
            assert (answer.status_code, "Location" in answer.headers) == (400, False), wrong
            assert "You are not sent on" in answer.text, wrong


async def test_what_is_sent_twice_is_not_guessed_at(launching: Launching, browser: httpx.AsyncClient) -> None:
    launch = await launching()
    twice = [*launch.parameters().items(), ("redirect_uri", "https://elsewhere.example/")]
    answer = await browser.get(ASK, params=twice)
    assert (answer.status_code, "more than once" in answer.text) == (400, True)


PRESENTED_WRONGLY: list[tuple[dict[str, str], str]] = [
    ({"code_verifier": VERIFIER[::-1]}, "invalid_grant"),
    ({"code_verifier": challenge_of(VERIFIER)}, "invalid_grant"),
    ({"code_verifier": "too short"}, "invalid_grant"),
    ({"redirect_uri": f"{BACK}/"}, "invalid_grant"),
    ({"client_id": str(uuid4())}, "invalid_client"),
]


async def test_a_code_that_is_presented_wrongly_gives_nothing_and_is_spent(
    launching: Launching, patient_id: str
) -> None:
    launch = await launching()
    for wrong, error in PRESENTED_WRONGLY:
        code = await launch.code(patient_id)
        assert refused(await launch.exchange(code, **wrong), error), wrong
        assert refused(await launch.exchange(code)), wrong


async def test_what_is_lacking_is_named(launching: Launching) -> None:
    launch = await launching()
    assert "code" in (await launch.exchange("")).json()["detail"]
    for lacking in ("redirect_uri", "code_verifier", "client_id"):
        answer = await launch.exchange("x", **{lacking: ""})
        assert refused(answer, "invalid_request")
        assert lacking in answer.json()["detail"]


async def test_a_code_of_another_app_gives_nothing(launching: Launching, patient_id: str) -> None:
    launch, other = await launching(), await launching()
    assert refused(await other.exchange(await launch.code(patient_id)), "invalid_client")


async def test_a_code_is_good_for_a_minute(
    launching: Launching, patient_id: str, connection: asyncpg.Connection
) -> None:
    launch = await launching()
    code = await launch.code(patient_id)
    left = await connection.fetchval(
        "SELECT extract(epoch FROM expires_at - granted_at) FROM app_launches WHERE client_id = $1",
        UUID(launch.client_id),
    )
    assert round(left) == 60
    await connection.execute(
        "UPDATE app_launches SET expires_at = $2 WHERE client_id = $1", UUID(launch.client_id), LONG_AGO
    )
    assert refused(await launch.exchange(code))


async def test_what_is_no_code_gives_nothing(launching: Launching) -> None:
    launch = await launching()
    for code in ("x", "A" * 64, new_token(uuid4()).text):
        assert refused(await launch.exchange(code)), code


async def test_what_no_session_has_and_what_is_no_client_are_refused(launching: Launching) -> None:
    launch = await launching()
    form = {"grant_type": "refresh_token", "refresh_token": new_token(uuid4()).text, "client_id": launch.client_id}
    assert refused(await launch.browser.post("/oauth/token", data=form))
    assert refused(await launch.browser.post("/oauth/token", data=form | {"client_id": "x"}), "invalid_client")


async def test_a_guessed_secret_neither_spends_nor_ends(launching: Launching, patient_id: str) -> None:
    launch = await launching()
    code = await launch.code(patient_id)
    guess = code[:22] + "A" * 42
    assert refused(await launch.exchange(guess))
    token = await launch.exchange(code)
    assert refused(await launch.exchange(guess))
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    assert (await launch.browser.get(f"/v1/patients/{patient_id}", headers=bearer)).status_code == 200


async def test_a_code_that_is_presented_again_ends_what_it_gave(launching: Launching, patient_id: str) -> None:
    launch = await launching(scope="patient/*.rs offline_access")
    code = await launch.code(patient_id, scope="patient/*.rs offline_access")
    token = (await launch.exchange(code)).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await launch.browser.get(f"/v1/patients/{patient_id}", headers=bearer)).status_code == 200
    assert refused(await launch.exchange(code, client_id=str(uuid4())))
    assert (await launch.browser.get(f"/v1/patients/{patient_id}", headers=bearer)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"], "client_id": launch.client_id}
    assert refused(await launch.browser.post("/oauth/token", data=form))


async def test_of_many_that_present_one_code_at_once_one_gets_a_token(launching: Launching, patient_id: str) -> None:
    launch = await launching()
    code = await launch.code(patient_id)
    answers = await asyncio.gather(*(launch.exchange(code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400, 400]


async def test_a_page_is_answered_once_also_by_two_at_once(launching: Launching, patient_id: str) -> None:
    launch = await launching()
    for other in ("allow", "refuse"):
        question = await launch.sign_in()
        both = [launch.answer(question, each, patient=patient_id) for each in ("allow", other)]
        answers = await asyncio.gather(*both)
        assert sorted(answer.status_code for answer in answers) == [303, 403]
        assert (await launch.answer(question, patient=patient_id)).status_code == 403


async def test_a_page_waits_ten_minutes(launching: Launching, patient_id: str, connection: asyncpg.Connection) -> None:
    launch = await launching()
    question = await launch.sign_in()
    await connection.execute(
        "UPDATE app_launches SET expires_at = $2 WHERE client_id = $1", UUID(launch.client_id), LONG_AGO
    )
    answer = await launch.answer(question, patient=patient_id)
    assert (answer.status_code, "This page is over" in answer.text) == (403, True)


async def test_who_refuses_tells_the_app_so_and_gives_nothing(launching: Launching) -> None:
    launch = await launching()
    told = returned(await launch.answer(await launch.sign_in(), "refuse"))
    assert told.keys() == {"error", "error_description", "state", "iss"}
    assert (told["error"], told["state"]) == ("access_denied", "a state")


async def test_only_a_patient_of_ones_own_can_be_picked(
    launching: Launching, client: httpx.AsyncClient, app: FastAPI, database_url: str, patient_id: str
) -> None:
    clinic = await new_organisation(database_url)
    async with client_of(app, await somebody(app, organisation=clinic)) as elsewhere:
        theirs = (await elsewhere.post("/v1/patients", json={"display_name": "Of another clinic"})).json()["id"]
    me = (await client.get("/v1/me")).json()["subject"]
    restricted = {"restricted_to": [me], "identifiers": [{"system": "urn:closed", "value": "closed-1"}]}
    made = await client.post("/v1/patients", json=restricted)
    assert made.status_code == 201, made.text
    closed = made.json()["id"]
    launch = await launching()
    question = await launch.sign_in()
    assert "Of another clinic" not in question.text
    picks = {theirs: 404, closed: 403, str(uuid4()): 404, "x": 404, "": 403}
    for picked, status in picks.items():
        answer = await launch.answer(question, patient=picked)
        assert (answer.status_code, 'role="alert"' in answer.text) == (status, True), picked
    sought = await launch.answer(question, "find", system="urn:closed", value="closed-1")
    assert (sought.status_code, "restricted to its care team" in sought.text) == (403, True)
    led = await launch.answer(question, patient=patient_id)
    assert "code" in returned(led), "whoever picked wrongly may pick again"


async def test_whose_role_opens_no_record_can_only_refuse(launching: Launching, patient_id: str) -> None:
    launch = await launching(Role.ADMINISTRATOR)
    question = await launch.sign_in()
    assert "You can only refuse" in question.text
    assert (await launch.answer(question, patient=patient_id)).status_code == 403
    assert returned(await launch.answer(question, "refuse"))["error"] == "access_denied"


async def test_a_page_is_of_no_use_in_another_browser_or_from_another_site(
    launching: Launching, app: FastAPI, patient_id: str
) -> None:
    launch = await launching()
    question = await launch.sign_in()
    form = {"page": page_in(question), "answer": "allow", "patient": patient_id}
    async with client_of(app, None) as other:
        assert (await other.post(CONSENT, data=form)).status_code == 403
        assert (await other.post(CONSENT, data={})).status_code == 403
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        assert (await launch.browser.post(CONSENT, data=form, headers=headers)).status_code == 403
        credentials = {"username": launch.username, "password": "nine patient geese walk"}
        forged = await launch.browser.post(SIGN_IN, data=launch.parameters() | credentials, headers=headers)
        assert (forged.status_code, "set-cookie" in forged.headers) == (403, False)


async def test_the_pages_run_nothing_and_lead_nowhere_but_to_the_app(launching: Launching) -> None:
    hostile = '"><script>alert(1)</script>'
    launch = await launching(name=f"App {hostile}")
    for page in (await launch.ask(state=hostile), await launch.sign_in(state=hostile), await launch.ask(client_id="x")):
        assert "<script" not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        leads = "form-action 'self'" + (" https://app.example;" if page.status_code == 200 else ";")
        assert leads in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_the_cookie_is_out_of_reach_and_serves_two_launches_at_once(
    launching: Launching, patient_id: str
) -> None:
    launch = await launching()
    first, second = await launch.sign_in(), await launch.sign_in()
    said = first.headers["set-cookie"].split("; ")[1:]
    assert sorted(said) == ["HttpOnly", "Max-Age=600", "Path=/oauth/authorize", "SameSite=strict"]
    for page in (first, second):
        assert "code" in returned(await launch.answer(page, patient=patient_id))


async def test_a_wrong_password_is_told_and_may_be_typed_again(launching: Launching) -> None:
    launch = await launching()
    wrong = await launch.sign_in("wrong")
    assert (wrong.status_code, "do not go together" in wrong.text) == (400, True)
    assert launch.username in wrong.text
    assert "asks to" in (await launch.sign_in()).text


async def test_a_user_of_another_organisation_cannot_sign_in_to_an_app_of_this_one(
    launching: Launching, app: FastAPI, database_url: str
) -> None:
    """Nor does a copy of the app there take its place: the oldest of an id and address is meant."""
    launch = await launching()
    clinic = await new_organisation(database_url)
    user = {"username": f"{uuid4().hex}@there", "roles": ["clinician"], "password": "nine patient geese walk"}
    copy = {"id": launch.client_id, "name": "A copy", "scope": "patient/*.rs", "redirect_uris": [BACK, f"{BACK}/2"]}
    async with client_of(app, await somebody(app, organisation=clinic)) as elsewhere:
        assert (await elsewhere.post("/v1/users", json=user)).status_code == 201
        assert (await elsewhere.post("/v1/clients", json=copy)).status_code == 201
    there = Launch(launch.browser, launch.client_id, user["username"])
    assert "A growth chart" in (await there.ask()).text
    assert (await there.sign_in()).status_code == 400
    there.back = f"{BACK}/2"
    assert "A copy" in (await there.sign_in()).text
    mine = Launch(launch.browser, launch.client_id, launch.username, back=f"{BACK}/2")
    assert (await mine.sign_in()).status_code == 400


async def test_attempts_are_counted_by_the_network(
    launching: Launching, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch, service = await launching(), app.state.service

    def seconds() -> float:
        return service.clock().timestamp()

    replace_service(app, monkeypatch, sign_ins=sign_in_limiter(service.database, "1/minute", seconds))
    many = [await launch.sign_in() for _ in range(3)][-1]
    assert (many.status_code, int(many.headers["Retry-After"]) > 0) == (429, True)
    replace_service(app, monkeypatch, requests=request_limiter(service.database, "1/minute", seconds))
    await launch.ask()
    for many in (await launch.ask(), await launch.sign_in(), await launch.browser.post(CONSENT, data={})):
        assert (many.status_code, int(many.headers["Retry-After"]) > 0) == (429, True)


async def test_launches_that_are_over_for_a_day_are_forgotten(launching: Launching, database_url: str) -> None:
    launch = await launching()
    await launch.sign_in()
    owner = await owner_connection(database_url, FIRST_ORGANISATION)
    old = datetime.now(UTC) - timedelta(days=1, minutes=1)
    client_id = UUID(launch.client_id)
    await owner.execute("UPDATE app_launches SET expires_at = $2 WHERE client_id = $1", client_id, old)
    await launch.sign_in()
    assert await owner.fetchval("SELECT count(*) FROM app_launches WHERE client_id = $1", client_id) == 1
    await owner.close()
