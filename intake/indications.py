"""What a medicine was given for, where a resource says so."""

import re
from collections.abc import Iterator
from typing import Any

from clinical.medicine import key_of
from clinical.vocabulary import Indication
from intake.codings import Coding, Concept, concept_of
from intake.diagnoses import ICD
from intake.given import Book
from intake.json_parts import mappings, text
from intake.lines import Line
from intake.made import Source
from intake.mood import diagnosis_in
from intake.references import Index
from intake.words import Reason

FOR_DEPRESSION = frozenset(
    ("depression", "major depression", "major depressive disorder", "mdd", "depressive episode", "depressive disorder")
)
FOR_OTHER = frozenset(
    (
        *("insomnia", "sleep", "sleep disorder", "anxiety", "anxiety disorder", "generalized anxiety disorder"),
        *("generalised anxiety disorder", "panic disorder", "pain", "neuropathic pain", "neuropathy", "migraine"),
        *("smoking cessation", "adhd", "ocd", "obsessive compulsive disorder", "ptsd", "fibromyalgia"),
    )
)
IN_DOSAGE = re.compile(r"\bfor (depression|insomnia|sleep|pain|anxiety|migraine)\b", re.IGNORECASE)
TAG = re.compile(r"\((?:disorder|finding|situation|procedure|event|regime/therapy)\)$", re.IGNORECASE)
"""What kind of concept a name of SNOMED CT is of; it is no part of the words that are looked up."""
REASONS = ("reasonCode", "reasonReference")
BIPOLAR = "bipolar"
NO_INDICATION = ("F3", "R", "Z")
"""ICD-10 chapters of which a code does not say that it is not for depression: mood, symptoms, circumstances."""


def indication_of(course: list[Line], index: Index) -> tuple[str, list[Source]] | None:
    """Depression if any resource says so, else something else if one does, else nothing."""
    found = [sign for line in course for sign in _signs(line, index)]
    for meaning in (Indication.DEPRESSION, Indication.OTHER):
        sources = [source for said, source in found if said is meaning]
        if sources:
            return meaning.value, sources
    return None


def warn_of_unread_reasons(course: list[Line], index: Index, book: Book) -> None:
    """Say where a reason was given that does not plainly say what for: it is no silence."""
    for line in course:
        given = [key for key in REASONS if line.given.resource.get(key)]
        if given and not any(_reasons(line, index)):
            book.warn(line.given, Reason.UNREAD_REASON, f"{line.given.kind}.{given[0]}")


def _signs(line: Line, index: Index) -> Iterator[tuple[Indication, Source]]:
    yield from _reasons(line, index)
    yield from _in_dosage(line.given.resource, line.given.reference)


def _reasons(line: Line, index: Index) -> Iterator[tuple[Indication, Source]]:
    resource, reference = line.given.resource, line.given.reference
    for at, each in enumerate(mappings(resource.get("reasonCode"))):
        said = meaning_of(concept_of(each))
        if said:
            yield said, Source(reference, f"reasonCode[{at}]", "reason given as a code or in a plain word")
    for at, each in enumerate(mappings(resource.get("reasonReference"))):
        found = index.find(each, resource)
        said = meaning_of(concept_of(found.resource.get("code"))) if found and found.kind == "Condition" else None
        if said:
            yield said, Source(reference, f"reasonReference[{at}]", "reason given as a diagnosis")


def _in_dosage(resource: Any, reference: str) -> Iterator[tuple[Indication, Source]]:  # noqa: ANN401 - JSON
    where = "dosage" if "dosage" in resource else "dosageInstruction"
    for at, dosage in enumerate(mappings(resource.get(where))):
        needed = meaning_of(concept_of(dosage.get("asNeededCodeableConcept")))
        if needed:
            yield needed, Source(reference, f"{where}[{at}].asNeeded", "purpose of taking it as needed")
        for key in ("text", "patientInstruction"):
            words = {word.lower() for word in IN_DOSAGE.findall(text(dosage.get(key)) or "")}
            if words:
                said = Indication.DEPRESSION if "depression" in words else Indication.OTHER
                yield said, Source(reference, f"{where}[{at}].{key}", "purpose stated in the instructions")


def meaning_of(concept: Concept) -> Indication | None:
    """What a reason means: by codes that are known for what they are, else by a text that is one plain word."""
    coded = {meaning for coding in concept.codings if (meaning := _by_code(coding))}
    if coded:
        return coded.pop() if len(coded) == 1 else None
    words = {
        key_of(TAG.sub("", said)) for said in (concept.text, *(coding.display for coding in concept.codings)) if said
    }
    if words & FOR_DEPRESSION:
        return None if words & FOR_OTHER else Indication.DEPRESSION
    return Indication.OTHER if words & FOR_OTHER else None


def _by_code(coding: Coding) -> Indication | None:
    """A code of depression, or an ICD-10 code of something that is no disorder of mood."""
    system, code, _ = coding
    diagnosis = diagnosis_in(coding)
    if diagnosis:
        return None if diagnosis.disorder == BIPOLAR else Indication.DEPRESSION
    if system in ICD and code and not code.upper().startswith(NO_INDICATION):
        return Indication.OTHER
    return OTHER_SNOMED.get(code or "") if system == "snomed" else None


OTHER_SNOMED = {"21897009": Indication.OTHER, "197480006": Indication.OTHER, "193462001": Indication.OTHER}
"""Generalised anxiety disorder, anxiety disorder, insomnia."""
