"""Tells of each resource whose it is, and puts it with the others of the same patient."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson

from bulk.found import DEEPEST, LOGICAL, LONGEST, MOST_BYTES_OF_ONE, Entry, Reject, Why
from bulk.spool import Spool, Spooled

KINDS = frozenset(
    {
        *("Patient", "Condition", "Observation", "Procedure", "QuestionnaireResponse", "Encounter"),
        *("MedicationRequest", "MedicationDispense", "MedicationStatement", "MedicationAdministration"),
    }
)
"""Kinds that a treatment history is read from. Others are counted and set aside."""
SHARED = "Medication"
MOST_BYTES_SHARED = 64 * 1024 * 1024
MOST_ALIASES = 300_000
URN, UUID = "urn:", "urn:uuid:"
MOST_KINDS, OTHER = 190, "Other"


class Sorter:
    """Sorts what a body holds into a spool; what is none, or nobody's, is told as a reject."""

    def __init__(self, spool: Spool) -> None:
        """Nothing is sorted yet."""
        self._spool = spool
        self.kinds: Counter[str] = Counter()
        self.set_aside = self.unsorted = 0
        self.shared: dict[str, bytes] = {}
        self._room = MOST_BYTES_SHARED
        self._aliases: dict[str, str] = {}

    def take(self, entry: Entry) -> Reject | None:
        """Sort one resource; the reject if it cannot be."""
        resource = entry.resource
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str) or not kind.isalpha() or len(kind) > LONGEST:
            return Reject.of("", Why.NOT_A_RESOURCE, entry.place)
        self.kinds[kind if kind in self.kinds or len(self.kinds) < MOST_KINDS else OTHER] += 1
        if kind not in KINDS and kind != SHARED:
            self.set_aside += 1
            return None
        _name_by_url(resource, entry.full_url)
        raw = entry.raw if entry.raw is not None and not entry.full_url else orjson.dumps(resource)
        why = _immoderate(raw, resource)
        if why is None:
            why = self._put(kind, resource, entry.full_url, raw)
        return None if why is None else Reject.of(reference_of(resource), why, entry.place)

    def _put(self, kind: str, resource: dict[str, Any], full_url: str, raw: bytes) -> Why | None:
        if kind == SHARED:
            return self._share(resource, full_url, raw)
        if kind == "Patient":
            return self._patient(resource, full_url, raw)
        key, base = whose(resource)
        if not key:
            return Why.NO_PATIENT
        if key[0] == LOGICAL or key.startswith(URN):
            known = self._aliases.get(key)
            if known is None:
                self._spool.late.add(Spooled(key, base, raw))
                return None
            key = known
        self._spool.add(Spooled(key, base, raw))
        return None

    def _patient(self, patient: dict[str, Any], full_url: str, raw: bytes) -> Why | None:
        key = reference_of(patient)
        if key == "Patient":
            return Why.UNNAMED_PATIENT
        if len(self._aliases) < MOST_ALIASES:
            self._aliases |= {f"{UUID}{patient['id']}": key} | ({full_url: key} if full_url.startswith(URN) else {})
            self._aliases.update((name, key) for name in identifiers_of(patient))
        base = "" if full_url.startswith(URN) else split(full_url)[0]
        self._spool.add(Spooled(key, base, raw))
        return None

    def _share(self, resource: dict[str, Any], full_url: str, raw: bytes) -> Why | None:
        self._room -= len(raw)
        if self._room < 0:
            return Why.TOO_LARGE
        self.unsorted += 1
        self.shared[reference_of(resource)] = raw
        if full_url.startswith(URN):
            self.shared[full_url] = raw
        return None

    def finish(self) -> None:
        """Everything is here: put what was named by URN or identifier with its patient, as far as they are here."""
        for thing in self._spool.late.read():
            by_id = f"Patient/{thing.key.removeprefix(UUID)}" if thing.key.startswith(UUID) else thing.key
            self._spool.add(thing._replace(key=self._aliases.get(thing.key, by_id)))
        self._aliases.clear()


def _name_by_url(resource: dict[str, Any], full_url: str) -> None:
    """A resource without an id has the one of its full URL."""
    if not isinstance(resource.get("id"), str) and full_url:
        resource["id"] = full_url.rpartition("/")[2].rpartition(":")[2]


def _immoderate(raw: bytes, resource: object) -> Why | None:
    if len(raw) > MOST_BYTES_OF_ONE:
        return Why.TOO_LARGE
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth_exceeds(resource):
        return Why.TOO_DEEP
    return None


def _depth_exceeds(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterator[object]:
    inner = value.values() if isinstance(value, dict) else value
    yield from (each for each in inner if isinstance(each, dict | list))  # type: ignore[attr-defined]  # it is a list


def reference_of(resource: Mapping[str, Any]) -> str:
    """`Type/id`, or the type alone where there is no id."""
    kind, name = resource.get("resourceType"), resource.get("id")
    return f"{kind}/{name}"[:LONGEST] if isinstance(name, str) and name else str(kind)


def whose(resource: Mapping[str, Any]) -> tuple[str, str]:
    """The key of the patient that a resource is about, and the server that the reference names; empty if neither."""
    said = resource.get("subject") or resource.get("patient")
    if not isinstance(said, dict):
        return "", ""
    reference = said.get("reference")
    if isinstance(reference, str) and reference:
        if reference.startswith(URN):
            return reference[:LONGEST], ""
        base, name = split(reference)
        return (f"Patient/{name}" if name else ""), base
    identifier = said.get("identifier")
    said_so = _identifier(identifier) if isinstance(identifier, dict) else None
    return said_so or "", ""


def split(reference: str) -> tuple[str, str]:
    """The server and the id in a reference to a Patient; no id if it is to something else."""
    before, found, name = reference.partition("/_history/")[0].rpartition("Patient/")
    if not found or not name or "/" in name or (before and not before.endswith("/")):
        return "", ""
    return (before[:LONGEST] if urlsplit(before).scheme else ""), name[: LONGEST - len("Patient/")]


def identifiers_of(patient: Mapping[str, Any]) -> Iterator[str]:
    """The identifiers of a Patient, as keys."""
    listed = patient.get("identifier")
    for each in listed if isinstance(listed, list) else ():
        name = _identifier(each) if isinstance(each, dict) else None
        if name:
            yield name


def _identifier(identifier: Mapping[str, Any]) -> str | None:
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(value, str) or not value or not isinstance(system, str):
        return None
    return f"{LOGICAL}{system}{LOGICAL}{value}"[:LONGEST]
