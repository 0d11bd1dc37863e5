"""Codes of OMOP rows: from the concept table, or from a source value that can be nothing else. Never guessed.

A concept id alone says nothing without the concept table; a source value that is no code of one system is a text.
"""

import re
from collections.abc import Mapping
from typing import Any

SYSTEMS = {
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "SNOMED": "http://snomed.info/sct",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD9CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "LOINC": "http://loinc.org",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "ATC": "http://www.whocc.no/atc",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "ICD10PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
}
"""The systems of OMOP vocabularies (`vocabulary_id`), by their FHIR URIs (terminology.hl7.org)."""
ICD10 = re.compile(r"[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})")
LOINC = re.compile(r"([0-9]{1,7})-([0-9])")
NDC = re.compile(r"[0-9]{11}|[0-9]{5}-[0-9]{4}-[0-9]{2}")
LONGEST = 200
TENS = 10


def concept(row: Mapping[str, Any], domain: str) -> dict[str, Any]:
    """The CodeableConcept of a row: the standard concept, that of the source, and the source value."""
    standard, source = (_of_table(row, which) for which in ("standard", "source"))
    said = (row["source_value"] or "")[:LONGEST]
    codings = [each for each in (standard, source or _of_source(said, domain)) if each]
    found: dict[str, Any] = {"coding": codings} if codings else {}
    names = [each["display"] for each in codings if "display" in each]
    if names or (said and not codings):
        found["text"] = names[0] if names else said
    return found


def _of_table(row: Mapping[str, Any], which: str) -> dict[str, str] | None:
    """What the concept table says."""
    vocabulary, code, name = (row[f"{which}_{part}"] for part in ("vocabulary", "code", "name"))
    if vocabulary not in SYSTEMS or not code:
        return None
    return {"system": SYSTEMS[vocabulary], "code": code} | ({"display": name} if name else {})


def _of_source(said: str, domain: str) -> dict[str, str] | None:
    """A source value that is a code by its form, in a table where such codes stand."""
    if domain == "condition" and ICD10.fullmatch(said):
        return {"system": SYSTEMS["ICD10"], "code": said}
    if domain == "measurement" and _is_loinc(said):
        return {"system": SYSTEMS["LOINC"], "code": said}
    if domain == "drug" and NDC.fullmatch(said):
        return {"system": SYSTEMS["NDC"], "code": said}
    return None


def _is_loinc(said: str) -> bool:
    """Digits, a dash, and the check digit that LOINC computes (Mod 10: every second digit from the right doubled)."""
    matched = LOINC.fullmatch(said)
    if matched is None:
        return False
    doubled = int(matched[1][::-1][::2]) * 2
    total = sum(map(int, str(doubled))) + sum(map(int, matched[1][::-1][1::2]))
    return -total % TENS == int(matched[2])
