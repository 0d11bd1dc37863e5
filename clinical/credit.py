"""How many different antidepressants failed: repeats of one drug once, two taken together once.

Two antidepressants taken together for longer than a cross-taper are a combination and are credited once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from clinical.choice import largest_choice, members
from clinical.conventions import conventions
from clinical.course import Course
from clinical.vocabulary import Counts, Role

CROSS_TAPER_DAYS = conventions().cross_taper.value


class Credit(NamedTuple):
    """The trials credited surely, and those that would be credited as well if all unknowns were answered so.

    `chosen` and `at_most` are the choices, as bits, from which they were taken; without any other trial they stand.
    """

    confirmed: tuple[Course, ...]
    possible: tuple[Course, ...]
    chosen: int = 0
    at_most: int = 0


class Tally(NamedTuple):
    """How many medicines surely failed, and how many at most."""

    confirmed: int
    most: int


class Ties(NamedTuple):
    """Which trials are, and which may be, one and the same when credit is given. Trials are bits, in order of time."""

    courses: Sequence[Course]
    surely: list[int]
    perhaps: list[int]


def ties_between(courses: Sequence[Course], classes: Sequence[str | None] = ()) -> Ties:
    """All pairs that are credited once; two of one class too, where the class of each is given (None: not known)."""
    found = Ties(courses, [0] * len(courses), [0] * len(courses))
    for index, one in enumerate(courses):
        for place, other in enumerate(courses[:index]):
            alike = _of_one_class(classes[index], classes[place]) if classes else NOT_ALIKE
            if alike is NOT_ALIKE and one.trial.ingredient != other.trial.ingredient and _apart(one, other):
                continue
            together = as_one(one, other)
            surely, perhaps = together[0] or alike[0], together[1] or alike[1]
            for tied, masks in ((surely, found.surely), (perhaps, found.perhaps)):
                if tied:
                    masks[index] |= 1 << place
                    masks[place] |= 1 << index
    return found


NOT_ALIKE = (False, False)


def _of_one_class(one: str | None, other: str | None) -> tuple[bool, bool]:
    """Whether two medicines surely are, and whether they may be, of one class."""
    if one is None or other is None:
        return False, True
    return (True, True) if one == other else NOT_ALIKE


def credit(counts: Sequence[Counts], ties: Ties) -> Credit:
    """Credit trials so that as many different, uncombined medicines count as the record allows."""
    yes, not_no = standing(counts)
    chosen = largest_choice(yes, ties.perhaps)
    confirmed = _courses(chosen, ties)
    if yes == not_no and ties.perhaps == ties.surely:
        return Credit(tuple(confirmed), (), chosen, chosen)
    at_most = largest_choice(not_no, ties.surely)
    most = _courses(at_most, ties)
    sure = {each.trial.ingredient for each in confirmed}
    possible = [each for each in most if each.trial.ingredient not in sure]
    return Credit(tuple(confirmed), tuple(possible[: max(len(most) - len(confirmed), 0)]), chosen, at_most)


def standing(counts: Sequence[Counts]) -> tuple[int, int]:
    """The trials that count, and those that count or may."""
    yes = not_no = 0
    for index, each in enumerate(counts):
        if each is Counts.YES:
            yes |= 1 << index
        if each is not Counts.NO:
            not_no |= 1 << index
    return yes, not_no


def tally(yes: int, not_no: int, ties: Ties) -> Tally:
    """The numbers that `credit` would give."""
    confirmed = largest_choice(yes, ties.perhaps).bit_count()
    return Tally(confirmed, max(confirmed, largest_choice(not_no, ties.surely).bit_count()))


def doubtful_pairs(counts: Sequence[Counts], ties: Ties) -> list[tuple[Course, Course]]:
    """Pairs of which the record does not say whether they were taken together as a combination."""
    if ties.perhaps == ties.surely:
        return []
    _, open_ones = standing(counts)
    return [
        (ties.courses[index], ties.courses[other])
        for index in members(open_ones)
        for other in members(ties.perhaps[index] & ~ties.surely[index] & open_ones & -2 << index)
        if as_one(ties.courses[index], ties.courses[other])[1]
    ]


def _courses(mask: int, ties: Ties) -> list[Course]:
    return [ties.courses[index] for index in members(mask)]


def perhaps_together(one: Course, other: Course) -> bool:
    """Whether two medicines may have been taken together for so long that they would be one combination."""
    together = Role.AUGMENTATION not in (one.trial.role, other.trial.role)
    return together and not _apart(one, other) and _overlap(one, other)[1] > CROSS_TAPER_DAYS


def _apart(one: Course, other: Course) -> bool:
    """True when one surely ended before the other began."""
    begun, began = one.start, other.start
    if begun is None or began is None:
        return False
    return began[0] > one.end[1] or begun[0] > other.end[1]


def as_one(one: Course, other: Course) -> tuple[bool, bool]:
    """Whether the two surely are, and whether they may be, one medicine or one combination.

    Where dates leave it open, two trials recorded as monotherapy are taken at their word, unless they surely met.
    """
    if one.trial.ingredient == other.trial.ingredient:
        return True, True
    roles = (one.trial.role, other.trial.role)
    if Role.AUGMENTATION in roles:  # an augmentation is not part of a combination
        return False, False
    least, most = _overlap(one, other)
    surely = least > CROSS_TAPER_DAYS
    open_ = least > 0 or Role.COMBINATION in roles
    return surely, surely or (most > CROSS_TAPER_DAYS and open_)


def _overlap(one: Course, other: Course) -> tuple[int, int]:
    """Least and most days on which both were taken."""
    last = min(one.end.last, other.end.last)
    if one.start is None or other.start is None:
        return 0, last
    most = last - max(one.start.first, other.start.first) + 1
    return min(one.end.first, other.end.first) - max(one.start.last, other.start.last) + 1, most
