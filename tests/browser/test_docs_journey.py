"""What a clinician does at /docs, in a real browser from which nothing outside can be reached."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Docs

ZOLOFT = """{"medication": {"text": "Zoloft"}, "started": "2025-01-10", "ended": "2025-03-28", "daily_dose_mg": 100,
"indication": "depression", "outcome": {"response": "none", "assessed_on": "2025-03-28", "basis": "clinician"},
"stop_reason": "lack_of_efficacy"}"""
EFFEXOR = """{"medication": {"text": "Effexor"}, "started": "2025-04-07", "ended": "2025-07-06", "daily_dose_mg": 225,
"indication": "depression", "outcome": {"response": "none", "assessed_on": "2025-07-06", "basis": "clinician"},
"stop_reason": "lack_of_efficacy"}"""
MISSPELT = ZOLOFT.replace("Zoloft", "Zolfot")
STEPS = (
    ("Find or add the patient", "create_patient"),
    ("Find the medicine", "find_medications"),
    ("Record each trial", "create_medication_trial"),
    ("Record rating scales", "create_assessment"),
    ("Ask for the TRD status", "read_trd_status"),
)
PATIENT = '{"display_name": "A person on Tuesday"}'


def add_patient(docs: Docs) -> str:
    operation = docs.step("Find or add the patient", "create_patient")
    docs.type_body(operation, PATIENT, typed="A person on Tuesday")
    identity: str = json.loads(docs.execute(operation))["id"]
    return identity


def test_a_patient_and_two_trials_by_brand_name_lead_to_treatment_resistant(docs: Docs) -> None:
    docs.open()
    docs.picture("1-page")
    patient_id = add_patient(docs)
    docs.picture("2-patient")
    operation = docs.step("Record each trial", "create_medication_trial")
    for body, brand, ingredient in ((ZOLOFT, "Zoloft", "sertraline"), (EFFEXOR, "Effexor", "venlafaxine")):
        docs.type_body(operation, body, typed=brand)
        assert json.loads(docs.execute(operation))["medication"]["ingredient"] == ingredient
    docs.picture("3-trials", operation)
    operation = docs.step("Ask for the TRD status", "read_trd_status")
    said = json.loads(docs.execute(operation))
    docs.picture("4-status", operation)
    assert (said["patient_id"], said["status"]) == (patient_id, "treatment_resistant")
    assert said["failed_medications"]["confirmed_names"] == ["sertraline", "venlafaxine"]
    words = operation.locator(".in-words").inner_text()
    assert words.index("Safety") < words.index("Status") < words.index("Why")
    assert "treatment resistant" in words
    assert said["summary"] in words


def test_an_unknown_drug_is_refused_in_words_with_the_nearest_names(docs: Docs) -> None:
    docs.open()
    add_patient(docs)
    operation = docs.step("Record each trial", "create_medication_trial")
    docs.type_body(operation, MISSPELT, typed="Zolfot")
    problem = json.loads(docs.execute(operation))
    docs.picture("5-refusal", operation)
    assert problem["status"] == 422
    assert "Zoloft" in problem["errors"][0]["suggestions"]
    words = operation.locator(".in-words").inner_text()
    assert "The medicine is not known" in words
    assert "Zoloft" in words
    docs.type_body(operation, ZOLOFT)
    assert json.loads(docs.execute(operation))["medication"]["name"] == "sertraline"
    assert operation.locator(".in-words").count() == 0


def test_json_that_cannot_be_read_is_refused_in_words(docs: Docs) -> None:
    docs.open()
    operation = docs.step("Find or add the patient", "create_patient")
    docs.type_body(operation, '{"display_name": "no end"')
    assert json.loads(docs.execute(operation))["type"] == "/problems/malformed-request"
    assert "line 1" in operation.locator(".in-words").inner_text()


def test_the_patient_in_hand_is_shown_and_filled_in_at_every_step_until_put_away(docs: Docs) -> None:
    docs.open()
    banner = docs.page.locator("#patient")
    assert banner.is_hidden()
    patient_id = add_patient(docs)
    assert "A person on Tuesday" in banner.inner_text()
    for words, operation_id in STEPS[2:]:
        field = docs.step(words, operation_id).get_by_placeholder("patient_id")
        expect(field).to_have_value(patient_id)
    status = docs.operation("read_trd_status")
    docs.execute(status)
    assert status.locator(".in-words").count() == 1
    second = add_patient(docs)
    assert second != patient_id
    expect(field).to_have_value(second)
    expect(status.locator(".live-responses-table"), "nothing about the patient before is shown").to_have_count(0)
    field.fill(patient_id)
    docs.execute(status)
    assert f"Not the patient in hand: {patient_id}" in status.locator(".in-words").inner_text()
    third = add_patient(docs)
    expect(field).to_have_value(third)
    assert json.loads(docs.execute(status))["patient_id"] == third
    banner.get_by_role("button", name="Put away").click()
    expect(banner).to_be_hidden()
    expect(field).to_have_value("")


def test_each_step_of_the_introduction_opens_an_example_that_works_as_it_stands(docs: Docs) -> None:
    docs.open()
    for words, operation_id in STEPS:
        operation = docs.step(words, operation_id)
        said = docs.execute(operation)
        shown = operation.locator(".live-responses-table .response-col_status").last.inner_text()
        assert shown.startswith("2"), said


def test_the_groups_stand_in_the_order_of_work_and_operations_are_closed_at_first(docs: Docs) -> None:
    docs.open()
    groups = [tag.split()[0] for tag in docs.page.locator(".opblock-tag a span").all_inner_texts()]
    assert groups == sorted(groups)
    assert groups[:6] == ["0", "1", "2", "3", "4", "5"]
    assert docs.page.locator(".opblock.is-open").count() == 0


def test_the_steps_stay_within_reach_wherever_the_page_stands(docs: Docs) -> None:
    docs.open()
    docs.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    docs.page.locator(".bar").get_by_role("link", name="5 Status").click()
    docs.operation("read_trd_status").get_by_role("button", name="Execute").wait_for()


def test_the_filter_finds_operations_by_their_own_words(docs: Docs) -> None:
    docs.open()
    docs.page.get_by_role("textbox").fill("misspelling")
    docs.page.locator(".opblock-tag").nth(1).wait_for(state="detached")
    assert "Find the medicine" in docs.page.locator(".opblock-tag").inner_text()


def test_an_address_that_names_an_operation_opens_it(docs: Docs) -> None:
    docs.open("/docs#/5%20Ask%20for%20the%20TRD%20status/read_trd_status")
    docs.operation("read_trd_status").get_by_role("button", name="Execute").wait_for()


@pytest.mark.parametrize("screen", ["narrow_docs", "enlarged_docs"])
def test_nothing_runs_off_a_narrow_or_enlarged_screen(screen: str, request: pytest.FixtureRequest) -> None:
    docs: Docs = request.getfixturevalue(screen)
    docs.open()
    add_patient(docs)
    operation = docs.step("Ask for the TRD status", "read_trd_status")
    docs.execute(operation)
    docs.picture(f"6-{screen}")
    wide = docs.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0
    assert docs.page.evaluate("getComputedStyle(document.body).fontSize") == "18px"


def test_the_page_can_be_printed(docs: Docs) -> None:
    docs.open()
    add_patient(docs)
    docs.page.emulate_media(media="print")
    assert docs.page.locator(".btn.execute").first.is_hidden()
    assert docs.page.locator(".steps").is_visible()
    assert docs.page.pdf()[:4] == b"%PDF"
