"""Bundles: what a search found, the history of a record, and the answers to a batch or a transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from interop.fhir.elements import Fhir, instant, without_nothing

Links = Mapping[str, str]
"""Addresses by their relation: `self`, `next`, and so on."""


class Done(NamedTuple):
    """What was done, as a request of FHIR and its answer.

    Attributes:
        method: the HTTP method; of the past or of an entry of a batch.
        url: what was asked, such as `Patient` or `Patient/1`.
        status: the HTTP status with its words, such as `201 Created`.
        version: the version that came of it; None for none.
        modified: when that was recorded.
        location: where what was made is to be found.
        resource: what is answered with it: the resource or, for a refusal, nothing.
        outcome: what went wrong, or is worth saying.
    """

    method: str
    url: str
    status: str
    version: int | None = None
    modified: datetime | str | None = None
    location: str | None = None
    resource: Fhir | None = None
    outcome: Fhir | None = None


def searchset(
    base: str, found: Iterable[Fhir], links: Links, *, included: Iterable[Fhir] = (), total: int | None = None
) -> Fhir:
    """A page of what a search found, with what comes along; an OperationOutcome among those is said to be one.

    `total` is how many were found on all pages; None when they were not counted.
    """
    matched = [_entry(base, resource, "match") for resource in found]
    along = [_entry(base, each, _mode(each)) for each in included]
    return _bundle("searchset", [*matched, *along], links, total)


def history(base: str, done: Iterable[Done], links: Links, *, total: int | None = None) -> Fhir:
    """Versions, the newest first, each with what made it; one that was removed has no resource."""
    entries = [{**_full_url(base, each), **_resource(each), **_request(each), **_response(each)} for each in done]
    return _bundle("history", entries, links, total)


def responses(done: Iterable[Done], *, transaction: bool) -> Fhir:
    """The answers to the entries of a batch or a transaction, in their order."""
    entries = [{**_resource(each), **_response(each)} for each in done]
    return _bundle("transaction-response" if transaction else "batch-response", entries, {}, None)


def _bundle(kind: str, entries: list[Fhir], links: Links, total: int | None) -> Fhir:
    linked = [{"relation": relation, "url": url} for relation, url in links.items()]
    said = {"resourceType": "Bundle", "type": kind, "total": total, "link": linked, "entry": entries}
    return without_nothing(said)


def _mode(resource: Fhir) -> str:
    return "outcome" if resource["resourceType"] == "OperationOutcome" else "include"


def _entry(base: str, resource: Fhir, mode: str) -> Fhir:
    address = {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}"} if "id" in resource else {}
    return {**address, "resource": resource, "search": {"mode": mode}}


def _full_url(base: str, done: Done) -> Fhir:
    """Where the resource is, without its version; a resource of no id has none."""
    resource = done.resource or {}
    named = f"{resource['resourceType']}/{resource['id']}" if "id" in resource else ""
    gone = done.url if done.method == "DELETE" and "/" in done.url else ""
    path = named or gone
    return {"fullUrl": f"{base}/{path}"} if path else {}


def _resource(done: Done) -> Fhir:
    return {"resource": done.resource} if done.resource else {}


def _request(done: Done) -> Fhir:
    return {"request": {"method": done.method, "url": done.url}}


def _response(done: Done) -> Fhir:
    said = {
        "status": done.status,
        "location": done.location,
        "etag": None if done.version is None else f'W/"{done.version}"',
        "lastModified": None if done.modified is None else instant(done.modified),
        "outcome": done.outcome,
    }
    return {"response": without_nothing(said)}
