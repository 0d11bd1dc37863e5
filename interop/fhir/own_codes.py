"""Our code systems and their value sets as FHIR R4's CodeSystem and ValueSet, made from the words of the service."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from clinical.background import Certainty, ContributingFactor, FactorCategory, ScoredInstrument, Symptom
from clinical.care import Laterality, Modality, TreatmentKind
from clinical.findings import Asked, PseudoReason
from clinical.library import library
from clinical.vocabulary import (
    Basis,
    Counts,
    Indication,
    Polarity,
    Response,
    Role,
    SafetyLevel,
    Severity,
    SourceKind,
    Status,
    StopReason,
    Verdict,
    Word,
)
from interop.fhir.canonical import code_system, value_set
from interop.fhir.elements import Fhir
from interop.fhir.findings import FINDINGS
from interop.fhir.own import described

Codes = Iterable[tuple[str, str]]
"""Codes, each with its display."""


class System(NamedTuple):
    """One code system: what it is of, its codes, and whether organisations may have more of their own."""

    description: str
    codes: tuple[tuple[str, str], ...]
    more: bool = False


WORDS: dict[str, type[Word]] = {
    "basis": Basis,
    "certainty": Certainty,
    "counts": Counts,
    "criterion": Asked,
    "factor": ContributingFactor,
    "factor-category": FactorCategory,
    "indication": Indication,
    "laterality": Laterality,
    "polarity": Polarity,
    "pseudo-resistance": PseudoReason,
    "response": Response,
    "role": Role,
    "safety-level": SafetyLevel,
    "scored-instrument": ScoredInstrument,
    "severity": Severity,
    "source-kind": SourceKind,
    "stop-reason": StopReason,
    "symptom": Symptom,
    "treatment": Modality,
    "treatment-kind": TreatmentKind,
    "trd-status": Status,
    "verdict": Verdict,
}
"""Code systems that are one closed vocabulary of the service."""


def systems() -> dict[str, System]:
    """Every code system of ours by its name."""
    return {
        **{name: System((words.__doc__ or "").strip(), tuple(_meanings(words))) for name, words in WORDS.items()},
        "finding": System("What observations and their components are about.", tuple(FINDINGS.items())),
        "scale": System("Rating scales.", tuple((slug, scale.title) for slug, scale in library().scales.items())),
        "scale-item": System("The items of rating scales.", tuple(_items())),
        "definition": System(
            "Definitions of treatment-resistant depression; an organisation may have others of its own.",
            tuple((slug, each.title) for slug, each in library().definitions.items()),
            more=True,
        ),
        "staging-method": System(
            "Staging methods.", tuple((slug, each.title) for slug, each in library().staging.items())
        ),
    }


def _meanings(words: type[Word]) -> Iterator[tuple[str, str]]:
    return ((word.value, word.meaning) for word in words)


def _items() -> Iterator[tuple[str, str]]:
    for slug, scale in library().scales.items():
        for number, name in enumerate(scale.items.names if scale.items else (), start=1):
            yield f"{slug}-{number}", name


def code_systems() -> Iterator[Fhir]:
    """Each as a CodeSystem (https://hl7.org/fhir/R4/codesystem.html)."""
    for name, system in systems().items():
        yield {
            **described("CodeSystem", name, code_system(name), system.description),
            "caseSensitive": True,
            "valueSet": value_set(name),
            "content": "fragment" if system.more else "complete",
            "count": len(system.codes),
            "concept": [{"code": code, "display": display} for code, display in system.codes],
        }


def value_sets() -> Iterator[Fhir]:
    """The set of all codes of each as a ValueSet (https://hl7.org/fhir/R4/valueset.html)."""
    for name, system in systems().items():
        said = described("ValueSet", name, value_set(name), system.description)
        yield {**said, "compose": {"include": [{"system": code_system(name)}]}}
