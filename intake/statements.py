"""MedicationStatement and MedicationAdministration: what somebody says was taken, and what was seen to be given."""

from collections.abc import Mapping
from typing import Any

from intake.days import Day, read_day
from intake.given import Unusable
from intake.json_parts import mapping
from intake.lines import NEW_COURSE_AFTER_DAYS, Taken, date_in
from intake.words import Reason

PERIOD = "effectivePeriod"


def stated(resource: Mapping[str, Any], on: int) -> Taken:
    """The period of a statement. A single day is one on which it was taken, not the first.

    Raises:
        Unusable: a date is none, the start is yet to come, or the end is before the start.
    """
    period = mapping(resource.get(PERIOD))
    start = date_in(period.get("start"), f"{PERIOD}.start", on)
    end = _end(period, start, on)
    asserted = date_in(resource.get("dateAsserted"), "dateAsserted", on)
    seen = date_in(resource.get("effectiveDateTime"), "effectiveDateTime", on)
    taken = Taken(start, f"{PERIOD}.start", "start of the period stated", seen)
    if end:
        return taken._replace(ended=end, ended_path=f"{PERIOD}.end", ended_rule="end of the period stated")
    if resource.get("status") != "active":
        return taken
    taken = taken._replace(seen=seen or asserted, lasting=True)
    if _is_stale(asserted or seen, on):
        return taken
    return taken._replace(going_on=True, going_on_path="status", going_on_rule="stated as still taken")


def _end(period: Mapping[str, Any], start: Day | None, on: int) -> Day | None:
    """The end of a period that is over."""
    value = period.get("end")
    end = read_day(value)
    if value is not None and end is None:
        raise Unusable(Reason.UNREADABLE_DATE, f"{PERIOD}.end")
    if end and start and end.last < start.first:
        raise Unusable(Reason.ENDS_BEFORE_START, f"{PERIOD}.end")
    return end if end and end.first <= on else None


def _is_stale(said_on: Day | None, on: int) -> bool:
    return said_on is not None and said_on.last + NEW_COURSE_AFTER_DAYS < on


def administered(resource: Mapping[str, Any], on: int) -> Taken:
    """The day, or the days, on which a medicine was given.

    Raises:
        Unusable: a date is none or yet to come.
    """
    period = mapping(resource.get(PERIOD))
    day = date_in(resource.get("effectiveDateTime"), "effectiveDateTime", on)
    path = "effectiveDateTime" if day else f"{PERIOD}.start"
    day = day or date_in(period.get("start"), path, on)
    end = _end(period, day, on)
    return Taken(day, path, "first day on which it was given", supplied=end.last if end else None)
