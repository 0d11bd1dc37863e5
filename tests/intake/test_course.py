"""The whole way: resources of one patient in, records with their sources out."""

from datetime import date
from typing import Any

from intake.course import of_patient
from intake.made import Source
from models.medication_trial import MedicationTrialCreate

ON = date(2025, 6, 1)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def order(name: str, **more: object) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "312941"}]},
        "authoredOn": "2025-01-10",
        **more,
    }


def test_an_order_is_a_trial_with_its_sources() -> None:
    course = of_patient([order("1", status="stopped")], on=ON)
    (trial,) = course.medication_trials
    assert trial.entry == {
        "medication": {"text": "sertraline"},
        "started": "2025-01-10",
        "ended": "unknown",
        "source": {"kind": "ehr", "reference": "MedicationRequest/1"},
    }
    assert trial.key == "medication-trial/sertraline/MedicationRequest/1"
    assert trial.provenance["/started"] == [Source("MedicationRequest/1", "authoredOn", "day of the order")]
    MedicationTrialCreate.model_validate(trial.entry)
