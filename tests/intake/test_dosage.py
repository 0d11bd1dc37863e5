"""Daily doses: by structure, by plain words, or not known; and the steps of a course."""

from typing import Any

import pytest

from tests.intake.resources import concept, dosage, fill, given, order, read, statement, trials, warnings

DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def doses(*resources: object) -> list[tuple[float | None, str | None]]:
    (trial,) = trials(*resources)
    return [(step["daily_dose_mg"], step["from"]) for step in trial.get("doses", [])]


def dose_of(instructions: object, **more: object) -> float | None:
    found = doses(order(dosageInstruction=instructions, **more))
    return found[0][0] if found else None


TWICE = {"frequency": 2, "period": 1, "periodUnit": "d"}


def quantified(quantity: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"doseAndRate": [{"doseQuantity": quantity}], "timing": DAILY}]


def rated(*doses: tuple[str, float]) -> list[dict[str, Any]]:
    listed = [{"type": {"coding": [{"code": of}]}, "doseQuantity": {"value": mg, "unit": "mg"}} for of, mg in doses]
    return [{"doseAndRate": listed, "timing": DAILY}]


def structured(value: float, unit: str, timing: object) -> list[dict[str, Any]]:
    return dosage(value, unit, timing=timing)


@pytest.mark.parametrize(
    ("instructions", "mg"),
    [
        (dosage(50, "mg"), 50),
        (dosage(0.05, "g"), 50),
        (dosage(1, "tablet"), 50),
        (dosage(1.5, "{tbl}"), 75),
        (dosage(2, "CAPSULES"), 100),
        (structured(25, "mg", {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}), 50),
        (structured(25, "mg", {"repeat": {"period": 12, "periodUnit": "h"}}), 50),
        (structured(90, "mg", {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}), 12.857),
        (structured(25, "mg", {"code": {"coding": [{"code": "BID"}, "x"]}}), 50),
        (structured(25, "mg", {"code": {"text": "tid"}}), 75),
        (structured(25, "mg", {"repeat": {"boundsPeriod": {"start": "2025-01-10"}}, "code": {"text": "QD"}}), 25),
        ([{"doseQuantity": {"value": 50, "unit": "mg"}, "timing": DAILY}], 50),  # where an earlier version had it
        ({"doseAndRate": {"doseQuantity": {"value": 50, "code": "mg"}}, "timing": DAILY}, 50),  # objects for lists
        ([{"text": "Take 1 tablet (50 mg) by mouth daily"}], 50),
        ([{"text": "1 tablet daily"}], 50),
        ([{"text": "take two tablets by mouth twice daily"}], 200),
        ([{"text": "50 mg tablet orally once daily at bedtime."}], 50),
        ([{"text": "25 mg bid"}], 50),
        ([{"text": "1 QD"}], 50),
        ([{"text": "take one by mouth daily"}], 50),
        (dosage(20, "mg", timing={"repeat": {"frequency": 1}}, text="20mg \u7d4c\u53e3 1\u65e51\u56de"), 20),
        (dosage(2, "tablet", text="100 mg daily"), 100),
        (dosage(2, "tablet", text="Take 2 tablets of 50 mg (100 mg) with a glass of water"), 100),
        (dosage(37.5, "mg", text="37,5 mg once in the day"), 37.5),
        (structured(25, "mg", {"repeat": {**TWICE, "timeOfDay": ["08:00:00", "20:00:00"]}}), 50),
        (structured(25, "mg", {"repeat": {"when": ["MORN", "EVE"]}, "code": {"text": "BID"}}), 50),
        (rated(("calculated", 25), ("ordered", 50)), 50),
        (rated(("calculated", 50), ("x", 50)), 50),
    ],
)
def test_a_daily_dose_is_read(instructions: object, mg: float) -> None:
    assert dose_of(instructions) == mg


