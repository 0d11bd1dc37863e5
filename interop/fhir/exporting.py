"""Bulk export (https://hl7.org/fhir/uv/bulkdata/export.html): nothing is stored, and each file is read as it leaves.

What was asked is written into the address where it is answered, signed: for this caller, for a day.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import NamedTuple

from fastapi.responses import StreamingResponse

from access.fhir import RECORDS, name_of
from interop.fhir import outcome
from interop.fhir.calls import Call, Reply
from interop.fhir.elements import Fhir, instant
from interop.fhir.export_asked import NDJSON, read_asked
from interop.fhir.showing import shown
from models import decimals
from registry.desk import Desk
from registry.errors import Forbidden, InvalidRequest, NotFound
from registry.fhir_shelf import Held, across
from registry.records import START
from registry.settled import is_settled, moment
from web.deps import caller_of
from web.guard import allowed, shown_next

WHERE = {"System": "$export", "Patient": "Patient/$export", "Group": "Group/all/$export"}
"""Where an export is asked for, by what it is of. Every resource is of a patient: all three are the same."""
EVERYBODY = "all"
KEPT = timedelta(days=1)
AT_ONCE, WRITTEN_AT_ONCE, MOST_LOOKED_AT = 200, 20, 2_000
NO_GROUP = "There is one Group here, `all`: the patients of the organisation."
NO_JOB = "There is no export at this address: it is another's, older than a day, or was changed. Ask for it again."
NO_FILE = "This export has no file of {}."
ACCEPTED = "The export is ready to be asked for at the address of `Content-Location`, for a day."
NOTHING_KEPT = "Nothing of an export is kept here, so nothing had to be deleted. Its address is good for a day at most."
UNSETTLED = "waiting for what was being written when the export was asked for"


class Job(NamedTuple):
    """What an address of an export says.

    Attributes:
        request: where it was asked for, below the address of FHIR.
        types: what is exported.
        since: only what was changed after this; None for everything.
        at: only what was changed until this.
    """

    request: str
    types: tuple[str, ...]
    since: datetime | None
    at: datetime

    def has(self, held: Held) -> bool:
        """Whether a resource was changed when it counts."""
        changed = datetime.fromisoformat(instant(held.said["updated_at"]))
        return changed <= self.at and (self.since is None or changed > self.since)


async def group(call: Call) -> Reply:
    """The one Group: everybody. Who that is, is what the export says."""
    _check_group(call)
    name = "All patients of the organisation"
    return Reply(200, {"resourceType": "Group", "id": EVERYBODY, "type": "person", "actual": True, "name": name})


async def kick_off(call: Call) -> Reply:
    """Take the export: the answer says where it will be.

    Raises:
        NotFound: it is of a group that is not there.
        ExportRefused, Forbidden: it cannot be asked so, or not by whoever asks.
    """
    _check_group(call)
    asked = read_asked(call)
    since = None if asked.since is None else asked.since.isoformat()
    types, at = _granted(call, asked.types), (await moment(call.desk.database)).isoformat()
    said = json.dumps([f"{WHERE[call.kind]}{asked.query}", types, since, at])
    token = call.request.app.state.service.cursors.written(_whose(call), said)
    headers = {"Content-Location": f"{call.base}/$export-status/{token}"}
    return Reply(202, outcome.outcome([outcome.information(ACCEPTED)]), headers)


def _check_group(call: Call) -> None:
    if call.kind == "Group" and call.id != EVERYBODY:
        raise NotFound(NO_GROUP)


def _granted(call: Call, named: tuple[str, ...] | None) -> list[str]:
    """The types that are exported: those that were named, or else all that whoever asks may take.

    Raises:
        Forbidden: they may not take one that was named, or none at all.
    """
    found: list[str] = []
    refused: list[Forbidden] = []
    for kind in named or RECORDS:
        try:
            allowed(call.request, name_of("export", kind), None)
            found.append(kind)
        except Forbidden as error:
            refused.append(error)
    if refused and (named or not found):
        raise refused[0]
    return found


def _whose(call: Call) -> str:
    caller = caller_of(call.request)
    return f"$export {caller.organisation_id} {caller.kind} {caller.subject}"


def _job(call: Call) -> Job:
    """What the address says.

    Raises:
        NotFound: it was signed for somebody else, or not at all, or is too old.
    """
    service = call.request.app.state.service
    try:
        request, types, since, at = json.loads(service.cursors.read(_whose(call), call.id))
    except InvalidRequest:
        raise NotFound(NO_JOB) from None
    began = datetime.fromisoformat(at)
    if service.clock() > began + KEPT:
        raise NotFound(NO_JOB)
    return Job(request, tuple(types), None if since is None else datetime.fromisoformat(since), began)


async def status(call: Call) -> Reply:
    """The manifest: which files there are. Each type is decided again.

    Raises:
        NotFound: there is no such export of whoever asks.
        Forbidden: they may not take one of its types any more.
    """
    job = _job(call)
    _granted(call, job.types)
    if not await is_settled(call.desk.database, job.at):
        return Reply(202, None, {"X-Progress": UNSETTLED, "Retry-After": "1"})
    expires = format_datetime((job.at + KEPT).astimezone(UTC).replace(microsecond=0), usegmt=True)
    return Reply(200, await _manifest(call, job), {"Content-Type": "application/json", "Expires": expires})


async def _manifest(call: Call, job: Job) -> Fhir:
    files = [{"type": kind, "url": f"{call.base}/$export-file/{call.id}/{kind}"} for kind in job.types]
    return {
        "transactionTime": instant(job.at.astimezone(UTC)),
        "request": f"{call.base}/{job.request}",
        "requiresAccessToken": True,
        "output": [each for each in files if await _has_any(call.desk, each["type"], job)],
        "error": [],
    }


async def _has_any(desk: Desk, kind: str, job: Job) -> bool:
    """Whether there is one of a type. After some thousands that do not count it is taken for so: the file will tell."""
    looked = 0
    async for stretch in _stretches(desk, kind):
        looked += len(stretch)
        if looked >= MOST_LOOKED_AT or any(map(job.has, stretch)):
            return True
    return False


async def cancel(call: Call) -> Reply:
    """Nothing is kept, so nothing is deleted; the answer says so.

    Raises:
        NotFound: there is no such export of whoever asks.
    """
    _job(call)
    return Reply(202, outcome.outcome([outcome.information(NOTHING_KEPT)]))


async def file(call: Call) -> StreamingResponse:
    """All of one type, a resource a line, read while it leaves.

    Raises:
        NotFound: there is no such export of whoever asks, or it has no such file.
    """
    job = _job(call)
    if call.kind not in job.types:
        raise NotFound(NO_FILE.format(call.kind))
    lines = _lines(call, job)
    # What cannot be read or recorded at all is refused before the answer begins.
    first = await anext(lines, b"")
    return StreamingResponse(_after(first, lines), media_type=NDJSON)


async def _after(first: bytes, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for each in lines:
        yield each


async def _lines(call: Call, job: Job) -> AsyncIterator[bytes]:
    """Stretch after stretch; the audit knows whom each shows before it leaves, or it does not leave."""
    async for stretch in _stretches(call.desk, call.kind):
        leaving = [held for held in stretch if job.has(held)]
        if leaving:
            await shown_next(call.request, dict.fromkeys(held.patient_id for held in leaving))
        for first in range(0, len(leaving), WRITTEN_AT_ONCE):
            some = leaving[first : first + WRITTEN_AT_ONCE]
            yield b"".join(decimals.dumps(shown(held)) + b"\n" for held in some)
            await asyncio.sleep(0)  # whoever else waits is served between: writing hundreds takes a tenth of a second


async def _stretches(desk: Desk, kind: str) -> AsyncIterator[list[Held]]:
    """All of a type of those whom whoever asks may read, some hundred at a time."""
    after = (False, START)
    while stretch := await across(desk, kind, after, AT_ONCE):
        yield stretch
        if len(stretch) < AT_ONCE:
            return
        after = (stretch[-1].alone, stretch[-1].id)
