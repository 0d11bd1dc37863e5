"""Time along the width: days are placed in proportion and labels never touch."""

from datetime import date
from itertools import pairwise

import pytest

from report.axis import ROOM_FOR_A_LABEL, axis_over


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-01-01", "2025-01-01"),
        ("2025-01-01", "2025-03-31"),
        ("2024-01-01", "2025-12-31"),
        ("1990-05-05", "2026-11-23"),
        ("1900-01-01", "2100-12-31"),
        ("0001-01-01", "9999-12-31"),
    ],
)
@pytest.mark.parametrize("right", [300.0, 700.0, 1580.0])
def test_labels_do_not_touch_and_lie_on_the_axis(first: str, last: str, right: float) -> None:
    axis = axis_over(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal(), 34, right)
    places = [x for x, _ in axis.ticks()]
    assert all(34 <= x <= right for x in places)
    assert all(later - earlier >= ROOM_FOR_A_LABEL * 0.9 for earlier, later in pairwise(places))


def test_a_day_outside_lies_at_the_edge() -> None:
    axis = axis_over(date(2025, 1, 1).toordinal(), date(2025, 12, 31).toordinal(), 0, 100)
    assert axis.x(0) == 0
    assert axis.x(date(2030, 1, 1).toordinal()) == 100
    middle = axis.x((axis.first + axis.last + 1) / 2)
    assert middle == pytest.approx(50, abs=0.1)


def test_months_are_named_in_a_short_time_and_years_in_a_long_one() -> None:
    short = axis_over(date(2025, 1, 1).toordinal(), date(2025, 6, 30).toordinal(), 0, 700)
    assert [label for _, label in short.ticks()] == ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]
    long = axis_over(date(2001, 1, 1).toordinal(), date(2025, 6, 30).toordinal(), 0, 700)
    assert all(len(label) == 4 for _, label in long.ticks())
