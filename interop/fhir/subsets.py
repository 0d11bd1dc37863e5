"""Parts of a resource, where a client asks for less (https://hl7.org/fhir/R4/search.html#elements)."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

from fhir.resources.R4B import get_fhir_model_class

from interop.fhir.canonical import TERMINOLOGY
from interop.fhir.elements import Fhir

SUMMARIES = ("true", "text", "data", "count", "false")
COUNT, ACCURATE = "count", "accurate"
TOTALS = ("none", "estimate", ACCURATE)
SHAPING = frozenset({"_summary", "_elements", "_total"})
"""The parameters that are read here."""
ALWAYS = frozenset({"resourceType", "id", "meta"})
IN_PART = {"system": f"{TERMINOLOGY}/v3-ObservationValue", "code": "SUBSETTED"}
NOT_ONE = "One resource cannot be counted; search for it."


class Shape(NamedTuple):
    """How much of each resource is wanted, and whether all that is found is to be counted."""

    summary: str = "false"
    elements: tuple[str, ...] = ()
    total: str = "none"

    @property
    def is_whole(self) -> bool:
        """True where nothing is left out."""
        return self.summary == "false" and not self.elements

    def of(self, resource: Fhir) -> Fhir:
        """The part that is wanted, tagged as one; what must be there is there in any case."""
        kind = resource["resourceType"]
        if self.is_whole or kind == "OperationOutcome":
            return resource
        part = {name: resource[name] for name in resource if self._wants(kind, name.removeprefix("_"))}
        tags = [*resource["meta"].get("tag", []), IN_PART]
        return {**part, "meta": {**resource["meta"], "tag": tags}}

    def _wants(self, kind: str, name: str) -> bool:
        if name in ALWAYS or name in needed(kind):
            return True
        if self.elements:
            return any(is_named(name, element) for element in self.elements)
        return {"true": name in summarised(kind), "text": name == "text", "data": name != "text"}[self.summary]


WHOLE = Shape()


def is_named(name: str, element: str) -> bool:
    """Whether an element of JSON is the one of this name; `effective` names `effectivePeriod` too."""
    return name == element or (name.startswith(element) and name[len(element) :][:1].isupper())


@cache
def needed(kind: str) -> Collection[str]:
    """The elements without which it is no resource of this type; of a choice, each that may be there."""
    fields = get_fhir_model_class(kind).model_fields.items()
    return frozenset(str(field.alias or name) for name, field in fields if _is_needed(field))


def _is_needed(field: Any) -> bool:  # noqa: ANN401 - a field of a library's model
    more = field.json_schema_extra or {}
    return bool(field.is_required() or more.get("element_required") or more.get("one_of_many_required"))


@cache
def summarised(kind: str) -> Collection[str]:
    """The elements that FHIR marks with a sigma."""
    return frozenset(get_fhir_model_class(kind).summary_elements_sequence())


def shape_of(pairs: Iterable[tuple[str, str]]) -> Shape:
    """What an address asks for; all else in it is for others to read.

    Raises:
        ValueError: there is no such summary or total.
    """
    shape = WHOLE
    for name, value in pairs:
        if name == "_summary":
            shape = shape._replace(summary=_one_of(SUMMARIES, value))
        elif name == "_total":
            shape = shape._replace(total=_one_of(TOTALS, value))
        elif name == "_elements":
            shape = shape._replace(elements=(*shape.elements, *filter(None, value.split(","))))
    return shape


def of_one(pairs: Iterable[tuple[str, str]]) -> Shape:
    """What an address of one resource asks for.

    Raises:
        ValueError: as for `shape_of`, or it is to be counted.
    """
    shape = shape_of(pairs)
    if shape.summary == COUNT:
        raise ValueError(NOT_ONE)
    return shape


def _one_of(words: Collection[str], value: str) -> str:
    if value not in words:
        raise ValueError(f"Send one of {', '.join(words)}.")
    return value


def is_part(document: Fhir) -> bool:
    """Whether somebody sends back what was given in part: the rest would be lost."""
    tags = (document.get("meta") or {}).get("tag") or []
    return any({**tag, **IN_PART} == tag for tag in tags)
