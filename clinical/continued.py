"""Records of one medicine that follow one another at once are one trial: a raised dose is continuation, no new trial.

A pause of up to the longest gap of `conventions.toml` does not end a trial.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from clinical.course import LONGEST_GAP_DAYS, Course, course_on
from clinical.dates import Span
from clinical.history import DoseStep, Outcome, Trial
from clinical.sections import Criterion
from clinical.vocabulary import Evidence, Indication

T = TypeVar("T")
CONTINUATION = Criterion(
    source="A raised dose of the same medicine is continuation, no new trial (MGH-ATRQ, as transcribed)",
    evidence=Evidence.SECONDARY,
)


class Whole(NamedTuple):
    """A record, the trial that it is part of (itself, if it stands alone), and the other records of that trial.

    `perhaps` is the longer trial of which it may be part where dates leave that open, with its records.
    """

    course: Course
    parts: tuple[Course, ...]
    perhaps: Course | None = None
    perhaps_parts: tuple[Course, ...] = ()


def wholes(courses: Sequence[Course], on: int) -> tuple[Whole, ...]:
    """For each course, in the same order, the whole that it belongs to."""
    alike: dict[tuple[object, ...], list[Course]] = {}
    for course in courses:
        alike.setdefault((course.trial.ingredient, course.trial.role), []).append(course)
    if len(alike) == len(courses):
        return tuple([Whole(course, (course,)) for course in courses])
    found = {whole.course.trial.id: whole for group in alike.values() for whole in _of_one_medicine(group, on)}
    return tuple([found[course.trial.id] for course in courses])


def _of_one_medicine(courses: Sequence[Course], on: int) -> Iterator[Whole]:
    """The wholes of records that could be parts of one trial at all."""
    surely = _strung(courses, _surely)
    perhaps = _strung(courses, _perhaps)
    for course in courses:
        sure, most = surely[course.trial.id], perhaps[course.trial.id]
        one = course if len(sure) == 1 else _joined(course, sure, on)
        yield Whole(one, sure) if sure == most else Whole(one, sure, _joined(course, most, on), most)


def _surely(course: Course) -> tuple[int, int]:
    """The days on which it was surely taken, as first and last."""
    return course.start.last if course.start else course.end.last, course.end.first


def _perhaps(course: Course) -> tuple[int, int]:
    """The days on which it may have been taken, as first and last."""
    return course.start.first if course.start else 0, course.end.last


def _strung(courses: Sequence[Course], days: Callable[[Course], tuple[int, int]]) -> dict[str, tuple[Course, ...]]:
    """For each record those that hang together with it, none further from the next than the longest gap."""
    groups: list[list[Course]] = []
    until = 0
    for course in sorted(courses, key=days):
        first, last = days(course)
        if not groups or first - until - 1 > LONGEST_GAP_DAYS or any(_parted(each, course) for each in groups[-1]):
            groups.append([])
            until = last
        groups[-1].append(course)
        until = max(until, last)
    return {course.trial.id: tuple(group) for group in groups for course in group}


def _parted(one: Course, other: Course) -> bool:
    """Whether what is recorded of two records says that they are not one trial."""
    unknown = Indication.UNKNOWN
    return any(
        a != b and a not in {None, unknown} and b not in {None, unknown}
        for a, b in (
            (one.trial.episode_id, other.trial.episode_id),
            (one.trial.augments, other.trial.augments),
            (one.trial.indication, other.trial.indication),
        )
    )


def _joined(course: Course, parts: Sequence[Course], on: int) -> Course:
    """The trial of several records, under the identity of one of them."""
    trials = [part.trial for part in parts]
    last = max(parts, key=lambda part: (part.end.last, part.end.first, part.running)).trial
    starts = [each.started for each in trials if each.started is not None]
    begun = Span(min(each.first for each in starts), min(each.last for each in starts)) if starts else None
    trial = last._replace(
        id=course.trial.id,
        started=begun if len(starts) == len(trials) else None,
        doses=tuple(sorted((step for each in trials for step in _doses(each)), key=_when)),
        adherent=agreed([each.adherent for each in trials]),
        taken_fraction=agreed([each.taken_fraction for each in trials]),
        episode_id=_first([each.episode_id for each in trials]),
        augments=_first([each.augments for each in trials]),
        indication=_first([each.indication for each in trials if each.indication is not Indication.UNKNOWN])
        or Indication.UNKNOWN,
        outcome=_at_the_end(parts),
    )
    return course_on(trial, on) or course


def _at_the_end(parts: Sequence[Course]) -> Outcome:
    """The outcome of the record that ended last; where that is not clear and they differ, none is known."""
    since = max(part.end.first for part in parts)
    outcomes = {part.trial.outcome for part in parts if part.end.last >= since}
    recorded = {each for each in outcomes if each._replace(early_failure_confirmed=False) != Outcome()}
    return next(iter(recorded)) if len(recorded) == 1 else Outcome()


def _first(said: Sequence[T | None]) -> T | None:
    """The first that says anything."""
    return next((each for each in said if each), None)


def _doses(trial: Trial) -> tuple[DoseStep, ...]:
    """The doses of a record, the first one from its start."""
    first, *others = trial.doses or (DoseStep(None, None),)
    return (first if first.since else first._replace(since=trial.started), *others)


def _when(step: DoseStep) -> tuple[int, int]:
    return (step.since.last, step.since.first) if step.since else (0, 0)


def agreed(said: Sequence[T | None]) -> T | None:
    """What all records say; nothing where they differ."""
    return said[0] if all(each == said[0] for each in said) else None
