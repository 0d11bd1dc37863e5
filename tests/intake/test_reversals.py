"""Supplies that were taken back are no supplies."""

import time
from typing import Any

import pytest

from tests.intake.resources import concept, fates, fill, order, read, warnings

UNKNOWN = [("reversal_of_unknown", "MedicationDispense.quantity")]


def amount(name: str, value: float, day: str | None = "2025-05-01", **more: object) -> dict[str, Any]:
    return fill(name, day, quantity={"value": value}, **more)


BACK = amount("back", -30)
LATER = amount("back", -30, "2025-05-04", partOf=[{"reference": "MedicationDispense/1"}])


@pytest.mark.parametrize(
    ("fills", "reversal"),
    [
        ([amount("1", 30)], BACK),
        ([amount("1", 30)], LATER),
        ([amount("1", 30), amount("2", 30)], LATER),
        ([amount("1", 30), amount("2", 60), amount("3", 30, "2025-05-02")], BACK),
        ([fill("1", "2025-05-01", 30)], fill("back", "2025-05-01", -30)),
    ],
)
def test_a_negative_amount_cancels_the_one_fill_that_it_takes_back(fills: list[object], reversal: object) -> None:
    course = read(*fills, reversal)
    expected = {f"MedicationDispense/{at + 1}": "reversed" if at == 0 else "used" for at in range(len(fills))}
    assert fates(course) == {**expected, "MedicationDispense/back": "reversal"}
    assert len(course.medication_trials) == (len(fills) > 1)
    assert warnings(course) == []


@pytest.mark.parametrize(
    "fills",
    [
        [],
        [amount("1", 60)],
        [amount("1", 30), amount("2", 30)],
        [amount("1", 30, "2025-04-01")],
        [amount("1", 30, medicationCodeableConcept=concept(text="fluoxetine 20 MG Oral Capsule"))],
        [fill("1", "2025-05-01", 30)],
    ],
)
def test_a_reversal_that_finds_not_exactly_one_fill_is_said(fills: list[object]) -> None:
    course = read(*fills, BACK)
    assert warnings(course) == UNKNOWN
    assert "reversed" not in fates(course).values()


def test_a_reversal_without_a_day_finds_no_fill() -> None:
    assert warnings(read(amount("1", 30, None), amount("back", -30, None))) == UNKNOWN


def test_a_reversal_of_a_medicine_that_nobody_knows_cancels_nothing() -> None:
    course = read(amount("1", 30), amount("back", -30, medicationCodeableConcept=concept(text="a herb of the garden")))
    assert fates(course)["MedicationDispense/1"] == "used"


def test_many_fills_and_reversals_of_one_day_are_read_in_linear_time() -> None:
    """Each pair compared with each other, 4,000 would take longer than anybody waits."""
    bottles = [amount(str(number), 30 if number % 2 else -30) for number in range(4000)]
    began = time.process_time()
    read(order("o"), *bottles)
    assert time.process_time() - began < 2
