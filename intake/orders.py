"""MedicationRequest: what was ordered, since when, and whether the order is evidence that it is still taken."""

from collections.abc import Iterator, Mapping
from typing import Any

from intake.days import Day, read_day
from intake.given import Unusable
from intake.json_parts import mapping, mappings, number, part
from intake.lines import NEW_COURSE_AFTER_DAYS, Taken, date_in
from intake.units import possible_days
from intake.words import Reason

LONGEST_SUPPLY_DAYS = 3660
MOST_REPEATS = 100
UNREADABLE = 0
"""The last day of what has a length that cannot be read: it is not known to last, and not known to have run out."""


def ordered(resource: Mapping[str, Any], on: int) -> Taken:
    """From the start that the dosage gives, else from the day of the order.

    An order is no observed course: its end is known only where it is completed and its dosage gives one.

    Raises:
        Unusable: the date of the order is none, or is yet to come; or all of it begins later.
    """
    _refuse_what_begins_later(resource, on)
    authored = date_in(resource.get("authoredOn"), "authoredOn", on)
    start, started_path = _bound(resource, "start", on)
    end, ended_path = _bound(resource, "end", on)
    status = resource.get("status")
    taken = Taken(authored, "authoredOn", "day of the order") if authored else Taken()
    if start:
        taken = Taken(start, started_path, "start of the dosage")
    if status == "completed" and end and taken.started and end.last >= taken.started.first:
        return taken._replace(ended=end, ended_path=ended_path, ended_rule="end of the dosage of a completed order")
    if status != "active":
        return taken
    last = last_day_of(resource, taken.started)
    taken = taken._replace(lasting=last is None)
    if last is None and taken.started:
        last = taken.started.last + NEW_COURSE_AFTER_DAYS
    if (last or 0) < on:
        return taken
    return taken._replace(going_on=True, going_on_path="status", going_on_rule="an active order that has not run out")


def _refuse_what_begins_later(resource: Mapping[str, Any], on: int) -> None:
    starts = [read_day(bounds.get("start")) for _, bounds in _bounds(resource)]
    if starts and all(start and start.first > on for start in starts):
        path = "dosageInstruction[0].timing.repeat.boundsPeriod.start"
        raise Unusable(Reason.NOT_YET_TAKEN, path, set_aside=True)


def _bounds(resource: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for at, dosage in enumerate(mappings(resource.get("dosageInstruction"))):
        yield at, mapping(part(dosage, "timing", "repeat", "boundsPeriod"))


def _bound(resource: Mapping[str, Any], which: str, on: int) -> tuple[Day | None, str]:
    """The first start, or the last end, of the dosages; days to come are no observed ones."""
    found = [(day, at) for at, bounds in _bounds(resource) if (day := read_day(bounds.get(which))) and day.first <= on]
    if not found:
        return None, ""
    day, at = min(found) if which == "start" else max(found)
    return day, f"dosageInstruction[{at}].timing.repeat.boundsPeriod.{which}"


def last_day_of(resource: Mapping[str, Any], start: Day | None) -> int | None:
    """The last day that an order with its repeats may last; None where it does not say. Possible, not observed.

    `UNREADABLE` where it says so in a way that cannot be read, or gives a length and no start.
    """
    said = [value for _, bounds in _bounds(resource) if (value := bounds.get("end")) is not None]
    ends = [day.last if (day := read_day(value)) else UNREADABLE for value in said]
    lengths = _dosed_days(resource) or _supplied_days(resource)
    if UNREADABLE in (*ends, *lengths):
        return UNREADABLE
    if ends or not lengths:
        return max(ends, default=None)
    return start.last + max(lengths) - 1 if start else UNREADABLE


def _dosed_days(resource: Mapping[str, Any]) -> list[int]:
    """The lengths of the dosages that give one; of a range the longer."""
    repeats = [part(each, "timing", "repeat") for each in mappings(resource.get("dosageInstruction"))]
    durations = [part(each, "boundsDuration") for each in repeats]
    ranges = [part(each, "boundsRange", "high") for each in repeats if part(each, "boundsRange") is not None]
    return [_ordered_days(each) for each in durations if _is_said(each)] + [_ordered_days(each) for each in ranges]


def _supplied_days(resource: Mapping[str, Any]) -> list[int]:
    """The length of the supply with all its repeats, if it gives one."""
    duration = part(resource, "dispenseRequest", "expectedSupplyDuration")
    repeats = number(part(resource, "dispenseRequest", "numberOfRepeatsAllowed")) or 0
    once = _ordered_days(duration)
    return [int(once * (1 + min(max(repeats, 0), MOST_REPEATS)))] if _is_said(duration) else []


def _is_said(duration: object) -> bool:
    """Whether there is a length of time; 0 is written where there is none."""
    return duration is not None and part(duration, "value") != 0


def _ordered_days(duration: object) -> int:
    """The days of a length that was ordered, no more than ten years; `UNREADABLE` where it is less than a day."""
    return max(int(min(possible_days(duration) or 0, LONGEST_SUPPLY_DAYS)), UNREADABLE)


def supply_days(duration: object) -> int | None:
    """The days of a supply; None when it is missing, 0, negative, or longer than ten years."""
    total = int(possible_days(duration) or 0)
    return total if 0 < total <= LONGEST_SUPPLY_DAYS else None
