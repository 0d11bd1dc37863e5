"""What was found of the core symptoms on one day, as FHIR R4's Observation with a component for each symptom."""

from collections.abc import Iterator

from clinical.background import Symptom
from interop.fhir.elements import (
    Fhir,
    Said,
    concept,
    local,
    meta_of,
    note_of,
    patient_of,
    without_nothing,
    without_value,
)
from interop.fhir.findings import finding
from interop.fhir.observation import SURVEY, safety_of, status_of


def to_fhir(said: Said) -> Fhir:
    """The record; `said` is what `GET .../symptoms/{id}` answers. A symptom that nobody asked about is unknown."""
    return without_nothing(
        {
            "resourceType": "Observation",
            "id": str(said["id"]),
            "meta": meta_of(said),
            "status": status_of(said),
            "category": [SURVEY],
            "code": finding("core-symptoms"),
            "subject": patient_of(said),
            "effectiveDateTime": said["observed_on"],
            "note": note_of(said["note"]),
            "component": [*_symptoms(said), *safety_of(said["safety"])],
        }
    )


def _symptoms(said: Said) -> Iterator[Fhir]:
    for symptom in Symptom:
        code = concept(local("symptom", symptom.value, symptom.meaning))
        if symptom.value in said["present"] or symptom.value in said["absent"]:
            yield {"code": code, "valueBoolean": symptom.value in said["present"]}
        else:
            yield {"code": code, "dataAbsentReason": without_value()}
