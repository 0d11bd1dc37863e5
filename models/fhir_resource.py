"""FHIR resources as they were sent: beside the record that was made of them, or alone where none could be."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field as Column

from models.base import Record, Shape


class FhirResourceEntry(Shape):
    """A resource to be kept."""

    id: UUID | None = None
    """Its identity; where a record was made of it, the record has one of its own, which FHIR shows."""
    resource_type: str
    """The kind of resource, such as `MedicationRequest`."""
    held_by: UUID | None = None
    """The record that was made of it; null when none was."""
    content: dict[str, Any]
    """`sent`: the resource as it came; `gave`: what of it the record said at that time, by element."""


class FhirResourceUpdate(Shape):
    """The resource as it is now; it replaces the one before."""

    content: dict[str, Any]
    """As in `FhirResourceEntry`."""

    def model_dump(self, **_options: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the library takes
        """It is JSON as it stands: written by the library, 1.50 would become 1.5."""
        return {"content": self.content}


class FhirResource(Record, table=True):
    """A resource as it was sent. It may name the patient anywhere, so it is sealed whole."""

    __tablename__ = "fhir_resources"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        Index("ix_fhir_resources_kind", "organisation_id", "patient_id", "resource_type"),
        Index(
            "ix_fhir_resources_held_by",
            "organisation_id",
            "held_by",
            unique=True,
            postgresql_where="held_by IS NOT NULL",
        ),
    )

    patient_id: UUID
    resource_type: str = Column(max_length=40)
    held_by: UUID | None
    content: str = Column(sa_type=Text)
    """Sealed JSON."""
