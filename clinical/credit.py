"""How many different antidepressants failed: repeats of one drug once, two taken together once.

Two antidepressants taken together for more than 14 days are a combination and are credited once.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from clinical.choice import largest_choice, members
from clinical.course import Course
from clinical.vocabulary import Counts, Role

CROSS_TAPER_DAYS = 14
APART = (False, False)


class Credit(NamedTuple):
    """The trials credited surely, and those that would be credited as well if all unknowns were answered so."""

    confirmed: tuple[Course, ...]
    possible: tuple[Course, ...]


class Ties(NamedTuple):
    """Which trials are, and which may be, one and the same when credit is given. Trials are bits, in order of time."""

    courses: Sequence[Course]
    surely: list[int]
    perhaps: list[int]


def ties_between(courses: Sequence[Course]) -> Ties:
    """All pairs that are credited once."""
    found = Ties(courses, [0] * len(courses), [0] * len(courses))
    for (index, one), (other_index, other) in combinations(enumerate(courses), 2):
        surely, perhaps = _one(one, other)
        for tied, masks in ((surely, found.surely), (perhaps, found.perhaps)):
            if tied:
                masks[index] |= 1 << other_index
                masks[other_index] |= 1 << index
    return found


def credit(counts: Sequence[Counts], ties: Ties) -> Credit:
    """Credit trials so that as many different, uncombined medicines count as the record allows."""
    yes = sum(1 << index for index, each in enumerate(counts) if each is Counts.YES)
    not_no = yes | sum(1 << index for index, each in enumerate(counts) if each is Counts.UNKNOWN)
    confirmed = _courses(largest_choice(yes, ties.perhaps), ties)
    most = _courses(largest_choice(not_no, ties.surely), ties)
    sure = {each.trial.ingredient for each in confirmed}
    possible = [each for each in most if each.trial.ingredient not in sure]
    return Credit(tuple(confirmed), tuple(possible[: max(len(most) - len(confirmed), 0)]))


def doubtful_pairs(counts: Sequence[Counts], ties: Ties) -> list[tuple[Course, Course]]:
    """Pairs of which the record does not say whether they were taken together as a combination."""
    open_ones = sum(1 << index for index, each in enumerate(counts) if each is not Counts.NO)
    return [
        (ties.courses[index], ties.courses[other])
        for index in members(open_ones)
        for other in members(ties.perhaps[index] & ~ties.surely[index] & open_ones & -2 << index)
    ]


def _courses(mask: int, ties: Ties) -> list[Course]:
    return [ties.courses[index] for index in members(mask)]


def _one(one: Course, other: Course) -> tuple[bool, bool]:
    """Whether the two surely are, and whether they may be, one medicine or one combination.

    Where dates leave it open, two trials recorded as monotherapy are taken at their word.
    """
    if one.trial.ingredient == other.trial.ingredient:
        return True, True
    begun, began = one.start, other.start
    if begun is not None and began is not None and (began.first > one.end.last or begun.first > other.end.last):
        return APART
    roles = (one.trial.role, other.trial.role)
    if Role.AUGMENTATION in roles:  # an augmentation is not part of a combination
        return APART
    least, most = _overlap(one, other)
    surely = least > CROSS_TAPER_DAYS
    return surely, surely or (most > CROSS_TAPER_DAYS and Role.COMBINATION in roles)


def _overlap(one: Course, other: Course) -> tuple[int, int]:
    """Least and most days on which both were taken."""
    last = min(one.end.last, other.end.last)
    if one.start is None or other.start is None:
        return 0, last
    most = last - max(one.start.first, other.start.first) + 1
    return min(one.end.first, other.end.first) - max(one.start.last, other.start.last) + 1, most
