"""The report as a person reads it: in a real browser on a desk, a telephone, on paper, enlarged, and with axe."""

import io
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import httpx
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ops.demo import show
from ops.demo_people import people
from tests.browser.conftest import SCREENSHOTS, Docs
from tests.factories import EPISODE, PHQ9, SERTRALINE, varied

Json = dict[str, Any]
LOOKED_AT = {
    "clear-failure": "two_failed_medications",
    "missing-outcome": "two_failed_medications",
    "intolerance": "sforzini_2022",
    "bipolar": "fda_label",
    "beyond-medicines": "two_failed_medications",
    "twelve-trials": "two_failed_medications",
}
HIGHEST_PICTURE = 4000
GRAVE = {"serious", "critical"}
HOSTILE = "<script>window.harmed = 1; alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}#panic()" + "W" * 200
FACTOR = {"category": "environmental", "factor": "other", "certainty": "suspected"}
SCREENS = {"desk": (1280, 1), "telephone": (360, 2), "enlarged": (640, 2)}


@pytest.fixture(scope="module")
def shown(served: str, signed_in: dict[str, str]) -> dict[str, str]:
    """The address of the report of each person to be looked at."""
    with httpx.Client(base_url=served, timeout=30, trust_env=False, headers=signed_in) as http:
        found = {person.key: show(http, person) for person in people() if person.key in LOOKED_AT}
    return {
        key: f"{served}/v1/patients/{each.patient_id}/report?on=2026-01-15&definition={LOOKED_AT[key]}"
        for key, each in found.items()
    }


@pytest.fixture(scope="module")
def hostile(served: str, signed_in: dict[str, str]) -> str:
    """The address of a patient with markup and 10,000 characters wherever people may write."""
    long = (HOSTILE * 40)[:10_000]
    patient = {"display_name": HOSTILE[:200], "identifiers": [{"system": HOSTILE[:300], "value": HOSTILE[:200]}]}
    diagnosis = {"system": HOSTILE[:64], "code": HOSTILE[:64], "text": HOSTILE[:200]}
    reference = {"kind": "ehr", "reference": HOSTILE[:200]}
    with httpx.Client(base_url=served, timeout=30, trust_env=False, headers=signed_in) as http:
        made = http.post("/v1/patients", json=patient)
        one = made.headers["Location"]
        for kind, body in (
            ("episodes", varied(EPISODE, diagnosis=diagnosis)),
            ("medication-trials", varied(SERTRALINE, note=long, source=reference)),
            ("assessments", PHQ9),
            ("treatments", {"kind": "other", "modality": "other", "started": "2025-02", "note": long}),
            ("symptoms", {"observed_on": "2025-03-01", "present": ["fatigue"], "note": long}),
            (
                "contributing-factors",
                {"category": "environmental", "factor": "other", "certainty": "suspected", "note": long},
            ),
        ):
            answer = http.post(f"{one}/{kind}", json=body)
            assert answer.status_code == 201, answer.text
    return f"{served}{one}"


class Reading:
    """A page that is read, and what it complained of."""

    def __init__(self, browser: Browser, screen: str, headers: dict[str, str]) -> None:
        width, scale = SCREENS[screen]
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, device_scale_factor=scale, extra_http_headers=headers
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def overflow(self) -> int:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return int(wide)


@pytest.fixture(params=list(SCREENS))
def reading(request: pytest.FixtureRequest, browser: Browser, signed_in: dict[str, str]) -> Iterator[Reading]:
    opened = Reading(browser, request.param, signed_in)
    yield opened
    opened.context.close()
    assert opened.complaints == []


@pytest.fixture
def desk(browser: Browser, signed_in: dict[str, str]) -> Iterator[Reading]:
    opened = Reading(browser, "desk", signed_in)
    yield opened
    opened.context.close()
    assert opened.complaints == []


@pytest.mark.parametrize("key", LOOKED_AT)
def test_nothing_runs_off_any_screen_and_axe_finds_no_grave_fault(
    key: str, shown: dict[str, str], reading: Reading
) -> None:
    reading.page.goto(shown[key])
    size = reading.page.viewport_size
    assert size is not None
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    whole = {"x": 0, "y": 0, "width": size["width"], "height": HIGHEST_PICTURE}
    reading.page.screenshot(path=SCREENSHOTS / f"report-{key}-{size['width']}.png", full_page=True, clip=whole)
    assert reading.overflow() == 0
    found = Axe().run(reading.page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in GRAVE] == []


