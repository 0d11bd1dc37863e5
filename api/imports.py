"""Bulk imports at the JSON edge."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from api.responses import IMPORTS_CANCEL, IMPORTS_CREATE, IMPORTS_READ, IMPORTS_REJECTS, LISTS_ALL
from models.bulk_import import ImportForm
from models.bulk_import_public import ImportPublic
from models.fields import URI
from models.page import Page
from registry.desk import Desk
from registry.imports import Sent, cancel_import, list_imports, read_import, receive, rejects_of
from registry.records import Said
from web.calls import ListingDep
from web.deps import DeskDep, RecordId, ServiceDep, caller_of, who_in
from web.errors import UnsupportedMediaType
from web.routing import noun_router
from web.uploads import media_type_of, uploaded

router = noun_router("9 Service")
ALL, ONE = "/imports", "/imports/{record_id}"
FORMS = {
    "application/fhir+ndjson": ImportForm.NDJSON,
    "application/x-ndjson": ImportForm.NDJSON,
    "application/ndjson": ImportForm.NDJSON,
    "application/fhir+json": ImportForm.JSON,
    "application/json": ImportForm.JSON,
    "application/zip": ImportForm.ZIP,
}
NDJSON = "application/x-ndjson"
WRONG_KIND = f"Send one of {', '.join(FORMS)} as Content-Type."
REJECTS_AT_ONCE = 1000
SourceQuery = Annotated[
    str | None,
    Query(
        max_length=300,
        pattern=URI,
        description="The system that the ids of Patients belong to, as a URI. Needed where several systems send to one "
        "organisation and their Patients lack identifiers: equal ids of two sources are two persons.",
        examples=["https://ehr.example.org/fhir"],
    ),
]
TEXT = {"type": "string", "maxLength": 2**31 - 1}
PATIENT = {
    "resourceType": "Patient",
    "id": "1",
    "identifier": [{"system": "urn:example:hospital", "value": "MRN-1042"}],
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "FHIR resources or Bundles, one a line; one FHIR Bundle; or a ZIP archive of OMOP CDM tables.",
        "content": {
            "application/fhir+ndjson": {"schema": TEXT, "example": orjson.dumps(PATIENT).decode() + "\n"},
            "application/fhir+json": {"schema": {"type": "object"}, "example": {"resourceType": "Bundle",
                                      "type": "collection", "entry": [{"resource": PATIENT}]}},
            "application/zip": {"schema": TEXT | {"format": "binary"}},
        },
    }
}  # fmt: skip


@router.post(
    ALL,
    operation_id="create_import",
    summary="Import many patients",
    status_code=202,
    response_model=ImportPublic,
    responses=IMPORTS_CREATE,
    openapi_extra=BODY,
)
async def create_import(
    request: Request, response: Response, desk: DeskDep, service: ServiceDep, source: SourceQuery = None
) -> Said:
    """Send whole charts of many patients; trials, ratings, episodes and treatments are derived from them.

    The answer comes when the body is here; `Location` then says how far the import is. Sending the same again changes
    nothing; records that somebody changed here since are left as they are. What cannot be read becomes a reject with
    its reason, and stops nothing else.
    """
    form = FORMS.get(media_type_of(request))
    if form is None:
        raise UnsupportedMediaType(WRONG_KIND, headers={"Accept-Post": ", ".join(FORMS)})
    who = who_in(request, caller_of(request))
    body = uploaded(request, service.max_import_bytes, service.seconds_for_a_body)
    said = await receive(desk, Sent(form, source, who), body)
    service.something_to_import.set()
    response.headers["Location"] = f"{request.scope['path']}/{said['id']}"
    return said


@router.get(
    ALL,
    operation_id="list_imports",
    summary="List the imports",
    response_model=Page[ImportPublic],
    responses=LISTS_ALL,
)
async def list_imports_(call: ListingDep, service: ServiceDep) -> Said:
    """All imports of the organisation, the oldest first, page by page."""
    return call.linked(*await list_imports(call.desk, call.stretch, service.clock()))


@router.get(
    ONE,
    operation_id="read_import",
    summary="How far is an import?",
    response_model=ImportPublic,
    responses=IMPORTS_READ,
)
async def read_import_(record_id: RecordId, desk: DeskDep, service: ServiceDep) -> Said:
    """What was in it, how much is worked off, what came of it, and how fast it goes."""
    return await read_import(desk, record_id, service.clock())


@router.delete(
    ONE,
    operation_id="cancel_import",
    summary="Stop an import",
    response_model=ImportPublic,
    responses=IMPORTS_CANCEL,
)
async def cancel_import_(record_id: RecordId, desk: DeskDep, service: ServiceDep) -> Said:
    """Stop an import that waits or is being worked off. What it recorded until now stays; its body is deleted."""
    return await cancel_import(desk, record_id, service.clock())


@router.get(
    f"{ONE}/rejects",
    operation_id="list_import_rejects",
    summary="What was not recorded, and why?",
    response_class=StreamingResponse,
    responses=IMPORTS_REJECTS,
)
async def list_import_rejects(record_id: RecordId, desk: DeskDep) -> StreamingResponse:
    """Every reject as one line of JSON: which resource (`reference`), why (`code`, `sentence`), and where it stood.

    The first 100,000 of an import are kept; all are counted in the import itself.
    """
    first = await rejects_of(desk, record_id, 0, REJECTS_AT_ONCE)
    return StreamingResponse(_lines(desk, record_id, first), media_type=NDJSON)


async def _lines(desk: Desk, record_id: RecordId, first: list[Said]) -> AsyncIterator[bytes]:
    rows = first
    while rows:
        yield b"".join(orjson.dumps(row) + b"\n" for row in rows)
        full = len(rows) == REJECTS_AT_ONCE
        rows = await rejects_of(desk, record_id, rows[-1]["number"], REJECTS_AT_ONCE) if full else []
