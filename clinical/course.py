"""A trial as it stood on one day: what had begun, what was still running, and for how long at which dose.

What happened after that day does not exist. Partial dates give a shortest and a longest reading of every length.
"""

from collections.abc import Iterable
from typing import NamedTuple

from clinical.conventions import conventions
from clinical.dates import Span
from clinical.history import DoseStep, Outcome, Trial
from clinical.vocabulary import StopReason, Verdict

LONGEST_GAP_DAYS = conventions().longest_gap.value
EARLIEST_DAY = 1


class Course(NamedTuple):
    """A trial as of a day. `start` None: nobody knows when it began. `end` is the last day taken, or the day itself.

    `top_dose` is the highest dose that was surely reached; `dose_gaps` says that a higher one may have been.
    `exact` says that no date leaves a choice.
    """

    trial: Trial
    start: Span | None
    end: Span
    running: bool
    ended: Verdict
    outcome_stands: Verdict
    stop_reason: StopReason
    steps: tuple[DoseStep, ...]
    top_dose: float | None
    dose_gaps: bool
    exact: bool


class RunLength(NamedTuple):
    """The longest run in days, on the shortest and the longest reading of what is recorded.

    `begins` spans the earliest and the latest day on which that run may have begun; `not_before` is the onset of the
    episode, if days before it do not count.
    """

    least: int
    most: int
    begins: Span
    not_before: Span | None = None


NO_OUTCOME = Outcome()


def course_on(trial: Trial, on: int) -> Course | None:
    """The trial as of the day `on`; None if it had not begun."""
    start = trial.started
    if start is not None and start.first > on:
        return None
    end, running, ended = _end_on(trial, start, on)
    if start is not None and start.first != start.last:
        start = Span(start.first, max(start.first, min(start.last, end.last, *_first_doses(trial))))
    settled = ended is Verdict.MET
    steps = trial.doses
    if not settled or trial.ended is None:
        steps = tuple([step for step in steps if step.since is None or step.since.first <= on])
    # A step that may lie after the day is a dose that may not have been reached yet.
    known = [dose for dose, since in steps if dose is not None and (settled or since is None or since.last <= on)]
    return Course(
        trial,
        start,
        end,
        running,
        ended,
        _outcome_stands(trial.outcome, ended, on),
        StopReason.UNKNOWN if ended is Verdict.NOT_MET else trial.stop_reason,
        steps,
        max(known) if known else None,
        len(known) < len(steps) or not steps or _begins_late(steps[0], start),
        start is not None and start.first == start.last and end.first == end.last and _dated(steps),
    )


def _first_doses(trial: Trial) -> list[int]:
    """The last day on which each dose may have begun: the trial had begun by then."""
    return [since.last for _, since in trial.doses if since is not None]


def _dated(steps: tuple[DoseStep, ...]) -> bool:
    """True when the first day of every step is known; the first one may be that of the trial."""
    return all([since is None or since.first == since.last for _, since in steps])  # noqa: C419 - a list is quicker here


def _end_on(trial: Trial, start: Span | None, on: int) -> tuple[Span, bool, Verdict]:
    """The last day taken so far, whether it is still taken, and whether its end has come by then."""
    ended = trial.ended
    if trial.running or (ended is not None and ended.first > on):
        return Span(on, on), True, Verdict.NOT_MET
    earliest = start.first if start else EARLIEST_DAY
    if ended is None:  # stopped, nobody knows when: taken as stopped by the day
        dosed = [step.since.first for step in trial.doses if step.since is not None and step.since.first <= on]
        return Span(max(earliest, *dosed) if dosed else earliest, on), False, Verdict.MET
    first = max(ended.first, earliest)
    if ended.last <= on:
        return Span(first, ended.last), False, Verdict.MET
    return Span(first, on), False, Verdict.UNKNOWN


def _outcome_stands(outcome: Outcome, ended: Verdict, on: int) -> Verdict:
    """Whether the stated outcome was there by the day: from its own date, or without one from the end of the trial."""
    if outcome.assessed_on is None:
        return ended
    if outcome.assessed_on.last <= on:
        return Verdict.MET
    return Verdict.NOT_MET if outcome.assessed_on.first > on else Verdict.UNKNOWN


