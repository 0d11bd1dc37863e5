"""The longest line of different medicines of which each follows the one before; the work is bounded.

Finding it exactly is a hard problem in general. Few medicines or plain dates settle it at once; beyond the bound the
sure line may be too short and the possible one counts every medicine, so that doubt is never turned into an answer.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from clinical.prescription_rule import Succession
from clinical.prescription_taken import Taken
from clinical.vocabulary import Verdict

MOST_STEPS = 20_000  # a bound on work: enough to settle every line of three among 200 courses
STEPS_BEYOND = 500  # the work that is still done once a line is long enough

MET, NOT_MET = Verdict.MET, Verdict.NOT_MET
After = Callable[[int], Sequence[int]]


class Line(NamedTuple):
    """Places in order; `settled` False: the search was given up, and a line long enough may exist."""

    places: tuple[int, ...]
    settled: bool


def surely_after(taken: Sequence[Taken], rule: Succession) -> After:
    """For each place those that follow it whatever the unclear dates were."""
    fit = [(place, each) for place, each in enumerate(taken) if each.fit is MET and each.timely is MET]
    bounds = [(place, each.key, each.start.first, each.start.last, each.alongside) for place, each in fit]
    gap = rule.gap_at_most_days

    def after(place: int) -> Sequence[int]:
        one = taken[place]
        if one.adequate is not MET:
            return ()
        key, latest, least = one.key, one.start.last, one.course.end.last + 1 - rule.overlap_at_most_days
        most = None if gap is None else one.course.end.first + gap
        return [
            other
            for other, name, first, last, alongside in bounds
            if first > latest and (first >= least or alongside) and (most is None or last <= most) and name != key
        ]

    return after


def maybe_after(taken: Sequence[Taken], rule: Succession) -> After:
    """For each place those that follow it on some reading of the unclear dates."""
    fit = [(place, each) for place, each in enumerate(taken) if each.fit is not NOT_MET and each.timely is not NOT_MET]
    bounds = [(place, each.key, each.start.first, each.start.last, each.alongside) for place, each in fit]
    gap = rule.gap_at_most_days

    def after(place: int) -> Sequence[int]:
        one = taken[place]
        if one.adequate is NOT_MET:
            return ()
        key, earliest, least = one.key, one.start.first, one.course.end.first + 1 - rule.overlap_at_most_days
        most = None if gap is None else one.course.end.last + gap
        return [
            other
            for other, name, first, last, alongside in bounds
            if last > earliest and (last >= least or alongside) and (most is None or first <= most) and name != key
        ]

    return after


def longest_line(among: Sequence[int], keys: Sequence[str], after: After, enough: int) -> Line:
    """The longest line that begins with one of `among`, no key twice; of several the one found first in their order.

    Once a line is long `enough` little more is tried: its exact length decides nothing then.
    """
    search = _Search(among, keys, after, enough)
    for place in among:
        if search.over():
            break
        search.extend((place,), search.bits[keys[place]])
    return Line(search.best, len(search.best) >= min(enough, search.most) or not search.over())


class _Search:
    """A search in depth that visits no place twice with the same medicines before it."""

    def __init__(self, among: Sequence[int], keys: Sequence[str], after: After, enough: int) -> None:
        self.keys, self.after, self.enough = keys, after, enough
        self.bits = {key: 1 << number for number, key in enumerate(dict.fromkeys(keys))}
        self.most = len({keys[place] for place in among})
        self.best: tuple[int, ...] = ()
        self.seen: set[tuple[int, int]] = set()
        self.known: dict[int, Sequence[int]] = {}

    def over(self) -> bool:
        """True when nothing longer can be found, or more work is not worth it."""
        found, steps = len(self.best), len(self.seen)
        return found >= self.most or steps > (STEPS_BEYOND if found >= self.enough else MOST_STEPS)

    def extend(self, line: tuple[int, ...], used: int) -> None:
        """Try every way to go on from the end of the line."""
        if len(line) > len(self.best):
            self.best = line
        last = line[-1]
        if last not in self.known:
            self.known[last] = self.after(last)
        for place in self.known[last]:
            if self.over():
                return
            with_it = used | self.bits[self.keys[place]]
            if with_it != used and (place, with_it) not in self.seen:
                self.seen.add((place, with_it))
                self.extend((*line, place), with_it)
