"""The daily doses of a trial as FHIR's Dosage: so many mg within one day.

How often within the day is not recorded, and so `frequency` is left out; a reader who takes that for once, as FHIR
says, has the right daily dose.
"""

from itertools import pairwise

from interop.fhir.canonical import UCUM
from interop.fhir.elements import UNKNOWN, Fhir, Said, day_before, number, period, without_nothing

A_DAY = {"period": 1, "periodUnit": "d"}


def dosages_of(said: Said) -> list[Fhir]:
    """One Dosage for each step, in the order in which they were taken."""
    steps: list[Said] = list(said["doses"])
    last = said["ended"] if said["ended"] != UNKNOWN else None
    ends = [*(day_before(later["from"]) for _, later in pairwise(steps)), last][: len(steps)]
    return [_dosage(place, step, end) for place, (step, end) in enumerate(zip(steps, ends, strict=True), start=1)]


def _dosage(place: int, step: Said, end: str | None) -> Fhir:
    dose, since = step["daily_dose_mg"], step["from"]
    amount = "dose not known" if dose is None else f"{number(dose)} mg a day"
    repeat = without_nothing({"boundsPeriod": period(since, end if since else None), **(A_DAY if dose else {})})
    return without_nothing(
        {
            "sequence": place,
            "text": f"{amount}, from {since}" if since else amount,
            "timing": {"repeat": repeat} if repeat else None,
            "doseAndRate": [] if dose is None else [{"doseQuantity": _mg(dose)}],
        }
    )


def _mg(dose: float) -> Fhir:
    return {"value": number(dose), "unit": "mg", "system": UCUM, "code": "mg"}