def _begins_late(step: DoseStep, start: Span | None) -> bool:
    """True when days before the first recorded dose step have no dose at all."""
    if step.since is None or start is None:
        return step.since is not None
    return step.since != start and step.since.first > start.first


def longest_run(course: Course, minimum_mg: float | None, not_before: Span | None = None) -> RunLength:
    """The longest run of days at or above `minimum_mg` (None: at any dose), on or after `not_before`.

    The least reading takes every uncertain day as missing, the most takes it as given.
    """
    start, end = course.start or start_of(course), course.end
    if not_before is not None and not_before.last > start.first:
        start = Span(max(start.first, not_before.first), max(start.last, not_before.last))
    if minimum_mg is None or (len(course.steps) == 1 and not course.dose_gaps and (course.top_dose or 0) >= minimum_mg):
        least, most = max(end.first - start.last + 1, 0), max(end.last - start.first + 1, 0)
        return RunLength(least, most, start, not_before)
    if course.exact and not course.dose_gaps and start == course.start:
        begun = _raised(course, minimum_mg)
        if begun is not None:
            days = max(end.last - begun.last + 1, 0)
            return RunLength(days, days, begun, not_before)
    least, sure_first = most, first = _longest(_pieces(course, start, minimum_mg, sure=True))
    if not course.exact or course.dose_gaps or start.first != start.last:
        most, first = _longest(_pieces(course, start, minimum_mg, sure=False))
    return RunLength(least, most, Span(first or start.first, sure_first or start.last), not_before)


def start_of(course: Course) -> Span:
    """Where nobody knows the start: not after the first dose that is dated, nor after the end."""
    dosed = [step.since.last for step in course.steps if step.since is not None]
    return Span(EARLIEST_DAY, min(course.end.first, *dosed) if dosed else course.end.first)


def _raised(course: Course, minimum_mg: float) -> Span | None:
    """The first day at or above the minimum where the dose was raised to it and never lowered below it again."""
    begun = None
    for dose, since in course.steps:
        enough = dose is not None and dose >= minimum_mg
        if enough and begun is None:
            begun = since or course.start
        elif begun is not None and not enough:
            return None
    return begun


def _pieces(course: Course, start: Span, minimum_mg: float, *, sure: bool) -> Iterable[tuple[int, int]]:
    """First and last day of each stretch at or above the minimum: as short as it may be (`sure`), or as long."""
    for first, last, dose in stretches(course, start, sure=sure):
        if (dose is None and not sure) or (dose is not None and dose >= minimum_mg):
            yield first, last


def stretches(course: Course, start: Span, *, sure: bool) -> Iterable[tuple[int, int, float | None]]:
    """First day, last day and dose of each step: as short as it may have been (`sure`), or as long; None: not known."""
    begin, end = (start.last, course.end.first) if sure else (start.first, course.end.last)
    marks = [(step.since or start, step.daily_dose_mg) for step in course.steps]
    if not marks or ((course.dose_gaps or course.start is None) and marks[0][0].first > start.first):
        marks.insert(0, (start, None))
    for index, (since, dose) in enumerate(marks):
        after = marks[index + 1][0] if index + 1 < len(marks) else None
        first = max(begin, (since.last if sure else since.first) if index else begin)
        last = min(end, ((after.first if sure else after.last) - 1) if after else end)
        if last >= first:
            yield first, last, dose


def _longest(pieces: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Days in the longest run of pieces that are no further apart than the allowed gap, and its first day."""
    best = best_first = days = run_first = 0
    previous_last = None
    for first, last in pieces:
        if previous_last is None or first - previous_last - 1 > LONGEST_GAP_DAYS:
            days, run_first = 0, first
        overlap = max(0, previous_last - first + 1) if previous_last is not None and days else 0
        days += last - first + 1 - overlap
        previous_last = last
        if days > best:
            best, best_first = days, run_first
    return best, best_first
