"""An example of a definition of an organisation's own, as it can be posted."""

from typing import Any


def _trial(name: str, started: str, ended: str, improvement: int) -> dict[str, Any]:
    return {
        "medication": {"text": name},
        "started": started,
        "ended": ended,
        "daily_dose_mg": 150,
        "indication": "depression",
        "outcome": {"improvement_percent": improvement},
        "stop_reason": "lack_of_efficacy",
    }


_TWO_CLASSES = [
    _trial("sertraline", "2025-01-01", "2025-02-25", 10),
    _trial("venlafaxine", "2025-02-26", "2025-04-22", 10),
]
_ONE_CLASS = [_TWO_CLASSES[0], _trial("fluvoxamine", "2025-02-26", "2025-04-22", 10)]

EXAMPLE: dict[str, Any] = {
    "slug": "our_two_classes",
    "title": "Two classes failed",
    "purpose": "What our clinic asks before it refers: failures of two antidepressants of two different classes.",
    "citation": "Referral rule of the clinic, 2026",
    "limits": ["Asks for no dose and no duration."],
    "required": {"failed_medications": 2, "different_classes": True},
    "failure": {"improvement_below_percent": 50},
    "worked_cases": [
        {
            "name": "two classes",
            "on": "2025-12-31",
            "history": {"medication_trials": _TWO_CLASSES},
            "status": "treatment_resistant",
            "confirmed": 2,
        },
        {
            "name": "two of one class",
            "on": "2025-12-31",
            "history": {"medication_trials": _ONE_CLASS},
            "status": "not_treatment_resistant",
            "confirmed": 1,
        },
    ],
}
