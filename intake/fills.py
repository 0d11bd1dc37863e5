"""MedicationDispense: what was handed over, and for how many days."""

from collections.abc import Mapping
from typing import Any

from intake.given import Unusable
from intake.lines import Taken, date_in
from intake.orders import supply_days
from intake.reversals import DAYS, amounts_of, is_reversal
from intake.words import Reason


def handed_over(resource: Mapping[str, Any], on: int) -> Taken:
    """From the day it was handed over, else prepared, for the days of its supply.

    Raises:
        Unusable: nothing was dispensed, a supply is taken back, or a date is none or yet to come.
    """
    if is_reversal(resource):
        raise Unusable(Reason.REVERSAL, "quantity", set_aside=True)
    if amounts_of(resource)[0] == 0:
        raise Unusable(Reason.NOTHING_DISPENSED, "quantity", set_aside=True)
    for path in DAYS:
        day = date_in(resource.get(path), path, on)
        if day:
            break
    else:
        return Taken()
    taken = Taken(day, path, "day of the first supply")
    days = supply_days(resource.get("daysSupply"))
    if days is None:
        return taken
    last = day.last + days - 1
    if last >= on:
        rule = "the supply lasts up to this day"
        return taken._replace(supplied=last, going_on=True, going_on_path="daysSupply", going_on_rule=rule)
    return taken._replace(supplied=last)
