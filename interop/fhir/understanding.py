"""What a single resource says in the words of the JSON edge, by the rules of `intake/`."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from intake.course import of_patient
from intake.made import Course, Made
from intake.words import Reason
from interop.fhir.elements import Fhir
from interop.fhir.own_fields import own_fields


class Understood(NamedTuple):
    """What was understood: the body of a record, or none, and why not."""

    entry: dict[str, Any] | None
    reasons: tuple[str, ...]
    taken_back: bool
    """Whether the resource says of itself that it never was so."""


def _patient(course: Course) -> list[Made]:
    return [course.patient] if course.patient else []


MADE_OF: Mapping[str, Callable[[Course], list[Made]]] = {
    "Patient": _patient,
    "Condition": lambda course: course.episodes,
    "MedicationStatement": lambda course: course.medication_trials,
    "Observation": lambda course: course.assessments,
    "Procedure": lambda course: course.treatments,
}
"""Which records are made of a resource of a type."""
NEVER_WAS = frozenset({Reason.ENTERED_IN_ERROR, Reason.NOT_TAKEN, Reason.NOT_DONE, Reason.CANCELLED, Reason.REFUTED})
SUBJECT = {"reference": "Patient/the-one"}


def understood(document: Fhir, today: date) -> Understood:
    """The body of the record that a resource makes, if it makes just one. What it says in our own words goes first."""
    kind = document["resourceType"]
    about = document if kind == "Patient" else {**document, "subject": SUBJECT}
    course = of_patient([{**about, "id": "the-one"}], on=today)
    made = MADE_OF[kind](course) if kind in MADE_OF else []
    reasons = tuple(each.sentence for each in course.not_understood)
    taken_back = any(each.reason in NEVER_WAS for each in course.accounted)
    if len(made) != 1:
        return Understood(None, reasons, taken_back)
    return Understood({**_without_itself(made[0].entry), **own_fields(document)}, reasons, taken_back)


def _without_itself(entry: dict[str, Any]) -> dict[str, Any]:
    """The body without a source that is the resource itself: it is kept beside the record anyway."""
    source = entry.get("source")
    return {**entry, "source": {**source, "reference": None}} if source else entry
