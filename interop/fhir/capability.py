"""What the FHIR edge serves, as R4's CapabilityStatement, made from the tables of what is really served."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from interop.fhir.canonical import HL7
from interop.fhir.elements import Fhir, without_nothing
from interop.fhir.own import FHIR_VERSION
from interop.fhir.search_includes import includes_of, revincludes_of
from interop.fhir.search_parameters import MODIFIERS, parameters_of

SEARCH = "search-type"
FORMAT = "application/fhir+json"


class Served(NamedTuple):
    """What is served of one type of resource.

    Attributes:
        kind: the type.
        interactions: FHIR's words, such as `read`, `search-type`, `create`.
        operations: canonical URLs of the operations by their name, without the `$`.
        profiles: profiles that such resources keep.
        searches: the search parameters by name, each with FHIR's type; None for all that its type has here.
        more: further elements of `rest.resource`, such as `versioning` or `conditionalCreate`.
    """

    kind: str
    interactions: tuple[str, ...]
    operations: Mapping[str, str] = {}
    profiles: tuple[str, ...] = ()
    more: Mapping[str, Any] = {}
    searches: Mapping[str, str] | None = None


class Service(NamedTuple):
    """What is served on the whole.

    Attributes:
        base: the address, such as `https://clinic.example/fhir/R4`.
        version: of the software.
        date: when that version was made, `YYYY-MM-DD`.
        resources: by type, in the order to be listed.
        interactions: on the whole, such as `transaction`.
        operations: canonical URLs of operations on the whole by their name.
        security: `rest.security`.
        patches: media types of PATCH.
    """

    base: str
    version: str
    date: str
    resources: tuple[Served, ...]
    interactions: tuple[str, ...] = ()
    operations: Mapping[str, str] = {}
    security: Mapping[str, Any] = {}
    patches: tuple[str, ...] = ()


def capability_statement(service: Service) -> Fhir:
    """The statement of one running service."""
    return without_nothing(
        {
            "resourceType": "CapabilityStatement",
            "url": f"{service.base}/metadata",
            "version": service.version,
            "name": "Trialbook",
            "title": "Trialbook: FHIR R4",
            "status": "active",
            "experimental": False,
            "date": service.date,
            "publisher": "Trialbook",
            "description": "Histories of the treatment of depression, and how resistant to treatment it is.",
            "kind": "instance",
            "software": {"name": "Trialbook", "version": service.version},
            "implementation": {"description": "Trialbook", "url": service.base},
            "fhirVersion": FHIR_VERSION,
            "format": [FORMAT],
            "patchFormat": list(service.patches),
            "rest": [_rest(service)],
        }
    )


def _rest(service: Service) -> Fhir:
    kinds = {each.kind for each in service.resources}
    return without_nothing(
        {
            "mode": "server",
            "security": dict(service.security),
            "resource": [_resource(each, kinds) for each in service.resources],
            "interaction": _codes(service.interactions),
            "operation": _operations(service.operations),
        }
    )


def _resource(served: Served, kinds: set[str]) -> Fhir:
    searched = SEARCH in served.interactions and served.searches is None
    return without_nothing(
        {
            "type": served.kind,
            "profile": f"{HL7}/StructureDefinition/{served.kind}",
            "supportedProfile": list(served.profiles),
            "interaction": _codes(served.interactions),
            **served.more,
            "searchInclude": includes_of(served.kind) if searched else [],
            "searchRevInclude": [*_of_served(revincludes_of(served.kind), kinds)] if searched else [],
            "searchParam": [*_searched(served.kind)] if searched else _listed(served.searches or {}),
            "operation": _operations(served.operations),
        }
    )


def _of_served(names: Iterable[str], kinds: set[str]) -> Iterator[str]:
    return (name for name in names if name.partition(":")[0] in kinds)


def _searched(kind: str) -> Iterator[Fhir]:
    """Every search parameter, with the modifiers that it may have."""
    for name, parameter in parameters_of(kind).items():
        modifiers = ", ".join(f"`:{each}`" for each in sorted(MODIFIERS[parameter.kind]))
        yield {"name": name, "type": parameter.kind.value, "documentation": f"Modifiers: {modifiers}."}


def _listed(searches: Mapping[str, str]) -> list[Fhir]:
    return [{"name": name, "type": how} for name, how in searches.items()]


def _codes(interactions: Iterable[str]) -> list[Fhir]:
    return [{"code": each} for each in interactions]


def _operations(operations: Mapping[str, str]) -> list[Fhir]:
    return [{"name": name, "definition": url} for name, url in operations.items()]
