"""Improvement measured on a rating scale during a trial, in integers and on one scale only.

Baseline: the last rating from 14 days before to 7 days after the start. Endpoint: the last rating on the trial, after
the minimum duration and not after the next treatment started. A rating whose date is only partly known may or may not
qualify; every reading is tried, and where they differ the result is not certain.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clinical.course import Course
from clinical.dates import Span
from clinical.rating_scales import Scale
from clinical.vocabulary import Rater, Rating

BASELINE_DAYS_BEFORE = 14
BASELINE_DAYS_AFTER = 7


class Measured(NamedTuple):
    """One reading: the scale, baseline and endpoint, the best rating reached meanwhile, and its remission cut-off."""

    scale: Scale
    baseline: int
    endpoint: int
    best: int
    baseline_on: Span
    endpoint_on: Span

    @property
    def remitted(self) -> bool:
        """True when any rating on the trial reached the scale's published remission."""
        return self.scale.remitted(self.best)

    @property
    def percent(self) -> float:
        """Improvement from baseline to endpoint, in percent; only for display. Baseline is above 0."""
        return 100 * (self.baseline - self.endpoint) / self.baseline


class Limits(NamedTuple):
    """Where an endpoint may lie: from the day that completes the minimum duration, to the end or the next treatment."""

    earliest: Span
    stop: Span


class Window(NamedTuple):
    """The days that surely, and the days that possibly, belong to something whose limits are partly known."""

    sure: Span
    possible: Span


def falls_short(baseline: int, rating: int, percent: int, *, inclusive: bool) -> bool:
    """Whether improvement from `baseline` (above 0) to `rating` is below `percent` (or at it, if `inclusive`)."""
    gained, asked = 100 * (baseline - rating), percent * baseline
    return gained <= asked if inclusive else gained < asked


def by_scale(ratings: Sequence[Rating], scales: Mapping[str, Scale], on: int) -> dict[str, list[Rating]]:
    """Ratings of depression that existed on the day, by instrument, in order of time."""
    grouped: dict[str, list[Rating]] = {}
    for rating in sorted(ratings, key=lambda each: (each.on.last, each.on.first)):
        scale = scales.get(rating.instrument)
        if scale is not None and scale.rates == "depression" and rating.total is not None and rating.on.first <= on:
            grouped.setdefault(rating.instrument, []).append(rating)
    return grouped


def readings(
    course: Course, grouped: Mapping[str, list[Rating]], scales: Mapping[str, Scale], limits: Limits
) -> list[list[Measured | None]]:
    """For each scale with a baseline and an endpoint: every reading that the recorded dates allow.

    None among the readings means that on one of them there is no usable pair. The scale with the latest endpoint
    comes first, clinician-rated before self-rated.
    """
    start = course.start
    if start is None or not grouped:
        return []
    baseline_window = Window(
        Span(start.last - BASELINE_DAYS_BEFORE, start.first + BASELINE_DAYS_AFTER),
        Span(start.first - BASELINE_DAYS_BEFORE, start.last + BASELINE_DAYS_AFTER),
    )
    earliest, stop = limits
    endpoint_window = Window(Span(earliest.last, stop.first), Span(earliest.first, stop.last))
    found = []
    for slug, ratings in grouped.items():
        options = _options(scales[slug], ratings, baseline_window, endpoint_window)
        latest = max((each.endpoint_on.last for each in options if each), default=None)
        if latest is not None:
            found.append((-latest, scales[slug].rater is not Rater.CLINICIAN, slug, options))
    return [options for *_, options in sorted(found, key=lambda each: each[:3])]


def _options(scale: Scale, ratings: list[Rating], begins: Window, ends: Window) -> list[Measured | None]:
    """Every pair of baseline and endpoint on one scale that the dates allow."""
    options: list[Measured | None] = []
    for baseline in _last_in(ratings, begins):
        later = [r for r in ratings if baseline and r.on.last > baseline.on.last and r.on.first <= ends.possible.last]
        for endpoint in _last_in(later, ends) if baseline and baseline.total else [None]:
            options.extend(_measured(scale, baseline, endpoint, later, ends) if baseline and endpoint else [None])
    return options


def _last_in(ratings: list[Rating], window: Window) -> list[Rating | None]:
    """The last rating that is surely in the window, and each later one that only may be."""
    sure: Rating | None = None
    perhaps: list[Rating | None] = []
    for rating in ratings:
        if window.sure.first <= rating.on.first and rating.on.last <= window.sure.last:
            sure, perhaps = rating, []
        elif rating.on.last >= window.possible.first and rating.on.first <= window.possible.last:
            perhaps.append(rating)
    return [sure, *perhaps]


def _measured(scale: Scale, baseline: Rating, endpoint: Rating, later: list[Rating], ends: Window) -> list[Measured]:
    """The reading with the best rating that is surely on the trial, and another if a doubtful rating is better."""
    best = sure_best = endpoint.total or 0
    for rating in later:
        best = min(best, rating.total or 0)
        if rating.on.last <= ends.sure.last:
            sure_best = min(sure_best, rating.total or 0)
    pair = Measured(scale, baseline.total or 0, endpoint.total or 0, sure_best, baseline.on, endpoint.on)
    return [pair] if best == sure_best else [pair, pair._replace(best=best)]
