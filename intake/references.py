"""References between resources: relative, absolute, `urn:uuid`, contained and logical ones."""

from collections.abc import Iterable, Mapping
from typing import Any

from intake.given import Given
from intake.json_parts import mappings, part, text

URN = ("urn:uuid:", "urn:oid:")


def plain(reference: str) -> str:
    """`Type/id` of a relative or absolute reference, without a version; a URN or anything else as it stands."""
    said = reference.strip()
    if said.startswith(URN):
        return said
    parts = said.partition("/_history/")[0].split("/")
    return "/".join(parts[-2:])


def target_of(value: object) -> str | None:
    """What a Reference refers to: its plain reference, or its logical identifier as `system|value`."""
    said = text(part(value, "reference"))
    if said:
        return plain(said)
    name = text(part(value, "identifier", "value"))
    return f"{text(part(value, 'identifier', 'system')) or ''}|{name}" if name else None


def identifiers_of(resource: Mapping[str, Any]) -> list[str]:
    """The business identifiers of a resource as `system|value`."""
    named = ((text(each.get("system")) or "", text(each.get("value"))) for each in mappings(resource.get("identifier")))
    return [f"{system}|{name}" for system, name in named if name]


class Index:
    """Finds the resource that a reference means among those given; it never goes further than one step."""

    def __init__(self, givens: Iterable[Given], aliases: Mapping[str, str]) -> None:
        """`aliases` says which `Type/id` a full URL of a bundle stands for."""
        self._named: dict[str, Given] = {}
        for given in givens:
            self._named[given.reference] = given
            name = text(given.resource.get("id"))
            if name:
                self._named[f"urn:uuid:{name}"] = given
        self._aliases = aliases
        self._identified: dict[str, Given] | None = None

    def find(self, value: object, owner: Mapping[str, Any]) -> Given | None:
        """The resource that a Reference of `owner` means, contained or given; None when it dangles."""
        said = target_of(value)
        if said is None:
            return None
        if said.startswith("#"):
            return _contained(said[1:], owner)
        return self._named.get(self._aliases.get(said, said)) or self._by_identifier(said)

    def _by_identifier(self, said: str) -> Given | None:
        if "|" not in said:
            return None
        if self._identified is None:
            self._identified = {
                name: given for given in self._named.values() for name in identifiers_of(given.resource)
            }
        return self._identified.get(said)


def _contained(name: str, owner: Mapping[str, Any]) -> Given | None:
    for each in mappings(owner.get("contained")):
        if each.get("id") in (name, f"#{name}"):
            return Given(f"#{name}", text(each.get("resourceType")) or "", each)
    return None
