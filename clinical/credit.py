"""How many different antidepressants failed: repeats of one drug once, two taken together once.

Two antidepressants taken together for more than 14 days are a combination and are credited once.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from clinical.course import Course
from clinical.vocabulary import Counts, Role

CROSS_TAPER_DAYS = 14
EXACT_UP_TO = 16  # beyond this many mutually entangled trials the search is greedy


class Judged(NamedTuple):
    """A trial and whether it counts."""

    course: Course
    counts: Counts


class Credit(NamedTuple):
    """The trials credited surely, and those that would be credited as well if all unknowns were answered so."""

    confirmed: tuple[Course, ...]
    possible: tuple[Course, ...]
    doubtful_pairs: tuple[tuple[Course, Course], ...]


def credit(judged: Sequence[Judged]) -> Credit:
    """Credit trials so that as many different, uncombined medicines count as the record allows."""
    failed = [each.course for each in judged if each.counts is Counts.YES]
    perhaps = [each.course for each in judged if each.counts is not Counts.NO]
    confirmed = _largest(failed, _may_be_one)
    most = _largest(perhaps, _surely_one)
    sure = {each.trial.ingredient for each in confirmed}
    possible = tuple(each for each in most if each.trial.ingredient not in sure)[: len(most) - len(confirmed)]
    doubtful = tuple(
        (one, other)
        for index, one in enumerate(perhaps)
        for other in perhaps[index + 1 :]
        if _may_be_one(one, other) and not _surely_one(one, other)
    )
    return Credit(confirmed, possible, doubtful)


def _largest(courses: Sequence[Course], one: Callable[[Course, Course], bool]) -> tuple[Course, ...]:
    """The largest choice of which no two are one and the same; the first in order of time where there are several."""
    if not courses:
        return ()
    head, rest = courses[0], courses[1:]
    free = [each for each in rest if not one(head, each)]
    with_head = (head, *_largest(free, one))
    if len(free) == len(rest) or len(courses) > EXACT_UP_TO:
        return with_head
    return max(with_head, _largest(rest, one), key=len)


def _surely_one(one: Course, other: Course) -> bool:
    """The same medicine, or two that were surely taken together for more than a cross-taper."""
    return one.trial.ingredient == other.trial.ingredient or _overlap(one, other)[0] > CROSS_TAPER_DAYS


def _may_be_one(one: Course, other: Course) -> bool:
    """The same medicine, or two that may have been a combination.

    Where dates leave it open, two trials recorded as monotherapy are taken at their word.
    """
    least, most = (None, None) if one.trial.ingredient == other.trial.ingredient else _overlap(one, other)
    if least is None or most is None or least > CROSS_TAPER_DAYS:
        return True
    declared = Role.COMBINATION in (one.trial.role, other.trial.role)
    return declared and most > CROSS_TAPER_DAYS


def _overlap(one: Course, other: Course) -> tuple[int, int]:
    """Least and most days on which both were taken; an augmentation is not part of a combination."""
    if Role.AUGMENTATION in (one.trial.role, other.trial.role):
        return 0, 0
    if one.start is None or other.start is None:
        return 0, min(one.end.last, other.end.last)
    least = min(one.end.first, other.end.first) - max(one.start.last, other.start.last) + 1
    most = min(one.end.last, other.end.last) - max(one.start.first, other.start.first) + 1
    return least, most
