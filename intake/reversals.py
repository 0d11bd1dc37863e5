"""Supplies that were taken back: a dispense with a negative amount, and the fill that it cancels."""

from collections.abc import Mapping
from typing import Any

from intake.days import read_day
from intake.given import Book, Given
from intake.json_parts import mappings, number, part
from intake.lines import Line
from intake.medicines import Unread, medicine_of
from intake.references import Index
from intake.words import Reason

DAYS = ("whenHandedOver", "whenPrepared")
"""Where a dispense says its day, the best first."""


def amounts_of(resource: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The quantity that was dispensed and the days of its supply, where each is a number."""
    return number(part(resource, "quantity", "value")), number(part(resource, "daysSupply", "value"))


def is_reversal(resource: Mapping[str, Any]) -> bool:
    """Whether a dispense takes a supply back: either of its amounts is negative."""
    return any(amount is not None and amount < 0 for amount in amounts_of(resource))


def without_reversed(lines: list[Line], reversals: list[Given], index: Index, book: Book) -> list[Line]:
    """The lines without the fills that were taken back; a reversal that finds not exactly one fill is a warning."""
    cancelled: set[str] = set()
    for reversal in reversals:
        fills = _fills_of(reversal, lines, index)
        if len(fills) == 1:
            cancelled |= fills.keys()
            book.set_aside(next(iter(fills.values())), Reason.REVERSED)
        else:
            book.warn(reversal, Reason.REVERSAL_OF_UNKNOWN, "MedicationDispense.quantity")
    return [line for line in lines if line.given.reference not in cancelled]


def _fills_of(reversal: Given, lines: list[Line], index: Index) -> dict[str, Given]:
    """The fills of the same medicine with the opposite amount: the one it names, else those of the same day."""
    medicine = medicine_of(reversal, index)
    # A medicine that is not read was set aside before; the type does not know that.
    wanted = None if isinstance(medicine, Unread) else (medicine.ingredients, medicine.strengths)
    same = {
        line.given.reference: line.given
        for line in lines
        if line.given.kind == "MedicationDispense"
        and (line.medicine.ingredients, line.medicine.strengths) == wanted
        and _are_opposite(line.given.resource, reversal.resource)
    }
    found = [index.find(each, reversal.resource) for each in mappings(reversal.resource.get("partOf"))]
    named = {given.reference for given in found if given and given.kind == "MedicationDispense"}
    if named:
        return {name: given for name, given in same.items() if name in named}
    day = _day(reversal.resource)
    return {name: given for name, given in same.items() if day and _day(given.resource) == day}


def _day(resource: Mapping[str, Any]) -> str | None:
    """The day of a dispense, as `fills.handed_over` reads it."""
    days = (read_day(resource.get(path)) for path in DAYS)
    return next((day.said for day in days if day), None)


def _are_opposite(fill: Mapping[str, Any], reversal: Mapping[str, Any]) -> bool:
    """By the quantity, else by the days where neither has a quantity."""
    one, other = amounts_of(fill), amounts_of(reversal)
    at = 0 if one[0] is not None or other[0] is not None else 1
    return one[at] is not None and other[at] is not None and abs(one[at] or 0) == abs(other[at] or 0)