@pytest.mark.parametrize(
    ("instructions", "reason"),
    [
        (dosage(50), "dose_without_unit"),
        (dosage(1, "mL"), "unreadable_dose"),
        (dosage(0, "mg"), "unreadable_dose"),
        (dosage(-50, "mg"), "unreadable_dose"),
        ([{"doseAndRate": [{"doseRange": {"low": {"value": 25}}}], "timing": DAILY}], "unreadable_dose"),
        ([{"doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg", "comparator": "<"}}]}], "unreadable_dose"),
        (dosage(50, "mg", timing=None), "unreadable_dose"),
        ([{"doseAndRate": [{"rateQuantity": {"value": 1}}], "timing": DAILY}], "unreadable_dose"),
        (structured(50, "mg", {"repeat": {"frequency": 1}}), "unreadable_dose"),
        (
            structured(50, "mg", {"repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}}),
            "unreadable_dose",
        ),
        (structured(50, "mg", {"repeat": {"frequency": 0, "period": 1, "periodUnit": "d"}}), "unreadable_dose"),
        (structured(50, "mg", {"repeat": {"frequency": 1, "period": 1, "periodUnit": "fortnight"}}), "unreadable_dose"),
        (structured(50, "mg", {"code": {"coding": [{"code": "QD"}, {"code": "BID"}]}}), "unreadable_dose"),
        (dosage(50, "mg", asNeededBoolean=True), "as_needed"),
        (dosage(50, "mg", asNeededCodeableConcept={}), "as_needed"),
        (dosage(5_000_000, "mg"), "absurd_dose"),
        (dosage(0.0001, "mg"), "absurd_dose"),
        ([{"text": "take 1-2 tablets daily"}], "unreadable_dose"),
        (dosage(2, "tablet", text="1 tab qd"), "dose_and_text_disagree"),
        (dosage(1, text="1 tab qd"), "dose_without_unit"),
        (dosage(37.5, "mg", text="Take 37.5 mg daily for 1 week, then increase to 225 mg"), "dose_and_text_disagree"),
        (dosage(50, "mg", text="Take 100 mg with food"), "dose_and_text_disagree"),
        (dosage(50, "mg", text="25-50 mg in the morning"), "dose_and_text_disagree"),
        (dosage(50, "mg", text="titrating as directed"), "dose_and_text_disagree"),
        (dosage(50, "mg", text="Decrease slowly"), "dose_and_text_disagree"),
        (dosage(50, "mg", text="1 tab PRN"), "dose_and_text_disagree"),
        (dosage(50, "mg", text="50 mg daily", patientInstruction="Taper after a month"), "dose_and_text_disagree"),
        ([{"text": "50 mg daily", "patientInstruction": "take 2 tablets daily"}], "dose_and_text_disagree"),
        (dosage(50, "mg", additionalInstruction=[{"text": "as needed"}]), "dose_and_text_disagree"),
        (structured(50, "mg", {"repeat": {**DAILY["repeat"], "when": ["MORN", "EVE"]}}), "unreadable_dose"),
        (structured(50, "mg", {"repeat": {**DAILY["repeat"], "timeOfDay": ["08:00", "20:00"]}}), "unreadable_dose"),
        (quantified({"value": 1, "unit": "mg/kg", "code": "mg"}), "unreadable_dose"),
        (quantified({"value": 2, "unit": "tablet", "code": "mg"}), "unreadable_dose"),
        (rated(("ordered", 25), ("ordered", 50)), "unreadable_dose"),
        (rated(("calculated", 25), ("x", 50)), "unreadable_dose"),
        ([{"text": "2 tablets (50 mg) daily"}], "unreadable_dose"),  # 50 mg each, or together?
        ([{"text": "1 tablet (50 mg) daily, then 2"}], "unreadable_dose"),
        ([{"text": "TAPER AS DIRECTED"}], "unreadable_dose"),
        ([{"text": "1 tablet daily" + " or more" * 30}], "unreadable_dose"),
        ([{"timing": DAILY}], "unreadable_dose"),
        ([*dosage(50, "mg"), *dosage(50, "mg")], "unreadable_dose"),  # 50 twice a day, or said twice?
    ],
)
def test_a_dose_that_cannot_be_read_is_not_known_and_said_to_be(instructions: object, reason: str) -> None:
    course = read(order(dosageInstruction=instructions))
    assert "doses" not in course.medication_trials[0].entry
    assert [code for code, _ in warnings(course)] == [reason]


