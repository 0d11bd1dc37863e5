"""Dates in a search: both sides are intervals, as precise as they were written (https://hl7.org/fhir/R4/search.html#date)."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from interop.fhir.canonical import extension_url
from interop.fhir.search_values import values_at

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TICK = timedelta(microseconds=1)
WRITTEN = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(T(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(:(?P<second>\d\d)(\.(?P<fraction>\d{1,9}))?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
LAST_SECOND = 59
"""A leap second is read as the one before it."""
IMPRECISE_END = extension_url("imprecise-end")


class Stretch(NamedTuple):
    """A stretch of time, the first and the last moment included."""

    first: datetime
    last: datetime

    def holds(self, other: "Stretch") -> bool:
        """True when the other lies wholly within."""
        return self.first <= other.first and other.last <= self.last


Comparison = Callable[[Stretch, Stretch], bool]
COMPARISONS: Mapping[str, Comparison] = {
    "eq": lambda asked, found: asked.holds(found),
    "ne": lambda asked, found: not asked.holds(found),
    "gt": lambda asked, found: found.last > asked.last,
    "lt": lambda asked, found: found.first < asked.first,
    "ge": lambda asked, found: found.last > asked.last or asked.holds(found),
    "le": lambda asked, found: found.first < asked.first or asked.holds(found),
    "sa": lambda asked, found: found.first > asked.last,
    "eb": lambda asked, found: found.last < asked.first,
    "ap": lambda asked, found: found.last >= _less(asked) and found.first <= _more(asked),
}
"""How what was asked is compared with what is found, by prefix. `ap` is as much wider on each side as it is wide."""


class Asked(NamedTuple):
    """A date as it was asked for."""

    compares: Comparison
    stretch: Stretch

    def matches(self, value: object) -> bool:
        """True when an element of a resource, a date or a Period, is as asked."""
        found = stretch_of(value)
        return found is not None and self.compares(self.stretch, found)


def asked(text: str) -> Asked:
    """A value of a search, such as `ge2025-03`.

    Raises:
        ValueError: it is no date, or has a prefix that there is not.
    """
    prefix = text[:2]
    if prefix.isalpha() and prefix not in COMPARISONS:
        raise ValueError(f"`{prefix}` is no prefix; send one of {', '.join(COMPARISONS)}.")
    known = prefix in COMPARISONS
    return Asked(COMPARISONS[prefix if known else "eq"], written(text[2:] if known else text))


def written(text: str) -> Stretch:
    """What a FHIR date or time spans. Without a zone it is read as UTC.

    Raises:
        ValueError: it is none.
    """
    # An unescaped + in an address arrives as a space.
    found = WRITTEN.fullmatch(text.replace(" ", "+"))
    if found is None:
        raise ValueError("This is no date; send YYYY, YYYY-MM, YYYY-MM-DD or a time with its zone.")
    parts = found.groupdict()
    try:
        first = _first(parts)
        return Stretch(first, _last(parts, first))
    except (ValueError, OverflowError) as error:
        raise ValueError("The calendar has no such day or time.") from error


def _first(parts: Mapping[str, str | None]) -> datetime:
    year, month, day = (int(parts[name] or 1) for name in ("year", "month", "day"))
    hour, minute = (int(parts[name] or 0) for name in ("hour", "minute"))
    second, fraction = int(parts["second"] or 0), int((parts["fraction"] or "").ljust(6, "0")[:6])
    zone = parts["zone"] or "Z"
    local = datetime(year, month, day, hour, minute, min(second, LAST_SECOND), fraction, tzinfo=UTC)
    return local if zone == "Z" else local - _offset(zone)


def _offset(zone: str) -> timedelta:
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return size if zone[0] == "+" else -size


def _last(parts: Mapping[str, str | None], first: datetime) -> datetime:
    """The last moment that is within what was written."""
    if parts["month"] is None:
        return _before(first.year + 1, 1)
    if parts["day"] is None:
        return _before(first.year + first.month // 12, first.month % 12 + 1)
    if parts["hour"] is None:
        return first + timedelta(days=1) - TICK
    if parts["second"] is None:
        return first + timedelta(minutes=1) - TICK
    unit = timedelta(seconds=1) if parts["fraction"] is None else timedelta(seconds=10.0 ** -len(parts["fraction"]))
    return first + max(unit - TICK, timedelta(0))


def _before(year: int, month: int) -> datetime:
    return LATEST if year > LATEST.year else datetime(year, month, 1, tzinfo=UTC) - TICK


def _less(asked: Stretch) -> datetime:
    return asked.first - min(asked.last - asked.first, asked.first - EARLIEST)


def _more(asked: Stretch) -> datetime:
    return asked.last + min(asked.last - asked.first, LATEST - asked.last)


def stretch_of(value: Any) -> Stretch | None:  # noqa: ANN401 - any JSON
    """The stretch of a date, a time or a Period of a resource; None where there is none that can be read.

    A Period without a start or an end is open there.
    """
    if isinstance(value, str):
        return _readable(value)
    if not isinstance(value, Mapping):
        return None
    start, end = _readable(value.get("start")), _readable(value.get("end") or _imprecise(value.get("_end")))
    if start is None and end is None:
        return None
    return Stretch(start.first if start else EARLIEST, end.last if end else LATEST)


def _readable(value: object) -> Stretch | None:
    try:
        return written(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _imprecise(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """The end that our own mapping could not say in `end` (see `elements.period`)."""
    listed = [each for each in values_at(value, "extension") if isinstance(each, Mapping)]
    return next((each.get("valueDateTime") for each in listed if each.get("url") == IMPRECISE_END), None)
