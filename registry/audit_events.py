"""What the audit says of a request that the database does not audit by itself: reads, refusals and sign-ins."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB

from registry.statements import Statement

RECORD = Statement(
    select(
        func.record_audit(
            bindparam("organisation_id", type_=Uuid), bindparam("events", type_=JSONB), type_=Integer
        ).label("recorded")
    ),
    repeatable=False,
    records=False,
)


class Who(NamedTuple):
    """Who acts, for the audit: identities and addresses, nothing of a patient."""

    subject: str
    kind: str
    roles: str
    on_behalf_of: str | None
    source: str
    request_id: str
    operation: str


class Event(NamedTuple):
    """One event to be recorded."""

    organisation_id: UUID
    who: Who
    at: datetime
    action: str
    outcome: int
    patient_id: UUID | None = None
    record_id: UUID | None = None

    def said(self) -> dict[str, Any]:
        """As the database takes it."""
        # As text: the driver's own kind of UUID is none that is written as JSON.
        ids = {"patient_id": self.patient_id, "record_id": self.record_id}
        about = {name: None if value is None else str(value) for name, value in ids.items()}
        return {**self.who._asdict(), **about, "at": self.at, "action": self.action, "outcome": self.outcome}