def test_tablets_have_no_dose_without_a_known_strength() -> None:
    assert dose_of(dosage(1, "tablet"), medicationCodeableConcept=concept("36437")) is None
    assert dose_of([{"text": "1 tablet daily"}], medicationCodeableConcept=concept("36437")) is None
    assert dose_of([{"text": "1 QD"}], medicationCodeableConcept=concept(text="sertraline 50 MG")) is None  # one what?
    course = read(
        order(dosageInstruction=dosage(1, "tablet"), medicationCodeableConcept=concept("312941", "Zoloft 100 MG"))
    )
    assert "doses" not in course.medication_trials[0].entry
    assert [code for code, _ in warnings(course)] == ["strengths_disagree", "unreadable_dose"]


def test_each_ingredient_of_a_product_has_the_strength_that_is_its_own() -> None:
    product = concept("403970")  # fluoxetine 25 MG / olanzapine 12 MG
    found = trials(order(medicationCodeableConcept=product, dosageInstruction=dosage(1, "capsule")))
    assert [trial["doses"][0]["daily_dose_mg"] for trial in found] == [25, 12]
    syrup = concept(text="fluoxetine 4 MG/ML Oral Solution")
    assert dose_of(dosage(1, "tablet"), medicationCodeableConcept=syrup) is None


def test_instructions_with_one_number_are_taken_together() -> None:
    both = [*dosage(50, "mg", sequence=1), *dosage(100, "mg", sequence=1)]
    assert dose_of(both) == 150
    assert dose_of([*dosage(50, "mg", sequence=1), *dosage(1, "mL", sequence=1)]) is None