@pytest.mark.parametrize("key", LOOKED_AT)
def test_the_answer_is_on_the_first_screen_and_the_first_sheet(key: str, shown: dict[str, str], desk: Reading) -> None:
    desk.page.goto(shown[key])
    for what in ("#safety", "#answer", ".summary", ".count", ".two"):
        below = desk.page.locator(what).bounding_box()
        assert below is not None
        assert below["y"] < 900, what
    printed = pypdf.PdfReader(io.BytesIO(desk.page.pdf(prefer_css_page_size=True)))
    first = normalize("NFKC", " ".join(printed.pages[0].extract_text().split()))  # printed fi is one letter
    for words in (desk.page.locator("#answer").inner_text(), "Why", "What is missing"):
        assert words in first
    assert [round(float(each) / 72 * 25.4) for each in printed.pages[0].mediabox[2:]] == [210, 297]


def test_the_narrow_picture_is_for_telephones_and_the_wide_one_for_paper(
    shown: dict[str, str], browser: Browser, signed_in: dict[str, str]
) -> None:
    phone = Reading(browser, "telephone", signed_in)
    phone.page.goto(shown["clear-failure"])
    narrow, wide = phone.page.locator(".narrow").first, phone.page.locator(".wide").first
    assert (narrow.is_visible(), wide.is_visible()) == (True, False)
    assert narrow.locator("text").first.evaluate("each => each.getBoundingClientRect().height") >= 11
    phone.page.emulate_media(media="print")
    assert (narrow.is_visible(), wide.is_visible()) == (False, True)
    phone.context.close()


def test_the_answer_is_one_key_away(shown: dict[str, str], desk: Reading) -> None:
    desk.page.goto(shown["clear-failure"])
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    desk.page.keyboard.press("Enter")
    assert desk.page.evaluate("document.activeElement.id") == "answer"


def test_what_people_write_does_no_harm_on_the_page(hostile: str, reading: Reading) -> None:
    reading.page.goto(f"{hostile}/report?on=2025-12-31")
    assert reading.overflow() == 0
    assert reading.page.evaluate("window.harmed") is None
    assert reading.page.locator("script, img").count() == 0
    assert "<script>window.harmed = 1" in reading.page.locator(".name").inner_text()
    assert "more characters in the record" in reading.page.locator(".note").first.inner_text()


def test_what_people_write_does_no_harm_in_the_picture(hostile: str, desk: Reading) -> None:
    desk.page.goto(f"{hostile}/timeline.svg?on=2025-12-31")
    assert desk.page.evaluate("document.documentElement.tagName") == "svg"
    assert desk.page.locator("script, image").count() == 0


def test_what_people_write_does_no_harm_in_the_pdf(hostile: str, http: httpx.Client) -> None:
    made = http.get(f"{hostile}/report.pdf?on=2025-12-31")
    document = pypdf.PdfReader(io.BytesIO(made.content))
    text = " ".join(each.extract_text() for each in document.pages)
    assert "<script>window.harmed = 1" in " ".join(text.split())
    assert "/JavaScript" not in document.trailer["/Root"].get("/Names", {})
    assert len(document.pages) < 20


def test_swagger_ui_shows_the_picture_when_it_is_tried_out(docs: Docs) -> None:
    docs.open()
    operation = docs.step("Find or add the patient", "create_patient")
    docs.type_body(operation, '{"display_name": "A person on Tuesday"}')
    docs.execute(operation)
    picture = docs.step("See the timeline as a picture", "read_timeline_picture")
    with docs.page.expect_response(lambda answer: "timeline.svg" in answer.url) as heard:
        picture.get_by_role("button", name="Execute").click()
    assert heard.value.status == 200
    image = picture.locator("img.picture")
    image.wait_for()
    box = image.bounding_box()
    assert box is not None
    assert box["width"] > 200
    docs.picture("7-timeline", picture)


def test_the_report_of_the_patient_in_hand_is_one_click_away(docs: Docs) -> None:
    docs.open()
    operation = docs.step("Find or add the patient", "create_patient")
    docs.type_body(operation, '{"display_name": "A person on Wednesday"}')
    docs.execute(operation)
    with docs.page.context.expect_page() as opened:
        docs.page.locator("#patient").get_by_role("link", name="Report").click()
    assert opened.value.locator(".name").inner_text() == "A person on Wednesday"


def test_axe_is_really_asked(desk: Reading) -> None:
    desk.page.set_content('<html><img src="data:,"><p style="color: #ccc; background: #fff">pale</p></html>')
    found = {each["id"] for each in Axe().run(desk.page).response["violations"] if each["impact"] in GRAVE}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= found
