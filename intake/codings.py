"""Codes and the names of their systems, as FHIR writes them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from intake.json_parts import mapping, mappings, text

SYSTEMS = {
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "https://dmd.nhs.uk": "snomed",
    "http://www.whocc.no/atc": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "http://fdasis.nlm.nih.gov": "unii",
    "urn:oid:2.16.840.1.113883.4.9": "unii",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "urn:oid:2.16.840.1.113883.6.3": "icd10",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full": "icd10",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "icd10",
    "http://fhir.de/CodeSystem/dimdi/icd-10-gm": "icd10",
    "http://hl7.org/fhir/sid/icd-9-cm": "icd9cm",
    "urn:oid:2.16.840.1.113883.6.103": "icd9cm",
    "http://www.cms.gov/Medicare/Coding/ICD10": "icd10pcs",
    "urn:oid:2.16.840.1.113883.6.4": "icd10pcs",
}
"""The names by which this service calls the systems whose codes it reads."""


LONGEST_SYSTEM = 200


class Coding(NamedTuple):
    """One code: the name of its system (None for one that is not read), the code and the text beside it."""

    system: str | None
    code: str | None
    display: str | None


class Concept(NamedTuple):
    """The codes for one thing, and its text."""

    codings: tuple[Coding, ...]
    text: str | None


def coding_of(value: Mapping[str, Any]) -> Coding:
    """One coding; what is of the wrong type is missing."""
    system = value.get("system")
    return Coding(
        (SYSTEMS.get(system) or _system(system[:LONGEST_SYSTEM])) if isinstance(system, str) else None,
        text(value.get("code")),
        text(value.get("display")),
    )


@lru_cache(maxsize=1024)
def _system(said: str) -> str | None:
    """A system that is written with a version, with a secure scheme, or as an OID alone."""
    plain = said.strip().partition("|")[0].rstrip("/")
    found = (
        plain,
        plain.replace("https://", "http://", 1),
        plain.replace("http://", "https://", 1),
        f"urn:oid:{plain}",
    )
    return next((SYSTEMS[each] for each in found if each in SYSTEMS), None)


def concept_of(value: object) -> Concept:
    """A CodeableConcept, whatever was given in its place."""
    given = mapping(value)
    return Concept(tuple(map(coding_of, mappings(given.get("coding")))), text(given.get("text")))
