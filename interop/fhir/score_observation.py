"""A result that was scored outside this service as FHIR R4's Observation."""

from clinical.background import ScoredInstrument
from interop.fhir.elements import (
    Fhir,
    Said,
    concept,
    count,
    local,
    meta_of,
    note_of,
    patient_of,
    without_nothing,
    words,
)
from interop.fhir.observation import SURVEY, status_of


def to_fhir(said: Said) -> Fhir:
    """The score; `said` is what `GET .../external-scores/{id}` answers."""
    instrument, rater = ScoredInstrument(said["instrument"]), words(said["rater"])
    return without_nothing(
        {
            "resourceType": "Observation",
            "id": str(said["id"]),
            "meta": meta_of(said),
            "status": status_of(said),
            "category": [SURVEY],
            "code": concept(local("scored-instrument", instrument, instrument.meaning)),
            "subject": patient_of(said),
            "effectiveDateTime": said["scored_on"],
            "performer": [{"display": rater}] if rater else [],
            "valueQuantity": count(said["score"]),
            "note": note_of(said["note"]),
        }
    )
