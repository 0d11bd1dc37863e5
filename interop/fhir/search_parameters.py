"""The search parameters that are served, by type of resource, with the elements that each looks at.

What US Core asks of a server (https://hl7.org/fhir/us/core/search-parameters-and-operations.html) and what goes with
it. The CapabilityStatement is made from this table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from interop.fhir.canonical import HL7, TERMINOLOGY


class Kind(StrEnum):
    """How a parameter compares (https://hl7.org/fhir/R4/search.html#ptypes)."""

    TOKEN = "token"  # noqa: S105 - FHIR's word
    DATE = "date"
    STRING = "string"
    REFERENCE = "reference"


MODIFIERS = {
    Kind.TOKEN: frozenset({"not", "missing"}),
    Kind.DATE: frozenset({"missing"}),
    Kind.STRING: frozenset({"exact", "contains", "missing"}),
    Kind.REFERENCE: frozenset({"missing", "identifier"}),
}
"""The modifiers that each kind has here; a reference may be followed by the type of its target, too."""


class Parameter(NamedTuple):
    """One search parameter.

    Attributes:
        kind: how it compares.
        paths: the elements that it looks at; lists on the way are gone through.
        system: for a token of a plain code, the code system that is meant.
        targets: for a reference, the types that it may lead to; none is any.
    """

    kind: Kind
    paths: tuple[str, ...]
    system: str | None = None
    targets: tuple[str, ...] = ()


Parameters = Mapping[str, Parameter]


def _token(*paths: str, system: str | None = None) -> Parameter:
    return Parameter(Kind.TOKEN, paths, system)


def _date(*paths: str) -> Parameter:
    return Parameter(Kind.DATE, paths)


def _string(*paths: str) -> Parameter:
    return Parameter(Kind.STRING, paths)


def _reference(*paths: str, to: tuple[str, ...] = ()) -> Parameter:
    return Parameter(Kind.REFERENCE, paths, None, to)


ALL: Parameters = {"_id": _token("id"), "_lastUpdated": _date("meta.lastUpdated")}
PERSON = ("Patient",)
OF_PATIENT: Parameters = {
    "patient": _reference("subject", to=PERSON),
    "subject": _reference("subject"),
    "identifier": _token("identifier"),
    "encounter": _reference("encounter", "context", to=("Encounter",)),
}
OF_MEDICINE: Parameters = {
    **OF_PATIENT,
    "code": _token("medicationCodeableConcept"),
    "medication": _reference("medicationReference", to=("Medication",)),
    "category": _token("category"),
}
OF_VERSIONS: Parameters = {
    "target": _reference("target"),
    "recorded": _date("recorded"),
    "agent": _reference("agent.who"),
}

PARAMETERS: Mapping[str, Parameters] = {
    "Patient": {
        "identifier": _token("identifier"),
        "active": _token("active"),
        "name": _string("name"),
        "family": _string("name.family"),
        "given": _string("name.given"),
        "birthdate": _date("birthDate"),
        "gender": _token("gender", system=f"{HL7}/administrative-gender"),
    },
    "Condition": {
        **OF_PATIENT,
        "category": _token("category"),
        "code": _token("code"),
        "severity": _token("severity"),
        "clinical-status": _token("clinicalStatus"),
        "verification-status": _token("verificationStatus"),
        "onset-date": _date("onsetDateTime", "onsetPeriod"),
        "abatement-date": _date("abatementDateTime", "abatementPeriod"),
        "recorded-date": _date("recordedDate"),
    },
    "MedicationStatement": {
        **OF_MEDICINE,
        "status": _token("status", system=f"{HL7}/CodeSystem/medication-statement-status"),
        "effective": _date("effectiveDateTime", "effectivePeriod"),
        "source": _reference("informationSource"),
    },
    "MedicationRequest": {
        **OF_MEDICINE,
        "status": _token("status", system=f"{HL7}/CodeSystem/medicationrequest-status"),
        "intent": _token("intent", system=f"{HL7}/CodeSystem/medicationrequest-intent"),
        "authoredon": _date("authoredOn"),
        "requester": _reference("requester"),
    },
    "MedicationDispense": {
        **OF_MEDICINE,
        "status": _token("status", system=f"{TERMINOLOGY}/medicationdispense-status"),
        "type": _token("type"),
        "whenhandedover": _date("whenHandedOver"),
        "whenprepared": _date("whenPrepared"),
        "prescription": _reference("authorizingPrescription", to=("MedicationRequest",)),
    },
    "MedicationAdministration": {
        **OF_MEDICINE,
        "status": _token("status", system=f"{TERMINOLOGY}/medication-admin-status"),
        "effective-time": _date("effectiveDateTime", "effectivePeriod"),
    },
    "Medication": {"code": _token("code"), "identifier": _token("identifier"), "status": _token("status")},
    "Observation": {
        **OF_PATIENT,
        "category": _token("category"),
        "code": _token("code"),
        "component-code": _token("component.code"),
        "combo-code": _token("code", "component.code"),
        "status": _token("status", system=f"{HL7}/observation-status"),
        "date": _date("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
        "value-concept": _token("valueCodeableConcept"),
        "method": _token("method"),
        "performer": _reference("performer"),
        "derived-from": _reference("derivedFrom"),
    },
    "Procedure": {
        **OF_PATIENT,
        "category": _token("category"),
        "code": _token("code"),
        "status": _token("status", system=f"{HL7}/event-status"),
        "date": _date("performedDateTime", "performedPeriod"),
        "reason-reference": _reference("reasonReference"),
    },
    "QuestionnaireResponse": {
        **OF_PATIENT,
        "status": _token("status", system=f"{HL7}/questionnaire-answers-status"),
        "authored": _date("authored"),
    },
    "Provenance": OF_VERSIONS,
    "AuditEvent": {
        "patient": _reference("entity.what", "agent.who", to=PERSON),
        "entity": _reference("entity.what"),
        "agent": _reference("agent.who"),
        "date": _date("recorded"),
        "action": _token("action", system=f"{HL7}/audit-event-action"),
        "outcome": _token("outcome", system=f"{HL7}/audit-event-outcome"),
        "subtype": _token("subtype"),
    },
}
"""Every type of resource that can be searched, without what all have (`ALL`)."""


def parameters_of(kind: str) -> Parameters:
    """Every parameter of a type of resource; those that all have come first."""
    return {**ALL, **PARAMETERS.get(kind, {})}
