"""The order of what is found: by the first value of each parameter that was named, up or down; without one, last."""

from collections.abc import Iterable

from interop.fhir import search_dates
from interop.fhir.elements import Fhir
from interop.fhir.search_parameters import Kind, Parameter
from interop.fhir.search_values import values_at

Keys = tuple[str | None, ...]
"""What a resource is sorted by; None where it has no value."""
Rank = tuple[tuple[bool, str], ...]


def keys_of(resource: Fhir, parameters: Iterable[Parameter]) -> Keys:
    """What a resource is sorted by: of each parameter the first value as text, a Period by its start."""
    return tuple(_key(parameter, resource) for parameter in parameters)


def rank_of(keys: Keys, downwards: Iterable[bool]) -> Rank:
    """Where resources with these keys stand among others; those without a value come last."""
    return tuple(
        (key is None, Downwards(key or "") if down else key or "") for key, down in zip(keys, downwards, strict=True)
    )


class Downwards(str):
    """A text that stands before those which it would follow."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        """The other way round."""
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        """The other way round."""
        return str.__lt__(self, other)


def _key(parameter: Parameter, resource: Fhir) -> str | None:
    found = [value for path in parameter.paths for value in values_at(resource, path)]
    if parameter.kind is Kind.DATE:
        stretches = [stretch for value in found if (stretch := search_dates.stretch_of(value))]
        return min(stretches).first.isoformat() if stretches else None
    return str(found[0]) if found else None
