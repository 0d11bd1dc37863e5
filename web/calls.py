"""The conventions of reading, listing, creating and changing, each as one dependency of a handler."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from models.base import Shape
from registry import records
from registry.desk import Desk, Ref
from registry.idempotency import Keyed, Stored, fingerprint, once
from registry.noun import Entry, Noun
from registry.records import Said, Stretch, Versions
from web.bodies import CheckedRequest
from web.call_parameters import Cursor, Key, Limit, Match, Tag
from web.conditions import etag, is_current, versions_named
from web.deps import Service, caller_of, get_desk, shows

Answered = Said | Response
Done = tuple[int, Said]
"""The status of what was done, and what is said of it."""
CREATED = 201
PATIENTS_PATH = "/v1/patients"


class Reading:
    """Answers one record, or 304 to whoever has it."""

    def __init__(self, desk: Desk, response: Response, held: str | None) -> None:
        """Keep what the answer depends on."""
        self.desk, self.response, self._held = desk, response, held

    async def read(self, noun: Noun[Any], patient_id: UUID, record_id: UUID) -> Answered:
        """The record with its ETag."""
        return self.tagged(await records.read(self.desk, noun, Ref(patient_id, record_id)))

    def tagged(self, said: Said) -> Answered:
        """The answer with its ETag, or 304."""
        tag = etag(said["version"])
        if is_current(self._held, said["version"]):
            return Response(status_code=304, headers={"ETag": tag})
        self.response.headers["ETag"] = tag
        return said


class Listing:
    """Answers one page of a list, with a link to the next."""

    def __init__(self, request: Request, response: Response, desk: Desk, limit: int) -> None:
        """Keep what the page depends on."""
        self.desk, self.limit, self.request, self._response = desk, limit, request, response
        self._service: Service = request.app.state.service
        self._after = self._service.cursors.read(request.scope["path"], request.query_params.get("cursor"))

    async def page(self, noun: Noun[Any], patient_id: UUID | None) -> Said:
        """One page of the records of a kind."""
        items, after = await records.page(self.desk, noun, patient_id, self.stretch)
        return self.linked(items, after)

    @property
    def after_version(self) -> int:
        """The version after which a list of versions goes on."""
        return int(self._after or 0)

    @property
    def stretch(self) -> Stretch:
        """The stretch of a list of records that is asked for."""
        return Stretch(self.limit, UUID(self._after)) if self._after else Stretch(self.limit)

    async def history(self, noun: Noun[Any], patient_id: UUID, record_id: UUID) -> Said:
        """One page of the versions of a record."""
        stretch = (self.limit, self.after_version)
        items, after = await records.history(self.desk, noun, Ref(patient_id, record_id), stretch)
        return self.linked(items, after)

    def linked(self, items: list[Said], after: UUID | int | None) -> Said:
        """The page, and the link to the next one if there is one."""
        if after is None:
            return {"items": items, "next_cursor": None}
        cursor = self._service.cursors.written(self.request.scope["path"], str(after))
        following = self.request.url.include_query_params(cursor=cursor)
        self._response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return {"items": items, "next_cursor": cursor}


class Creating:
    """Answers what was created: 201 with its address and ETag; a repeat with the same key gets the same answer."""

    def __init__(self, request: Request, response: Response, desk: Desk, key: str | None) -> None:
        """Keep what the answer depends on."""
        self.desk, self.request, self._response, self._key = desk, request, response, key

    async def create(self, noun: Noun[Entry], patient_id: UUID | None, entry: Entry) -> Answered:
        """Record the entry."""

        async def record(desk: Desk) -> Done:
            return CREATED, await records.create(desk, noun, patient_id, entry)

        return await self.done(record)

    async def done(self, act: Callable[[Desk], Awaitable[Done]], location: str | None = None) -> Answered:
        """Do something that makes a new thing or version; `location` is where it is, if not below the path."""
        if self._key is not None:
            return await self._once(self._key, act, location)
        status, said = await act(self.desk)
        self._response.status_code = status
        self._response.headers.update(self._headers(said, location))
        return said

    def _headers(self, said: Said, location: str | None) -> dict[str, str]:
        where = location or f"{self.request.scope['path']}/{said['id']}"
        return {"Location": where, "ETag": etag(said["version"])}

    async def _once(self, key: str, act: Callable[[Desk], Awaitable[Done]], location: str | None) -> Response:
        async def act_and_tell(desk: Desk) -> Stored:
            status, said = await act(desk)
            answer = self.request.scope["route"].response_model.model_validate(said)
            body = answer.model_dump_json(by_alias=True).encode()
            return Stored(status, self._headers(said, location), body, self._patient_in(said))

        mine = fingerprint(caller_of(self.request).subject.encode(), key.encode()).hex()
        stored, repeated = await once(self.desk, Keyed(mine, self._asked()), act_and_tell)
        return as_kept(self.request, stored, "application/json", repeated=repeated)

    def _patient_in(self, said: Said) -> UUID | None:
        """The patient that an answer is about: of the path, of a patient's own user, or the one that was created."""
        named = self.request.path_params.get("patient_id") or said.get("own_patient_id")
        if named is None and self.request.scope["path"] == PATIENTS_PATH:
            named = said["id"]
        return None if named is None else UUID(str(named))

    def _asked(self) -> bytes:
        """The digest of what is asked: path, conditions and body, whatever the order of its keys."""
        body = self.request.checked if isinstance(self.request, CheckedRequest) else None
        path, condition = self.request.scope["path"], self.request.headers.get("if-none-exist", "")
        return fingerprint(path.encode(), condition.encode(), json.dumps(body, sort_keys=True).encode())


