"""What is to be written of a resource that was sent: the body of its record, and what is kept beside it."""

from typing import Any
from uuid import UUID

from interop.fhir.calls import Call
from interop.fhir.elements import Fhir
from interop.fhir.showing import keeping
from interop.fhir.understanding import Understood
from registry.errors import NotFound
from registry.fhir_shelf import locate
from registry.fhir_writing import Sent

REFERS = {"episode_id": "Condition", "augments": "MedicationStatement"}
"""Fields that name another record of the patient, and its type."""


async def sent_of(call: Call, document: Fhir, read: Understood, patient_id: UUID | None) -> Sent:
    """A resource as it was sent, and the body of the record that it makes by what was read of it."""
    entry = None if read.entry is None else await _with_own_references(call, read.entry, patient_id)
    return Sent(call.kind, document, entry, keeping(call.kind, document), call.reserved)


async def _with_own_references(call: Call, entry: dict[str, Any], patient_id: UUID | None) -> dict[str, Any]:
    """The body without references to records that are not this patient's here."""
    foreign = {
        field
        for field, kind in REFERS.items()
        if entry.get(field) is not None and not await _is_theirs(call, entry[field], kind, patient_id)
    }
    return {name: value for name, value in entry.items() if name not in foreign}


async def _is_theirs(call: Call, record: object, kind: str, patient_id: UUID | None) -> bool:
    """Whether a record that is referred to is one of the patient's here; else the reference is kept as it was sent."""
    try:
        where = await locate(call.desk, kind, UUID(str(record)))
    except NotFound:
        return False
    return not where.alone and where.ref.patient_id == patient_id


FILLED = {
    "Patient": ("identifiers", "display_name", "birth_date", "sex"),
    "Condition": ("onset", "resolved", "diagnosis"),
    "MedicationStatement": ("started", "ended", "doses", "indication", "stop_reason"),
    "Observation": ("assessed_on", "total_score", "items"),
    "Procedure": ("started", "ended", "sessions", "stop_reason"),
}
"""What FHIR has an element for: where the element is gone, so is the value. All else stays as it was."""


def whole(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The body of a change that puts the whole resource in the place of the one before."""
    emptied = (name for name in FILLED[kind] if name != "doses" or "daily_dose_mg" not in entry)
    return {**dict.fromkeys(emptied), **entry}
