"""The doses of a course, in the order in which they were taken."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from clinical.dates import iso
from intake.days import Day
from intake.given import Book
from intake.lines import LONGEST_GAP_DAYS, Line
from intake.made import Source
from intake.standing import Standing
from intake.words import Reason

MOST_STEPS = 100


class Step(NamedTuple):
    """A dose from one day on, and where it was read."""

    mg: float | None
    since: str | None
    sources: list[Source]


def steps_of(course: list[Line], started: Day | None, book: Book) -> list[Step]:
    """The steps of the dose; none where no dose is known. What is not known from a day on is a step without dose."""
    read = list(_once_a_day(course))
    if not any(line.dose.mg is not None for line in read):
        return []
    steps: list[Step] = []
    for step in _by_day(read, book):
        if steps and steps[-1].mg == step.mg:
            steps[-1].sources.extend(step.sources)
        else:
            steps.append(step)
    if not any(step.mg is not None or step.sources for step in steps):
        return []
    steps = _from_the_start(steps, started)
    if len(steps) > MOST_STEPS:
        book.warn(course[0].given, Reason.TOO_MANY_DOSES, "dosage")
        return []
    return steps


def _once_a_day(course: list[Line]) -> Iterator[Line]:
    """The lines, without the doses of administrations that were more than one a day."""
    given = [line for line in course if line.given.kind == "MedicationAdministration"]
    days = {line.first for line in given}
    several = len(days) < len(given)
    for line in course:
        if several and line.given.kind == "MedicationAdministration":
            yield line._replace(dose=line.dose._replace(mg=None))
        else:
            yield line


def _by_day(course: list[Line], book: Book) -> Iterator[Step]:
    """One step for each day on which a dose is stated, or on which it ceases to be known."""
    days: dict[str | None, list[Line]] = {}
    for line in course:
        days.setdefault(line.day.said if line.day else None, []).append(line)
    reach: int | None = None
    standing = Standing()
    if len(days) > 1:
        _leave_out_undated(days.pop(None, []), book)
    for since, lines in days.items():
        first = lines[0].first
        if reach and first and first - reach - 1 > LONGEST_GAP_DAYS:
            yield Step(None, iso(reach + 1), [])
        reach = _reach(lines, reach)
        step = _step(since, lines, standing, book)
        if step:
            yield step


def _leave_out_undated(lines: list[Line], book: Book) -> None:
    """Nobody can say where among the others a dose without a date belongs."""
    for line in lines:
        if line.dose.mg is not None:
            book.warn(line.given, Reason.NO_DATE, f"{line.given.kind}.{line.dose.path}")


def _reach(lines: list[Line], reach: int | None) -> int | None:
    """The last day supplied so far; None (for good) where not every line is a supply of a known length."""
    if reach == 0 or any(line.taken.supplied is None for line in lines):
        return 0
    return max(reach or 0, *(line.taken.supplied or 0 for line in lines))


def _step(since: str | None, lines: list[Line], standing: Standing, book: Book) -> Step | None:
    known = [line for line in lines if line.dose.mg is not None]
    other = standing.against(lines)
    doses = {line.dose.mg for line in known}
    sources = [Source(line.given.reference, line.dose.path, line.dose.rule) for line in known]
    if other or len(doses) > 1:
        for line in (*known, other) if other else known:
            book.warn(line.given, Reason.DOSES_DISAGREE, f"{line.given.kind}.{line.dose.path}")
        return Step(None, since, sources)
    if doses:
        return Step(doses.pop(), since, sources)
    return Step(None, since, []) if any(map(_ends_what_was_known, lines)) else None


def _ends_what_was_known(line: Line) -> bool:
    """Whether the dose is not known from a line without one on: an order or a statement with a day of its own.

    A supply, or a tablet that is given, without a dose leaves it as it was; of a mere month nobody can say.
    """
    return line.given.kind in SETS_DOSE and line.day is not None and line.day.span.exact


SETS_DOSE = frozenset({"MedicationRequest", "MedicationStatement"})


def _from_the_start(steps: list[Step], started: Day | None) -> list[Step]:
    """With a first step from the start on, if the dose is known only later."""
    begins = started.said if started else None
    if steps[0].mg is not None and steps[0].since != begins:
        return [Step(None, begins, []), *steps]
    return steps


def as_entries(steps: list[Step]) -> list[dict[str, Any]]:
    """The steps as the JSON edge takes them."""
    return [{"daily_dose_mg": step.mg, "from": step.since} for step in steps]
