"""What one resource says of one medicine: from when, until when, at which dose. Several such lines make a course."""

from typing import Any, NamedTuple

from clinical.conventions import conventions
from clinical.vocabulary import SourceKind
from intake.days import Day, read_day
from intake.dosage import Dose
from intake.given import Given, Unusable
from intake.made import Source
from intake.medicines import Medicine
from intake.words import Reason

LONGEST_GAP_DAYS = conventions().longest_gap.value
NEW_COURSE_AFTER_DAYS = conventions().new_course_after.value


class Taken(NamedTuple):
    """When a medicine was taken, by one resource.

    `started` is its first day; `seen` a day within the course of which nothing says that it is the first; `supplied`
    the last day for which tablets were handed out; `ended` the last day, said as such. `lasting` is true of an order
    or a statement that is still in force and names no end, `going_on` of evidence that it is still taken. Each path
    is where it was read.
    """

    started: Day | None = None
    started_path: str = ""
    started_rule: str = ""
    seen: Day | None = None
    supplied: int | None = None
    ended: Day | None = None
    ended_path: str = ""
    ended_rule: str = ""
    lasting: bool = False
    going_on: bool = False
    going_on_path: str = ""
    going_on_rule: str = ""


class Value(NamedTuple):
    """A value of a record, and where it was read."""

    said: Any
    sources: list[Source]


class Line(NamedTuple):
    """One resource on one ingredient."""

    given: Given
    ingredient: str
    medicine: Medicine
    kind: SourceKind
    taken: Taken
    dose: Dose

    @property
    def day(self) -> Day | None:
        """The day that it begins with: the first one taken, else one within the course, else the last."""
        return self.taken.started or self.taken.seen or self.taken.ended

    @property
    def first(self) -> int | None:
        """The earliest day of it that is known."""
        return self.day.first if self.day else None

    @property
    def reach(self) -> int:
        """The last day that it speaks of; 0 when it has no date."""
        return max(self.day.last if self.day else 0, self.taken.supplied or 0, self.ending)

    @property
    def ending(self) -> int:
        """The last day taken, said as such; 0 when none is said."""
        return self.taken.ended.last if self.taken.ended else 0


def date_in(value: object, path: str, on: int) -> Day | None:
    """The day of an element, None when it is missing.

    Raises:
        Unusable: it is no date, or after the day of the import.
    """
    if value is None:
        return None
    day = read_day(value)
    if day is None:
        raise Unusable(Reason.UNREADABLE_DATE, path)
    if day.first > on:
        raise Unusable(Reason.FUTURE_DATE, path)
    return day
