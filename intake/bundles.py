"""The resources of a document: a resource, a list, or bundles within bundles, each with its full URL."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from intake.json_parts import text
from intake.made import NotUnderstood
from intake.words import Reason

MOST_LEVELS = 50
MORE_THAN_READ = f"More than {MOST_LEVELS} levels of lists and bundles are not read."


class Found(NamedTuple):
    """One resource of a document, with the full URL of its entry."""

    resource: Mapping[str, Any]
    full_url: str | None


class Heap(NamedTuple):
    """The resources of a document in its order, and what in it is none."""

    found: list[Found]
    faults: list[NotUnderstood]


def resources_in(document: object) -> Heap:
    """Every resource of a document, in one pass, without recursion; what is nested too deeply is a fault."""
    heap = Heap([], [])
    waiting: list[tuple[object, str | None, str, int]] = [(document, None, "", 0)]
    while waiting:
        value, full_url, path, level = waiting.pop()
        if level > MOST_LEVELS:
            heap.faults.append(
                _fault(Reason.TOO_DEEP, path, f"More than {MOST_LEVELS} levels of bundles are not read.")
            )
        elif isinstance(value, list):
            waiting.extend(reversed([(each, None, f"{path}[{at}]", level + 1) for at, each in enumerate(value)]))
        elif not isinstance(value, dict):
            heap.faults.append(_fault(Reason.WRONG_TYPE, path, "An object is expected here."))
        elif value.get("resourceType") == "Bundle":
            waiting.extend(reversed(_entries(value, path, level, heap.faults)))
        elif text(value.get("resourceType")):
            heap.found.append(Found(value, full_url))
        else:
            heap.faults.append(_fault(Reason.WRONG_TYPE, path, "This is no FHIR resource: it has no `resourceType`."))
    return heap


def _entries(
    bundle: Mapping[str, Any], path: str, level: int, faults: list[NotUnderstood]
) -> list[tuple[object, str | None, str, int]]:
    """What the entries of a bundle hold. An entry without a resource (a link, a deletion) holds nothing."""
    entries = bundle.get("entry")
    here = f"{path}.entry" if path else "Bundle.entry"
    if entries is not None and not isinstance(entries, list):
        faults.append(_fault(Reason.WRONG_TYPE, here, "A list of entries is expected here."))
        return []
    held: list[tuple[object, str | None, str, int]] = []
    for at, entry in enumerate(entries or ()):
        if not isinstance(entry, dict):
            faults.append(_fault(Reason.WRONG_TYPE, f"{here}[{at}]", "An object is expected here."))
        elif "resource" in entry:
            held.append((entry["resource"], text(entry.get("fullUrl")), f"{here}[{at}].resource", level + 1))
    return held


def _fault(code: Reason, path: str, sentence: str) -> NotUnderstood:
    return NotUnderstood("Bundle", code, sentence, path)
