"""One row of a table as a FHIR resource. What a row does not say is left out."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bulk.omop.coding import concept

Row = Mapping[str, Any]
GENDERS = {"8507": "male", "8532": "female"}
"""OMOP's standard concepts of gender."""
SAID_GENDERS = {"m": "male", "male": "male", "f": "female", "female": "female"}
DISPENSED = frozenset({"32825", "32869", "38000175", "38000176"})
"""Type concepts of fills: EHR dispensing record, pharmacy claim; the older ones of pharmacy and mail order."""
PRESCRIBED = frozenset({"32838", "38000177"})
"""Type concepts of prescriptions: EHR prescription, and the older one of a prescription written."""
UCUM = "http://unitsofmeasure.org"
DAY = len("YYYY-MM-DD")


def _day(value: str | None) -> str | None:
    return value[:DAY] if value else None


def _filled(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what is not said."""
    return {key: value for key, value in resource.items() if value not in (None, {}, [])}


def _of_person(row: Row, kind: str, name: str) -> dict[str, Any]:
    return {"resourceType": kind, "id": name, "subject": {"reference": f"Patient/{row['person_id']}"}}


def _number(value: str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def person(row: Row, source: str) -> dict[str, Any]:
    """A Patient. The source value is an identifier where somebody says whose."""
    gender = GENDERS.get(row["gender_concept_id"] or "") or SAID_GENDERS.get((row["gender_source_value"] or "").lower())
    born = "-".join(part.zfill(width) for part, width in _born(row))
    named = {"system": source, "value": row["person_source_value"]}
    return _filled({
        "resourceType": "Patient",
        "id": row["person_id"],
        "gender": gender,
        "birthDate": born or None,
        "identifier": [named] if source and row["person_source_value"] else [],
    })  # fmt: skip


def _born(row: Row) -> list[tuple[str, int]]:
    """Year, month and day as far as they are said, in this order."""
    parts: list[tuple[str, int]] = []
    for name, width in (("year_of_birth", 4), ("month_of_birth", 2), ("day_of_birth", 2)):
        value = _number(row[name])
        if not value:
            break
        parts.append((str(int(value)), width))
    return parts


def drug_exposure(row: Row, _source: str) -> dict[str, Any]:
    """A fill, an order, or a statement, by the type of the row."""
    kind = row["type_concept_id"] or ""
    days = _number(row["days_supply"])
    name = f"drug-exposure-{row['id']}"
    if kind in DISPENSED and days:
        return _filled(_of_person(row, "MedicationDispense", name) | {
            "status": "completed",
            "medicationCodeableConcept": concept(row, "drug"),
            "whenHandedOver": _day(row["started"]),
            "daysSupply": {"value": days},
            "quantity": {} if _number(row["quantity"]) is None else {"value": _number(row["quantity"])},
            "dosageInstruction": _dosage(row),
        })  # fmt: skip
    if kind in PRESCRIBED:
        return _prescription(row, name)
    return _stated(row, name)


def _seen_end(row: Row) -> str | None:
    """The end of an exposure, if somebody saw it: the CDM asks for one, so most are the start, or start plus supply."""
    started, ended = _day(row["started"]), _day(row["ended"])
    if not started or not ended or started == ended:
        return None
    try:
        length = (date.fromisoformat(ended) - date.fromisoformat(started)).days
    except ValueError:
        return ended
    return None if length in _lengths(row) else ended


def _lengths(row: Row) -> set[float]:
    """How many days after the start the supply ends, refills not counted or counted, by either way to count."""
    days, refills = _number(row["days_supply"]), _number(row.get("refills")) or 0
    return {days * times - one for times in (1, 1 + refills) for one in (0, 1)} if days else set()


def _supplied(row: Row) -> dict[str, Any]:
    """How long an order was meant to last: a possible length, never a seen one."""
    days, refills = _number(row["days_supply"]), _number(row.get("refills"))
    return _filled({
        "numberOfRepeatsAllowed": int(refills) if refills else None,
        "expectedSupplyDuration": {"value": days, "unit": "days", "system": UCUM, "code": "d"} if days else {},
    })  # fmt: skip


def _prescription(row: Row, name: str) -> dict[str, Any]:
    bounds = _filled({"start": _day(row["started"]), "end": _seen_end(row)})
    dosage = (_dosage(row) or [{}])[0] | {"timing": {"repeat": {"boundsPeriod": bounds}}}
    return _filled(_of_person(row, "MedicationRequest", name) | {
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": concept(row, "drug"),
        "authoredOn": _day(row["started"]),
        "dosageInstruction": [dosage],
        "dispenseRequest": _supplied(row),
    })  # fmt: skip


def _stated(row: Row, name: str) -> dict[str, Any]:
    return _filled(_of_person(row, "MedicationStatement", name) | {
        "status": "completed",
        "medicationCodeableConcept": concept(row, "drug"),
        "effectivePeriod": _filled({"start": _day(row["started"]), "end": _seen_end(row)}),
        "statusReason": [{"text": row["stop_reason"]}] if row.get("stop_reason") else [],
        "dosage": _dosage(row),
    })  # fmt: skip


def _dosage(row: Row) -> list[dict[str, Any]]:
    return [{"text": row["sig"]}] if row.get("sig") else []


def drug_era(row: Row, _source: str) -> dict[str, Any]:
    """A statement that an ingredient was taken from one day to another."""
    return _stated({**row, "sig": None, "stop_reason": None, "days_supply": None}, f"drug-era-{row['id']}")


def condition_occurrence(row: Row, _source: str) -> dict[str, Any]:
    """A Condition. Where it ends on the day of its start, that is a visit's day: not when it began or ended."""
    started, ended = _day(row["started"]), _day(row["ended"])
    of_a_visit = ended is not None and ended == started
    return _filled(_of_person(row, "Condition", f"condition-occurrence-{row['id']}") | {
        "code": concept(row, "condition"),
        "recordedDate": started,
        "onsetDateTime": None if of_a_visit else started,
        "abatementDateTime": None if of_a_visit else ended,
    })  # fmt: skip


def measurement(row: Row, _source: str) -> dict[str, Any]:
    """An Observation with its number."""
    value = _number(row["value_as_number"])
    return _filled(_of_person(row, "Observation", f"{row['table']}-{row['id']}") | {
        "status": "final",
        "code": concept(row, "measurement"),
        "effectiveDateTime": _day(row["started"]),
        "valueQuantity": {} if value is None else {"value": value},
    })  # fmt: skip


def procedure_occurrence(row: Row, _source: str) -> dict[str, Any]:
    """A Procedure."""
    return _filled(_of_person(row, "Procedure", f"procedure-occurrence-{row['id']}") | {
        "status": "completed",
        "code": concept(row, "procedure"),
        "performedDateTime": _day(row["started"]),
    })  # fmt: skip


READERS: dict[str, Callable[[Row, str], dict[str, Any]]] = {
    "person": person,
    "drug_exposure": drug_exposure,
    "drug_era": drug_era,
    "condition_occurrence": condition_occurrence,
    "measurement": measurement,
    "observation": measurement,
    "procedure_occurrence": procedure_occurrence,
}
"""The tables that are read."""
