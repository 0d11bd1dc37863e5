"""Records as a clinician would send them, to be varied by tests."""

from typing import Any

Json = dict[str, Any]

SERTRALINE: Json = {
    "medication": {"text": "Zoloft"},
    "started": "2025-01-10",
    "ended": "2025-03-28",
    "doses": [{"daily_dose_mg": 50, "from": "2025-01-10"}, {"daily_dose_mg": 100, "from": "2025-01-24"}],
    "adherence": {"adequate": True, "taken_fraction": 0.9},
    "indication": "depression",
    "role": "monotherapy",
    "outcome": {
        "response": "none",
        "improvement_percent": 10,
        "assessed_on": "2025-03-28",
        "basis": "scale",
        "early_failure_confirmed": False,
        "ever_responded": None,
    },
    "stop_reason": "lack_of_efficacy",
    "source": {"kind": "ehr", "reference": "MedicationRequest/123"},
    "note": None,
}
EPISODE: Json = {
    "onset": "2024-11",
    "resolved": None,
    "diagnosis": {"system": "icd10", "code": "F33.2", "text": "Recurrent depressive disorder, severe"},
    "polarity": "unipolar",
    "psychotic_features": False,
    "severity": "severe",
}
PHQ9: Json = {
    "instrument": "phq9",
    "assessed_on": "2025-02-01",
    "total_score": 17,
    "items": [2, 2, 2, 2, 2, 2, 2, 2, 1],
    "rater": "self",
}
ECT: Json = {
    "kind": "neuromodulation",
    "modality": "ect",
    "sessions": 12,
    "laterality": "bilateral",
    "started": "2025-05-05",
    "ended": "2025-06-13",
    "outcome": {"response": "partial", "improvement_percent": 35, "assessed_on": "2025-06-13", "basis": "scale"},
    "stop_reason": "lack_of_efficacy",
    "note": None,
}
SYMPTOMS: Json = {"observed_on": "2025-03", "present": ["fatigue", "loss_of_interest"], "absent": ["suicidal_thoughts"]}
FACTOR: Json = {"category": "co_occurring_disorder", "factor": "anxiety", "certainty": "suspected", "noted_on": "2025"}
SCORE: Json = {"instrument": "athf_sf2", "scored_on": "2025-06-20", "score": 2, "rater": "Nurse", "note": None}
PLAN: Json = {"title": "After two trials", "goals": [], "steps": [], "signed_by": None, "signed_meaning": None}
PATIENT: Json = {"display_name": "Example", "birth_date": "1984-03", "sex": "female"}


def varied(record: Json, **changes: Any) -> Json:  # noqa: ANN401 - any JSON
    """The record with some fields changed."""
    return {**record, **changes}


OF_EACH_KIND: dict[str, Json] = {
    "episodes": EPISODE,
    "medication-trials": SERTRALINE,
    "treatments": ECT,
    "assessments": PHQ9,
    "symptoms": SYMPTOMS,
    "contributing-factors": FACTOR,
    "external-scores": SCORE,
    "treatment-plans": PLAN,
}
"""One record of each kind, by the last part of its address."""
