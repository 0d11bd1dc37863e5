"""`_include` and `_revinclude`: which resources come along with those found."""

from typing import NamedTuple

from interop.fhir.search_parameters import PARAMETERS, Kind, Parameter, parameters_of

PARTS = ("a type", "a search parameter", "a type")
MOST_PARTS = 3


class Include(NamedTuple):
    """Resources that come along.

    Attributes:
        reverse: False for those that a found resource refers to; True for those that refer to it.
        kind: the type of resource whose reference it is.
        name: the search parameter of that reference.
        paths: the elements of the reference.
        target: the only type that it may lead to; None is any.
    """

    reverse: bool
    kind: str
    name: str
    paths: tuple[str, ...]
    target: str | None


def include_of(kind: str, parameter: str, modifier: str, value: str) -> Include:
    """Read `Type:parameter` or `Type:parameter:Target`; `kind` is the type that is searched.

    Raises:
        ValueError: it is not served.
    """
    if modifier:
        raise ValueError(f"The modifier `:{modifier}` is not served.")
    source, name, target = _parts(value)
    reverse = parameter == "_revinclude"
    found = parameters_of(source).get(name) if source in PARAMETERS else None
    if found is None or found.kind is not Kind.REFERENCE:
        raise ValueError(f"`{value}` is no reference that is served; send {_served(source)}.")
    if not reverse and source != kind:
        raise ValueError(f"`_include` starts from what is searched: {kind}:parameter.")
    if reverse and not _may_lead_to(found, target, kind):
        raise ValueError(f"`{value}` does not lead to {kind}.")
    return Include(reverse, source, name, found.paths, target)


def _parts(value: str) -> tuple[str, str, str | None]:
    parts = value.split(":")
    if len(parts) == MOST_PARTS:
        return parts[0], parts[1], parts[2]
    if len(parts) == MOST_PARTS - 1:
        return parts[0], parts[1], None
    raise ValueError("Send `Type:parameter` or `Type:parameter:TargetType`.")


def _may_lead_to(found: Parameter, target: str | None, kind: str) -> bool:
    return target in {None, kind} and (not found.targets or kind in found.targets)


def _served(source: str) -> str:
    names = includes_of(source) or [each for kind in PARAMETERS for each in includes_of(kind)]
    return "one of " + ", ".join(f"`{each}`" for each in names)


def includes_of(kind: str) -> list[str]:
    """Every `_include` of a type of resource, as the CapabilityStatement lists them."""
    named = PARAMETERS.get(kind, {}).items()
    return [f"{kind}:{name}" for name, parameter in named if parameter.kind is Kind.REFERENCE]


def revincludes_of(kind: str) -> list[str]:
    """Every `_revinclude` that may lead to a type of resource."""
    return [
        f"{source}:{name}"
        for source, parameters in PARAMETERS.items()
        for name, parameter in parameters.items()
        if parameter.kind is Kind.REFERENCE and (not parameter.targets or kind in parameter.targets)
    ]
