"""Which courses are counted, surely and perhaps: those within a time, or those that followed one another."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from clinical.dates import Span
from clinical.findings import Frame
from clinical.prescription_lines import longest_line, maybe_after, surely_after
from clinical.prescription_rule import Prescriptions, Shortcut, Succession, Window
from clinical.prescription_taken import Taken
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
Diagnosed = Callable[[Span], Verdict]
Places = tuple[int, ...]
Way = tuple[int, Shortcut | None]  # how many medicines are asked, and the shortcut if it is one


class Pick(NamedTuple):
    """What is counted by one way of meeting the definition. Places are those of the courses, in order of time.

    `sure` and `maybe` are counted surely and at most; `doubts` are pairs whose order or time is not sure; `last` is the
    course before which the others had to be taken; `diagnosed` is what that day says of the diagnosis; `tangled`: the
    search for a line was given up, and `maybe` is no line.
    """

    required: int
    sure: Places
    maybe: Places
    doubts: tuple[tuple[int, int], ...] = ()
    last: int | None = None
    shortcut: Shortcut | None = None
    diagnosed: Verdict = MET
    tangled: bool = False

    def counted(self, taken: Sequence[Taken]) -> tuple[Places, Places]:
        """The first place of each medicine: surely counted, and those that may come to them."""
        sure = _first_of_each(self.sure, taken)
        known = {taken[place].key for place in sure}
        more = [place for place in _first_of_each(self.maybe, taken) if taken[place].key not in known]
        room = max(len(_first_of_each(self.maybe, taken)) - len(sure), 0)
        return sure, tuple(more[:room])


def best_pick(taken: Sequence[Taken], frame: Frame, rule: Prescriptions, diagnosed: Diagnosed) -> Pick:
    """The way of meeting the definition that comes furthest; the one that it names first where two come as far."""
    required = frame.definition.required.failed_medications
    if rule.succession is not None:
        return _in_succession(taken, rule.succession, required)
    ways = [(required, None), *((shortcut.antidepressants + 1, shortcut) for shortcut in rule.shortcuts)]
    windows = [rule.window] if rule.window else []
    picks = [_in_window(taken, window, frame.on, way, diagnosed) for window in windows for way in ways]
    return max(picks, key=lambda pick: _reached(pick, taken))


def _in_window(taken: Sequence[Taken], rule: Window, on: int, way: Way, diagnosed: Diagnosed) -> Pick:
    """What is counted within the time, by one way of meeting the definition."""
    if rule.before == "the_day":
        return _by_the_day(taken, rule, Span(on, on), *way)
    return _Anchored(taken, rule, *way).pick(diagnosed)


def _reached(pick: Pick, taken: Sequence[Taken]) -> int:
    """2: surely met, 1: perhaps, 0: not."""
    sure, more = pick.counted(taken)
    if len(sure) >= pick.required and pick.diagnosed is MET:
        return 2
    return int(len(sure) + len(more) >= pick.required and pick.diagnosed is not NOT_MET)


def _in_succession(taken: Sequence[Taken], rule: Succession, required: int) -> Pick:
    """The longest line of courses that followed one another."""
    keys = [each.key for each in taken]
    follows = surely_after(taken, rule)
    fit = [place for place, each in enumerate(taken) if each.fit is MET]
    sure = longest_line(fit, keys, follows, required)
    if sure.settled and all(_settled(each) for each in taken):
        return Pick(required, sure.places, sure.places)
    open_ones = [place for place, each in enumerate(taken) if each.fit is not NOT_MET]
    maybe = longest_line(open_ones, keys, maybe_after(taken, rule), required)
    if maybe.settled and len(maybe.places) <= len(sure.places):
        return Pick(required, sure.places, sure.places)
    line = maybe.places if maybe.settled else tuple(open_ones)
    doubts = tuple((one, other) for one, other in pairwise(line) if other not in follows(one))
    return Pick(required, sure.places, line, doubts, tangled=not maybe.settled)


def _settled(taken: Taken) -> bool:
    """Whether everything that decides about a course is known."""
    exact = taken.start.exact and taken.course.end.exact
    return taken.fit is NOT_MET or (exact and UNKNOWN not in (taken.fit, taken.adequate, taken.timely))


def within(taken: Taken, rule: Window, until: Span) -> Verdict:
    """Whether it was last taken no more than so many days before that day."""
    end = taken.course.end
    if end.first >= until.last - rule.days:
        return MET
    return NOT_MET if end.last < until.first - rule.days else UNKNOWN


def _by_the_day(taken: Sequence[Taken], rule: Window, on: Span, asked: int, shortcut: Shortcut | None) -> Pick:
    """Those within the time before the day asked; with a shortcut, one of its medicines and antidepressants besides."""
    verdicts = [within(each, rule, on) for each in taken]
    sure = [place for place, each in enumerate(taken) if each.fit is MET and verdicts[place] is MET]
    maybe = [place for place, each in enumerate(taken) if NOT_MET not in (each.fit, verdicts[place])]
    if shortcut is None:
        return Pick(asked, tuple(sure), tuple(maybe))
    named = [place for place, each in enumerate(taken) if each.key in shortcut.agents]
    agents = [place for place in named if verdicts[place] is not NOT_MET]
    certain = [place for place in agents if taken[place].begun is MET and verdicts[place] is MET]
    if not agents:
        return Pick(asked, (), (), shortcut=shortcut)
    maybe = sorted({*maybe, (certain or agents)[0]})
    sure = sorted({*sure, certain[0]}) if certain else list(_first_of_each(sure, taken))[: shortcut.antidepressants]
    return Pick(asked, tuple(sure), tuple(maybe), shortcut=shortcut)


class _Anchored:
    """Counts anew for each course that may be the last one: those begun before it and taken not too long before."""

    def __init__(self, taken: Sequence[Taken], rule: Window, asked: int, shortcut: Shortcut | None) -> None:
        self.taken, self.days, self.asked, self.shortcut = taken, rule.days, asked, shortcut
        self.slack = int(shortcut is not None and shortcut.same_day)
        open_ones = [(place, each) for place, each in enumerate(taken) if each.fit is not NOT_MET]
        certain = [(place, each) for place, each in open_ones if each.fit is MET]
        self.sure = [(place, each.key, each.start.last, each.course.end.first) for place, each in certain]
        self.maybe = [(place, each.key, each.start.first, each.course.end.last) for place, each in open_ones]

    def pick(self, diagnosed: Diagnosed) -> Pick:
        """The last course with the most others before it, those with a diagnosis first."""
        standing = {place: self._standing(each) for place, each in enumerate(self.taken)}
        certain = [place for place, verdict in standing.items() if verdict is MET]
        sure = self._best([(place, self._surely_before(place)) for place in certain], diagnosed)
        enough = self._enough(sure)
        if enough and diagnosed(self.taken[sure[-1]].start) is MET:
            return Pick(self.asked, sure, sure, last=sure[-1], shortcut=self.shortcut)
        lasts = [place for place, verdict in standing.items() if verdict is not NOT_MET]
        maybe = self._best([(place, self._maybe_before(place)) for place in lasts], diagnosed)
        if not maybe:
            return Pick(self.asked, (), (), shortcut=self.shortcut)
        last, said = maybe[-1], MET
        if self._enough(maybe):
            said = diagnosed(self.taken[last].start)
            said = UNKNOWN if said is MET and enough else said
        surely = self._surely_before(last)
        doubts = tuple((place, last) for place in maybe[:-1] if place not in surely)
        return Pick(self.asked, sure, maybe, doubts, last, self.shortcut, said)

    def _standing(self, each: Taken) -> Verdict:
        """Whether it can be the last one: an antidepressant, or one of the shortcut's medicines."""
        if self.shortcut is None:
            return each.fit
        return each.begun if each.key in self.shortcut.agents else NOT_MET

    def _surely_before(self, last: int) -> list[int]:
        """Those surely begun before it and surely taken in the time."""
        own, (first, latest) = self.taken[last].key, self.taken[last].start
        until, since = first + self.slack, latest - self.days
        return [place for place, key, began, ended in self.sure if began < until and ended >= since and key != own]

    def _maybe_before(self, last: int) -> list[int]:
        """Those begun before it and taken in the time on some reading of the dates."""
        own, (first, latest) = self.taken[last].key, self.taken[last].start
        until, since = latest + self.slack, first - self.days
        return [place for place, key, began, ended in self.maybe if began < until and ended >= since and key != own]

    def _enough(self, places: Places) -> bool:
        return len(_first_of_each(places, self.taken)) >= self.asked

    def _best(self, found: Iterable[tuple[int, list[int]]], diagnosed: Diagnosed) -> Places:
        """The places before the last one, and that one: of the first day on which enough count, else of the latest."""
        keys = [each.key for each in self.taken]
        best: tuple[tuple[int, int], Places] = ((-1, -1), ())
        for last, before in found:
            number = len({keys[place] for place in before}) + 1
            said = diagnosed(self.taken[last].start) if number >= self.asked else NOT_MET
            worth = (2 if said is MET else int(said is UNKNOWN), number)
            if worth > best[0] or (worth == best[0] and number < self.asked):
                best = (worth, (*before, last))
        return best[1]


def _first_of_each(places: Iterable[int], taken: Sequence[Taken]) -> Places:
    """The first place of each medicine."""
    found: dict[str, int] = {}
    for place in places:
        found.setdefault(taken[place].key, place)
    return tuple(found.values())
