"""SMART on FHIR scopes, version 2 and 1: what a token may do at most, whatever its holder's roles allow."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from types import MappingProxyType

from identity.errors import NoScopeGranted

CONTEXTS: tuple[str, ...] = ("patient", "user", "system")
LETTERS = "cruds"
"""Create, read (one, and its history), update, delete, search, in the only order that is allowed."""
ANY = "*"
VERSION_1 = {"read": frozenset("rs"), "write": frozenset("cud"), "*": frozenset(LETTERS)}
SMART = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{0,63})\.(read|write|\*|(?=.)c?r?u?d?s?)", re.ASCII)
MEANT_AS_SMART = re.compile(r"(patient|user|system)/", re.IGNORECASE)
Grants = dict[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class Scopes:
    """What is granted, by context and resource; and the words that grant nothing here."""

    grants: Mapping[tuple[str, str], frozenset[str]]
    others: tuple[str, ...] = ()
    """Such as `openid`, `launch/patient` or `offline_access`."""
    not_understood: tuple[str, ...] = ()
    """Such as one with a query (`?category=...`): to grant it whole would be too much, so it grants nothing."""

    @property
    def any_smart(self) -> bool:
        """Whether it limits what may be done, be it to nothing."""
        return bool(self.grants or self.not_understood)

    def letters(self, context: str, resource: str) -> frozenset[str]:
        """What may be done with that resource in that context."""
        nothing: frozenset[str] = frozenset()
        return self.grants.get((context, resource), nothing) | self.grants.get((context, ANY), nothing)

    def narrowed(self, asked: "Scopes") -> "Scopes":
        """What both grant: for a client that asks for less than it is allowed.

        Raises:
            NoScopeGranted: nothing. Without a scope a token would not be limited, instead of being good for nothing.
        """
        both: Grants = {}
        for ((context, mine), allowed), ((theirs, other), wanted) in product(self.grants.items(), asked.grants.items()):
            resource = _meet(mine, other)
            if context == theirs and resource and allowed & wanted:
                key = (context, resource)
                both[key] = both.get(key, frozenset()) | (allowed & wanted)
        if not both:
            raise NoScopeGranted("nothing of it is allowed to this client")
        others = tuple(word for word in asked.others if word in self.others)
        return Scopes(_tidy(both), others)

    def __str__(self) -> str:
        """Everything that is granted, in version 2 and in order, then the other words."""
        return " ".join([*map(_written, sorted(self.grants.items(), key=_order)), *self.others])


def parsed(words: str | Iterable[str]) -> Scopes:
    """Scopes from one text, or from a list of words. Nothing is an error: what is not understood grants nothing."""
    return _parsed(tuple(words.split() if isinstance(words, str) else words))


@lru_cache(maxsize=1024)
def _parsed(words: tuple[str, ...]) -> Scopes:
    grants: Grants = {}
    apart: dict[str, bool] = {}
    for word in words:
        found = SMART.fullmatch(word)
        if found is None:
            apart[word] = MEANT_AS_SMART.match(word) is not None
            continue
        context, resource, what = found.groups()
        key, letters = (context, resource), VERSION_1.get(what, frozenset(what))
        grants[key] = grants.get(key, frozenset()) | letters
    others = tuple(sorted(word for word, meant in apart.items() if not meant))
    return Scopes(_tidy(grants), others, tuple(sorted(word for word, meant in apart.items() if meant)))


def _meet(one: str, other: str) -> str | None:
    """The resources that both name."""
    if other in {one, ANY}:
        return one
    return other if one == ANY else None


def _tidy(grants: Grants) -> Mapping[tuple[str, str], frozenset[str]]:
    """One way to write the same: a resource stands beside `*` only when it has more, and then with all of it."""
    nothing: frozenset[str] = frozenset()
    tidy: Grants = {}
    for (context, resource), letters in grants.items():
        common = grants.get((context, ANY), nothing)
        if resource == ANY or not letters <= common:
            tidy[context, resource] = letters | common
    return MappingProxyType(tidy)


def _order(granted: tuple[tuple[str, str], frozenset[str]]) -> tuple[int, str]:
    (context, resource), _ = granted
    return CONTEXTS.index(context), resource


def _written(granted: tuple[tuple[str, str], frozenset[str]]) -> str:
    (context, resource), letters = granted
    return f"{context}/{resource}.{''.join(letter for letter in LETTERS if letter in letters)}"
