"""A second strength that begins while the first is in force: instead of it, or besides? Nobody knows."""

from typing import Any

import pytest

from tests.intake.resources import dosage, fill, given, order, read, statement, warnings

Steps = list[tuple[float | None, str | None]]
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def of(mg: float, start: str | None = None, end: str | None = None) -> list[dict[str, Any]]:
    period = {key: value for key, value in (("start", start), ("end", end)) if value}
    return dosage(mg, "mg", timing={"repeat": {**DAILY, "boundsPeriod": period}})


def ordered(name: str, mg: float, start: str, end: str | None = None, **more: object) -> dict[str, Any]:
    return order(name, start, dosageInstruction=of(mg, start, end), **{"status": "completed", **more})


def filled(name: str, mg: float, day: str, days: float | None = 30) -> dict[str, Any]:
    return fill(name, day, days, dosageInstruction=dosage(mg, "mg"))


def said(name: str, mg: float, start: str | None, end: str | None = None, **more: object) -> dict[str, Any]:
    return statement(name, start, end, dosage=dosage(mg, "mg"), **more)


def steps(*resources: object) -> Steps:
    (trial,) = read(*resources).medication_trials
    return [(step["daily_dose_mg"], step["from"]) for step in trial.entry.get("doses", [])]


LATER = "2025-05-15"
FIRST = ordered("1", 60, "2024-12-16", LATER)
UNKNOWN: Steps = [(60, "2024-12-16"), (None, "2024-12-30")]
CUT: Steps = [(60, "2024-12-16"), (30, "2024-12-30")]
LOWER = ordered("2", 30, "2024-12-30", LATER)
MONTH = {"dispenseRequest": {"expectedSupplyDuration": {"value": 1, "code": "mo"}}}
CYCLE = {"dispenseRequest": {"expectedSupplyDuration": {"value": 1, "unit": "cycle"}}}


@pytest.mark.parametrize(
    "first",
    [
        FIRST,
        ordered("1", 60, "2024-12-16", LATER, status="active"),
        ordered("1", 60, "2024-12-16", status="active"),
        ordered("1", 60, "2024-12-16", status="active", **CYCLE),
        ordered("1", 60, "2024-12-16", **CYCLE),
        ordered("1", 60, "2024-12-16", **MONTH),
        ordered("1", 60, "2024-12-16", "2024-12-30"),
        filled("1", 60, "2024-12-16"),
        filled("1", 60, "2024-12-16", None),
        said("1", 60, "2024-12-16"),
        said("1", 60, "2024-12-16", LATER),
        said("1", 60, "2024-12-16", LATER, status="stopped"),
    ],
)
def test_a_lower_dose_beside_one_that_is_in_force_is_not_known_to_be_a_cut(first: dict[str, Any]) -> None:
    assert steps(first, LOWER) == UNKNOWN
    assert {code for code, _ in warnings(read(first, LOWER))} == {"doses_disagree"}


@pytest.mark.parametrize(
    "first",
    [
        ordered("1", 60, "2024-12-16", "2024-12-29"),
        ordered("1", 60, "2024-12-16", "2024-12-29", status="active"),
        ordered("1", 60, "2024-12-16"),
        ordered("1", 60, "2024-12-16", LATER, status="stopped"),
        ordered("1", 60, "2024-12-16", status="on-hold"),
        filled("1", 60, "2024-12-16", 14),
        said("1", 60, "2024-12-16", "2024-12-29"),
        said("1", 60, "2024-12-16", status="stopped"),
        given("1", "2024-12-16", 60),
    ],
)
def test_a_lower_dose_after_one_that_is_over_is_a_cut(first: dict[str, Any]) -> None:
    assert steps(first, LOWER) == CUT
    assert warnings(read(first, LOWER)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"priorPrescription": {"reference": "MedicationRequest/1"}},
        {"priorPrescription": {"reference": "urn:uuid:1"}},
        {"priorPrescription": {"identifier": {"value": "rx"}}},
        {"replaces": [{"reference": "MedicationRequest/0"}, {"reference": "MedicationRequest/1"}]},
    ],
)
def test_a_lower_dose_that_replaces_the_first_is_a_cut(more: dict[str, Any]) -> None:
    first = {**FIRST, "identifier": [{"value": "rx"}]}
    assert steps(first, {**LOWER, **more}) == CUT
    assert steps(first, filled("3", 60, "2024-12-17"), {**LOWER, **more}, filled("4", 30, "2024-12-31")) == CUT
    assert steps(first, {**LOWER, "priorPrescription": {"reference": "MedicationRequest/9"}}) == UNKNOWN


