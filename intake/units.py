"""What one dose is measured in, and how often a day it is taken."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from intake.json_parts import mapping, number, part, text

MG_IN = {"mg": 1.0, "milligram": 1.0, "milligrams": 1.0, "g": 1000.0, "gram": 1000.0, "ug": 0.001, "mcg": 0.001}
COUNTED = frozenset(
    [
        "tablet",
        "tablets",
        "tab",
        "tabs",
        "{tablet}",
        "{tbl}",
        "tbl",
        "capsule",
        "capsules",
        "cap",
        "caps",
        "{capsule}",
        "{pill}",
        "pill",
        "pills",
    ]
)
DAYS_IN = {"d": 1.0, "day": 1.0, "days": 1.0, "wk": 7.0, "week": 7.0, "weeks": 7.0, "h": 1 / 24, "hour": 1 / 24}
MONTH, YEAR = 30.0, 365.0
POSSIBLE_DAYS_IN = {
    **DAYS_IN,
    **dict.fromkeys(("mo", "month", "months"), MONTH),
    **dict.fromkeys(("a", "yr", "year", "years"), YEAR),
}
"""Days in what may be the length of an order or a supply. A month is the 30 days of a pharmacy, a year 365: the shorter
of what may be meant (UCUM has 30.44 and 365.25), for what may have run out is not known to be taken. Neither is exact,
so that none of the two is ever an observed end; and nothing is dosed by the month."""
PER = re.compile(r"/|\bper\b")
"""An amount per something, such as mg/kg, is no amount, even where its code says mg."""
TIMES_A_DAY = {
    "QD": 1.0,
    "BID": 2.0,
    "TID": 3.0,
    "QID": 4.0,
    "AM": 1.0,
    "PM": 1.0,
    "BED": 1.0,
    "QOD": 0.5,
    "Q4H": 6.0,
    "Q6H": 4.0,
    "Q8H": 3.0,
    "WK": 1 / 7,
}
"""The codes of HL7 for how often (GTSAbbreviation); those that leave the number of doses open are left out."""


class Amount(NamedTuple):
    """One dose: mg, or a number of tablets or capsules. Both None: the unit is missing (`bare`) or not read."""

    mg: float | None
    pieces: float | None
    bare: bool


def amount_of(quantity: object) -> Amount | None:
    """One Quantity; None when it has no number above 0. What is measured per kg, or in two units, is not read."""
    given = mapping(quantity)
    value = number(given.get("value"))
    if value is None or value <= 0 or given.get("comparator") is not None:
        return None
    units = [unit.lower() for unit in (text(given.get("code")), text(given.get("unit"))) if unit]
    mg_in_one = {MG_IN.get(unit) for unit in units if unit in MG_IN or unit in COUNTED}
    if len(mg_in_one) != 1 or any(PER.search(unit) for unit in units):
        return Amount(None, None, bare=not units)
    mg = mg_in_one.pop()
    return Amount(None, value, bare=False) if mg is None else Amount(value * mg, None, bare=False)


def possible_days(duration: object) -> float | None:
    """The days of a length of time, which has days where it has no unit; None where it is missing or not read."""
    value = number(part(duration, "value"))
    days = _days_in_one(duration)
    if value is None or len(days) != 1 or part(duration, "comparator") is not None:
        return None
    return value * days.pop()


def is_counted_in_days(duration: object) -> bool:
    """Whether a length of time is as long as it says: a month and a year may be longer or shorter."""
    return _days_in_one(duration).isdisjoint({MONTH, YEAR})


def _days_in_one(duration: object) -> set[float]:
    units = [unit.lower() for key in ("code", "unit") if (unit := text(part(duration, key)))]
    return {POSSIBLE_DAYS_IN[unit] for unit in units or ["d"] if unit in POSSIBLE_DAYS_IN}


def times_a_day(timing: object) -> float | None:
    """How often a day, by `repeat` or by the code; None where it is not said, a range, or on some days only.

    Two times of the day are twice, whatever stands beside them: what says otherwise is not known.
    """
    repeat = mapping(part(timing, "repeat"))
    times = _times_said(timing, repeat)
    listed = max(len(each) if isinstance(each := repeat.get(key), list) else 0 for key in ("when", "timeOfDay"))
    return None if listed > 1 and times != listed else times


def _times_said(timing: object, repeat: Mapping[str, Any]) -> float | None:
    if _says_how_often(repeat):
        return _by_repeat(repeat)
    codings = part(timing, "code", "coding")
    codes = [each.get("code") for each in codings if isinstance(each, dict)] if isinstance(codings, list) else []
    codes.append(part(timing, "code", "text"))
    found = {TIMES_A_DAY[code.upper()] for code in codes if isinstance(code, str) and code.upper() in TIMES_A_DAY}
    return found.pop() if len(found) == 1 else None


def _says_how_often(repeat: Any) -> bool:  # noqa: ANN401 - JSON may be anything
    return any(key in repeat for key in ("frequency", "period", "frequencyMax", "periodMax", "dayOfWeek"))


def _by_repeat(repeat: Any) -> float | None:  # noqa: ANN401 - JSON may be anything
    """Frequency by period. A frequency without a period of time is not completed."""
    if any(key in repeat for key in ("frequencyMax", "periodMax", "dayOfWeek")):
        return None
    frequency = number(repeat.get("frequency", 1))
    period = number(repeat.get("period"))
    days = DAYS_IN.get(text(repeat.get("periodUnit")) or "")
    if frequency is None or period is None or days is None or frequency <= 0 or period <= 0:
        return None
    return frequency / (period * days)
