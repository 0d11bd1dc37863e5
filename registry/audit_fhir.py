"""An event of the audit in the shape of FHIR R4's AuditEvent (http://hl7.org/fhir/R4/auditevent.html)."""

from collections.abc import Iterator
from typing import Any

from models.executor import Row

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
RESTFUL = "http://terminology.hl7.org/CodeSystem/audit-event-type"
OBJECT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
SIGN_INS = frozenset({"issue_token", "revoke_token"})
FIRST_FAILURE, FIRST_FAULT_OF_OURS = 400, 500


def as_fhir(event: Row) -> dict[str, Any]:
    """The same event for systems that read FHIR. Nothing is in it that the event does not say."""
    return {
        "resourceType": "AuditEvent",
        "id": str(event["id"]),
        "type": _kind(event),
        "subtype": [{"system": "urn:trialbook:operation", "code": event["operation"]}],
        "action": event["action"],
        "recorded": event["at"].isoformat().replace("+00:00", "Z"),
        "outcome": _outcome(event["outcome"]),
        "outcomeDesc": f"HTTP {event['outcome']}",
        "agent": list(_agents(event)),
        "source": {"observer": {"display": "Trialbook"}},
        **({"entity": entities} if (entities := list(_entities(event))) else {}),
    }


def _kind(event: Row) -> dict[str, str]:
    if event["operation"] in SIGN_INS:
        return {"system": DICOM, "code": "110114", "display": "User Authentication"}
    return {"system": RESTFUL, "code": "rest", "display": "RESTful Operation"}


def _outcome(status: int) -> str:
    """FHIR's grades: 0 success, 4 the caller's failure, 8 the service's."""
    if status < FIRST_FAILURE:
        return "0"
    return "4" if status < FIRST_FAULT_OF_OURS else "8"


def _agents(event: Row) -> Iterator[dict[str, Any]]:
    """Who acted, and on whose behalf."""
    who: dict[str, Any] = {"who": {"identifier": {"value": event["subject"]}}, "requestor": True}
    if event["roles"]:
        who["role"] = [{"text": role} for role in event["roles"].split()]
    if event["source"]:
        who["network"] = {"address": event["source"], "type": "2"}
    if event["grant_id"]:
        who["policy"] = [f"urn:uuid:{event['grant_id']}"]
    yield who
    if event["on_behalf_of"]:
        yield {"who": {"identifier": {"value": event["on_behalf_of"]}}, "requestor": False}


def _entities(event: Row) -> Iterator[dict[str, Any]]:
    """The patient, and the record with its version."""
    if event["patient_id"]:
        yield {
            "what": {"reference": f"Patient/{event['patient_id']}"},
            "type": {"system": OBJECT_TYPE, "code": "1", "display": "Person"},
            "role": {"system": ROLE, "code": "1", "display": "Patient"},
        }
    if event["record_id"] and event["record_id"] != event["patient_id"]:
        version = [{"type": "version", "valueString": str(event["version"])}] if event["version"] else []
        yield {
            "what": {"identifier": {"value": str(event["record_id"])}},
            "type": {"system": OBJECT_TYPE, "code": "2", "display": "System Object"},
            **({"name": event["entity"]} if event["entity"] else {}),
            **({"detail": version} if version else {}),
        }
