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
PATIENT: Json = {"display_name": "Example", "birth_date": "1984-03", "sex": "female"}


def varied(record: Json, **changes: Any) -> Json:  # noqa: ANN401 - any JSON
    """The record with some fields changed."""
    return {**record, **changes}
