"""Answers kept for repeats: a client that lost an answer sends the same request and key again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel


class IdempotencyKey(SQLModel, table=True):
    """One key of one organisation, what was asked with it (a digest), and the answer that was given."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        CheckConstraint("status BETWEEN 200 AND 299", name="status_range"),
        Index("ix_idempotency_keys_patient", "organisation_id", "patient_id"),
        Index("ix_idempotency_keys_age", "organisation_id", "created_at"),
    )

    organisation_id: UUID = Column(primary_key=True)
    key: str = Column(primary_key=True, max_length=255)
    patient_id: UUID | None
    fingerprint: bytes
    status: int
    headers: dict[str, Any] = Column(sa_type=JSONB)
    body: bytes
    created_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
