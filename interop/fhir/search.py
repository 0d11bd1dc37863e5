"""Searches, evaluated on FHIR dicts, so that what was sent and what we made ourselves are found alike.

What is not served is refused by name, never left out in silence; `Prefer: handling=lenient` passes over it and says so.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from interop.fhir import search_dates
from interop.fhir.elements import Fhir
from interop.fhir.search_includes import Include, include_of
from interop.fhir.search_order import Keys, Rank, keys_of, rank_of
from interop.fhir.search_parameters import MODIFIERS, Kind, Parameter, parameters_of
from interop.fhir.search_values import has_reference, has_string, has_token, unversioned, values_at
from interop.fhir.subsets import COUNT, SHAPING, WHOLE, Shape, shape_of
from registry.errors import Fault, InvalidRequest

Pairs = Iterable[tuple[str, str]]
MOST_LISTED, LISTED = 1000, 50
PLAIN = (None, "Patient")
MOST_INCLUDES = 10
TOO_MANY_INCLUDES = f"At most {MOST_INCLUDES} different `_include` and `_revinclude` are served at once."
SILENT = frozenset({"_format", "_pretty", "_totalMethod"})
"""Parameters that are about the answer, and change nothing in what is found."""


class SearchRefused(InvalidRequest):
    """The search asks for something that is not served here, or cannot be read."""

    status: ClassVar[int] = 400
    slug, title = "search-not-served", "The search cannot be answered as it is"


class Condition(NamedTuple):
    """One parameter of a search: any of its values is enough.

    Attributes:
        name: the parameter, without its modifier.
        modifier: what stands after the colon; None for nothing.
        values: the values, each as it was sent.
        matches: whether a resource is as asked.
    """

    name: str
    modifier: str | None
    values: tuple[str, ...]
    matches: Callable[[Fhir], bool]


class Search(NamedTuple):
    """A search as it was read.

    Attributes:
        kind: the type of resource.
        conditions: all of them must hold.
        at_most: how many a page may have.
        sort: names of parameters to order by, each with whether it is downwards.
        includes: which other resources come along.
        passed_over: what was not served, in sentences; only where that was allowed.
        shape: how much of each resource is wanted.
    """

    kind: str
    conditions: tuple[Condition, ...]
    at_most: int
    sort: tuple[tuple[str, bool], ...]
    includes: tuple[Include, ...]
    passed_over: tuple[str, ...]
    shape: Shape = WHOLE

    @property
    def counts(self) -> bool:
        """Whether nothing but the number is wanted."""
        return self.shape.summary == COUNT or self.at_most == 0

    def matches(self, resource: Fhir) -> bool:
        """True when the resource is as asked."""
        return all(condition.matches(resource) for condition in self.conditions)

    def asked(self, *names: str) -> tuple[str, ...] | None:
        """The values of the first of these parameters that was sent plain, or as `:Patient`; None when none was.

        For whoever fetches the resources: the patient, the id or the identifier that narrows them down.
        """
        found = (each.values for each in self.conditions if each.name in names and each.modifier in PLAIN)
        return next(found, None)

    def ids(self, *names: str) -> tuple[str, ...] | None:
        """The same of ids and references, without what stands before the id. What they fetch must still match."""
        values = self.asked(*names)
        return None if values is None else tuple(unversioned(value).rpartition("/")[2] for value in values)

    def keys(self, resource: Fhir) -> Keys:
        """What the resource is sorted by, in the order that was asked for."""
        return keys_of(resource, (parameters_of(self.kind)[name] for name, _ in self.sort))

    def rank(self, keys: Keys) -> Rank:
        """Where resources with these keys stand among others."""
        return rank_of(keys, (downwards for _, downwards in self.sort))


def read_search(kind: str, pairs: Pairs, *, base: str = "", lenient: bool = False) -> Search:
    """Read the parameters of an address, in their order; `base` is where this service is, for whole addresses.

    Raises:
        SearchRefused: a parameter, a modifier or a value that is not served, with each named.
    """
    reading = _Reading(kind, base.rstrip("/"))
    for name, value in pairs:
        reading.take(name, value)
    if reading.faults and not lenient:
        raise SearchRefused(f"This search of {kind} cannot be answered; each fault is named.", tuple(reading.faults))
    faults = tuple(f"{fault.pointer.removeprefix('#query/')}: {fault.message}" for fault in reading.faults)
    said = tuple(reading.conditions), reading.count, tuple(reading.sort), tuple(reading.includes), faults
    return Search(kind, *said, shape_of(reading.shaping))


class _Reading:
    """What was read so far."""

    def __init__(self, kind: str, base: str) -> None:
        self.kind, self.base = kind, base
        self.known = parameters_of(kind)
        self.conditions: list[Condition] = []
        self.sort: list[tuple[str, bool]] = []
        self.includes: dict[Include, None] = {}
        self.faults: list[Fault] = []
        self.count = LISTED
        self.shaping: list[tuple[str, str]] = []

    def take(self, name: str, value: str) -> None:
        """Read one parameter; what is wrong with it becomes a fault."""
        plain, _, modifier = name.partition(":")
        try:
            if plain in {"_include", "_revinclude"}:
                self._include(include_of(self.kind, plain, modifier, value))
            elif plain == "_count":
                self.count = min(_number(value), MOST_LISTED)
            elif plain == "_sort":
                self.sort.extend(self._order(part) for part in value.split(","))
            elif plain in SHAPING:
                shape_of([(plain, value)])
                self.shaping.append((plain, value))
            elif plain not in SILENT:
                self.conditions.append(self._condition(plain, modifier or None, value))
        except ValueError as fault:
            self.faults.append(Fault(f"#query/{name}", str(fault), tuple(self._near(plain))))

    def _include(self, include: Include) -> None:
        if include not in self.includes and len(self.includes) >= MOST_INCLUDES:
            raise ValueError(TOO_MANY_INCLUDES)
        self.includes[include] = None

    def _near(self, name: str) -> list[str]:
        return [] if name in self.known or name.startswith("_") else sorted(self.known)

    def _order(self, part: str) -> tuple[str, bool]:
        name = part.removeprefix("-")
        if name not in self.known or self.known[name].kind is Kind.REFERENCE:
            raise ValueError(f"{self.kind} cannot be ordered by `{name}`.")
        return name, part.startswith("-")

    def _condition(self, name: str, modifier: str | None, value: str) -> Condition:
        parameter = self.known.get(name)
        if parameter is None:
            raise ValueError(f"{self.kind} has no search parameter of this name here.")
        if not value:
            raise ValueError("The parameter has no value.")
        values = tuple(part.replace("\\,", ",") for part in _split(value))
        return Condition(name, modifier, values, _matcher(parameter, modifier, self._local(parameter, values)))

    def _local(self, parameter: Parameter, values: Sequence[str]) -> list[str]:
        """References to this service as they stand in its resources."""
        if parameter.kind is not Kind.REFERENCE or not self.base:
            return list(values)
        return [value.removeprefix(f"{self.base}/") for value in values]


def _split(value: str) -> list[str]:
    r"""The alternatives of a value; a comma after `\` is none."""
    parts = [""]
    for piece in value.split(","):
        parts[-1] += piece
        if piece.endswith("\\"):
            parts[-1] += ","
        else:
            parts.append("")
    return parts[:-1] if parts[-1] == "" else parts


def _number(value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise ValueError("This is a number of resources a page, 0 or more.")
    return int(value)


def _matcher(parameter: Parameter, modifier: str | None, values: list[str]) -> Callable[[Fhir], bool]:
    """Whether a resource has one of the values, or, with `missing`, any."""
    if modifier == "missing":
        return _missing(parameter, values)
    tests = [_test(parameter, modifier, value) for value in values]

    def found(resource: Fhir) -> bool:
        at = [value for path in parameter.paths for value in values_at(resource, path)]
        return any(test(value) for test in tests for value in at)

    return (lambda resource: not found(resource)) if modifier == "not" else found


def _missing(parameter: Parameter, values: list[str]) -> Callable[[Fhir], bool]:
    if values not in (["true"], ["false"]):
        raise ValueError("With `:missing`, send true or false.")
    wanted = values == ["true"]
    return lambda resource: wanted is not any(True for path in parameter.paths for _ in values_at(resource, path))


def _test(parameter: Parameter, modifier: str | None, value: str) -> Callable[[object], bool]:
    """Whether a value of a resource is the one asked for.

    Raises:
        ValueError: the modifier is not served, or the value cannot be read.
    """
    kind, typed = parameter.kind, (modifier or " ")[0].isupper() and (modifier or "").isalpha()
    if modifier and modifier not in MODIFIERS[kind] and not (kind is Kind.REFERENCE and typed):
        raise ValueError(f"The modifier `:{modifier}` is not served; here are {_colons(MODIFIERS[kind])}.")
    if kind is Kind.DATE:
        return search_dates.asked(value).matches
    if kind is Kind.STRING:
        return lambda found: has_string(found, value, modifier)
    if kind is Kind.TOKEN:
        return lambda found: has_token(found, value, parameter.system)
    if modifier == "identifier":
        return lambda found: isinstance(found, dict) and has_token(found.get("identifier"), value)
    targets = (modifier,) if modifier and typed else parameter.targets
    return lambda found: has_reference(found, value, targets)


def _colons(modifiers: Iterable[str]) -> str:
    return ", ".join(f"`:{each}`" for each in sorted(modifiers))
