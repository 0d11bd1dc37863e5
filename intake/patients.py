"""A heap of resources by patient: whom each is about, and what each reference in it means."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from intake.bundles import Found
from intake.given import digest
from intake.json_parts import part, text
from intake.made import NotUnderstood
from intake.references import identifiers_of, plain, target_of
from intake.words import Reason

ABOUT = ("subject", "patient", "beneficiary", "individual")
SHARED = frozenset({"Medication"})
LINKS = ("medicationReference",)


class OfOne(NamedTuple):
    """The resources of one patient, by the reference under which it is known, and what full URLs stand for.

    `resources` and `aliases` are what `intake.course.of_patient` takes.
    """

    reference: str
    resources: list[Mapping[str, Any]]
    aliases: Mapping[str, str]


class ByPatient(NamedTuple):
    """The patients by reference; what is about no patient; and references to patients that were not given."""

    patients: list[OfOne]
    about_nobody: list[Mapping[str, Any]]
    faults: list[NotUnderstood]


def by_patient(found: Iterable[Found]) -> ByPatient:
    """Sort resources by patient, in one pass over them and one over what they share.

    A reference may be relative, absolute, a full URL of the bundle, or an identifier. A patient who is referred to
    and was not given still has a heap of their own, and the dangling reference is a fault. A Medication goes to every
    patient whose resources refer to it.
    """
    listed = [_named(each) for each in found]
    aliases = {plain(each.full_url): _reference(each.resource) for each in listed if each.full_url}
    people = {_reference(each.resource): each.resource for each in listed if _kind(each.resource) == "Patient"}
    known = _Known(aliases, {name: who for who, each in people.items() for name in identifiers_of(each)}, set(people))
    heaps: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    nobody: list[Mapping[str, Any]] = []
    shared: dict[str, Mapping[str, Any]] = {}
    for each in listed:
        who = known.whom(each.resource)
        if _kind(each.resource) in SHARED:
            shared[_reference(each.resource)] = each.resource
        elif who is None:
            nobody.append(each.resource)
        else:
            heaps[who].append(each.resource)
    unclaimed = _share(shared, heaps, aliases)
    faults = [fault for who in sorted(heaps) if who not in people for fault in _dangling(who, heaps[who])]
    patients = [OfOne(who, heaps[who], aliases) for who in sorted(heaps)]
    return ByPatient(patients, [*nobody, *unclaimed], faults)


class _Known:
    """What references may mean."""

    def __init__(self, aliases: Mapping[str, str], identified: Mapping[str, str], people: set[str]) -> None:
        self.aliases, self.identified, self.people = aliases, identified, people

    def whom(self, resource: Mapping[str, Any]) -> str | None:
        """The reference of the patient that a resource is about; None when it does not say."""
        if _kind(resource) == "Patient":
            return _reference(resource)
        for key in ABOUT:
            value = resource.get(key)
            said = target_of(value)
            if said and not said.startswith("#"):
                meant = self.aliases.get(said) or self.identified.get(said) or _patient_of_urn(said, self.people)
                if meant in self.people or key != "individual":
                    return meant
        return None


def _patient_of_urn(said: str, people: set[str]) -> str:
    """A `urn:uuid` means the patient with this id, where no full URL says otherwise."""
    named = f"Patient/{said.removeprefix('urn:uuid:')}"
    return named if named in people else said


def _named(found: Found) -> Found:
    """With an id: its own, else the end of its full URL, else one made of its content."""
    resource = found.resource
    if text(resource.get("id")):
        return found
    name = (found.full_url or "").rstrip("/").rpartition("/")[2].removeprefix("urn:uuid:")
    return found._replace(resource={**resource, "id": name or digest(resource)})


def _kind(resource: Mapping[str, Any]) -> str:
    return text(resource.get("resourceType")) or ""


def _reference(resource: Mapping[str, Any]) -> str:
    return f"{_kind(resource)}/{text(resource.get('id'))}"


def _share(
    shared: dict[str, Mapping[str, Any]], heaps: Mapping[str, list[Mapping[str, Any]]], aliases: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    """Give each shared resource to the heaps that refer to it; what nobody refers to is left."""
    claimed: set[str] = set()
    for heap in heaps.values() if shared else ():
        wanted = {_meant(part(resource, link), aliases) for resource in heap for link in LINKS}
        taken = sorted(wanted & shared.keys())
        heap.extend(shared[reference] for reference in taken)
        claimed.update(taken)
    return [resource for reference, resource in sorted(shared.items()) if reference not in claimed]


def _meant(value: object, aliases: Mapping[str, str]) -> str:
    said = target_of(value) or ""
    return aliases.get(said) or said.replace("urn:uuid:", "Medication/")


def _dangling(who: str, heap: list[Mapping[str, Any]]) -> list[NotUnderstood]:
    sentence = f"{len(heap)} resources refer to this patient, who was not given."
    return [NotUnderstood(who, Reason.DANGLING_REFERENCE, sentence, "Patient")]
