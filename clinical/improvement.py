"""Improvement measured on a rating scale during a trial, in integers and on one scale only.

Baseline: the last rating in the days about the start that `conventions.toml` allows. Endpoint: the last rating on the
trial, after the minimum duration and not after the next treatment started. A rating whose date is only partly known may
or may not qualify; every reading is tried, and where they differ the result is not certain. A better rating before the
endpoint is a better outcome reached, also where no endpoint was rated.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from clinical.course import Course
from clinical.dates import Span
from clinical.history import Rating
from clinical.rating_scales import Scale
from clinical.series import BASELINE_DAYS_AFTER, BASELINE_DAYS_BEFORE, Measured, Series, exact_reading
from clinical.vocabulary import Rater

MOST_READINGS = 40  # so many readings of vague dates are looked at; where there are more, they are taken to disagree


class Limits(NamedTuple):
    """Where an endpoint may lie: from the day that completes the minimum duration, to the end or the next treatment."""

    earliest: Span
    stop: Span

    @property
    def exact(self) -> bool:
        """True when both days are known."""
        return self.earliest[0] == self.earliest[1] and self.stop[0] == self.stop[1]


class Window(NamedTuple):
    """The days that surely, and the days that possibly, belong to something whose limits are partly known."""

    sure: Span
    possible: Span


def falls_short(baseline: int, rating: int, percent: int, *, inclusive: bool) -> bool:
    """Whether improvement from `baseline` (above 0) to `rating` is below `percent` (or at it, if `inclusive`)."""
    gained, asked = 100 * (baseline - rating), percent * baseline
    return gained <= asked if inclusive else gained < asked


def readings(
    course: Course, grouped: Mapping[str, Series], scales: Mapping[str, Scale], limits: Limits
) -> list[list[Measured | None]]:
    """For each scale with a baseline and a later rating: every reading that the recorded dates allow.

    None among the readings means that on one of them there is no usable pair. A scale with an endpoint comes before
    one without, the latest endpoint first, clinician-rated before self-rated.
    """
    start = course.start
    if start is None:
        return []
    (first, last), (earliest, stop) = start, limits
    exact = first == last and limits.exact
    found = []
    for slug, series in grouped.items():
        options: list[Measured | None]
        if exact and series.days is not None:
            only = exact_reading(scales[slug], series, first, earliest.last, stop.last)
            if len(grouped) == 1:
                return [[only]] if only else []
            options = [only]
        else:
            options = _every_reading(scales[slug], series.ratings, start, limits)
        measured = [each for each in options if each]
        if measured:
            early = all(each.early for each in measured)
            latest = max(each.endpoint_on.last for each in measured)
            found.append((early, -latest, scales[slug].rater is not Rater.CLINICIAN, slug, options))
    found.sort(key=_first_to_decide)
    return [each[-1] for each in found]


def _every_reading(scale: Scale, ratings: list[Rating], start: Span, limits: Limits) -> list[Measured | None]:
    """Every reading on one scale that partly known dates allow."""
    (first, last), (earliest, stop) = start, limits
    begins = Window(
        Span(last - BASELINE_DAYS_BEFORE, first + BASELINE_DAYS_AFTER),
        Span(first - BASELINE_DAYS_BEFORE, last + BASELINE_DAYS_AFTER),
    )
    ends = Window(Span(earliest.last, stop.first), Span(earliest.first, stop.last))
    near = [each for each in ratings if each.on.last >= begins.possible.first and each.on.first <= stop.last]
    return _options(scale, near, begins, ends)


def _first_to_decide(found: tuple[bool, int, bool, str, object]) -> tuple[bool, int, bool, str]:
    return found[:4]


def _options(scale: Scale, ratings: list[Rating], begins: Window, ends: Window) -> list[Measured | None]:
    """Every pair of baseline and endpoint on one scale that the dates allow; of too many, that they part."""
    options: list[Measured | None] = []
    for baseline in last_in(ratings, begins):
        if len(options) > MOST_READINGS:
            return [*options, *_anything(scale, options)]
        if baseline is None or not baseline.total:  # improvement from 0 is not defined
            options.append(None)
            continue
        known = baseline.on.last
        later = [each for each in ratings if each.on.last > known]
        window = Window(Span(max(ends.sure.first, known + 1), ends.sure.last), ends.possible)
        for endpoint in last_in(later, window):
            if endpoint is None:
                options.extend(_early(scale, baseline, later, ends.sure.last))
            else:
                options.extend(_measured(scale, baseline, endpoint, later, ends.sure.last))
    return options


def _anything(scale: Scale, options: list[Measured | None]) -> list[Measured]:
    """Readings that stand for all that were left out: nothing gained, and nothing left."""
    shown = next((each for each in options if each), None)
    if shown is None:
        return []
    baseline = shown.baseline
    return [shown._replace(scale=scale, endpoint=rest, best=rest, early=False) for rest in (baseline, 0)]


def last_in(ratings: Iterable[Rating], window: Window) -> list[Rating | None]:
    """Every rating that may be the last one in the window, of ratings in order of time.

    None is among them where perhaps none is in the window. Two of one day may each be the last.
    """
    (sure_first, sure_last), (first, last) = window
    found: list[Rating | None] = [None]
    for rating in ratings:
        day = rating.on
        if day.first > last or day.last < first:
            continue
        if sure_first <= day.first and day.last <= sure_last:
            newest = found[-1]  # of those found so far none has a later last day
            if newest is None or newest.on.last < day.first:
                found = [rating]
                continue
            found = [each for each in found if each is not None and each.on.last >= day.first]
        found.append(rating)
    return found


def _measured(scale: Scale, baseline: Rating, endpoint: Rating, later: list[Rating], stop: int) -> list[Measured]:
    """The reading with the best rating that is surely on the trial, and another if a doubtful rating is better."""
    best = sure_best = endpoint.total or 0
    for rating in later:
        total = rating.total or 0
        best = min(best, total)
        if total < sure_best and rating.on.last <= stop and rating.on.first > baseline.on.last:
            sure_best = total
    pair = Measured(scale, baseline.total or 0, endpoint.total or 0, sure_best, baseline.on, endpoint.on)
    return [pair] if best == sure_best else [pair, pair._replace(best=best)]


def _early(scale: Scale, baseline: Rating, later: list[Rating], stop: int) -> list[Measured | None]:
    """Readings without an endpoint: the best rating that is surely on the trial, and a doubtful one that is better."""
    on_trial = [each for each in later if each.on.last <= stop and each.on.first > baseline.on.last]
    found: list[Measured | None] = []
    for ratings in (on_trial, later):
        best = min(ratings, key=lambda each: (each.total or 0, each.on), default=None)
        if best is None:
            found.append(None)
        else:
            total = best.total or 0
            found.append(Measured(scale, baseline.total or 0, total, total, baseline.on, best.on, early=True))
    return found[:1] if found[0] == found[1] else found
