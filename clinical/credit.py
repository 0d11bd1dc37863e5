"""How many different antidepressants failed: repeats of one drug once, two taken together once.

Two antidepressants taken together for more than 14 days are a combination and are credited once.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
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


def credit(judged: Sequence[Judged]) -> Credit:
    """Credit trials so that as many different, uncombined medicines count as the record allows."""
    by_end = sorted(judged, key=lambda each: (each.course.end, each.course.start or each.course.end))
    confirmed = _largest([each.course for each in by_end if each.counts is Counts.YES], _may_be_one)
    most = _largest([each.course for each in by_end if each.counts is not Counts.NO], _surely_one)
    sure = {each.trial.ingredient for each in confirmed}
    possible = [each for each in most if each.trial.ingredient not in sure][: len(most) - len(confirmed)]
    return Credit(_in_time(confirmed), _in_time(possible))


def doubtful_pairs(judged: Sequence[Judged]) -> list[tuple[Course, Course]]:
    """Pairs of which the record does not say whether they were taken together as a combination."""
    perhaps = [each.course for each in judged if each.counts is not Counts.NO]
    pairs = combinations(perhaps, 2)
    return [(one, other) for one, other in pairs if _may_be_one(one, other) and not _surely_one(one, other)]


def _in_time(courses: Sequence[Course]) -> tuple[Course, ...]:
    return tuple(sorted(courses, key=lambda each: (each.start or each.end, each.end)))


def _largest(courses: Sequence[Course], one: Callable[[Course, Course], bool]) -> tuple[Course, ...]:
    """The largest choice of which no two are one and the same; of several, the one whose trials end first.

    `courses` come by their end: taking the first to end is then the best choice for plain intervals.
    """
    if len(courses) <= 1:
        return tuple(courses)
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
    if one.trial.ingredient == other.trial.ingredient:
        return True
    least, most = _overlap(one, other)
    if most <= CROSS_TAPER_DAYS:
        return False
    if least > CROSS_TAPER_DAYS:
        return True
    return Role.COMBINATION in (one.trial.role, other.trial.role)


def _overlap(one: Course, other: Course) -> tuple[int, int]:
    """Least and most days on which both were taken; an augmentation is not part of a combination."""
    begun, began = one.start, other.start
    if Role.AUGMENTATION in (one.trial.role, other.trial.role):
        return 0, 0
    if begun is None or began is None:
        return 0, min(one.end.last, other.end.last)
    if began.first > one.end.last or begun.first > other.end.last:
        return 0, 0
    most = min(one.end.last, other.end.last) - max(begun.first, began.first) + 1
    return min(one.end.first, other.end.first) - max(begun.last, began.last) + 1, most
