"""One patient after the other: what belongs together is read back, and whose it is said in one way."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from bulk.found import MOST_BYTES_OF_A_PATIENT, MOST_OF_A_PATIENT, Reject, Why
from bulk.sorting import SHARED, identifiers_of, reference_of
from bulk.spool import Part, Spooled

COMPARED = ("birthDate", "gender")
UNKNOWN = {None, "", "unknown"}


class Gathered(NamedTuple):
    """All that is of one patient, as it was spooled; `dropped` counts what was too much."""

    key: str
    things: list[Spooled]
    dropped: int = 0

    @property
    def resources(self) -> int:
        """How many there are."""
        return len(self.things) + self.dropped


class Person(NamedTuple):
    """One patient's resources, read. Without a Patient among them, `identifier` is the one they were referred to by."""

    key: str
    resources: list[dict[str, Any]]
    rejects: list[Reject]
    identifier: str = ""


def gathered(part: Part) -> list[Gathered]:
    """All patients of a part, in a fixed order."""
    held: dict[str, list[Spooled]] = {}
    sizes: dict[str, int] = {}
    dropped: dict[str, int] = {}
    for thing in part.read():
        mine = held.setdefault(thing.key, [])
        sizes[thing.key] = sizes.get(thing.key, 0) + len(thing.raw)
        if len(mine) < MOST_OF_A_PATIENT and sizes[thing.key] <= MOST_BYTES_OF_A_PATIENT:
            mine.append(thing)
        else:
            dropped[thing.key] = dropped.get(thing.key, 0) + 1
    return [Gathered(key, held[key], dropped.get(key, 0)) for key in sorted(held)]


def person(of: Gathered, shared: Mapping[str, bytes]) -> Person:
    """The patient's resources, each naming the patient in the same way, with the medicines that they refer to.

    If it is not clear whose they are, there are rejects alone.
    """
    if of.dropped:
        return Person(of.key, [], [Reject.of(of.key, Why.TOO_MUCH_OF_ONE)])
    read = [(thing, orjson.loads(thing.raw)) for thing in of.things]
    patients = [(thing.base, each) for thing, each in read if each["resourceType"] == "Patient"]
    if _differ(patients):
        return Person(of.key, [], [_refused(each, Why.AMBIGUOUS_PATIENT) for _, each in read])
    if not patients and not of.key.startswith("|"):
        return Person(of.key, [], [_refused(each, Why.UNKNOWN_PATIENT) for _, each in read])
    servers = {base for base, _ in patients if base}
    strangers = [each for thing, each in read if thing.base and servers and thing.base not in servers]
    mine = [each for thing, each in read if not (thing.base and servers and thing.base not in servers)]
    for each in mine:
        _name(each, of.key)
    rejects = [_refused(each, Why.UNKNOWN_PATIENT) for each in strangers]
    return Person(of.key, mine + list(_medicines(mine, shared)), rejects, "" if patients else of.key)


def _differ(patients: list[tuple[str, dict[str, Any]]]) -> bool:
    """Whether these Patients of one id are more than one person: of two servers, or of what contradicts itself."""
    if len({base for base, _ in patients if base}) > 1:
        return True
    for name in COMPARED:
        if len({str(each.get(name)) for _, each in patients if each.get(name) not in UNKNOWN}) > 1:
            return True
    named = [names for _, each in patients if (names := set(identifiers_of(each)))]
    return bool(named) and not set.intersection(*named)


def _refused(resource: Mapping[str, Any], why: Why) -> Reject:
    return Reject.of(reference_of(resource), why)


def _name(resource: dict[str, Any], key: str) -> None:
    """Let the reference to the patient be the plain one, whichever it was."""
    if resource["resourceType"] != "Patient" and not key.startswith("|"):
        field = "subject" if resource.get("subject") else "patient"
        resource[field] = {"reference": key}


def _medicines(resources: list[dict[str, Any]], shared: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    """The Medication resources that these refer to, each once; references by URN are brought into the plain form."""
    found: dict[str, dict[str, Any]] = {}
    for each in resources if shared else ():
        said = each.get("medicationReference")
        if not isinstance(said, dict) or not isinstance(said.get("reference"), str):
            continue
        reference: str = said["reference"]
        raw = shared.get(reference) or shared.get("/".join(reference.split("/")[-2:]))
        raw = raw or shared.get(f"{SHARED}/{reference.removeprefix('urn:uuid:')}")
        if raw is not None:
            medicine = orjson.loads(raw)
            each["medicationReference"] = {**said, "reference": reference_of(medicine)}
            found[reference_of(medicine)] = medicine
    yield from found.values()
