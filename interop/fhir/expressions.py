"""From a JSON pointer into a body of our JSON edge, or into a resource, to the FHIRPath of the element it means."""

from collections.abc import Mapping
from functools import cache

from fhir.resources.R4B import get_fhir_model_class

from registry.fhir_shelf import TYPES

OUTCOME = {"outcome": "extension"}
ELEMENTS: Mapping[str, Mapping[str, str]] = {
    "Patient": {
        "identifiers": "identifier",
        "display_name": "name",
        "birth_date": "birthDate",
        "sex": "gender",
        "restricted_to": "meta.security",
    },
    "Condition": {
        "onset": "onset",
        "resolved": "abatement",
        "diagnosis": "code",
        "diagnosis/code": "code.coding",
        "diagnosis/system": "code.coding.system",
        "diagnosis/text": "code.text",
        "polarity": "extension",
        "psychotic_features": "extension",
        "severity": "severity",
    },
    "MedicationStatement": {
        **OUTCOME,
        "episode_id": "reasonReference",
        "medication": "medication",
        "medication/code": "medication.coding",
        "medication/system": "medication.coding.system",
        "medication/text": "medication.text",
        "started": "effective.start",
        "ended": "effective.end",
        "doses": "dosage",
        "daily_dose_mg": "dosage.doseAndRate",
        "adherence": "extension",
        "indication": "reasonCode",
        "role": "extension",
        "augments": "extension",
        "stop_reason": "statusReason",
        "source": "derivedFrom",
        "note": "note",
    },
    "Observation": {
        "instrument": "code",
        "assessed_on": "effective",
        "observed_on": "effective",
        "total_score": "value",
        "items": "component",
        "present": "component",
        "absent": "component",
        "rater": "performer",
        "category": "category",
        "factor": "code",
        "certainty": "value",
        "noted_on": "effective",
        "scored_on": "effective",
        "score": "value",
        "note": "note",
    },
    "Procedure": {
        **OUTCOME,
        "episode_id": "reasonReference",
        "kind": "category",
        "modality": "code",
        "sessions": "extension",
        "laterality": "extension",
        "started": "performed.start",
        "ended": "performed.end",
        "stop_reason": "statusReason",
        "note": "note",
    },
}
"""The element of each field of our bodies, by type of resource."""
ALIKE = {"MedicationRequest": "MedicationStatement", "MedicationDispense": "MedicationStatement"}

BUNDLE = "Bundle"
IN_BUNDLE, IN_ENTRY = frozenset({"type", "entry"}), frozenset({"request", "url", "method", "resource"})


def expression_of(pointer: str, kind: str) -> str | None:
    """The FHIRPath of what a pointer leads to, as far as the element is known; None for a parameter of the address.

    `/doses/1/from` of a MedicationStatement is `MedicationStatement.dosage[1]`; `/name/0/family`, which is no field of
    ours but an element of a Patient, is `Patient.name[0].family`.
    """
    if pointer.startswith("#"):
        return None
    parts = pointer.split("/")[1:]
    if kind == BUNDLE:
        return _in_bundle(parts)
    elements = ELEMENTS.get(ALIKE.get(kind, kind), {})
    element = elements.get("/".join(parts[:2])) or elements.get(parts[0] if parts else "")
    if element is None:
        return _in_resource(parts, kind)
    place = parts[1] if len(parts) > 1 and parts[1].isdecimal() else None
    return f"{kind}.{element}[{place}]" if place else f"{kind}.{element}"


def _in_bundle(parts: list[str]) -> str:
    """The path of an entry, or of its request or its resource; which type that is of, the entry says."""
    if len(parts) < 2 or parts[0] != "entry" or not parts[1].isdecimal():  # noqa: PLR2004 - a name and a place
        return ".".join([BUNDLE, *(part for part in parts[:1] if part in IN_BUNDLE)])
    within = [part for part in parts[2:4] if part in IN_ENTRY]
    return ".".join([f"{BUNDLE}.entry[{parts[1]}]", *within])


def _in_resource(parts: list[str], kind: str) -> str:
    """The path of a pointer into the resource itself, as far as its names are elements; a choice without its type."""
    choices = _elements(kind)
    if not parts or parts[0] not in choices:
        return kind
    path = f"{kind}.{choices[parts[0]]}"
    for part in parts[1:]:
        if not part.isascii() or not part.isalnum():
            break
        path += f"[{part}]" if part.isdecimal() else f".{part}"
    return path


@cache
def _elements(kind: str) -> Mapping[str, str]:
    """The elements of a type as JSON names them, and as FHIRPath does."""
    if kind not in TYPES:
        return {}
    fields = get_fhir_model_class(kind).model_fields.items()
    listed = [(str(field.alias or name), field.json_schema_extra) for name, field in fields]
    return {
        name: str(more.get("one_of_many", name)) if isinstance(more, dict) else name
        for name, more in listed
        if not name.startswith("_")
    }
