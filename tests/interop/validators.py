"""Validators of FHIR that nobody here wrote. Each finds what the others do not (see test_validators.py)."""

from collections.abc import Iterable, Iterator
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from ops.fhir_validators import VALIDATORS, faults_of

Json = dict[str, Any]
MOST_FAULTS = 20


def validated(resource: Json) -> list[str]:
    """The faults that the models of `fhir.resources` find: types, cardinalities, patterns, real days, choices.

    They are of R4B. Of what we emit, R4B changed nothing but additions (codes of AuditEvent, types of extensions), so
    that what is valid R4 and what is valid R4B are the same here. They check neither value sets nor invariants.
    """
    try:
        get_fhir_model_class(str(resource.get("resourceType"))).model_validate(resource)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
    except ValueError as error:
        return [str(error)]
    return []


def faults_by_all(resources: Iterable[Json]) -> list[dict[str, list[str]]]:
    """The faults that each validator finds in each resource, with what is within a Bundle validated on its own, too."""
    listed = list(resources)
    parts = [(place, part) for place, resource in enumerate(listed) for part in _parts(resource)]
    VALIDATORS.ensure()
    found: list[dict[str, list[str]]] = [{"models": [], "medplum": [], "fhir": []} for _ in listed]
    for (place, part), others in zip(parts, faults_of(part for _, part in parts), strict=True):
        found[place]["models"] += validated(part)
        found[place]["medplum"] += others.medplum
        found[place]["fhir"] += others.fhir
    return found


def _parts(resource: Json) -> Iterator[Json]:
    """The resource, and those within a Bundle."""
    yield resource
    for entry in resource.get("entry", []) if resource.get("resourceType") == "Bundle" else []:
        yield from (entry[name] for name in ("resource",) if name in entry)
        yield from (entry["response"][name] for name in ("outcome",) if name in entry.get("response", {}))
