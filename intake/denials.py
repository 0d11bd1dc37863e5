"""What somebody says was not taken: no trial, but what speaks against one that others say of the same days."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from intake.days import read_day
from intake.given import Given
from intake.grouping import FOR_GOOD
from intake.json_parts import part
from intake.lines import Line
from intake.medicines import Medicine, medicine_of
from intake.modifiers import modifier_in
from intake.references import Index
from intake.statuses import denies

KIND = "MedicationStatement"


class Denial(NamedTuple):
    """A statement that a medicine was not taken from one day to another."""

    given: Given
    ingredients: tuple[str, ...]
    first: int
    last: int

    def is_of(self, course: list[Line]) -> bool:
        """Whether it is about a course: its medicine, and some of its days."""
        first, last = _span(course)
        return course[0].ingredient in self.ingredients and self.first <= last and first <= self.last

    def is_of_all(self, course: list[Line], on: int) -> bool:
        """Whether it is about every day of the course so far."""
        first, last = _span(course)
        return self.first <= first and min(last, on) <= self.last


def _span(course: list[Line]) -> tuple[int, int]:
    """The first day of a course and the last; of one without any date, none."""
    begun = [line.first for line in course if line.first is not None]
    last = FOR_GOOD if any(line.taken.lasting for line in course) else max(line.reach for line in course)
    return (min(begun), last) if begun else (FOR_GOOD, 0)


def denials_in(givens: Iterable[Given], index: Index) -> list[Denial]:
    """All of them that say of which medicine and of which days they speak."""
    found = []
    for given in givens:
        if given.kind == KIND and denies(given.resource) and not modifier_in(given.resource):
            medicine, days = medicine_of(given, index), _days(given.resource)
            if isinstance(medicine, Medicine) and days:
                found.append(Denial(given, medicine.ingredients, *days))
    return found


def _days(resource: Mapping[str, Any]) -> tuple[int, int] | None:
    """From which day to which; None where it does not say from when."""
    period = resource.get("effectivePeriod")
    start = read_day(part(period, "start")) or read_day(resource.get("effectiveDateTime"))
    if start is None:
        return None
    end = read_day(part(period, "end"))
    single = part(period, "start") is None
    return start.first, end.last if end else start.last if single else FOR_GOOD
