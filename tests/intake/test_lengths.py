"""How long an order or a supply may last: in months and years, too, and never an observed end."""

from typing import Any

import pytest

from tests.intake.resources import concept, fill, order, read, trials

VENLAFAXINE = concept(text="venlafaxine 150 MG Extended Release Oral Capsule")


def supplied(**length: object) -> dict[str, Any]:
    return {"dispenseRequest": {"expectedSupplyDuration": length}}


def bounded(**bounds: object) -> dict[str, Any]:
    return {"dosageInstruction": [{"timing": {"repeat": bounds}}]}


def ends(*resources: object) -> list[str | None]:
    return [trial["ended"] for trial in trials(*resources)]


@pytest.mark.parametrize(
    ("more", "ended"),
    [
        (supplied(value=30, code="d"), "unknown"),
        (supplied(value=1, code="mo"), "unknown"),
        (supplied(value=1, unit="month"), "unknown"),
        (supplied(value=5, unit="months", code="mo"), "unknown"),  # 150 days, until 14 May
        (supplied(value=6, unit="Months"), None),  # 180 days, until 13 June
        (supplied(value=1, code="a"), None),
        (supplied(value=0.25, unit="years"), "unknown"),
        (
            {"dispenseRequest": {"expectedSupplyDuration": {"value": 1, "code": "mo"}, "numberOfRepeatsAllowed": 5}},
            None,
        ),
        (bounded(boundsDuration={"value": 1, "code": "mo"}), "unknown"),
        (bounded(boundsDuration={"value": 12, "unit": "months"}), None),
        (bounded(boundsRange={"low": {"value": 1, "code": "mo"}, "high": {"value": 2, "code": "mo"}}), "unknown"),
        (bounded(boundsRange={"high": {"value": 1, "code": "a"}}), None),
        (supplied(value=10**9, code="d"), None),
    ],
)
def test_an_order_may_last_for_months_of_30_days_and_years_of_365(more: dict[str, Any], ended: str | None) -> None:
    assert ends(order("1", "2024-12-16", medicationCodeableConcept=VENLAFAXINE, **more)) == [ended]


UNREADABLE = [
    supplied(value=1, unit="fortnight"),
    supplied(value="1", code="mo"),
    supplied(value=-1, code="mo"),
    supplied(code="mo"),
    supplied(value=5, code="h"),
    supplied(value=300, code="d", unit="months"),
    supplied(value=300, code="d", comparator="<"),
    {"dispenseRequest": {"expectedSupplyDuration": "a month"}},
    bounded(boundsDuration={"value": 1, "unit": "cycle"}),
    bounded(boundsRange={"low": {"value": 1, "code": "a"}}),
    bounded(boundsPeriod={"end": "in summer"}),
    bounded(boundsDuration={"value": 1, "unit": "cycle"}) | supplied(value=300, code="d"),
]


@pytest.mark.parametrize("more", UNREADABLE)
def test_an_order_with_a_length_that_cannot_be_read_is_not_known_to_go_on_or_to_last(more: dict[str, Any]) -> None:
    assert ends(order(**more)) == ["unknown"]
    assert len(ends(order("1", "2024-01-10", **more), order("2", "2025-05-10"))) == 2


def test_an_order_of_a_length_and_no_day_is_not_known_to_go_on() -> None:
    assert ends(order("1", None, **supplied(value=1, code="a"))) == ["unknown"]


@pytest.mark.parametrize(
    ("supply", "ended"),
    [
        ({"value": 30, "unit": "d"}, "2024-10-30"),
        ({"value": 1, "code": "mo"}, "unknown"),
        ({"value": 30}, "2024-10-30"),
    ],
)
def test_a_supply_of_a_month_never_ends_on_a_day_that_is_known(supply: dict[str, Any], ended: str) -> None:
    assert ends(fill("1", "2024-10-01", daysSupply=supply)) == [ended]


def test_a_supply_of_a_month_is_evidence_for_30_days() -> None:
    month = {"value": 1, "unit": "month"}
    assert ends(fill("1", "2025-05-03", daysSupply=month)) == [None]
    assert ends(fill("1", "2025-05-02", daysSupply=month)) == ["unknown"]


def test_nothing_is_dosed_by_the_month() -> None:
    monthly = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "mo"}}
    course = read(
        order(dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg"}}], "timing": monthly}])
    )
    assert "doses" not in course.medication_trials[0].entry
