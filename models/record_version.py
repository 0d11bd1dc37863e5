"""Every version of every record, kept by triggers. It answers what was known at a moment."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.base import Answer
from models.fields import Version

Said = TypeVar("Said")


class RecordVersion(SQLModel, table=True):
    """One version of one record: `kind` is the table, `document` its row; open (`superseded_at` null) if current."""

    __tablename__ = "record_versions"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        Index(
            "ix_record_versions_open",
            "organisation_id",
            "record_id",
            unique=True,
            postgresql_where="superseded_at IS NULL",
        ),
        Index("ix_record_versions_patient", "organisation_id", "patient_id", "recorded_at"),
    )

    organisation_id: UUID = Column(primary_key=True)
    record_id: UUID = Column(primary_key=True)
    version: int = Column(primary_key=True)
    kind: str = Column(max_length=40)
    patient_id: UUID
    recorded_at: datetime
    superseded_at: datetime | None
    entered_in_error: bool = Column(sa_column_kwargs={"server_default": text("false")})
    document: dict[str, Any] = Column(sa_type=JSONB)


class VersionPublic(Answer, Generic[Said]):
    """One version of a record, and for how long it was the current one."""

    version: Version
    """1 for the first."""
    recorded_at: datetime
    """From when on this version was what the service knew."""
    superseded_at: datetime | None
    """When the next version replaced it; null for the current one."""
    entered_in_error: bool
    """True when this version marks the record as entered in error."""
    record: Said
    """The record as it was in this version."""
