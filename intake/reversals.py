"""Supplies that were taken back: a dispense with a negative amount, and the fill that it cancels."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from intake.days import read_day
from intake.given import Book, Given
from intake.json_parts import mappings, number, part
from intake.lines import Line
from intake.medicines import Medicine, Unread, medicine_of
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
    if not reversals:
        return lines
    fills, cancelled = _Fills(lines), set[str]()
    for reversal in reversals:
        found = fills.taken_back_by(reversal, index)
        if len(found) == 1:
            cancelled |= found.keys()
            book.set_aside(next(iter(found.values())), Reason.REVERSED)
        else:
            book.warn(reversal, Reason.REVERSAL_OF_UNKNOWN, "MedicationDispense.quantity")
    return [line for line in lines if line.given.reference not in cancelled]


class _Fills:
    """The fills of a patient, by their medicine and amount, and by their day as well."""

    def __init__(self, lines: list[Line]) -> None:
        """Look at all lines once."""
        self._alike: defaultdict[object, dict[str, Given]] = defaultdict(dict)
        self._of_a_day: defaultdict[object, dict[str, Given]] = defaultdict(dict)
        for line in lines:
            given = line.given
            if given.kind == "MedicationDispense":
                alike, day = _alike(line.medicine, given.resource), _day(given.resource)
                self._alike[alike][given.reference] = given
                self._of_a_day[alike, day][given.reference] = given

    def taken_back_by(self, reversal: Given, index: Index) -> Mapping[str, Given]:
        """The fills of the same medicine with the opposite amount: the one it names, else those of the same day."""
        medicine = medicine_of(reversal, index)
        # A medicine that is not read was set aside before; the type does not know that.
        alike = None if isinstance(medicine, Unread) else _alike(medicine, reversal.resource)
        found = [index.find(each, reversal.resource) for each in mappings(reversal.resource.get("partOf"))]
        named = {given.reference for given in found if given and given.kind == "MedicationDispense"}
        if named:
            same = self._alike.get(alike, {})
            return {name: same[name] for name in named if name in same}
        day = _day(reversal.resource)
        return self._of_a_day.get((alike, day), {}) if day else {}


def _alike(medicine: Medicine, resource: Mapping[str, Any]) -> object:
    """The medicine and how much of it, by the quantity, else by the days, whichever way it went."""
    quantity, days = amounts_of(resource)
    amount = ("days", abs(days or 0)) if quantity is None else ("quantity", abs(quantity))
    return medicine.ingredients, tuple(sorted(medicine.strengths.items())), amount


def _day(resource: Mapping[str, Any]) -> str | None:
    """The day of a dispense, as `fills.handed_over` reads it."""
    days = (read_day(resource.get(path)) for path in DAYS)
    return next((day.said for day in days if day), None)
