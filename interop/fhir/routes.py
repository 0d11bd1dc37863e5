"""The addresses of FHIR: each a gate, a reader of what was sent, and one interaction."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from access.fhir import RECORDS, name_of
from interop.fhir import batches, exporting, interactions, looking, operations, searching, versions
from interop.fhir.address import BASE_PATH
from interop.fhir.answering import Act, answered, preferred
from interop.fhir.calls import Call, Conditions, Look, Pairs, Reply
from interop.fhir.repeats import answered_once
from interop.fhir.route import FhirRoute
from interop.fhir.served import DEFINITIONS
from web.bodies import CheckedRequest
from web.deps import get_desk

LookAct = Callable[[Look], Awaitable[Reply]]
router = APIRouter(prefix=BASE_PATH, route_class=FhirRoute, include_in_schema=False)


async def call_of(request: Request, kind: str) -> Call:
    """What is asked."""
    header = request.headers.get
    body = request.checked if isinstance(request, CheckedRequest) else None
    return Call(
        request=request,
        desk=await get_desk(request),
        kind=kind,
        id=request.path_params.get("record_id", request.path_params.get("patient_id", "")),
        pairs=_pairs(request),
        body=body,
        conditions=Conditions.read(header("if-match"), header("if-none-match"), header("if-none-exist")),
        lenient="handling=lenient" in preferred(request),
    )


def _pairs(request: Request) -> Pairs:
    return parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)


def handler(kind: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """What answers one address."""

    async def answer(request: Request) -> Response:
        return answered(request, await act(await call_of(request, kind)))

    return answer


def once_handler(kind: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """What answers one address where things are made: a repeat with the same `Idempotency-Key` makes nothing."""

    async def answer(request: Request) -> Response:
        return await answered_once(await call_of(request, kind), act)

    return answer


def open_handler(kind: str, act: LookAct) -> Callable[[Request], Awaitable[Response]]:
    """What answers one address that is open to anybody."""

    async def answer(request: Request) -> Response:
        look = Look(request, kind, request.path_params.get("record_id", ""), _pairs(request))
        return answered(request, await act(look))

    return answer


def file_handler(kind: str) -> Callable[[Request], Awaitable[Response]]:
    """What answers with one file of an export."""

    async def answer(request: Request) -> Response:
        return await exporting.file(await call_of(request, kind))

    return answer


async def read_version(call: Call) -> Reply:
    """The version that the address names."""
    return await versions.read_version(call, call.request.path_params["version_id"])


async def search_by_form(call: Call) -> Reply:
    """A search whose parameters are in a form."""
    form: Pairs = call.body or []
    return await searching.search(call._replace(pairs=[*call.pairs, *form], by_form=True))


async def search_compartment(call: Call) -> Reply:
    """A search of what is of one patient, by the patient's own address.

    Raises:
        NotFound, Gone, Restricted: as in `registry.records.read`.
    """
    await interactions.known_as(call, call.uuid)
    return await searching.search(call._replace(id="", pairs=[*call.pairs, ("patient", call.id)]))


def _add(path: str, method: str, operation: str, kind: str, act: Act) -> None:
    router.add_api_route(path, handler(kind, act), methods=[method], operation_id=operation, response_model=None)


def _add_making(path: str, operation: str, kind: str, act: Act) -> None:
    router.add_api_route(path, once_handler(kind, act), methods=["POST"], operation_id=operation, response_model=None)


def _add_open(path: str, operation: str, kind: str, act: LookAct) -> None:
    router.add_api_route(path, open_handler(kind, act), methods=["GET"], operation_id=operation, response_model=None)


def _add_type(kind: str) -> None:
    """Every interaction with one type."""
    one = f"/{kind}/{{record_id}}"
    for path, method, verb, act in (
        (f"/{kind}", "GET", "search", searching.search),
        (f"/{kind}/", "GET", "search", searching.search),
        (f"/{kind}/_search", "POST", "search", search_by_form),
        (f"/{kind}", "PUT", "replace", interactions.replace),
        (one, "GET", "read", interactions.read),
        (one, "PUT", "replace", interactions.replace),
        (one, "PATCH", "patch", interactions.patch),
        (one, "DELETE", "remove", interactions.remove),
        (f"{one}/_history", "GET", "list_versions", versions.versions),
        (f"{one}/_history/{{version_id}}", "GET", "list_versions", read_version),
    ):
        _add(path, method, name_of(verb, kind), kind, act)
    for path in (f"/{kind}", f"/{kind}/"):
        _add_making(path, name_of("create", kind), kind, interactions.create)
    if kind != "Patient":
        _add(f"/Patient/{{patient_id}}/{kind}", "GET", name_of("search", kind), kind, search_compartment)
    _add(f"/{kind}/$validate", "POST", "fhir_validate", kind, operations.validate)


for _kind in RECORDS:
    _add_type(_kind)
_patient = "/Patient/{patient_id}"
_add(f"{_patient}/$everything", "GET", "fhir_everything", "Patient", operations.everything)
for _method in ("GET", "POST"):
    _add(f"{_patient}/$trd-status", _method, "fhir_trd_status", "Patient", operations.trd_status)
    _add(f"{_patient}/$trd-staging", _method, "fhir_trd_staging", "Patient", operations.trd_staging)
for _method in ("GET", "POST"):
    _add("/$export", _method, "fhir_export", "System", exporting.kick_off)
    _add("/Patient/$export", _method, "fhir_export", "Patient", exporting.kick_off)
    _add("/Group/{record_id}/$export", _method, "fhir_export", "Group", exporting.kick_off)
_add("/Group/{record_id}", "GET", name_of("read", "Group"), "Group", exporting.group)
_add("/$export-status/{record_id}", "GET", "fhir_export", "System", exporting.status)
_add("/$export-status/{record_id}", "DELETE", "fhir_export", "System", exporting.cancel)
for _kind in RECORDS:
    router.add_api_route(
        f"/$export-file/{{record_id}}/{_kind}",
        file_handler(_kind),
        methods=["GET"],
        operation_id=name_of("export", _kind),
        response_model=None,
    )
for _path in ("", "/"):
    _add_making(_path, "fhir_bundle", "Bundle", batches.bundle)
_add("/AuditEvent", "GET", name_of("search", "AuditEvent"), "AuditEvent", looking.audit_events)
_add("/AuditEvent/{record_id}", "GET", name_of("read", "AuditEvent"), "AuditEvent", looking.audit_event_of)
_add("/Provenance", "GET", name_of("search", "Provenance"), "Provenance", looking.provenances)
_add_open("/metadata", "fhir_metadata", "CapabilityStatement", looking.metadata)
for _kind in DEFINITIONS:
    _add_open(f"/{_kind}", "fhir_definition", _kind, looking.definitions_found)
    _add_open(f"/{_kind}/{{record_id}}", "fhir_definition", _kind, looking.definition)
