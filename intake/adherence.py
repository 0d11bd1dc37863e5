"""Whether a medicine was taken as prescribed: by the adherence extension of US Core, or a statement that it was not."""

from collections.abc import Iterable
from typing import Any

from intake.codings import concept_of
from intake.denials import Denial
from intake.json_parts import mappings
from intake.lines import Line
from intake.made import Source

EXTENSION = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medication-adherence"
PART = "medicationAdherence"
ADEQUATE = {"1156699004": True, "702565001": False, "715036001": False}
"""SNOMED CT codes of the value set of US Core: complies, does not comply, does not take the medicine."""


def adherence_of(course: list[Line], denials: Iterable[Denial]) -> tuple[dict[str, Any], list[Source]] | None:
    """The one answer that is given; nothing where answers differ, or there is none."""
    found = [
        (said, Source(line.given.reference, "extension", "adherence as reported"))
        for line in course
        for said in _said(line)
    ]
    found += [(False, Source(denial.given.reference, "status", "stated as not taken")) for denial in denials]
    answers = {said for said, _ in found}
    return ({"adequate": answers.pop()}, [source for _, source in found]) if len(answers) == 1 else None


def _said(line: Line) -> list[bool]:
    parts = [
        part
        for extension in mappings(line.given.resource.get("extension"))
        if extension.get("url") == EXTENSION
        for part in mappings(extension.get("extension"))
        if part.get("url") == PART
    ]
    codes = [coding.code for part in parts for coding in concept_of(part.get("valueCodeableConcept")).codings]
    return [ADEQUATE[code] for code in codes if code in ADEQUATE]
