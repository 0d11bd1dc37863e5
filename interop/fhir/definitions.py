"""Everything of our own that FHIR systems may want to look up, as static resources."""

from functools import cache
from types import MappingProxyType

from interop.fhir.elements import Fhir
from interop.fhir.own_codes import code_systems, value_sets
from interop.fhir.own_extensions import structure_definitions
from interop.fhir.own_operations import operation_definitions

Shelf = MappingProxyType[tuple[str, str], Fhir]
"""Resources by type and id."""


@cache
def definitions() -> Shelf:
    """Every CodeSystem, ValueSet, StructureDefinition and OperationDefinition of ours, made once."""
    made = [*code_systems(), *value_sets(), *structure_definitions(), *operation_definitions()]
    return MappingProxyType({(each["resourceType"], each["id"]): each for each in made})


def called(kind: str, url: str | None = None) -> list[Fhir]:
    """Those of a type, or the one of that canonical URL (with or without `|version`)."""
    plain, _, version = (url or "").partition("|")
    found = [each for (its_kind, _), each in definitions().items() if its_kind == kind]
    return [each for each in found if url is None or (each["url"] == plain and version in {"", each["version"]})]
