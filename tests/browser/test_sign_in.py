"""Signing in at /docs: Swagger UI's Authorize, as a person uses it. What the service says is said by the test here."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from api.openapi_examples import ANSWERED
from report.page import STYLE
from tests.browser.conftest import Docs, _docs

NAME, PASSWORD, TOKEN = "clinician@localhost", "correct horse & battery +", "a.signed.token"
EXPIRED = {
    "type": "/problems/token-expired",
    "title": "The token expired",
    "detail": "The access token expired at 2026-11-26T10:00:00Z. Sign in again.",
}
MISSING = {
    "type": "/problems/not-signed-in",
    "title": "Not signed in",
    "detail": "There is no token. Send one in the Authorization header.",
}
Json = dict[str, Any]
KEPT: Json = json.loads(ANSWERED.read_text("utf-8"))


class Issuer:
    """Stands before the service: gives tokens to one user, and answers only requests with a good token."""

    def __init__(self, docs: Docs) -> None:
        self.docs, self.forms, self.sent = docs, list[Json](), list[str | None]()
        self.expired = False
        docs.page.context.route("**/oauth/token", self._token)
        docs.page.context.route("**/v1/**", self._guard)

    def _token(self, route: Route) -> None:
        form = {key: values[0] for key, values in parse_qs(route.request.post_data or "").items()}
        self.forms.append(form | {"authorization": route.request.headers.get("authorization")})
        if (form.get("username"), form.get("password")) == (NAME, PASSWORD):
            token = {"access_token": TOKEN, "token_type": "bearer", "expires_in": 300, "refresh_token": "r"}
            route.fulfill(status=200, json=token)
        else:
            why = {"type": "/problems/wrong-credentials", "title": "Not signed in", "detail": "Wrong name or password."}
            route.fulfill(status=401, body=json.dumps(why), content_type="application/problem+json")

    def _guard(self, route: Route) -> None:
        token = route.request.headers.get("authorization")
        self.sent.append(token)
        if token == f"Bearer {TOKEN}" and not self.expired:
            self._answer(route)
            return
        why = EXPIRED if token else MISSING
        problem = {**why, "status": 401, "instance": "/v1", "request_id": "0", "errors": [], "more_errors": 0}
        route.fulfill(status=401, body=json.dumps(problem), content_type="application/problem+json")

    def _answer(self, route: Route) -> None:
        """What the service answers to whoever is signed in: its own example, and a page with the style of a report."""
        if route.request.url.endswith("/report"):
            page = f"<!doctype html><title>Report</title><style>{STYLE}</style><h1>Report</h1>"
            route.fulfill(status=200, body=page, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=201, json=KEPT["create_patient"]["201"])

    def sign_in(self, name: str = NAME, password: str = PASSWORD) -> None:
        self.docs.page.locator(".scheme-container .btn.authorize").first.click()
        self.docs.page.get_by_label("username:").fill(name)
        self.docs.page.get_by_label("password:").fill(password)
        self.docs.page.locator(".modal-ux .btn.authorize").click()


@pytest.fixture
def issuer(nobody: Docs) -> Issuer:
    made = Issuer(nobody)
    nobody.open()
    return made


@pytest.fixture
def narrow_issuer(browser: Browser, served: str) -> Iterator[Issuer]:
    for docs in _docs(browser, served, 390):
        made = Issuer(docs)
        docs.open()
        yield made


def words(page: Page) -> str:
    return page.locator(".in-words").inner_text()


def test_authorize_with_name_and_password_lets_the_operations_work(issuer: Issuer) -> None:
    docs = issuer.docs
    issuer.sign_in()
    expect(docs.page.locator(".modal-ux")).to_have_count(0)
    assert issuer.forms == [
        {"grant_type": "password", "username": NAME, "password": PASSWORD, "authorization": None},
    ]
    operation = docs.step("Find or add the patient", "create_patient")
    assert json.loads(docs.execute(operation))["version"] == 1
    assert issuer.sent[-1] == f"Bearer {TOKEN}"
    docs.page.locator("#patient-name").wait_for()
    with docs.page.expect_popup() as opened:
        docs.page.locator("#patient-report").click()
    report = opened.value
    report.locator("h1").wait_for()
    assert report.url.startswith("blob:")
    assert report.evaluate("getComputedStyle(document.body).fontFamily") != "Times New Roman", "its style is applied"
    docs.picture("sign-in-done")
    docs.picture("sign-in-report", report.locator("body"))


def test_without_a_token_the_page_says_so_and_what_to_press(issuer: Issuer) -> None:
    docs = issuer.docs
    operation = docs.step("Find or add the patient", "create_patient")
    docs.execute(operation)
    assert "Not signed in" in words(docs.page)
    assert "There is no token." in words(docs.page)
    assert "Press Authorize" in words(docs.page)


def test_an_expired_token_is_said_in_plain_words_and_the_next_sign_in_works(issuer: Issuer) -> None:
    docs = issuer.docs
    issuer.sign_in()
    operation = docs.step("Find or add the patient", "create_patient")
    issuer.expired = True
    docs.execute(operation)
    said = words(docs.page)
    assert "Your session has expired." in said
    assert EXPIRED["detail"] in said
    assert "Press Authorize" in said
    docs.picture("sign-in-expired", operation)
    expect(docs.page.locator(".scheme-container .btn.authorize")).to_have_class("btn authorize unlocked")
    issuer.expired = False
    issuer.sign_in()
    assert json.loads(docs.execute(operation))["version"] == 1


def test_a_wrong_password_is_refused_in_words_in_the_dialog(issuer: Issuer) -> None:
    issuer.sign_in(password="wrong")  # noqa: S106 - no secret
    error = issuer.docs.page.locator(".modal-ux .errors")
    expect(error).to_contain_text("Wrong name or password.")
    issuer.docs.picture("sign-in-refused")
    issuer.docs.page.get_by_label("password:").fill(PASSWORD)
    issuer.docs.page.get_by_label("password:").press("Enter")
    expect(issuer.docs.page.locator(".modal-ux")).to_have_count(0)
    assert [form["password"] for form in issuer.forms] == ["wrong", PASSWORD]


def test_the_dialog_asks_for_no_more_than_name_and_password(issuer: Issuer) -> None:
    page = issuer.docs.page
    page.locator(".scheme-container .btn.authorize").click()
    visible = page.locator(".modal-ux input:visible, .modal-ux select:visible")
    assert visible.evaluate_all("each => each.map(one => one.id)") == ["oauth_username", "oauth_password"]
    assert page.locator(".modal-ux .auth-container").count() == 1
    expect(page.locator(".modal-ux .btn.authorize")).to_be_in_viewport()
    issuer.docs.picture("sign-in-dialog")


def test_the_dialog_fits_a_telephone(narrow_issuer: Issuer) -> None:
    page = narrow_issuer.docs.page
    page.locator(".scheme-container .btn.authorize").click()
    page.get_by_label("password:").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    narrow_issuer.docs.picture("sign-in-dialog-narrow")


def test_the_token_is_kept_nowhere(issuer: Issuer) -> None:
    issuer.sign_in()
    expect(issuer.docs.page.locator(".modal-ux")).to_have_count(0)
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert issuer.docs.page.evaluate(kept) == '[{},{},""]'
    issuer.docs.open()
    expect(issuer.docs.page.locator(".scheme-container .btn.authorize")).to_have_class("btn authorize unlocked")
