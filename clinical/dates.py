"""Partial dates: what is known of a day, kept as the interval that it spans.

Days are proleptic Gregorian ordinals (`datetime.date.toordinal`), so that all arithmetic is on integers.
"""

from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import NamedTuple

PARTIAL_DATE_PATTERN = r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"
PARTIAL_DATE_EXPLAINED = "A date as precise as it is known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."


class Span(NamedTuple):
    """The days, first and last included, among which an event happened."""

    first: int
    last: int

    @property
    def exact(self) -> bool:
        """True when the day itself is known."""
        return self.first == self.last


@lru_cache(maxsize=65536)
def parse_partial_date(text: str) -> Span:
    """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as the span of days that it covers.

    Raises:
        ValueError: the text has another form, or names a day that does not exist.
    """
    parts = [int(part) for part in text.split("-")]
    match parts:
        case [year]:
            return Span(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())
        case [year, month]:
            first = date(year, month, 1).toordinal()
            return Span(first, first + monthrange(year, month)[1] - 1)
        case [year, month, day]:
            only = date(year, month, day).toordinal()
            return Span(only, only)
        case _:
            raise ValueError(f"{text!r} is not a date. {PARTIAL_DATE_EXPLAINED}")


@lru_cache(maxsize=65536)
def said(span: Span) -> str:
    """The days of a span in words: the day if it is known, else the first and the last that are possible."""
    first, last = span
    return iso(first) if first == last else f"{iso(first)} to {iso(last)}"


@lru_cache(maxsize=65536)
def iso(ordinal: int) -> str:
    """The ISO date of an ordinal day; a day beyond the calendar is its last or first."""
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()
