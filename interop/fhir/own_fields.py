"""What our own codes and extensions say, read back as fields of the bodies of our JSON edge.

The intake reads what anybody may send. A resource that was read here, changed and sent back carries besides what only
our own names say; that is exact, and goes before what the intake makes of the rest. Pure; it refuses nothing: the
registry checks the body as any other.
"""

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from interop.fhir.canonical import ABSENT, code_system, extension_url
from interop.fhir.condition import SEVERITIES
from interop.fhir.elements import UNKNOWN, Said
from interop.fhir.references import is_uuid
from interop.fhir.search_values import values_at

Body = dict[str, Any]
OUTCOME = {
    "response": "response",
    "improvementPercent": "improvement_percent",
    "assessedOn": "assessed_on",
    "basis": "basis",
    "earlyFailureConfirmed": "early_failure_confirmed",
    "everResponded": "ever_responded",
}
ADHERENCE = {"adequate": "adequate", "takenFraction": "taken_fraction"}


def own_fields(resource: Said) -> Body:
    """The fields that a resource states in our own words; a field that it does not state is not there."""
    read = READERS.get(str(resource.get("resourceType")))
    return {name: value for name, value in read(resource).items() if value is not None} if read else {}


def _condition(resource: Said) -> Body:
    return {
        "polarity": _value(resource, "polarity"),
        "psychotic_features": _value(resource, "psychotic-features"),
        "severity": next(_severities(resource), None),
    }


def _severities(resource: Said) -> Iterator[str]:
    """Severities by the codes that the mapping gives them; other codes are left to the intake."""
    for coding in _mappings(resource, "severity.coding"):
        pair = (coding.get("system"), coding.get("code"))
        yield from (word for word, ours in SEVERITIES.items() if pair == (ours["system"], ours["code"]))


def _course(resource: Said, period: str) -> Body:
    """What a trial and a treatment have alike."""
    return {
        "episode_id": _id_of(resource, "reasonReference", "Condition"),
        "ended": _end(resource, period),
        "outcome": _parts(resource, "outcome", OUTCOME),
        "stop_reason": _code(resource, "statusReason", "stop-reason"),
    }


def _trial(resource: Said) -> Body:
    kind = _value(resource, "source-kind")
    named = [*values_at(resource, "derivedFrom.reference"), *values_at(resource, "derivedFrom.identifier.value")]
    augmented = str(next(values_at(_value(resource, "augments"), "reference"), "")).rpartition("/")[2]
    return {
        **_course(resource, "effectivePeriod"),
        "role": _value(resource, "role"),
        "augments": augmented if is_uuid(augmented) else None,
        "adherence": _parts(resource, "adherence", ADHERENCE),
        "indication": _code(resource, "reasonCode", "indication"),
        "source": {"kind": kind, "reference": next(iter(named), None)} if kind else None,
    }


def _procedure(resource: Said) -> Body:
    return {
        **_course(resource, "performedPeriod"),
        "kind": _code(resource, "category", "treatment-kind"),
        "modality": _code(resource, "code", "treatment"),
        "sessions": _value(resource, "sessions"),
        "laterality": _value(resource, "laterality"),
    }


def _observation(resource: Said) -> Body:
    if factor := _code(resource, "code", "factor"):
        return _factor(resource, factor)
    if instrument := _code(resource, "code", "scored-instrument"):
        return _score(resource, instrument)
    if _code(resource, "code", "finding") == "core-symptoms":
        return _symptoms(resource)
    found = [(number, each.get("valueInteger")) for each in _mappings(resource, "component") for number in _place(each)]
    items = sorted(found, key=itemgetter(0))
    return {"instrument": _code(resource, "code", "scale"), "items": [score for _, score in items] or None}


def _place(component: Said) -> Iterator[int]:
    """The number of the item that a component answers; none where it is of no item of ours."""
    number = str(_code(component, "code", "scale-item")).rpartition("-")[2]
    if number.isdecimal():
        yield int(number)


def _factor(resource: Said, factor: str) -> Body:
    """A contributing factor in whole."""
    return {
        "factor": factor,
        "category": _code(resource, "category", "factor-category"),
        "certainty": _code(resource, "valueCodeableConcept", "certainty"),
        "noted_on": resource.get("effectiveDateTime"),
        "note": _note(resource),
    }


def _score(resource: Said, instrument: str) -> Body:
    """A result that was scored elsewhere in whole."""
    return {
        "instrument": instrument,
        "scored_on": resource.get("effectiveDateTime"),
        "score": next(values_at(resource, "valueQuantity.value"), None),
        "rater": next(values_at(resource, "performer.display"), None),
        "note": _note(resource),
    }


def _note(resource: Said) -> str | None:
    return "\n".join(str(text) for text in values_at(resource, "note.text")) or None


def _symptoms(resource: Said) -> Body:
    """The day, the note, and the symptoms by what was found of each."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for each in _mappings(resource, "component"):
        symptom, value = _code(each, "code", "symptom"), each.get("valueBoolean")
        if symptom and isinstance(value, bool):
            found[value].append(symptom)
    said = {"observed_on": resource.get("effectiveDateTime"), "present": found[True], "absent": found[False]}
    return {**said, "note": _note(resource)}


READERS: Mapping[str, Callable[[Said], Body]] = {
    "Condition": _condition,
    "MedicationStatement": _trial,
    "Observation": _observation,
    "Procedure": _procedure,
}


def _mappings(element: Said, path: str) -> Iterator[Said]:
    """The elements at a path that have parts."""
    return (each for each in values_at(element, path) if isinstance(each, Mapping))


def _extensions(element: Said, url: str) -> Iterator[Said]:
    return (each for each in _mappings(element, "extension") if each.get("url") == url)


def _value(element: Said, name: str) -> Any:  # noqa: ANN401 - any JSON
    """The value of an extension of ours; None where it is not there."""
    return next((_valued(each) for each in _extensions(element, extension_url(name))), None)


def _valued(each: Said) -> Any:  # noqa: ANN401 - any JSON
    return next((value for name, value in each.items() if name.startswith("value")), None)


def _parts(element: Said, name: str, fields: Mapping[str, str]) -> Body | None:
    """The parts of an extension of ours, by the names of our fields; None where it is not there."""
    for extension in _extensions(element, extension_url(name)):
        listed = [(str(part.get("url")), _valued(part)) for part in _mappings(extension, "extension")]
        return {fields[url]: value for url, value in listed if url in fields} or None
    return None


def _code(element: Said, name: str, system: str) -> str | None:
    """The code that an element has in a code system of ours; None where it has none."""
    codings = _mappings(element, f"{name}.coding")
    return next((each.get("code") for each in codings if each.get("system") == code_system(system)), None)


def _id_of(resource: Said, name: str, kind: str) -> str | None:
    """The id of the record of ours that the first reference to that type leads to."""
    for reference in values_at(resource, f"{name}.reference"):
        found, _, record_id = str(reference).partition("/_history/")[0].rpartition("/")
        if found == kind and is_uuid(record_id):
            return record_id
    return None


def _end(resource: Said, period: str) -> str | None:
    """An end that stands beside `end`: on a day that nobody knows, or one that is not comparable with the start."""
    beside: Said = next(_mappings(resource, f"{period}._end"), {})
    if any(each.get("valueCode") == UNKNOWN for each in _extensions(beside, ABSENT)):
        return UNKNOWN
    said = _value(beside, "imprecise-end")
    return said if isinstance(said, str) else None
