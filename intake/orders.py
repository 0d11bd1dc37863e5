"""MedicationRequest: what was ordered, since when, and whether the order is evidence that it is still taken."""

from collections.abc import Iterator, Mapping
from typing import Any

from intake.days import Day, read_day
from intake.json_parts import mapping, mappings, number, part, text
from intake.lines import NEW_COURSE_AFTER_DAYS, Taken, date_in
from intake.units import DAYS_IN

LONGEST_SUPPLY_DAYS = 3660
MOST_REPEATS = 100


def ordered(resource: Mapping[str, Any], on: int) -> Taken:
    """From the start that the dosage gives, else from the day of the order.

    An order is no observed course: its end is known only where it is completed and its dosage gives one.

    Raises:
        Unusable: the date of the order is none, or is yet to come.
    """
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
    length = _length(resource, taken.started)
    reach = length or (taken.started.last + NEW_COURSE_AFTER_DAYS if taken.started else 0)
    taken = taken._replace(lasting=length is None)
    if reach < on:
        return taken
    return taken._replace(going_on=True, going_on_path="status", going_on_rule="an active order that has not run out")


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


def _length(resource: Mapping[str, Any], start: Day | None) -> int | None:
    """The last day that an order with its repeats may last; None where it does not say. Possible, not observed."""
    ends = [day.last for _, bounds in _bounds(resource) if (day := read_day(bounds.get("end")))]
    days = _dosed_days(resource) or _supplied_days(resource)
    if ends or days is None or start is None:
        return max(ends, default=None)
    return start.last + days - 1


def _dosed_days(resource: Mapping[str, Any]) -> int | None:
    """The length of the longest dosage that gives one."""
    dosages = mappings(resource.get("dosageInstruction"))
    lengths = [supply_days(part(each, "timing", "repeat", "boundsDuration")) for each in dosages]
    return max((days for days in lengths if days), default=None)


def _supplied_days(resource: Mapping[str, Any]) -> int | None:
    """The length of the supply with all its repeats."""
    days = supply_days(part(resource, "dispenseRequest", "expectedSupplyDuration"))
    repeats = number(part(resource, "dispenseRequest", "numberOfRepeatsAllowed")) or 0
    return None if days is None else int(days * (1 + min(max(repeats, 0), MOST_REPEATS)))


def supply_days(duration: object) -> int | None:
    """The days of a supply; None when it is missing, 0, negative, or longer than ten years."""
    value = number(part(duration, "value"))
    units = [text(part(duration, key)) for key in ("code", "unit")]
    said = [unit.lower() for unit in units if unit] or ["d"]
    days = next((DAYS_IN[unit] for unit in said if unit in DAYS_IN), None)
    if value is None or days is None or value <= 0:
        return None
    total = int(value * days)
    return total if 0 < total <= LONGEST_SUPPLY_DAYS else None
