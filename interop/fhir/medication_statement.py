"""A medication trial as FHIR R4's MedicationStatement (https://hl7.org/fhir/R4/medicationstatement.html)."""

from clinical.vocabulary import Indication
from interop.fhir.canonical import ATC, RXNORM, SNOMED, system_of
from interop.fhir.courses import CARRIED_OUT, outcome_extension, stop_concept
from interop.fhir.dosages import dosages_of
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
    number,
    parted,
    patient_of,
    period,
    unless_unknown,
    without_nothing,
)
from interop.fhir.references import derived_from, reference_to

DEPRESSION = coding(SNOMED, "35489007", "Depressive disorder")


def to_fhir(said: Said) -> Fhir:
    """The trial; `said` is what `GET .../medication-trials/{id}` answers."""
    stopped = stop_concept(said["stop_reason"])
    return without_nothing(
        {
            "resourceType": "MedicationStatement",
            "id": str(said["id"]),
            "meta": meta_of(said),
            "extension": _extensions(said),
            "status": _status(said),
            "statusReason": [stopped] if stopped else [],
            "medicationCodeableConcept": _medicine(said["medication"]),
            "subject": patient_of(said),
            "effectivePeriod": period(said["started"], said["ended"]),
            "informationSource": _informant(said),
            "derivedFrom": derived_from(said["source"]),
            "reasonCode": _reason(said["indication"]),
            "reasonReference": [reference_to("Condition", said["episode_id"])] if said["episode_id"] else [],
            "note": note_of(said["note"]),
            "dosage": dosages_of(said),
        }
    )


def _extensions(said: Said) -> list[Fhir]:
    """What R4 has no element for."""
    taken, source = said["adherence"]["taken_fraction"], said["source"] or {}
    augments = said["augments"]
    return [
        *extension("role", "Code", str(said["role"])),
        *extension("augments", "Reference", reference_to("MedicationStatement", augments) if augments else None),
        *outcome_extension(said["outcome"]),
        *parted(
            "adherence",
            (
                ("adequate", "Boolean", said["adherence"]["adequate"]),
                ("takenFraction", "Decimal", None if taken is None else number(taken)),
            ),
        ),
        *extension("source-kind", "Code", unless_unknown(source.get("kind"))),
    ]


def _status(said: Said) -> str:
    """`active` while it is taken; then `completed`, or `stopped` where a reason to stop is known."""
    if is_in_error(said):
        return "entered-in-error"
    if said["ended"] is None:
        return "active"
    return "completed" if said["stop_reason"] in CARRIED_OUT else "stopped"


def _medicine(medicine: Said) -> Fhir:
    """The ingredient's codes, and the code that was entered where it is another one."""
    known = [
        coding(RXNORM, medicine["rxnorm"], medicine["name"]) if medicine["rxnorm"] else {},
        coding(ATC, medicine["atc"], medicine["name"]) if medicine["atc"] else {},
    ]
    system = system_of(medicine["system"])
    entered = coding(system, medicine["code"]) if system and medicine["code"] else {}
    repeated = any(each and each["code"] == entered.get("code") and each["system"] == system for each in known)
    chosen = [] if repeated or not entered else [{**entered, "userSelected": True}]
    return concept(*known, *chosen, text=medicine["text"] or medicine["name"])


def _informant(said: Said) -> Fhir | None:
    """Who told, where that was a person; records have no element of their own (see the extension `source-kind`)."""
    kind = (said["source"] or {}).get("kind")
    if kind == "patient":
        return patient_of(said)
    return {"type": "Practitioner", "display": "A clinician"} if kind == "clinician" else None


def _reason(indication: str) -> list[Fhir]:
    """What it was given for."""
    word = unless_unknown(indication)
    if word is None:
        return []
    own = local("indication", word, Indication(word).meaning)
    return [concept(DEPRESSION, own) if word == "depression" else concept(own)]
