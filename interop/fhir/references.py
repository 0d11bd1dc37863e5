"""References: to records of ours, and to what only another system has."""

import re
from uuid import UUID

from interop.fhir.canonical import is_uri
from interop.fhir.elements import Fhir, Said, without_nothing, words

RELATIVE = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})")
LONGEST_ID = 64


def reference_to(kind: str, record_id: UUID | str) -> Fhir:
    """The reference to a resource of ours."""
    return {"reference": f"{kind}/{record_id}"}


def derived_from(source: Said | None) -> list[Fhir]:
    """What a record was taken from, as a reference where it can be followed, else as an identifier elsewhere.

    `Type/id` can be followed here only when the id is a UUID, as all ids here are.
    """
    said = words((source or {}).get("reference"))
    if said is None:
        return []
    relative = RELATIVE.fullmatch(said)
    if is_uri(said) or (relative and is_uuid(relative["id"])):
        return [{"reference": said}]
    return [without_nothing({"type": relative["type"] if relative else None, "identifier": {"value": said}})]


def is_uuid(text: str) -> bool:
    """True for a UUID as it is written out, with its hyphens."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def is_record(key: str | None) -> bool:
    """True for a record that is stored; false for a place in a history that was sent."""
    return key is not None and is_uuid(str(key))
