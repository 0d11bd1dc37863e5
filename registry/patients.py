"""Patients."""

from collections.abc import Mapping
from typing import Any

from clinical.dates import parse_partial_date
from models.patient import Patient, PatientCreate
from registry.desk import Desk
from registry.errors import Fault
from registry.identity import opened_patient, sealed_patient
from registry.noun import Noun, future_fault, refuse

FIELDS = ("identifiers", "display_name", "birth_date", "sex", "restricted_to")


def _to_row(entry: PatientCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a patient, not sealed yet.

    Raises:
        InvalidRequest: born in the future, or one identifier twice.
    """
    identifiers = [identifier.model_dump() for identifier in entry.identifiers]
    born = parse_partial_date(entry.birth_date).first if entry.birth_date else None
    refuse([*future_fault("/birth_date", born, desk), *_twice(identifiers)])
    return {
        "identifiers": identifiers,
        "display_name": entry.display_name,
        "birth_date": entry.birth_date,
        "sex": entry.sex,
        "restricted_to": entry.restricted_to,
    }


def _twice(identifiers: list[dict[str, Any]]) -> list[Fault]:
    """Identifiers that are listed more than once."""
    message = "This identifier is listed twice. Send it once."
    return [
        Fault(f"/identifiers/{position}", message)
        for position, identifier in enumerate(identifiers)
        if identifier in identifiers[:position]
    ]


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in FIELDS}


def _to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer. A version from before records could be restricted says nothing of it."""
    return {"restricted_to": None, **row}


PATIENTS = Noun(
    "patient",
    Patient.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    PatientCreate,
    _to_row,
    _to_public,
    _to_entry,
    sealed=sealed_patient,
    opened=opened_patient,
)
