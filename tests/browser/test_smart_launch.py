"""A whole launch in a real browser: from the app's page through ours and back, as a person does it."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS, SECONDS, WHO
from tests.signed_in import ADDRESS

GRAVE = {"serious", "critical"}
APP = "https://app.example"
SCOPE = "launch/patient patient/*.rs patient/Observation.cruds online_access"
IDENTIFIER = {"system": "urn:oid:1.2.36.146.595.217.0.1", "value": "MRN-2077"}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that sends nothing but what a browser sends, and lets no policy be broken."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(SECONDS * 1000)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if "policy" in message.text.lower() else None)
    yield opened
    context.close()
    assert complaints == []


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def fill(page: Page, password: str = WHO.password) -> None:
    page.get_by_label("User name").fill(WHO.username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def grave_faults(page: Page) -> list[str]:
    return [each["id"] for each in Axe().run(page).response["violations"] if each["impact"] in GRAVE]


def test_an_app_is_let_in_from_its_own_page_and_back(page: Page, served: str, http: httpx.Client) -> None:
    back, verifier = f"{APP}/back", secrets.token_urlsafe(48)
    app = {"name": "Mood diary", "scope": "patient/*.cruds online_access", "redirect_uris": [back]}
    client_id = http.post("/v1/clients", json=app).json()["id"]
    person = {"display_name": "A person on Friday", "birth_date": "1984-03", "identifiers": [IDENTIFIER]}
    patient = http.post("/v1/patients", json=person).json()["id"]
    for number in range(12):
        http.post("/v1/patients", json={"display_name": f"Somebody {number}"})
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": back, "scope": SCOPE, "state": "s"}
    proof = {"aud": f"{ADDRESS}/fhir/R4", "code_challenge": challenge, "code_challenge_method": "S256"}
    address = f"{served}/oauth/authorize?{urlencode(asked | proof)}"
    start = f'<a href="{address.replace("&", "&amp;")}">Connect to Trialbook</a>'
    page.context.route(f"{APP}/start", lambda route: route.fulfill(body=start, content_type="text/html"))
    page.context.route(f"{back}?*", lambda route: route.fulfill(body="Connected", content_type="text/html"))
    page.goto(f"{APP}/start")
    page.get_by_role("link").click()
    expect(page.get_by_text("Mood diary asks to be let in")).to_be_visible()
    picture(page, "smart-sign-in")
    assert grave_faults(page) == []
    fill(page, "not my password")
    expect(page.get_by_role("alert")).to_contain_text("do not go together")
    fill(page)
    expect(page.get_by_role("heading")).to_have_text("Let this app in?")
    expect(page.get_by_text("Mood diary, at https://app.example, asks to:")).to_be_visible()
    picture(page, "smart-consent")
    assert grave_faults(page) == []
    page.get_by_role("button", name="Let it in").click()
    expect(page.get_by_role("alert")).to_contain_text("Pick a patient first")
    page.get_by_label("System of the identifier").fill(IDENTIFIER["system"])
    page.get_by_label("Identifier", exact=True).fill(IDENTIFIER["value"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio")).to_have_count(1)
    page.get_by_label("A person on Friday, born 1984-03").check()
    picture(page, "smart-consent-found")
    page.set_viewport_size({"width": 340, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "smart-consent-narrow")
    assert page.evaluate("document.cookie") == "", "no script can read it"
    page.get_by_role("button", name="Let it in").click()
    expect(page).to_have_url(re.compile(r"^https://app\.example/back\?code="))
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": client_id}
    with httpx.Client(base_url=served, trust_env=False, timeout=SECONDS) as nobody:
        token = nobody.post("/oauth/token", data=form | {"code_verifier": verifier}).json()
        assert token["patient"] == patient
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        read = nobody.get(f"/v1/patients/{patient}", headers=headers).json()
    assert read["display_name"] == "A person on Friday"


def test_whoever_refuses_is_sent_back_with_nothing(page: Page, served: str, http: httpx.Client) -> None:
    back = f"{APP}/other?from=trialbook"
    app = {"name": "Another app", "scope": "user/*.rs", "redirect_uris": [back]}
    client_id = http.post("/v1/clients", json=app).json()["id"]
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": back, "scope": "user/*.rs", "state": "s"}
    proof = {"aud": f"{ADDRESS}/fhir/R4", "code_challenge": "c" * 43, "code_challenge_method": "S256"}
    page.context.route(f"{APP}/other?*", lambda route: route.fulfill(body="Back", content_type="text/html"))
    page.goto(f"{served}/oauth/authorize?{urlencode(asked | proof)}")
    fill(page)
    page.get_by_role("button", name="Refuse").click()
    expect(page).to_have_url(re.compile(r"^https://app\.example/other\?from=trialbook&error=access_denied&"))
