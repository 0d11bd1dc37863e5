"""Examples of calls and of feedback, for the documentation. The patient is invented."""

from typing import Any

_PATIENT = {"reference": "Patient/1288992"}
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def _bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}


def _taken(name: str, medicine: str, days: tuple[str, str], dose: int) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": "completed",
        "subject": _PATIENT,
        "medicationCodeableConcept": {"text": medicine},
        "effectivePeriod": {"start": days[0], "end": days[1]},
        "dosage": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg", "code": "mg"}}],
            }
        ],
    }


def _phq9(name: str, day: str, total: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": _PATIENT,
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6", "display": "PHQ-9 total score"}]},
        "effectiveDateTime": day,
        "valueInteger": total,
    }


PREFETCH = {
    "patient": {"resourceType": "Patient", "id": "1288992", "gender": "female", "birthDate": "1984-03"},
    "conditions": _bundle(),
    "medicationStatements": _bundle(
        _taken("s1", "Sertraline", ("2025-01-10", "2025-03-28"), 100),
        _taken("v1", "Venlafaxine", ("2025-04-01", "2025-06-10"), 150),
    ),
    "medicationRequests": _bundle(),
    "medicationDispenses": _bundle(),
    "ratings": _bundle(_phq9("p1", "2025-01-09", 20), _phq9("p2", "2025-03-28", 19), _phq9("p3", "2025-06-10", 18)),
    "procedures": _bundle(),
}
_DRAFT = {
    "resourceType": "MedicationRequest",
    "id": "draft-1",
    "status": "draft",
    "intent": "order",
    "subject": _PATIENT,
    "medicationCodeableConcept": {"coding": [{"system": _RXNORM, "code": "36437", "display": "sertraline"}]},
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 25, "unit": "mg", "code": "mg"}}],
        }
    ],
}
VIEW = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/example", "patientId": "1288992"},
    "prefetch": PREFETCH,
}
SIGN = {
    "hook": "order-sign",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2eb",
    "context": {
        "userId": "Practitioner/example",
        "patientId": "1288992",
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": _DRAFT}]},
    },
    "prefetch": PREFETCH,
}
CALLS: dict[str, Any] = {
    "a chart is opened": {"summary": "patient-view, for `trd-patient-view`", "value": VIEW},
    "an order is signed": {"summary": "order-sign, for `trd-order-sign`", "value": SIGN},
}
FEEDBACK: dict[str, Any] = {
    "overridden": {
        "summary": "A card was set aside, with a reason",
        "value": {
            "feedback": [
                {
                    "card": "9f2c1d34-5b6a-8c7d-9e0f-112233445566",
                    "outcome": "overridden",
                    "overrideReason": {
                        "reason": {"system": "urn:trialbook:cds-hooks:override-reasons", "code": "considered"}
                    },
                    "outcomeTimestamp": "2025-06-01T09:30:00Z",
                }
            ]
        },
    }
}
