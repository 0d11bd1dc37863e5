"""Calls as EHRs make them: resources, prefetches and requests, for the tests of CDS Hooks."""

from typing import Any

Json = dict[str, Any]
PATIENT_ID = "1288992"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CODES = {
    "sertraline": "36437",
    "venlafaxine": "39786",
    "fluoxetine": "4493",
    "phenelzine": "8123",
    "bupropion": "42347",
}
KEYS = (
    *("patient", "conditions", "medicationStatements", "medicationRequests", "medicationDispenses"),
    *("ratings", "procedures"),
)
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}


def concept(medicine: str) -> Json:
    return {"coding": [{"system": RXNORM, "code": CODES[medicine], "display": medicine}]}


def dose_of(mg: float | None) -> list[Json]:
    if mg is None:
        return []
    return [{"timing": DAILY, "doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}]}]


def statement(
    medicine: str,
    started: str,
    ended: str | None,
    mg: float | None = 100,
    **more: Any,  # noqa: ANN401 - any field
) -> Json:
    period = {"start": started} | ({"end": ended} if ended else {})
    return {
        "resourceType": "MedicationStatement",
        "id": f"{medicine}-{started}",
        "status": "completed" if ended else "active",
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "medicationCodeableConcept": concept(medicine),
        "effectivePeriod": period,
        "dosage": dose_of(mg),
        **more,
    }


def phq9(day: str, total: int) -> Json:
    return {
        "resourceType": "Observation",
        "id": f"phq9-{day}",
        "status": "final",
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "effectiveDateTime": day,
        "valueInteger": total,
    }


def depression(onset: str = "2024-11-01") -> Json:
    return {
        "resourceType": "Condition",
        "id": "depression",
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}]},
        "onsetDateTime": onset,
    }


FAILED_ONE = (statement("sertraline", "2025-01-10", "2025-03-28"), phq9("2025-01-09", 20), phq9("2025-03-28", 19))
FAILED_TWO = (*FAILED_ONE, statement("fluoxetine", "2025-04-01", "2025-07-15", 40), phq9("2025-07-15", 18))


def prefetch(*resources: Json, **more: Json | None) -> Json:
    """A whole prefetch: each resource under the key of its kind, null where there is nothing."""
    kinds = {
        "Condition": "conditions",
        "MedicationStatement": "medicationStatements",
        "MedicationRequest": "medicationRequests",
        "MedicationDispense": "medicationDispenses",
        "Observation": "ratings",
        "Procedure": "procedures",
    }
    sorted_out: dict[str, list[Json]] = {}
    for each in resources:
        sorted_out.setdefault(kinds[each["resourceType"]], []).append(each)
    person: Json = {"resourceType": "Patient", "id": PATIENT_ID, "gender": "female"}
    found: Json = dict.fromkeys(KEYS) | {"patient": person}
    return found | {key: bundle(*listed) for key, listed in sorted_out.items()} | more


def view(sent: Json | None, **more: Any) -> Json:  # noqa: ANN401 - any field
    """A call of patient-view; without a prefetch where there is None."""
    call = {"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"}
    call |= {"context": {"userId": "Practitioner/example", "patientId": PATIENT_ID}, **more}
    return call if sent is None else call | {"prefetch": sent}


def draft(medicine: str, mg: float | None = 100, **more: Any) -> Json:  # noqa: ANN401 - any field
    return {
        "resourceType": "MedicationRequest",
        "id": f"draft-{medicine}",
        "status": "draft",
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "medicationCodeableConcept": concept(medicine),
        "dosageInstruction": dose_of(mg),
        **more,
    }


def orders(sent: Json | None, *drafts: Json, hook: str = "order-sign", **more: Any) -> Json:  # noqa: ANN401
    """A call on orders; `more` goes into the context."""
    call = view(sent) | {"hook": hook}
    return call | {"context": {**call["context"], "draftOrders": bundle(*drafts), **more}}
