"""A depressive episode as FHIR R4's Condition (https://hl7.org/fhir/R4/condition.html)."""

from clinical.vocabulary import Severity
from interop.fhir.canonical import SNOMED, US_CORE, system_of
from interop.fhir.elements import (
    Fhir,
    Said,
    coding,
    concept,
    extension,
    instant,
    is_in_error,
    local,
    meta_of,
    of_hl7,
    patient_of,
    unless_unknown,
    without_nothing,
)

PROFILE = f"{US_CORE}/us-core-condition-problems-health-concerns"
SEVERITIES = {
    "subsyndromal": local("severity", "subsyndromal", Severity.SUBSYNDROMAL.meaning),
    "mild": coding(SNOMED, "255604002", "Mild"),
    "moderate": coding(SNOMED, "6736007", "Moderate"),
    "severe": coding(SNOMED, "24484000", "Severe"),
}
"""FHIR's own value set for `Condition.severity`, and one word that it lacks."""
NOT_CODED = "Depressive episode"


def to_fhir(said: Said) -> Fhir:
    """The episode; `said` is what `GET .../episodes/{id}` answers.

    It is `confirmed` where somebody coded it: nothing else in the record says how sure the diagnosis is.
    """
    return without_nothing(
        {
            "resourceType": "Condition",
            "id": str(said["id"]),
            "meta": meta_of(said, PROFILE),
            "extension": [
                *extension("polarity", "Code", unless_unknown(said["polarity"])),
                *extension("psychotic-features", "Boolean", said["psychotic_features"]),
            ],
            **_statuses(said),
            "category": [of_hl7("condition-category", "problem-list-item", "Problem List Item")],
            "severity": concept(SEVERITIES[said["severity"]]) if unless_unknown(said["severity"]) else None,
            "code": _code(said["diagnosis"]),
            "subject": patient_of(said),
            "onsetDateTime": said["onset"],
            "abatementDateTime": said["resolved"],
            "recordedDate": instant(said["created_at"]),
        }
    )


def _statuses(said: Said) -> Fhir:
    """Both statuses. What was entered in error may have no clinical status (con-5)."""
    if is_in_error(said):
        return {"verificationStatus": of_hl7("condition-ver-status", "entered-in-error", "Entered in Error")}
    clinical = ("resolved", "Resolved") if said["resolved"] else ("active", "Active")
    coded = (said["diagnosis"] or {}).get("code")
    return {
        "clinicalStatus": of_hl7("condition-clinical", *clinical),
        "verificationStatus": of_hl7("condition-ver-status", "confirmed", "Confirmed") if coded else None,
    }


def _code(diagnosis: Said | None) -> Fhir:
    """The diagnosis; a code system that FHIR has no name for is kept in the text, where there is no other."""
    given = diagnosis or {}
    system, code, text = given.get("system"), given.get("code"), given.get("text")
    entered = coding(system_of(system), code) if code else {}
    return concept(entered, text=text or (f"{system} {code}" if system and code else code) or NOT_CODED)
