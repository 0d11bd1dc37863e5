"""Days and periods in words, as precise as they are known and no more."""

from calendar import monthrange
from datetime import date

from clinical.dates import Span, iso

DECEMBER = 12


def day(span: Span) -> str:
    """A day as a person writes it: `2025-03-28`, `2025-03`, `2025`, else the first and the last that are possible."""
    first, last = date.fromordinal(span.first), date.fromordinal(span.last)
    if first == last:
        return iso(span.first)
    if (first.year, first.month, 1) == (last.year, last.month, first.day):
        return f"{first:%Y-%m}" if last.day == monthrange(last.year, last.month)[1] else _between(span)
    whole = (first.year, first.month, first.day, last.month, last.day) == (last.year, 1, 1, DECEMBER, 31)
    return f"{first.year:04d}" if whole else _between(span)


def _between(span: Span) -> str:
    return f"some day from {iso(span.first)} to {iso(span.last)}"


def period(began: Span | None, ended: Span | None, *, running: bool) -> str:
    """From when to when. `ended` None: it goes on (`running`), or nobody recorded the end."""
    if began is None and ended is None:
        return "start not recorded, still going on" if running else "no dates recorded"
    since = "start not recorded" if began is None else day(began)
    if ended is not None:
        return f"{since}, until {day(ended)}" if began is None else f"{since} to {day(ended)}"
    return f"since {since}" if running else f"{since}, end not recorded"
