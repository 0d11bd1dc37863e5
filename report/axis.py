"""Time along the width of a picture: where a day lies, and which days are named."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

MONTHS_A_YEAR = 12
STEPS_IN_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 60000)
ROOM_FOR_A_LABEL = 62
LEAST_DAYS = 30


class Axis(NamedTuple):
    """Days from `first` to `last` (ordinals, both included) along pixels from `left` to `right`."""

    first: int
    last: int
    left: float
    right: float

    def x(self, day: float) -> float:
        """Where the day begins; days outside lie at the edge."""
        share = (day - self.first) / (self.last + 1 - self.first)
        return round(self.left + (self.right - self.left) * min(max(share, 0), 1), 1)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Place and label of the months or years that are named, so far apart that the labels do not touch."""
        a_month = (self.right - self.left) / (self.last + 1 - self.first) * 30.44
        step = next((each for each in STEPS_IN_MONTHS if each * a_month >= ROOM_FOR_A_LABEL), STEPS_IN_MONTHS[-1])
        begun = date.fromordinal(self.first)
        months = (begun.year * MONTHS_A_YEAR + begun.month - 1) // step * step
        while (day := _first_of(months)) is not None and day.toordinal() <= self.last:
            if day.toordinal() >= self.first:
                yield self.x(day.toordinal()), f"{day.year:04d}" if step >= MONTHS_A_YEAR else f"{day:%Y-%m}"
            months += step


def _first_of(months: int) -> date | None:
    year, month = divmod(months, MONTHS_A_YEAR)
    return date(max(year, 1), month + 1 if year else 1, 1) if year <= date.max.year else None


def axis_over(first: int, last: int, left: float, right: float) -> Axis:
    """An axis with a little air before the first day; never shorter than a month."""
    first = min(first, last - LEAST_DAYS)
    return Axis(max(first - (last - first) // 40, 1), last, left, right)
