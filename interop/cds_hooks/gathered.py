"""What was sent along with a call: resources of the patient, which queries they answer, and what was left out."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from intake.json_parts import mappings, part, whole
from interop.cds_hooks.services import Query, queries
from interop.cds_hooks.whose import Whose

Resource = dict[str, Any]
MOST_RESOURCES = 5_000
BUNDLE, OUTCOME = "Bundle", "OperationOutcome"
NO_MATCH = frozenset({"include", "outcome"})
"""What stands beside the matches of a search (FHIR, `SearchEntryMode`): `total` leaves it out."""


class Gathered(NamedTuple):
    """What is known of a patient, and how completely.

    Attributes:
        resources: what is the patient's, as it was sent.
        answered: the keys of queries that were answered, be it by nothing.
        partial: the keys of those of which there is more than was sent.
        others: how many resources were left out that name another subject.
        whose: the patient, by all that was said of who they are.
    """

    resources: tuple[Resource, ...]
    answered: frozenset[str]
    partial: frozenset[str] = frozenset()
    others: int = 0
    whose: Whose = Whose("")

    @property
    def missing(self) -> tuple[Query, ...]:
        """The queries that were not answered."""
        return tuple(query for query in queries() if query.key not in self.answered)

    @property
    def incomplete(self) -> tuple[Query, ...]:
        """The queries of which not all is here."""
        return tuple(query for query in queries() if query.key not in self.answered or query.key in self.partial)


def gathered(sent: Mapping[str, Any], patient: Whose) -> Gathered:
    """What a prefetch holds. A query is answered under its own key, also by null, or by its kind under another key."""
    found: list[Resource] = []
    answered, partial = set(), set()
    kinds = {query.kind: query.key for query in queries()}
    ours = {query.key for query in queries()}
    for key, value in sent.items():
        answer = _unwrapped(value)
        if _failed(answer):
            continue
        resources = list(_resources_in(answer))
        keys = {key} & ours or {kinds[each["resourceType"]] for each in resources if each["resourceType"] in kinds}
        answered |= keys
        if _has_more(answer):
            partial |= keys
        found.extend(resources)
    whose = patient.identified_by(found)
    all_mine = [each for each in found if whose.owns(each)]
    mine = all_mine[:MOST_RESOURCES]
    cut = frozenset(answered) if len(mine) == MOST_RESOURCES else frozenset(partial)
    return Gathered(tuple(mine), frozenset(answered), cut, len(found) - len(all_mine), whose)


def _unwrapped(value: object) -> object:
    """The resource itself, where a client wraps it with the status of its own request."""
    wrapped = isinstance(value, dict) and "resourceType" not in value and isinstance(value.get("resource"), dict)
    return value["resource"] if wrapped and isinstance(value, dict) else value


def _failed(value: object) -> bool:
    """Whether it is no answer: an outcome in its place, or no resource at all. Null is one: there is nothing."""
    return value is not None and _kind(value) in {None, OUTCOME}


def _kind(value: object) -> str | None:
    """The kind that a resource says it is; None where it says none."""
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def _has_more(value: object) -> bool:
    """Whether a bundle is one page of several, or counts more than it holds."""
    if any(link.get("relation") == "next" for link in mappings(part(value, "link"))):
        return True
    entries = mappings(part(value, "entry"))
    held = [each for each in entries if part(each, "resource") and part(each, "search", "mode") not in NO_MATCH]
    return (whole(part(value, "total")) or 0) > len(held)


def _resources_in(value: object) -> Iterator[Resource]:
    """The resource, or those of a bundle. What has no kind is passed over."""
    if not isinstance(value, dict) or _kind(value) is None:
        return
    if _kind(value) != BUNDLE:
        yield value
        return
    entries = value.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and _kind(resource) not in {None, OUTCOME}:
            yield resource


def resources_in(bundle: object) -> list[Resource]:
    """The resources of a bundle, or of a list of resources as clients of earlier versions send it."""
    if isinstance(bundle, list):
        return [each for each in bundle if isinstance(each, dict) and _kind(each) is not None]
    return list(_resources_in(_unwrapped(bundle)))
