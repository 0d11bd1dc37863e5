"""Signing in to the pages that a browser opens: the cookie, what it opens, and where one is led."""

import re
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from identity.claims import Holder
from models.user import UserEntry
from registry.accounts import add_user
from registry.rate_limits import sign_in_limiter
from registry.sign_in import SIGN_IN_FAILED
from tests.signed_in import ADDRESS, desk_of
from web.doorman import COOKIE

pytestmark = pytest.mark.anyio
PASSWORD = "nine patient geese walk"  # noqa: S105 - of tests
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = ("report", "report.pdf", "timeline.svg")


async def user_of(app: FastAPI, *roles: Role) -> str:
    """The name of a new user."""
    name = f"{uuid4().hex}@test"
    desk = desk_of(app.state.service.database)
    await add_user(desk, UserEntry(username=name, roles=list(roles or (Role.ADMINISTRATOR, Role.CLINICIAN))), PASSWORD)
    return name


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies and follows nothing."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=BROWSER) as http:
        yield http


async def sign_in(browser: httpx.AsyncClient, name: str, to: str = "", **more: str) -> httpx.Response:
    form = {"username": name, "password": PASSWORD, "next": to}
    return await browser.post("/sign-in", data=form, headers=more)


def replace_service(app: FastAPI, monkeypatch: pytest.MonkeyPatch, **parts: Any) -> None:  # noqa: ANN401 - any part
    """The running service with other parts, for one test."""
    held: dict[str, Any] = app.state._state  # noqa: SLF001 - what can be put back
    monkeypatch.setitem(held, "service", app.state.service._replace(**parts))


def set_cookies(answer: httpx.Response) -> list[list[str]]:
    return [each.split("; ") for each in answer.headers.get_list("set-cookie")]


