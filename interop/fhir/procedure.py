"""A treatment that is not a medicine taken day by day as FHIR R4's Procedure (https://hl7.org/fhir/R4/procedure.html)."""

from clinical.care import Laterality, Modality, TreatmentKind
from interop.fhir.canonical import SNOMED, US_CORE
from interop.fhir.courses import outcome_extension, response_concept, stop_concept
from interop.fhir.elements import (
    Fhir,
    Said,
    coding,
    concept,
    extension,
    is_in_error,
    local,
    meta_of,
    note_of,
    parted,
    patient_of,
    period,
    unless_unknown,
    without_nothing,
)
from interop.fhir.references import reference_to

PROFILE = f"{US_CORE}/us-core-procedure"
KNOWN = {
    "ect": coding(SNOMED, "23835007", "Electroconvulsive therapy"),
    "cbt": coding(SNOMED, "228557008", "Cognitive and behavioral therapy"),
    "ipt": coding(SNOMED, "443730003", "Interpersonal psychotherapy"),
    "psychodynamic": coding(SNOMED, "314034001", "Psychodynamic psychotherapy"),
}
"""SNOMED CT, as public value sets of quality measures and concept sets on depression carry it; not read in its source.

Others have a code of ours alone until a code of theirs was checked.
"""
BROKEN_OFF = frozenset({"intolerance", "patient_choice", "cost", "pregnancy", "interaction", "other"})
"""Reasons that end a course before its time; the others may end one that was carried out."""


def to_fhir(said: Said) -> Fhir:
    """The treatment; `said` is what `GET .../treatments/{id}` answers. One resource is the whole course."""
    when, stopped = period(said["started"], said["ended"]), stop_concept(said["stop_reason"])
    keeps = "start" in when or "end" in when
    return without_nothing(
        {
            "resourceType": "Procedure",
            "id": str(said["id"]),
            "meta": meta_of(said, PROFILE if keeps else None),
            "extension": _extensions(said),
            "status": _status(said),
            "statusReason": stopped,
            "category": concept(local("treatment-kind", said["kind"], TreatmentKind(said["kind"]).meaning)),
            "code": concept(
                KNOWN.get(said["modality"], {}),
                _what(said["modality"]),
                text=Modality(said["modality"]).meaning.rstrip("."),
            ),
            "subject": patient_of(said),
            "performedPeriod": when,
            "reasonReference": [reference_to("Condition", said["episode_id"])] if said["episode_id"] else [],
            "outcome": response_concept(said["outcome"]),
            "note": note_of(said["note"]),
        }
    )


def _what(modality: str) -> Fhir:
    return local("treatment", modality, Modality(modality).meaning)


def _status(said: Said) -> str:
    if is_in_error(said):
        return "entered-in-error"
    if said["ended"] is None:
        return "in-progress"
    return "stopped" if said["stop_reason"] in BROKEN_OFF else "completed"


def _extensions(said: Said) -> list[Fhir]:
    """What R4 has no element for."""
    course, side = said["adequate_course"], unless_unknown(said["laterality"])
    return [
        *extension("sessions", "PositiveInt", said["sessions"]),
        *extension("laterality", "Code", side and Laterality(side).value),
        *outcome_extension(said["outcome"]),
        *parted(
            "adequate-course",
            (("verdict", "Code", str(course["verdict"])), ("sentence", "String", course["sentence"])),
        ),
    ]
