"""What is held, as FHIR shows it: our record, and what was sent beside it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from interop.fhir import condition, kept, medication_statement, observation, patient, procedure
from interop.fhir.elements import Fhir, Said, meta_of
from registry.fhir_shelf import Held
from web.conditions import etag

EMIT: Mapping[str, Callable[[Said], Fhir]] = {
    "Patient": patient.to_fhir,
    "Condition": condition.to_fhir,
    "MedicationStatement": medication_statement.to_fhir,
    "Observation": observation.to_fhir,
    "Procedure": procedure.to_fhir,
}


def shown(held: Held) -> Fhir:
    """The resource: as it was sent, with what our record says differently since; or what our record says alone."""
    if held.alone:
        sent = held.said["content"]["sent"]
        emitted = {"resourceType": held.type, "id": str(held.id), "meta": meta_of(held.said)}
        own = {"subject": {"reference": f"Patient/{held.patient_id}"}} if held.type != "Patient" else {}
        return {**kept.overlay({"sent": sent, "gave": {}}, emitted), **own}
    emitted = EMIT[held.type](held.said)
    return emitted if held.kept is None else kept.overlay(held.kept, emitted)


def keeping(kind: str, sent: Fhir) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What to keep of a resource beside what is said of its record."""
    return lambda said: kept.keep(sent, EMIT[kind](said))


def stamps(resource: Fhir) -> dict[str, str]:
    """The headers that say which version it is."""
    return {"ETag": f"W/{etag(int(resource['meta']['versionId']))}", "Last-Modified": _http_date(resource)}


def _http_date(resource: Fhir) -> str:
    return format_datetime(datetime.fromisoformat(resource["meta"]["lastUpdated"]), usegmt=True)
