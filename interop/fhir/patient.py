"""A patient as FHIR R4's Patient (https://hl7.org/fhir/R4/patient.html)."""

from interop.fhir.canonical import TERMINOLOGY, US_CORE, is_uri
from interop.fhir.elements import Fhir, Said, absent, coding, meta_of, without_nothing, words

PROFILE = f"{US_CORE}/us-core-patient"
RESTRICTED = coding(f"{TERMINOLOGY}/v3-Confidentiality", "R", "restricted")


def to_fhir(said: Said) -> Fhir:
    """The patient; `said` is what `GET /v1/patients/{patient_id}` answers.

    US Core's profile asks for an identifier with its system and a name; a name whose parts are not known needs the
    reason why. Who is in the care team of a restricted record is not said, only that it is restricted.
    """
    identifiers = [_identifier(each) for each in said["identifiers"]]
    name = words(said["display_name"])
    keeps = name is not None and bool(identifiers) and all("system" in each for each in identifiers)
    meta = meta_of(said, PROFILE if keeps else None)
    return without_nothing(
        {
            "resourceType": "Patient",
            "id": str(said["id"]),
            "meta": {**meta, "security": [RESTRICTED]} if said["restricted_to"] else meta,
            "identifier": identifiers,
            "active": False if said.get("entered_in_error") else None,
            "name": [{"extension": [absent()], "text": name}] if name else [],
            "gender": str(said["sex"]),
            "birthDate": said["birth_date"],
        }
    )


def _identifier(given: Said) -> Fhir:
    """An identifier; a system that is no URI is named as whoever assigned it."""
    system, value = given["system"], words(given["value"])
    if is_uri(system):
        return without_nothing({"system": system, "value": value})
    return without_nothing({"value": value, "assigner": {"display": words(system)}})
