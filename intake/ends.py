"""When a course ended: as stated, not yet, long ago, or nobody knows."""

from clinical.dates import iso
from clinical.vocabulary import SourceKind
from intake.lines import NEW_COURSE_AFTER_DAYS, Line, Value
from intake.made import Source
from intake.units import is_counted_in_days

UNKNOWN = "unknown"
STATES = ("MedicationRequest", "MedicationStatement")
HALTED = {"MedicationRequest": ("stopped", "on-hold"), "MedicationStatement": ("stopped", "on-hold", "completed")}


def end_of(course: list[Line], on: int) -> Value:
    """The last day: as stated, or None while it is still taken, or the last day supplied long ago, else unknown.

    The end of one order is not the end of the course where another begins after it began.
    """
    stated = max((line for line in course if line.taken.ended), key=lambda line: line.ending, default=None)
    last = stated.ending if stated else 0
    since = stated.first or 0 if stated and stated.given.kind == "MedicationRequest" else last
    later = [line for line in course if (line.first or 0) > (last if line.taken.ended else min(last, since))]
    if stated and stated.taken.ended and not later:
        source = Source(stated.given.reference, stated.taken.ended_path, stated.taken.ended_rule)
        return Value(stated.taken.ended.said, [source])
    going_on = _still_taken(later if stated else course)
    if going_on:
        return Value(None, [_source(line) for line in going_on])
    return _end_of_supply(course, on)


def _source(line: Line) -> Source:
    return Source(line.given.reference, line.taken.going_on_path, line.taken.going_on_rule)


def _still_taken(lines: list[Line]) -> list[Line]:
    """The evidence that it is still taken. After something was halted, only what was ordered or stated since counts."""
    halted = [line.first or 0 for line in lines if is_halted(line)]
    going_on = [line for line in lines if line.taken.going_on]
    if not halted:
        return going_on
    return [line for line in going_on if line.given.kind in STATES and (line.first or 0) >= max(halted)]


def is_halted(line: Line) -> bool:
    """Whether it says that it was stopped or paused."""
    return line.given.resource.get("status") in HALTED.get(line.given.kind, ())


def _end_of_supply(course: list[Line], on: int) -> Value:
    """Where the last that is known is a supply, in days, that ran out long ago, its last day; else nobody knows."""
    last = max(course, key=lambda line: (line.reach, line.given.reference))
    supplied = last.taken.supplied if is_counted_in_days(last.given.resource.get("daysSupply")) else None
    if supplied and last.kind is SourceKind.CLAIMS and on - supplied > NEW_COURSE_AFTER_DAYS:
        return Value(iso(supplied), [Source(last.given.reference, "daysSupply", "last day supplied, long ago")])
    return Value(UNKNOWN, [])
