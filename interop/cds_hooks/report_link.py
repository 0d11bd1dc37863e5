"""The link to a patient's report, where the patient is known here by an identifier that was sent along."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from registry.desk import Desk
from registry.errors import Restricted
from registry.patient_search import patients_identified
from registry.records import Stretch

MOST_IDENTIFIERS = 5
LABEL = "Trialbook: this patient's report on one page"


async def known_here(desk: Desk, prefetch: Mapping[str, Any]) -> UUID | None:
    """The patient; None who is not known, not surely the same, or closed to whoever asks."""
    found: set[UUID] = set()
    for identifier in list(_identifiers(prefetch))[:MOST_IDENTIFIERS]:
        try:
            found |= {each["id"] for each in await patients_identified(desk, identifier, Stretch(2))}
        except Restricted:
            return None
    return found.pop() if len(found) == 1 else None


def report_links(patient: UUID | None, address: str) -> tuple[dict[str, str], ...]:
    """The link to the report of a patient who is known here."""
    if patient is None:
        return ()
    return ({"label": LABEL, "url": f"{address}/v1/patients/{patient}/report", "type": "absolute"},)


def _identifiers(prefetch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The identifiers of the patient, with the system and value that make each of them one."""
    for resource in prefetch.values():
        if not isinstance(resource, dict) or resource.get("resourceType") != "Patient":
            continue
        listed = resource.get("identifier")
        for each in listed if isinstance(listed, list) else ():
            system, value = (each.get("system"), each.get("value")) if isinstance(each, dict) else (None, None)
            if isinstance(system, str) and isinstance(value, str) and system.strip() and value.strip():
                yield system.strip(), value.strip()
