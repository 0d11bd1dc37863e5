"""Everything that is held of a patient, to be taken away or handed over."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from models.audit_public import AuditEventPublic
from models.base import Answer


class HeldVersion(Answer):
    """One version of one record."""

    kind: str
    """The kind of record, such as `medication_trials`."""
    record_id: UUID
    """The record."""
    version: int
    """1 for the first."""
    recorded_at: datetime
    """From when on this version was what the service knew."""
    superseded_at: datetime | None
    """When the next version replaced it; null for the current one."""
    entered_in_error: bool
    """True when this version marks the record as entered in error."""
    record: Annotated[dict[str, Any], Field(json_schema_extra={"additionalProperties": True})]
    """All that was recorded, as it is stored, with names and identifiers in plain text."""


class PatientExport(Answer):
    """Everything that is held of a patient: each version of each record, and who did what with it."""

    patient_id: UUID
    """The patient."""
    exported_at: datetime
    """When this was put together, in UTC."""
    versions: list[HeldVersion]
    """Every version of every record, also of those entered in error."""
    audit: list[AuditEventPublic]
    """Who read and wrote what, when and from where."""
