"""A filled-in rating scale as FHIR R4's Observation (https://hl7.org/fhir/R4/observation.html)."""

from collections.abc import Iterator

from clinical.library import scales
from clinical.rating_scales import Scale
from clinical.vocabulary import SafetyLevel
from interop.fhir.canonical import LOINC, US_CORE
from interop.fhir.elements import (
    Fhir,
    Said,
    coding,
    concept,
    count,
    is_in_error,
    local,
    meta_of,
    of_hl7,
    patient_of,
    without_nothing,
    without_value,
)
from interop.fhir.findings import finding

PROFILE = f"{US_CORE}/us-core-observation-screening-assessment"
FULL_DAY = len("2025-03-28")
SURVEY = of_hl7("observation-category", "survey", "Survey")


def to_fhir(said: Said) -> Fhir:
    """The rating; `said` is what `GET .../assessments/{id}` answers. The trend is left out: it is of two ratings."""
    scale = scales()[said["instrument"]]
    exact = len(said["assessed_on"]) == FULL_DAY
    total = said["total_score"]
    return without_nothing(
        {
            "resourceType": "Observation",
            "id": str(said["id"]),
            "meta": meta_of(said, PROFILE if exact else None),
            "status": status_of(said),
            "category": [SURVEY],
            "code": _code(scale),
            "subject": patient_of(said),
            "effectiveDateTime": said["assessed_on"],
            "performer": [patient_of(said) if said["rater"] == "self" else {"display": "A clinician"}],
            **({"dataAbsentReason": without_value()} if total is None else {"valueQuantity": count(total)}),
            "interpretation": [concept(text=said["severity"]["label"])] if said["severity"] else [],
            "component": [*_items(scale, said["items"] or []), *safety_of(said["safety"])],
        }
    )


def status_of(said: Said) -> str:
    """What is recorded is final, unless it was entered in error."""
    return "entered-in-error" if is_in_error(said) else "final"


def _code(scale: Scale) -> Fhir:
    """The LOINC code of the total, where the library has one, and our own."""
    known = coding(LOINC, scale.loinc_total) if scale.loinc_total else {}
    return concept(known, local("scale", scale.slug, scale.title), text=scale.title)


def _items(scale: Scale, items: list[int | None]) -> Iterator[Fhir]:
    """One component for each item of the scale, answered or not."""
    names = scale.items.names if scale.items else ()
    for place, (name, score) in enumerate(zip(names, items, strict=False)):
        value = {"dataAbsentReason": without_value()} if score is None else {"valueInteger": score}
        yield {"code": _item(scale, place, name), **value}


def _item(scale: Scale, place: int, name: str) -> Fhir:
    known = coding(LOINC, scale.loinc_items[place]) if place < len(scale.loinc_items) else {}
    return concept(known, local("scale-item", f"{scale.slug}-{place + 1}", name), text=name)


def safety_of(safety: Said | None) -> list[Fhir]:
    """What the answer on suicidal thoughts asks for, as a component with its sentence."""
    if safety is None:
        return []
    level = SafetyLevel(safety["level"])
    value = concept(local("safety-level", level.value, level.meaning), text=safety["sentence"])
    return [{"code": finding("safety"), "valueCodeableConcept": value}]
