"""FHIR dates as the partial dates of this service."""

import re
from functools import lru_cache
from typing import NamedTuple

from clinical.dates import Span, parse_partial_date

FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST = 60  # characters of a date; what is longer is none, and is not kept in a cache
FHIR_DATE = re.compile(r"(\d{4})(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?", re.ASCII)


class Day(NamedTuple):
    """A date as precise as it was given, and the days that it spans."""

    said: str
    span: Span

    @property
    def first(self) -> int:
        """The earliest day that is meant."""
        return self.span.first

    @property
    def last(self) -> int:
        """The latest day that is meant."""
        return self.span.last


@lru_cache(maxsize=65536)
def day_of(said: str) -> Day | None:
    """The day of a FHIR date, dateTime or instant, as it was where it was written; None if it is none.

    The offset is left alone: a patient who took a tablet at 23:00 took it on that day, wherever one is now.
    """
    found = FHIR_DATE.fullmatch(said.strip())
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    written = said.strip().partition("T")[0]
    try:
        return Day(written, parse_partial_date(written))
    except ValueError:
        return None


def read_day(value: object) -> Day | None:
    """The day of any JSON value; None if it is none."""
    return day_of(value) if isinstance(value, str) and len(value) <= LONGEST else None