async def test_a_browser_is_led_to_the_form_and_back_and_a_program_is_refused(
    browser: httpx.AsyncClient, app: FastAPI, patient_id: str
) -> None:
    report = f"/v1/patients/{patient_id}/report?on=2025-06-01"
    led = await browser.get(report)
    assert led.status_code == 303
    assert led.headers["Location"].startswith("/sign-in?next=%2Fv1%2Fpatients%2F")
    form = await browser.get(led.headers["Location"])
    assert f'name="next" value="{report}"' in form.text
    back = await sign_in(browser, await user_of(app), report)
    assert (back.status_code, back.headers["Location"]) == (303, report)
    assert (await browser.get(report)).status_code == 200
    assert (await browser.get(report, headers={"Accept": "*/*"})).status_code == 200
    browser.cookies.clear()
    refused = await browser.get(report, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, "application/problem+json")
    wrong = await browser.get(report, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401


async def test_the_form_runs_nothing_loads_nothing_and_repeats_what_was_typed_harmlessly(
    browser: httpx.AsyncClient,
) -> None:
    hostile = '"><script>alert(1)</script>$style'
    for answer in (
        await browser.get("/sign-in", params={"next": hostile}),
        await sign_in(browser, hostile, hostile),
    ):
        assert "<script" not in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_ends_with_its_token(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    answer = await sign_in(browser, await user_of(app))
    assert [each[1:] for each in set_cookies(answer)] == [
        ["HttpOnly", "Max-Age=900", f"Path={place}", "SameSite=strict"] for place in ("/v1/patients", "/sign-out")
    ]
    service = app.state.service
    claims = service.issuer.read(set_cookies(answer)[0][0].partition("=")[2], service.clock())
    assert claims.expires_at - claims.issued_at == timedelta(seconds=900)
    assert claims.scope == ("user/*.rs",)


async def test_over_https_the_cookie_is_sent_over_https_alone(app: FastAPI) -> None:
    name = await user_of(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://trialbook.test") as http:
        assert all("Secure" in each for each in set_cookies(await sign_in(http, name)))


async def test_a_cookie_lives_an_hour_at_most(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_service(app, monkeypatch, token_seconds=86_400)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as http:
        assert all("Max-Age=3600" in each for each in set_cookies(await sign_in(http, await user_of(app))))


@pytest.mark.parametrize(
    "to",
    [
        "https://elsewhere.test/v1/patients/",
        "//elsewhere.test/v1/patients/{}/report",
        "/v1/patients/../../docs",
        "/v1/patients/{}/report/../../../../docs",
        "/v1/patients/{}/report\\@elsewhere.test",
        "/v1/patients/{}/report?\r\nSet-Cookie: a=b",
        "/v1/patients/{}",
        "/docs",
        "",
    ],
)
async def test_nobody_is_led_anywhere_but_to_those_pages(
    browser: httpx.AsyncClient, app: FastAPI, patient_id: str, to: str
) -> None:
    answer = await sign_in(browser, await user_of(app), to.format(patient_id))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-out")


async def test_the_cookie_opens_those_pages_and_nothing_else(
    browser: httpx.AsyncClient, app: FastAPI, patient_id: str
) -> None:
    signed_in = await sign_in(browser, await user_of(app))
    held = {"Cookie": set_cookies(signed_in)[0][0]}  # sent everywhere, as no browser would
    patient = f"/v1/patients/{patient_id}"
    for page in PAGES:
        assert (await browser.get(f"{patient}/{page}", headers=held)).status_code == 200
        for method in ("POST", "PATCH", "DELETE"):
            assert (await browser.request(method, f"{patient}/{page}", headers=held)).status_code == 405
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if path.endswith(tuple(f"/{page}" for page in PAGES)) or operation.get("security") in ([], [{}]):
                continue
            answer = await browser.request(method.upper(), re.sub(r"{\w+}", patient_id, path), headers=held)
            assert answer.status_code == 401, (method, path)


async def test_what_the_cookie_holds_may_only_read(browser: httpx.AsyncClient, app: FastAPI) -> None:
    signed_in = await sign_in(browser, await user_of(app))
    token = set_cookies(signed_in)[0][0].partition("=")[2]
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await browser.post("/v1/patients", json={}, headers=bearer)).status_code == 403


async def test_an_expired_cookie_leads_to_the_form(browser: httpx.AsyncClient, app: FastAPI, patient_id: str) -> None:
    issuer = app.state.service.issuer
    signed_in = await sign_in(browser, await user_of(app))
    token = set_cookies(signed_in)[0][0].partition("=")[2]
    claims = issuer.read(token, datetime.now(UTC))
    holder = Holder(**{each.name: getattr(claims, each.name) for each in fields(Holder)})
    old = issuer.issue(holder, datetime.now(UTC) - timedelta(hours=2), 900)
    browser.cookies.clear()
    answer = await browser.get(f"/v1/patients/{patient_id}/report", headers={"Cookie": f"{COOKIE}={old}"})
    assert answer.status_code == 303


async def test_signing_out_ends_the_session_and_forgets_the_cookie(
    browser: httpx.AsyncClient, app: FastAPI, patient_id: str
) -> None:
    signed_in = await sign_in(browser, await user_of(app))
    held = {"Cookie": set_cookies(signed_in)[0][0]}
    assert "You are signed in" in (await browser.get("/sign-out")).text
    out = await browser.post("/sign-out")
    assert (out.status_code, out.headers["Location"]) == (303, "/sign-out")
    assert all("Max-Age=0" in each for each in set_cookies(out))
    assert "signed out" in (await browser.get("/sign-out")).text
    again = await browser.get(f"/v1/patients/{patient_id}/report", headers=held)
    assert again.status_code == 303, "a copy of the cookie is of no use either"
    assert (await browser.post("/sign-out")).status_code == 303


async def test_whoever_was_sent_nowhere_is_told_to_be_signed_in_and_led_to_the_documentation(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    landed = await browser.get((await sign_in(browser, await user_of(app))).headers["Location"])
    assert "You are signed in" in landed.text
    assert '<a href="/docs">' in landed.text


@pytest.mark.parametrize("held", ["garbage", "a.b.c", "", '"\\377\\000"'])
async def test_a_cookie_that_is_no_token_is_not_greeted_as_signed_in(browser: httpx.AsyncClient, held: str) -> None:
    shown = await browser.get("/sign-out", headers={"Cookie": f"{COOKIE}={held}"})
    assert (shown.status_code, "You are signed out" in shown.text) == (200, True)


async def test_a_copy_of_a_cookie_is_not_greeted_as_signed_in_after_signing_out(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    copy = {"Cookie": set_cookies(await sign_in(browser, await user_of(app)))[0][0]}
    await browser.post("/sign-out")
    assert "You are signed out" in (await browser.get("/sign-out", headers=copy)).text


async def test_a_form_on_another_site_signs_nobody_out(browser: httpx.AsyncClient, app: FastAPI) -> None:
    await sign_in(browser, await user_of(app))
    for site in ("cross-site", "same-site"):
        refused = await browser.post("/sign-out", headers={"Sec-Fetch-Site": site})
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
        assert "Open /sign-out yourself" in refused.text
        assert "You are signed in" in (await browser.get("/sign-out")).text
    assert (await browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 303


async def test_a_wrong_password_is_said_on_the_page_and_counts_as_everywhere(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    name = await user_of(app)
    for _ in range(6):
        refused = await browser.post("/sign-in", data={"username": name, "password": "wrong", "next": ""})
        assert refused.status_code == 400
        assert SIGN_IN_FAILED in refused.text
        assert "set-cookie" not in refused.headers
    locked = await browser.post("/oauth/token", data={"grant_type": "password", "username": name, "password": PASSWORD})
    assert locked.status_code == 400, "attempts here close the door there"
    assert (await sign_in(browser, name)).status_code == 400


async def test_a_form_on_another_site_signs_nobody_in(browser: httpx.AsyncClient, app: FastAPI) -> None:
    name = await user_of(app)
    for site in ("cross-site", "same-site"):
        answer = await sign_in(browser, name, **{"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert (await sign_in(browser, name, **{"Sec-Fetch-Site": "same-origin"})).status_code == 303


async def test_too_many_attempts_from_one_address_are_told_when_to_come_again(
    browser: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = app.state.service
    few = sign_in_limiter(service.database, "1/minute", lambda: service.clock().timestamp())
    replace_service(app, monkeypatch, sign_ins=few)
    name = await user_of(app)
    answers = [await sign_in(browser, name) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize(("body", "status"), [(b"a" * 70_000, 413), (b"\xff=1", 400), (b"&".join([b"a=1"] * 21), 400)])
async def test_what_is_no_such_form_is_refused(browser: httpx.AsyncClient, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/sign-in", content=body, headers=headers)).status_code == status


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
async def test_a_form_of_nobody_is_bounded_as_a_whole(browser: httpx.AsyncClient, path: str) -> None:
    many = {f"field{number}": "a" * 1000 for number in range(100)}
    assert (await browser.post(path, data=many)).status_code == 413