def test_a_supply_is_left_behind_when_its_order_was_stopped_and_another_is_made() -> None:
    stopped = ordered("1", 60, "2024-12-16", status="stopped")
    assert steps(stopped, filled("3", 60, "2024-12-16"), LOWER) == CUT
    assert steps(stopped, filled("3", 60, "2024-12-16"), filled("4", 30, "2024-12-30")) == UNKNOWN
    assert steps(stopped, filled("3", 45, "2024-12-17"), LOWER) == [
        (60, "2024-12-16"),
        (45, "2024-12-17"),
        (None, "2024-12-30"),
    ]
    assert steps(stopped, ordered("5", 60, "2024-12-17", LATER), filled("3", 60, "2024-12-18"), LOWER) == UNKNOWN


def test_a_higher_dose_beside_one_that_is_in_force_is_a_raise() -> None:
    higher = ordered("2", 90, "2024-12-30", LATER)
    assert steps(FIRST, higher) == [(60, "2024-12-16"), (90, "2024-12-30")]
    assert steps(FIRST, LOWER, ordered("3", 90, "2025-01-10")) == [*UNKNOWN, (90, "2025-01-10")]


def test_two_strengths_filled_a_day_apart_do_not_alternate() -> None:
    both = [(150, "01"), (75, "02")]
    fills = [filled(f"{at}{mg}", mg, f"2025-0{at}-{day}") for at in (1, 2, 3) for mg, day in both]
    assert steps(*fills) == [(150, "2025-01-01"), (None, "2025-01-02")]
    swapped = [*fills[:2], filled("a", 75, "2025-02-01"), filled("b", 150, "2025-02-02")]
    assert steps(*swapped) == [(150, "2025-01-01"), (None, "2025-01-02")]


def test_a_cut_that_was_filled_early_is_known_when_the_higher_dose_has_run_out() -> None:
    fills = [filled("1", 150, "2025-01-01"), filled("2", 75, "2025-01-25"), filled("3", 75, "2025-02-24")]
    assert steps(*fills) == [(150, "2025-01-01"), (None, "2025-01-25"), (75, "2025-02-24")]


def test_two_strengths_of_one_day_stay_unknown_while_both_are_in_force() -> None:
    same = [ordered("1", 60, "2024-12-16", LATER), ordered("2", 30, "2024-12-16", LATER)]
    assert steps(*same, ordered("3", 60, "2025-01-10", LATER)) == [(None, "2024-12-16")]
    assert steps(*same, ordered("3", 60, "2025-05-23")) == [(None, "2024-12-16"), (60, "2025-05-23")]


def test_the_steps_of_one_order_do_not_stand_beside_each_other() -> None:
    taper = [
        {**of(60, "2024-12-16", LATER)[0], "sequence": 1},
        {**of(30, "2024-12-30", LATER)[0], "sequence": 2},
    ]
    assert steps(order("1", "2024-12-16", dosageInstruction=taper)) == CUT
    unnumbered = [{key: value for key, value in each.items() if key != "sequence"} for each in taper]
    assert steps(order("1", "2024-12-16", dosageInstruction=unnumbered)) == []


PARTED = [of(75, "2024-12-16", "2024-12-29")[0], of(100, "2024-12-30", "2025-03-15")[0]]


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        (PARTED, [(75, "2024-12-16"), (100, "2024-12-30")]),
        (PARTED[::-1], [(75, "2024-12-16"), (100, "2024-12-30")]),
        ([PARTED[0], of(100, "2024-12-30")[0]], [(75, "2024-12-16"), (100, "2024-12-30")]),
        ([of(75, "2024-12-16", LATER)[0], of(100, "2024-12-16", LATER)[0]], [(175, "2024-12-16")]),
        ([of(75, "2024-12-16", LATER)[0], PARTED[1]], []),  # both for a time
        ([of(75, "2024-12-16")[0], of(100, "2024-12-30")[0]], []),
        ([PARTED[0], of(100)[0]], []),
        ([PARTED[0], of(100, "2024-12-30", "soon")[0]], [(75, "2024-12-16"), (100, "2024-12-30")]),
    ],
)
def test_instructions_with_one_number_whose_bounds_part_them_are_steps(
    instructions: list[Any], expected: Steps
) -> None:
    numbered = [{**each, "sequence": 1} for each in instructions]
    assert steps(order("1", "2024-12-16", dosageInstruction=numbered)) == expected