def starting(day: str) -> dict[str, Any]:
    return {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": day}}}


def test_instructions_that_follow_each_other_are_steps() -> None:
    steps = [(25, "2025-01-10"), (50, "2025-01-24"), (100, "2026-01-01")]
    instructions = [dosage(mg, "mg", timing=starting(day))[0] for mg, day in steps]
    assert doses(order(dosageInstruction=instructions)) == steps[:2]
    assert trials(order(dosageInstruction=instructions[2:] * 2)) == []


def test_a_changed_dose_is_a_step_and_the_same_dose_is_none() -> None:
    first = order("1", "2025-01-10", dosageInstruction=dosage(50, "mg"))
    again = order("2", "2025-02-10", dosageInstruction=dosage(50, "mg"))
    more = order("3", "2025-03-10", dosageInstruction=dosage(100, "mg"))
    course = read(first, again, more)
    (trial,) = course.medication_trials
    assert trial.entry["doses"] == [
        {"daily_dose_mg": 50, "from": "2025-01-10"},
        {"daily_dose_mg": 100, "from": "2025-03-10"},
    ]
    assert [each.reference for each in trial.provenance["/doses/0/daily_dose_mg"]] == [
        "MedicationRequest/1",
        "MedicationRequest/2",
    ]


def test_a_dose_that_is_known_only_later_leaves_the_start_unknown() -> None:
    assert doses(fill("1", "2025-01-10"), order("2", "2025-02-01", dosageInstruction=dosage(50, "mg"))) == [
        (None, "2025-01-10"),
        (50, "2025-02-01"),
    ]
    assert doses(order("1"), order("2", "2025-02-01", dosageInstruction=dosage(50, "mg"))) == [
        (None, "2025-01-10"),
        (50, "2025-02-01"),
    ]


def test_an_order_without_a_dose_ends_what_was_known_and_a_supply_without_one_does_not() -> None:
    known = order("1", dosageInstruction=dosage(50, "mg"))
    assert doses(known, order("2", "2025-02-10")) == [(50, "2025-01-10"), (None, "2025-02-10")]
    assert doses(known, fill("2", "2025-02-10")) == [(50, "2025-01-10")]
    assert doses(known, statement("2", "2025-01", "2025-03-20")) == [(50, "2025-01-10")]


def test_two_doses_from_one_day_on_are_none() -> None:
    course = read(order("1", dosageInstruction=dosage(50, "mg")), order("2", dosageInstruction=dosage(100, "mg")))
    assert course.medication_trials[0].entry["doses"] == [{"daily_dose_mg": None, "from": "2025-01-10"}]
    assert {code for code, _ in warnings(course)} == {"doses_disagree"}


def test_the_dose_of_days_without_supply_is_not_known() -> None:
    def supplies(second: str) -> list[dict[str, Any]]:
        return [
            fill("1", "2025-01-01", dosageInstruction=dosage(50, "mg")),
            fill("2", second, dosageInstruction=dosage(50, "mg")),
        ]

    assert doses(*supplies("2025-02-07")) == [(50, "2025-01-01")]  # the last day supplied is 30 January
    assert doses(*supplies("2025-02-08")) == [(50, "2025-01-01"), (None, "2025-01-31"), (50, "2025-02-08")]
    undated = fill("3", "2025-02-20", None, dosageInstruction=dosage(50, "mg"))
    assert doses(supplies("2025-02-07")[0], undated, fill("4", "2025-05-01", dosageInstruction=dosage(50, "mg"))) == [
        (50, "2025-01-01"),
        (None, "2025-01-31"),
        (50, "2025-02-20"),
    ]


def test_what_is_given_once_a_day_is_the_daily_dose() -> None:
    assert doses(given("1", "2025-01-10T08:00:00Z", 50), given("2", "2025-01-11", 50.0)) == [(50, "2025-01-10")]
    assert doses(given("1", "2025-01-10T08:00:00Z", 50), given("2", "2025-01-10T20:00:00Z", 50)) == []
    course = read(
        given("1", "2025-01-10", 50, None),
        given("2", "2025-01-11", None),
        order("3", dosageInstruction=dosage(50, "mg")),
    )
    assert warnings(course) == [("dose_without_unit", "MedicationAdministration.dosage.dose")]


def test_more_steps_than_are_recorded_are_left_out() -> None:
    many = [
        order(
            str(at),
            f"2025-{1 + at // 28:02}-{1 + at % 28:02}",
            dosageInstruction=dosage(50 + at % 2, "mg"),
            status="completed",
        )
        for at in range(110)
    ]
    course = read(*many)
    assert "doses" not in course.medication_trials[0].entry
    assert warnings(course)[0][0] == "too_many_doses"


def test_a_dose_on_a_day_within_the_course_leaves_its_start_open() -> None:
    seen = statement("1", None, effectiveDateTime="2025-05-01", dosage=dosage(50, "mg"))
    assert doses(seen) == [(None, None), (50, "2025-05-01")]
    undated = statement("1", None, dosage=dosage(50, "mg"))
    assert doses(undated) == [(50, None)]
    assert doses(order("2", None), undated) == [(50, None)]
    ended = statement("3", None, "2025-05-10")
    course = read(order("2"), undated)
    assert "doses" not in course.medication_trials[0].entry
    assert warnings(course) == [("no_date", "MedicationStatement.dosage[0].doseAndRate[0].dose")]
    known = order("2", dosageInstruction=dosage(100, "mg"))
    assert doses(known, statement("1", None)) == doses(known, undated) == [(100, "2025-01-10")]
    assert doses(order("2", None), seen, ended) == [(None, None), (50, "2025-05-01"), (None, "2025-05-10")]
