"""The resources as they were given, each once, and the book in which the fate of each is kept."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from intake.json_parts import part, text
from intake.made import Accounted, NotUnderstood
from intake.words import Outcome, Reason

UNNAMED = "Resource"
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6}0*)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
"""An instant of FHIR, no finer than it can be compared."""


class Given(NamedTuple):
    """One resource, with the kind that it says it is and the reference by which it is called here."""

    reference: str
    kind: str
    resource: Mapping[str, Any]


class Unusable(Exception):
    """Nothing is taken from the resource: it is set aside, or not understood."""

    def __init__(self, reason: Reason, path: str, sentence: str | None = None, *, set_aside: bool = False) -> None:
        """`path` is where the reason was found."""
        super().__init__(reason)
        self.reason, self.path, self.sentence, self.set_aside = reason, path, sentence, set_aside


class Book:
    """What became of each resource, what was not understood, and what was left out."""

    def __init__(self) -> None:
        """Nothing is accounted for yet."""
        self.accounted: dict[str, Accounted] = {}
        self.not_understood: list[NotUnderstood] = []
        self.warnings: list[NotUnderstood] = []

    def used(self, given: Given) -> None:
        """Something was made of it."""
        self.accounted[given.reference] = Accounted(given.reference, Outcome.USED, None)

    def set_aside(self, given: Given, reason: Reason) -> None:
        """It was understood, and is not needed."""
        self.accounted[given.reference] = Accounted(given.reference, Outcome.SET_ASIDE, reason)

    def refuse(self, given: Given, code: Reason, expression: str, sentence: str | None = None) -> None:
        """It could not be read; nothing is taken from it."""
        self.accounted[given.reference] = Accounted(given.reference, Outcome.NOT_UNDERSTOOD, code)
        self.not_understood.append(NotUnderstood(given.reference, code, sentence or code.meaning, expression))

    def leave(self, given: Given, why: Unusable) -> None:
        """Nothing is taken from it: it is set aside, or not understood."""
        if why.set_aside:
            self.set_aside(given, why.reason)
        else:
            self.refuse(given, why.reason, f"{given.kind}.{why.path}", why.sentence)

    def warn(self, given: Given, code: Reason, expression: str, sentence: str | None = None) -> None:
        """A part of it was left out."""
        self.warnings.append(NotUnderstood(given.reference, code, sentence or code.meaning, expression))


def each_once(resources: Sequence[object], book: Book) -> list[Given]:
    """The resources in a fixed order, each once: of several versions the latest. What is no resource is refused."""
    versions: defaultdict[str, list[Given]] = defaultdict(list)
    for each in map(_given, resources):
        versions[each.reference].append(each)
    chosen: list[Given] = []
    for reference in sorted(versions):
        copies = versions[reference]
        given = copies[0] if len(copies) == 1 else _latest(copies, book)
        if given and given.kind == UNNAMED:
            book.refuse(given, Reason.WRONG_TYPE, "resourceType", "This is no FHIR resource: it has no `resourceType`.")
        elif given:
            chosen.append(given)
    return chosen


def _given(resource: object) -> Given:
    kind = text(part(resource, "resourceType"))
    name = text(part(resource, "id"))
    if kind and name:
        return Given(f"{kind}/{name}", kind, resource)  # type: ignore[arg-type]
    content = resource if isinstance(resource, dict) else {}
    return Given(f"{kind or UNNAMED}/{digest(resource)}", kind or UNNAMED, content)


def digest(value: object) -> str:
    """A short name for content that has none of its own; all that is nested too deeply to be written has one name."""
    try:
        written = json.dumps(value, sort_keys=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        written = "unwritable"
    return "sha256-" + hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _latest(copies: list[Given], book: Book) -> Given | None:
    """The latest of several copies; None where they differ and nothing says which is the latest."""
    kept = list({digest(copy.resource): copy for copy in copies}.values())
    if len(kept) == 1:
        return kept[0]
    instants = [_instant(part(copy.resource, "meta", "lastUpdated")) for copy in kept]
    known = [instant for instant in instants if instant]
    if len(known) == len(kept) and known.count(max(known)) == 1:
        return kept[known.index(max(known))]
    book.refuse(copies[0], Reason.COPIES_DIFFER, f"{copies[0].kind}.meta.lastUpdated")
    return None


def _instant(value: object) -> datetime | None:
    """A point in time, wherever it was written; None where the value is none."""
    said = text(value)
    if not said or not INSTANT.fullmatch(said):
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None


def in_order(accounted: Iterable[Accounted]) -> list[Accounted]:
    """By reference, so that the order in which resources are given does not matter."""
    return sorted(accounted)
