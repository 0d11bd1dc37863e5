"""What is only looked at: what is served, our own definitions, who recorded what, and the audit."""

from datetime import datetime

from interop.fhir import audit_event, bundle, provenance
from interop.fhir.calls import Call, Look, Reply
from interop.fhir.definitions import called
from interop.fhir.definitions import definitions as own
from interop.fhir.including import uuids
from interop.fhir.search import SILENT, SearchRefused
from interop.fhir.served import statement
from registry.audit_reading import Filter, list_events, writers
from registry.errors import Fault, InvalidRequest, NotFound
from registry.fhir_shelf import TYPES, locate
from registry.records import history

OF_WHAT = "Name the resource whose origin is asked for: `target=MedicationStatement/{id}`."
ONLY_OF_PATIENT = (
    "The audit is searched by `patient=`, `_count`, and a page after the other; GET /v1/audit/events has more."
)
OF_WHOM = "Name the patient by the id that patients have here: `patient=Patient/{id}`."
NOT_SERVED = "This search takes {}."
LISTED, MOST = 50, 500
BEFORE = "_before"


async def metadata(call: Look) -> Reply:
    """What is served, as a CapabilityStatement."""
    return Reply(200, statement(call.base, call.request.app.version))


async def definition(call: Look) -> Reply:
    """One definition of ours."""
    found = own().get((call.kind, call.id))
    if found is None:
        raise NotFound(f"There is no {call.kind} of this id.")
    return Reply(200, found)


async def definitions_found(call: Look) -> Reply:
    """All definitions of ours of a type, or the one of a canonical URL."""
    found = called(call.kind, _only(call, "url").get("url"))
    return Reply(200, bundle.searchset(call.base, found, {"self": f"{call.base}/{call.kind}"}, total=len(found)))


async def audit_events(call: Call) -> Reply:
    """Events of the audit, the newest first."""
    asked = dict(call.pairs)
    if not asked.keys() <= {"patient", "_count", BEFORE, "_format"}:
        raise InvalidRequest(ONLY_OF_PATIENT, (Fault("#query", ONLY_OF_PATIENT),))
    named = asked.get("patient")
    patients = uuids([] if named is None else [named.removeprefix(f"{call.base}/").removeprefix("Patient/")])
    if named is not None and not patients:
        raise InvalidRequest(OF_WHOM, (Fault("#query/patient", OF_WHOM),))
    at_most = min(_number(asked.get("_count")) or LISTED, MOST)
    which = Filter(patient_id=patients[0] if patients else None)
    events, before = await list_events(call.desk, which, at_most, _number(asked.get(BEFORE)))
    links = {"self": f"{call.base}/AuditEvent"}
    if before is not None:
        narrowed = f"&patient={patients[0]}" if patients else ""
        links["next"] = f"{call.base}/AuditEvent?_count={at_most}&{BEFORE}={before}{narrowed}"
    return Reply(200, bundle.searchset(call.base, map(audit_event.to_fhir, events), links))


def _number(text: str | None) -> int | None:
    plain = text is not None and text.isascii() and text.isdecimal() and len(text) < len(str(2**62))
    return int(text) if plain and text else None


async def audit_event_of(call: Call) -> Reply:
    """One event."""
    number = _number(call.id)
    events, _ = await list_events(call.desk, Filter(), 1, number + 1) if number is not None else ([], None)
    if not events or events[0]["id"] != number:
        raise NotFound("There is no event of this number.")
    return Reply(200, audit_event.to_fhir(events[0]))


async def provenances(call: Call) -> Reply:
    """Who recorded each version of a resource, and when."""
    kind, _, identity = _only(call, "target").get("target", "").removeprefix(f"{call.base}/").partition("/")
    ids = uuids([identity])
    if kind not in TYPES or not ids:
        raise InvalidRequest(OF_WHAT, (Fault("#query/target", OF_WHAT),))
    where = await locate(call.desk, kind, ids[0])
    call.decide("search", where.ref.patient_id)
    await history(call.desk, where.noun, where.ref, (1, 0))  # whoever may not read the record may not read who wrote it
    said = [_written(kind, event) for event in await writers(call.desk, where.ref)]
    found = [provenance.to_fhir(each) for each in said]
    address = f"{call.base}/Provenance?target={kind}/{ids[0]}"
    return Reply(200, bundle.searchset(call.base, found, {"self": address}, total=len(found)))


def _only(call: Look | Call, name: str) -> dict[str, str]:
    """The parameters of a search that takes one.

    Raises:
        SearchRefused: there are others.
    """
    asked = {each: value for each, value in call.pairs if each not in SILENT}
    faults = tuple(Fault(f"#query/{each}", NOT_SERVED.format(f"`{name}` alone")) for each in asked if each != name)
    if faults:
        raise SearchRefused("This search cannot be answered as it is; each fault is named.", faults)
    return asked


def _written(kind: str, event: dict[str, object]) -> dict[str, object]:
    moment = event["at"]
    recorded = moment.isoformat() if isinstance(moment, datetime) else moment
    return {
        **event,
        "kind": kind,
        "id": event["record_id"],
        "recorded_at": recorded,
        "entered_in_error": event["action"] == "D",
        "source": None,
    }
