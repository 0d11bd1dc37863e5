"""The daily doses of a trial as FHIR's Dosage: a rate in mg a day, since how often it was taken is not recorded."""

from itertools import pairwise

from interop.fhir.canonical import UCUM
from interop.fhir.elements import UNKNOWN, Fhir, Said, day_before, number, period, without_nothing

Step = tuple[Said, str | None]
"""A dose, and its last day if that is known."""


def dosages_of(said: Said) -> list[Fhir]:
    """One Dosage for each step, in the order in which they were taken."""
    steps: list[Said] = list(said["doses"])
    last = said["ended"] if said["ended"] != UNKNOWN else None
    ends = [*(day_before(later["from"]) for _, later in pairwise(steps)), last][: len(steps)]
    return [_dosage(place, step, end) for place, (step, end) in enumerate(zip(steps, ends, strict=True), start=1)]


def _dosage(place: int, step: Said, end: str | None) -> Fhir:
    dose, since = step["daily_dose_mg"], step["from"]
    amount = "dose not known" if dose is None else f"{number(dose)} mg a day"
    bounds = period(since, end if since else None)
    return without_nothing(
        {
            "sequence": place,
            "text": f"{amount}, from {since}" if since else amount,
            "timing": {"repeat": {"boundsPeriod": bounds}} if bounds else None,
            "doseAndRate": [] if dose is None else [{"rateQuantity": _mg_a_day(dose)}],
        }
    )


def _mg_a_day(dose: float) -> Fhir:
    return {"value": number(dose), "unit": "mg/d", "system": UCUM, "code": "mg/d"}
