"""The report opened by its address: the form, the report, signing out, and what other sites can make a browser do."""

import re
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS, SECONDS, WHO

GRAVE = {"serious", "critical"}
ELSEWHERE = "http://localhost:{port}/somewhere"
FORGED = """<form method="post" action="{url}/sign-in"><input name="username" value="{name}">
<input name="password" value="{password}"><input name="next" value=""></form>
<a href="{url}/v1/patients/{patient}/report">the report</a><iframe src="{url}/v1/patients/{patient}/report"></iframe>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that sends nothing but what a browser sends."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    opened = context.new_page()
    opened.set_default_timeout(SECONDS * 1000)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if "policy" in message.text.lower() else None)
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def patient(http: httpx.Client) -> str:
    return str(http.post("/v1/patients", json={"display_name": "A person on Thursday"}).json()["id"])


def fill(page: Page, password: str = WHO.password) -> None:
    page.get_by_label("User name").fill(WHO.username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_sign_in_read_the_report_sign_out_and_be_asked_again(page: Page, served: str, patient: str) -> None:
    report = f"{served}/v1/patients/{patient}/report?on=2026-01-15"
    page.goto(report)
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    picture(page, "page-sign-in")
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in GRAVE] == []
    fill(page, "not my password")
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    picture(page, "page-sign-in-refused")
    fill(page)
    expect(page).to_have_url(report)
    assert page.locator(".name").inner_text() == "A person on Thursday"
    assert page.evaluate("document.cookie") == "", "no script can read it"
    page.reload()
    page.get_by_role("link", name="Sign out").click()
    picture(page, "page-sign-out")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading")).to_have_text("Signed out")
    page.goto(report)
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))


def test_the_form_fits_a_telephone(page: Page, served: str) -> None:
    page.set_viewport_size({"width": 340, "height": 600})
    page.goto(f"{served}/sign-in")
    picture(page, "page-sign-in-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_other_sites_can_neither_use_the_cookie_nor_sign_anybody_in(page: Page, served: str, patient: str) -> None:
    page.goto(f"{served}/sign-in?next=/v1/patients/{patient}/report")
    fill(page)
    expect(page).to_have_url(re.compile(r"/report$"))
    forged = FORGED.format(url=served, name=WHO.username, password=WHO.password, patient=patient)
    elsewhere = ELSEWHERE.format(port=served.rsplit(":", 1)[1])
    page.context.route(elsewhere, lambda route: route.fulfill(body=forged, content_type="text/html"))
    page.goto(elsewhere)
    assert "A person on Thursday" not in page.frames[-1].content(), "framed by another site"
    page.get_by_role("link", name="the report").click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.goto(elsewhere)
    with page.expect_response("**/sign-in") as heard:
        page.evaluate("document.forms[0].submit()")
    assert heard.value.status == 403
    assert "set-cookie" not in heard.value.headers
