"""The versions of one resource: all of them, and each."""

from typing import Any

from interop.fhir import bundle
from interop.fhir.bundle import Done
from interop.fhir.calls import Call, Reply
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
    done = [_done(call, each) for each in reversed(listed)]
    return Reply(200, bundle.history(call.base, done, {}, total=len(done)))


def _done(call: Call, item: dict[str, Any]) -> Done:
    address = f"{call.kind}/{call.id}"
    if item["entered_in_error"]:
        return Done("DELETE", address, "204")
    version: int = item["version"]
    method, url, status = ("POST", call.kind, "201") if version == 1 else ("PUT", address, "200")
    return Done(method, url, status, version, resource=shown(item["held"]))


async def read_version(call: Call, version: str) -> Reply:
    """One version."""
    where = await located(call, "list_versions")
    wanted = int(version) if version.isascii() and version.isdecimal() and len(version) < len(str(2**31)) else 0
    items, _ = await versions_of(call.desk, where, (1, wanted - 1)) if wanted else ([], None)
    if not items or items[0]["version"] != wanted or items[0]["entered_in_error"]:
        raise NotFound(f"There is no version {wanted or 'of that number'} of this {call.kind} to be shown.")
    resource = shown(items[0]["held"])
    return Reply(200, resource, stamps(resource))
