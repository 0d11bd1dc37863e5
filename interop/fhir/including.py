"""What comes along with a search: what was found refers to, and what refers to it."""

from collections.abc import Iterable
from uuid import UUID

from interop.fhir.calls import Call
from interop.fhir.elements import Fhir
from interop.fhir.search import Search
from interop.fhir.search_includes import Include
from interop.fhir.search_values import values_at
from interop.fhir.showing import shown
from registry.errors import Gone, NotFound
from registry.fhir_shelf import TYPES, locate, of_patients, read_one

MOST_ALONG = 1_000
CUT = f"At most {MOST_ALONG} resources come along with a page. Ask for smaller pages, such as with `_count=20`."


def uuids(texts: Iterable[str]) -> list[UUID]:
    """Those of the texts that are UUIDs, each once."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue  # ids here are UUIDs: nothing has another one
    return list(dict.fromkeys(found))


async def included(call: Call, asked: Search, found: list[Fhir]) -> list[Fhir]:
    """What comes along: each resource once, none that was found already, and no more than `MOST_ALONG`."""
    there = {(each["resourceType"], each["id"]) for each in found}
    included: list[Fhir] = []
    for include in asked.includes:
        for resource in await _along(call, include, found):
            key = (resource["resourceType"], resource["id"])
            if key not in there and len(included) < MOST_ALONG:
                there.add(key)
                included.append(resource)
    return included


async def _along(call: Call, include: Include, found: list[Fhir]) -> list[Fhir]:
    if include.reverse:
        return await _referring(call, include, found)
    referred = [value for each in found for path in include.paths for value in values_at(each, path)]
    targets = dict.fromkeys(str(each.get("reference", "")) for each in referred if isinstance(each, dict))
    listed: list[Fhir] = []
    for target in list(targets)[:MOST_ALONG]:
        kind, _, identity = target.removeprefix(f"{call.base}/").partition("/")
        if kind in TYPES and include.target in {None, kind} and (ids := uuids([identity])):
            listed.extend(await _one(call._replace(kind=kind, id=str(ids[0]))))
    return listed


async def _one(call: Call) -> list[Fhir]:
    try:
        where = await locate(call.desk, call.kind, call.uuid)
        call.decide("read", where.ref.patient_id)
        return [shown(await read_one(call.desk, where))]
    except (NotFound, Gone):
        return []


async def _referring(call: Call, include: Include, found: list[Fhir]) -> list[Fhir]:
    """Resources of one other type that refer to what was found, all of its patients in one look."""
    patients = uuids(_patient_in(each) for each in found)
    theirs = call._replace(kind=include.kind)
    for patient in patients:
        theirs.decide("search", patient)
    meant = {f"{each['resourceType']}/{each['id']}" for each in found}
    held = await of_patients(call.desk, include.kind, patients) if patients and include.kind in TYPES else []
    listed = [shown(each) for each in held]
    return [each for each in listed if _refers(each, include.paths, meant, call.base)]


def _patient_in(resource: Fhir) -> str:
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    return str(resource.get("subject", {}).get("reference", "")).rpartition("/")[2]


def _refers(resource: Fhir, paths: tuple[str, ...], meant: set[str], base: str) -> bool:
    values = [value for path in paths for value in values_at(resource, path)]
    said = (str(each.get("reference", "")) for each in values if isinstance(each, dict))
    return any(each.removeprefix(f"{base}/") in meant for each in said)
