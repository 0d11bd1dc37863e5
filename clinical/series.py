"""Ratings on one scale in order of time, and what they measure where every day is known."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clinical.conventions import conventions
from clinical.dates import Span
from clinical.history import Rating
from clinical.rating_scales import Scale

BASELINE_DAYS_BEFORE = conventions().baseline_before.value
BASELINE_DAYS_AFTER = conventions().baseline_after.value


class Measured(NamedTuple):
    """One reading: the scale, baseline and endpoint, and the best rating reached meanwhile.

    `early`: there is no endpoint after the minimum duration; the best rating so far stands in its place, and can show
    a response but no failure.
    """

    scale: Scale
    baseline: int
    endpoint: int
    best: int
    baseline_on: Span
    endpoint_on: Span
    early: bool = False

    @property
    def remitted(self) -> bool:
        """True when any rating on the trial reached the scale's published remission."""
        return self.scale.remitted(self.best)

    @property
    def percent(self) -> float:
        """Improvement from baseline to endpoint, in percent; only for display. Baseline is above 0."""
        return 100 * (self.baseline - self.endpoint) / self.baseline


class Series(NamedTuple):
    """Ratings in order of time. `days` has the day of each where all are known and different, else it is None."""

    ratings: list[Rating]
    days: list[int] | None


def in_time(rating: Rating) -> tuple[int, int, int, str]:
    """The order of ratings: by the last day that they may be from; of one day, the higher total last."""
    return rating.on.last, rating.on.first, rating.total or 0, rating.instrument


def by_scale(ratings: Sequence[Rating], scales: Mapping[str, Scale], on: int) -> dict[str, Series]:
    """Of ratings in order of time, those of depression that existed on the day, by instrument."""
    grouped: dict[str, list[Rating]] = {}
    for rating in ratings:
        if rating.total is not None and rating.on.first <= on:
            grouped.setdefault(rating.instrument, []).append(rating)
    return {
        slug: Series(kept, _days_of(kept))
        for slug, kept in grouped.items()
        if slug in scales and scales[slug].rates == "depression"
    }


def _days_of(ratings: list[Rating]) -> list[int] | None:
    days = [first for _, (first, last), *_ in ratings if first == last]
    return days if len(set(days)) == len(ratings) else None


def exact_reading(scale: Scale, series: Series, start: int, earliest: int, stop: int) -> Measured | None:
    """The one reading of a trial from `start` to `stop` whose endpoint may lie from `earliest` on; None without a pair.

    The same as the general reading, where there is only one; `series.days` is known.
    """
    ratings, days = series.ratings, series.days or []
    first, last = bisect_right(days, min(start + BASELINE_DAYS_AFTER, stop)) - 1, bisect_right(days, stop) - 1
    if first < 0 or last <= first or days[first] < start - BASELINE_DAYS_BEFORE or not ratings[first].total:
        return None
    totals = [each.total or 0 for each in ratings[first + 1 : last + 1]]
    best, early = min(totals), days[last] < earliest
    endpoint = ratings[first + 1 + totals.index(best)] if early else ratings[last]
    baseline = ratings[first]
    return Measured(scale, baseline.total or 0, endpoint.total or 0, best, baseline.on, endpoint.on, early)