def as_kept(request: Request, stored: Stored, media: str | None, *, repeated: bool) -> Response:
    """The answer as it was kept; the audit names the patient whom it is about."""
    if stored.patient_id is not None:
        shows(request, [stored.patient_id])
    headers = {**stored.headers, "Idempotent-Replayed": "true"} if repeated else stored.headers
    return Response(stored.body, stored.status, headers, media)


class Changing:
    """Answers a change that was made from a version named in If-Match."""

    def __init__(self, request: Request, response: Response, desk: Desk, match: str | None) -> None:
        """Keep what the change depends on.

        Raises:
            PreconditionRequired: no version is named.
        """
        self.request = request
        self.desk, self._response, self._versions = desk, response, versions_named(match)

    async def change(self, noun: Noun[Entry], patient_id: UUID, record_id: UUID, patch: Shape) -> Said:
        """Lay the patch over the record; the answer is the new version with its ETag."""
        ref = Ref(patient_id, record_id)
        return await self.changed(lambda versions: records.change(self.desk, noun, ref, versions, patch))

    async def changed(self, change: Callable[[Versions], Awaitable[Said]]) -> Said:
        """Make a change that answers the new version."""
        said = await change(self._versions)
        self._response.headers["ETag"] = etag(said["version"])
        return said

    async def remove(self, noun: Noun[Any], patient_id: UUID, record_id: UUID) -> None:
        """Mark it as entered in error."""
        await self.act(lambda versions: records.remove(self.desk, noun, Ref(patient_id, record_id), versions))

    async def act(self, change: Callable[[Versions], Awaitable[int]]) -> None:
        """Make another change that gives a version."""
        self._response.headers["ETag"] = etag(await change(self._versions))


# The desk is fetched in the body and not declared: each declared dependency costs about 20 microseconds a request.
async def reading(request: Request, response: Response, if_none_match: Tag = None) -> Reading:
    """For reading one record."""
    return Reading(await get_desk(request), response, if_none_match)


async def listing(
    request: Request,
    response: Response,
    limit: Limit = 50,
    cursor: Cursor = None,  # noqa: ARG001 - declared for the documentation and checked for length; read by Listing
) -> Listing:
    """For reading a list."""
    return Listing(request, response, await get_desk(request), limit)


async def creating(request: Request, response: Response, idempotency_key: Key = None) -> Creating:
    """For creating a record."""
    return Creating(request, response, await get_desk(request), idempotency_key)


async def changing(request: Request, response: Response, if_match: Match = None) -> Changing:
    """For changing or removing a record."""
    return Changing(request, response, await get_desk(request), if_match)


ReadingDep = Annotated[Reading, Depends(reading)]
ListingDep = Annotated[Listing, Depends(listing)]
CreatingDep = Annotated[Creating, Depends(creating)]
ChangingDep = Annotated[Changing, Depends(changing)]
