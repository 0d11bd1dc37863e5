"""What is to be written of a resource that was sent: the body of its record, and what is kept beside it."""

from typing import Any
from uuid import UUID

from interop.fhir.calls import Call
from interop.fhir.elements import Fhir
from interop.fhir.showing import keeping
from interop.fhir.understanding import understood
from registry.errors import NotFound
from registry.fhir_shelf import locate
from registry.fhir_writing import Sent

REFERS = {"episode_id": "Condition", "augments": "MedicationStatement"}
"""Fields that name another record of the patient, and its type."""


async def sent_of(call: Call, document: Fhir, patient_id: UUID | None) -> Sent:
    """A resource as it was sent, and the body of the record that it makes."""
    entry = understood(document, call.desk.today).entry
    for field, noun in REFERS.items():
        if (
            entry is not None
            and entry.get(field) is not None
            and not await _is_theirs(call, entry[field], noun, patient_id)
        ):
            entry = {name: value for name, value in entry.items() if name != field}
    return Sent(call.kind, document, entry, keeping(call.kind, document), call.reserved)


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
    known = {name: value for name, value in entry.items() if name in {*FILLED[kind], *entry}}
    if "daily_dose_mg" in known:
        return {**dict.fromkeys(name for name in FILLED[kind] if name != "doses"), **known}
    return {**dict.fromkeys(FILLED[kind]), **known}
