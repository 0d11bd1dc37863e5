"""Our extensions as FHIR R4's StructureDefinition (https://hl7.org/fhir/R4/structuredefinition.html)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from interop.fhir.canonical import HL7, extension_url, value_set
from interop.fhir.elements import Fhir, without_nothing
from interop.fhir.own import FHIR_VERSION, described

BASIC = f"{HL7}/StructureDefinition/Extension"


class Part(NamedTuple):
    """A value: its type in FHIR, what it says, the value set of a code, and the type that a reference leads to."""

    kind: str
    says: str
    codes: str | None = None
    target: str | None = None


class Extension(NamedTuple):
    """One extension: where it may stand, what it says, and its value or its parts."""

    context: tuple[str, ...]
    says: str
    value: Part | None = None
    parts: Mapping[str, Part] = {}


COURSES = ("MedicationStatement", "Procedure")
EXTENSIONS: Mapping[str, Extension] = {
    "polarity": Extension(
        ("Condition",), "Whether the mood disorder is unipolar or bipolar.", Part("code", "Which.", "polarity")
    ),
    "psychotic-features": Extension(
        ("Condition",), "Whether there were psychotic features in the episode.", Part("boolean", "True if there were.")
    ),
    "role": Extension(("MedicationStatement",), "What the medicine was given as.", Part("code", "As what.", "role")),
    "augments": Extension(
        ("MedicationStatement",),
        "The trial that an augmentation or a combination was added to.",
        Part("Reference", "That trial.", target="MedicationStatement"),
    ),
    "outcome": Extension(
        COURSES,
        "What came of the course. A part that is not there is not known.",
        parts={
            "response": Part("code", "How the depression responded, as somebody judged it.", "response"),
            "improvementPercent": Part("decimal", "Improvement on a scale in percent of the baseline."),
            "assessedOn": Part("dateTime", "When it was judged, as precisely as it is known."),
            "basis": Part("code", "What the judgement rests on.", "basis"),
            "earlyFailureConfirmed": Part("boolean", "True when it was certain early that it would not work."),
            "everResponded": Part("boolean", "Whether there was a response at any time of the course."),
        },
    ),
    "adherence": Extension(
        ("MedicationStatement",),
        "How regularly the medicine was taken.",
        parts={
            "adequate": Part("boolean", "Whether regularly enough to judge it."),
            "takenFraction": Part("decimal", "The share of the doses that was taken, from 0 to 1."),
        },
    ),
    "source-kind": Extension(
        ("MedicationStatement",), "Where the record comes from.", Part("code", "The kind of source.", "source-kind")
    ),
    "sessions": Extension(
        ("Procedure",), "How many sessions were given.", Part("positiveInt", "The number, so far or in all.")
    ),
    "laterality": Extension(
        ("Procedure",), "For ECT: where the electrodes were.", Part("code", "One side or both.", "laterality")
    ),
    "adequate-course": Extension(
        ("Procedure",),
        "Whether it was a fair course, by published sources, as of the day on which the version was recorded.",
        parts={
            "verdict": Part("code", "Whether it was.", "verdict"),
            "sentence": Part("string", "Why, in words."),
        },
    ),
    "trial": Extension(
        ("Observation.component",),
        "The trial that a component of the status is about.",
        Part("Reference", "That trial.", target="MedicationStatement"),
    ),
    "course": Extension(
        ("Observation.component",),
        "The trial or the treatment that a question is about, by its id.",
        Part("Reference", "That record."),
    ),
    "definition-digest": Extension(
        ("CodeableConcept",),
        "The digest of the file that states a definition or a method: the same digest is the same rule.",
        Part("string", "`sha256:` and 64 hexadecimal digits."),
    ),
    "imprecise-end": Extension(
        ("dateTime",),
        "The end of a Period that cannot be compared with its start, as `2025` cannot with `2025-03-10`.",
        Part("dateTime", "The end, as precisely as it is known."),
    ),
}
"""Every extension of ours by its name."""


def structure_definitions() -> Iterator[Fhir]:
    """Each as a StructureDefinition."""
    for name, made in EXTENSIONS.items():
        yield {
            **described("StructureDefinition", name, extension_url(name), made.says),
            "fhirVersion": FHIR_VERSION,
            "kind": "complex-type",
            "abstract": False,
            "context": [{"type": "element", "expression": each} for each in made.context],
            "type": "Extension",
            "baseDefinition": BASIC,
            "derivation": "constraint",
            "differential": {"element": [*_elements(name, made)]},
        }


def _elements(name: str, made: Extension) -> Iterator[Fhir]:
    """What it narrows of FHIR's own Extension."""
    yield {"id": "Extension", "path": "Extension", "short": made.says, "definition": made.says, "max": "1"}
    for part, said in made.parts.items():
        yield from _part(part, said)
    if made.value is None:
        yield _fixed("Extension", extension_url(name))
        yield {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"}
        return
    yield {"id": "Extension.extension", "path": "Extension.extension", "max": "0"}
    yield _fixed("Extension", extension_url(name))
    yield _value("Extension", made.value)


def _part(name: str, said: Part) -> Iterator[Fhir]:
    place = f"Extension.extension:{name}"
    path = "Extension.extension"
    yield {"id": place, "path": path, "sliceName": name, "short": said.says, "min": 0, "max": "1"}
    yield {"id": f"{place}.extension", "path": f"{path}.extension", "max": "0"}
    yield _fixed(place, name)
    yield _value(place, said)


def _fixed(place: str, url: str) -> Fhir:
    return {"id": f"{place}.url", "path": _path(f"{place}.url"), "fixedUri": url}


def _value(place: str, said: Part) -> Fhir:
    """The one type that the value may have, with the codes that it must be of."""
    target = [f"{HL7}/StructureDefinition/{said.target}"] if said.target else []
    bound = {"strength": "required", "valueSet": value_set(said.codes)} if said.codes else None
    return without_nothing(
        {
            "id": f"{place}.value[x]",
            "path": _path(f"{place}.value[x]"),
            "short": said.says,
            "min": 1,
            "type": [without_nothing({"code": said.kind, "targetProfile": target})],
            "binding": bound,
        }
    )


def _path(place: str) -> str:
    """The path of an element: its id without the names of slices."""
    return ".".join(step.partition(":")[0] for step in place.split("."))
