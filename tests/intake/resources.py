"""Builders of FHIR resources as they are met, and short ways to what is made of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from intake.course import of_patient
from intake.made import Course

ON = date(2025, 6, 1)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SERTRALINE = {"coding": [{"system": RXNORM, "code": "312941", "display": "sertraline 50 MG Oral Tablet"}]}
Resource = dict[str, Any]


def resource(kind: str, name: str, /, **more: object) -> Resource:
    return {"resourceType": kind, "id": name, **{key: value for key, value in more.items() if value is not None}}


def concept(
    code: str | None = None, display: str | None = None, text: str | None = None, system: str = RXNORM
) -> Resource:
    coding = {"system": system, "code": code, "display": display}
    said = {key: value for key, value in coding.items() if value is not None}
    return {"coding": [said] if code or display else [], "text": text}


def order(name: str = "1", day: str | None = "2025-01-10", **more: object) -> Resource:
    given = {"status": "active", "intent": "order", "medicationCodeableConcept": SERTRALINE, "authoredOn": day}
    return resource("MedicationRequest", name, **{**given, **more})


def fill(name: str, day: str | None, days: float | None = 30, **more: object) -> Resource:
    given = {"status": "completed", "medicationCodeableConcept": SERTRALINE, "whenHandedOver": day}
    supply = None if days is None else {"value": days, "unit": "d"}
    return resource("MedicationDispense", name, **{**given, "daysSupply": supply, **more})


def statement(name: str, start: str | None, end: str | None = None, **more: object) -> Resource:
    period = {key: value for key, value in (("start", start), ("end", end)) if value}
    given = {"status": "completed" if end else "active", "medicationCodeableConcept": SERTRALINE}
    return resource("MedicationStatement", name, **{**given, "effectivePeriod": period or None, **more})


def dosage(value: float | None = None, unit: str | None = None, **more: object) -> list[Resource]:
    quantity = {"value": value} if unit is None else {"value": value, "unit": unit}
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    return [{"doseAndRate": [{"doseQuantity": quantity}], "timing": timing, **more}]


def observation(
    name: str, code: str, value: object, day: str | None = "2025-02-01T10:00:00Z", **more: object
) -> Resource:
    given = {"status": "final", "code": {"coding": [{"system": LOINC, "code": code}]}, "effectiveDateTime": day}
    values = value if isinstance(value, Mapping) else {"valueInteger": value}
    return resource("Observation", name, **{**given, **values, **more})


def condition(name: str, code: str, system: str = ICD, **more: object) -> Resource:
    return resource("Condition", name, **{"code": {"coding": [{"system": system, "code": code}]}, **more})


def given(name: str, day: str, value: float | None, unit: str | None = "mg") -> dict[str, Any]:
    """A medicine that was seen to be given."""
    quantity = {"value": value, "unit": unit} if unit else {"value": value}
    return resource(
        "MedicationAdministration",
        name,
        status="completed",
        medicationCodeableConcept=concept("36437"),
        effectiveDateTime=day,
        dosage={"dose": quantity},
    )


def read(*resources: object, on: date = ON) -> Course:
    return of_patient(list(resources), on=on)  # type: ignore[arg-type]


def trials(*resources: object, on: date = ON) -> list[Resource]:
    return [made.entry for made in read(*resources, on=on).medication_trials]


def fates(course: Course) -> dict[str, str]:
    """What became of each resource, in one word."""
    return {each.reference: each.reason.value if each.reason else "used" for each in course.accounted}


def faults(course: Course) -> list[tuple[str, str]]:
    return [(each.code.value, each.expression) for each in course.not_understood]


def warnings(course: Course) -> list[tuple[str, str]]:
    return [(each.code.value, each.expression) for each in course.warnings]
