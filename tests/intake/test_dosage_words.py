"""Words beside a structured dose that are not read whole: another count or frequency among them leaves it unknown."""

from typing import Any

import pytest

from intake.dosage_words import spoken
from tests.intake.resources import concept, dosage, order, read, warnings

TABLET = concept(text="venlafaxine 75 MG Oral Tablet")


def times(frequency: float, period: float = 1, unit: str = "d") -> dict[str, Any]:
    return {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit}}


def read_beside(text: str, count: float = 1, timing: dict[str, Any] | None = None, unit: str = "tablet") -> Any:  # noqa: ANN401 - JSON may be anything
    instructions = dosage(count, unit, timing=timing or times(1), text=text)
    course = read(order(medicationCodeableConcept=TABLET, dosageInstruction=instructions))
    found = course.medication_trials[0].entry.get("doses", [{"daily_dose_mg": None}])
    return found[0]["daily_dose_mg"], [code for code, _ in warnings(course)]


@pytest.mark.parametrize(
    "text",
    [
        "Take 1 tablet (75 mg total) by mouth 2 (two) times daily.",
        "Take 1 tablet (75 mg total) by mouth twice daily with meals",
        "Take 1 tablet with food b.i.d. please",
        "Take 1 tablet once weekly",
        "Take 1 tablet by mouth every third day",
        "Take 1 tablet every 3 days",
        "Take 1 tablet 3 days a week",
        "Take 1 tablet on Mondays",
        "Take 1 tablet on alternating days",
        "Take 1 tablet every 12 hours with food",
        "Take 1 tablet q4-6h",
        "1 tablet at 8 am and 8 pm",
        "2 tablets in the morning and 1 at night",
        "Take 2 tablets (75 mg) by mouth daily as directed",
        "Take 2 x 75 mg tablets daily",
        "Take \u00bd tablet daily as directed",
        "Take half a tablet daily with food and water",
        "1-0-1",
        "1 tablet every 0 days",
        "75 mg 1\u65e52\u56de",
    ],
)
def test_another_count_or_frequency_in_words_leaves_the_dose_unknown(text: str) -> None:
    assert read_beside(text) == (None, ["dose_and_text_disagree"])


@pytest.mark.parametrize(
    ("text", "count", "timing", "mg"),
    [
        ("Take 1 tablet (75 mg total) by mouth daily.", 1, times(1), 75),
        ("Take 1 tablet (75 mg total) by mouth 2 (two) times daily.", 1, times(2), 150),
        ("Take 1 tablet by mouth in the morning and at bedtime, with food", 1, times(2), 150),
        ("One every morning and every night with food", 1, times(2), 150),
        ("Take 2 tablets in the morning with a full glass of water", 2, times(1), 150),
        ("Take one (1) tablet daily for 30 days, 1 hour before bed", 1, times(1), 75),
        ("Take half a tablet daily with food and water", 0.5, times(1), 37.5),
        ("Take 1 tablet once weekly with food", 1, times(1, 1, "wk"), 10.714),
        ("Take 1 tablet q12h with food", 1, times(1, 12, "h"), 150),
        ("As directed by your doctor", 1, times(1), 75),
    ],
)
def test_words_that_agree_leave_the_dose_as_it_is(text: str, count: float, timing: dict[str, Any], mg: float) -> None:
    assert read_beside(text, count, timing) == (mg, [])


def test_a_dose_in_mg_is_held_against_the_tablets_in_its_words() -> None:
    assert read_beside("Take 2 tablets daily with food and water", 150, unit="mg") == (150, [])
    assert read_beside("Take 1 tablet daily with food and water", 150, unit="mg") == (None, ["dose_and_text_disagree"])


@pytest.mark.parametrize(
    ("text", "more", "mg"),
    [
        ("75 mg daily", "Take it once a day, after a meal", 75),
        ("75 mg daily", "Take it twice a day, after a meal", None),
        ("75 mg daily", "2 in the morning, after a meal", None),
        ("75 mg bid", "Twice a day, after a meal", 150),
    ],
)
def test_a_dose_in_words_is_held_against_the_other_words(text: str, more: str, mg: float | None) -> None:
    instructions = [{"text": text, "patientInstruction": more}]
    course = read(order(medicationCodeableConcept=TABLET, dosageInstruction=instructions))
    assert course.medication_trials[0].entry.get("doses", [{"daily_dose_mg": None}])[0]["daily_dose_mg"] == mg


def test_a_long_text_is_read_but_not_kept() -> None:
    assert spoken("take 2 tablets twice daily " * 50) == spoken("take 2 tablets twice daily")
