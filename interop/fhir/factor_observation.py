"""A contributing factor as FHIR R4's Observation: the factor is what was looked for, its certainty what was found."""

from clinical.background import Certainty, ContributingFactor, FactorCategory
from interop.fhir.elements import Fhir, Said, concept, local, meta_of, note_of, patient_of, without_nothing
from interop.fhir.observation import status_of


def to_fhir(said: Said) -> Fhir:
    """The factor; `said` is what `GET .../contributing-factors/{id}` answers."""
    category, factor = FactorCategory(said["category"]), ContributingFactor(said["factor"])
    certainty = Certainty(said["certainty"])
    return without_nothing(
        {
            "resourceType": "Observation",
            "id": str(said["id"]),
            "meta": meta_of(said),
            "status": status_of(said),
            "category": [concept(local("factor-category", category, category.meaning))],
            "code": concept(local("factor", factor, factor.meaning)),
            "subject": patient_of(said),
            "effectiveDateTime": said["noted_on"],
            "valueCodeableConcept": concept(local("certainty", certainty, certainty.meaning)),
            "note": note_of(said["note"]),
        }
    )
