"""The versions of one resource: all of them, and each."""

from typing import Any

from interop.fhir.calls import Call, Reply
from interop.fhir.elements import Fhir
from interop.fhir.interactions import located
from interop.fhir.showing import shown, stamps
from registry.errors import NotFound
from registry.fhir_shelf import versions_of

VERSIONS_LISTED = 50


async def versions(call: Call) -> Reply:
    """All versions, the newest first; the last of a removed resource says so with DELETE."""
    where = await located(call, "list_versions")
    listed, after = await versions_of(call.desk, where, (VERSIONS_LISTED, 0))
    while after is not None:
        more, after = await versions_of(call.desk, where, (VERSIONS_LISTED, after))
        listed.extend(more)
    entries = [_version(call, each) for each in reversed(listed)]
    return Reply(200, {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries})


def _version(call: Call, item: dict[str, Any]) -> Fhir:
    address = f"{call.kind}/{call.id}"
    if item["entered_in_error"]:
        entry: Fhir = {"request": {"method": "DELETE", "url": address}, "response": {"status": "204"}}
    else:
        resource, first = shown(item["held"]), item["version"] == 1
        request = {"method": "POST" if first else "PUT", "url": call.kind if first else address}
        response = {"status": "201" if first else "200", "etag": stamps(resource)["ETag"]}
        entry = {"resource": resource, "request": request, "response": response}
    return {"fullUrl": f"{call.base}/{address}", **entry}


async def read_version(call: Call, version: str) -> Reply:
    """One version."""
    where = await located(call, "list_versions")
    wanted = int(version) if version.isascii() and version.isdecimal() and len(version) < len(str(2**31)) else 0
    items, _ = await versions_of(call.desk, where, (1, wanted - 1)) if wanted else ([], None)
    if not items or items[0]["version"] != wanted or items[0]["entered_in_error"]:
        raise NotFound(f"There is no version {wanted or 'of that number'} of this {call.kind} to be shown.")
    resource = shown(items[0]["held"])
    return Reply(200, resource, stamps(resource))
