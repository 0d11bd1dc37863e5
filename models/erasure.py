"""What is left of a patient who was erased: a tombstone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints
from sqlalchemy import BigInteger, ForeignKeyConstraint, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.base import Answer, Shape

Reason = Annotated[str, StringConstraints(strict=True, min_length=10, max_length=1000)]


class Erasure(SQLModel, table=True):
    """That there was a patient, and who erased what, when and why. Rows are added and never changed."""

    __tablename__ = "erasures"
    __table_args__ = (ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),)

    organisation_id: UUID = Column(primary_key=True)
    patient_id: UUID = Column(primary_key=True)
    erased_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    erased_by: str = Column(max_length=200)
    reason: str = Column(max_length=1000)
    records: int
    versions: int
    digest: str = Column(max_length=64)
    audit_event_id: int = Column(sa_type=BigInteger)


class ErasureCreate(Shape):
    """Why, and that it is meant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reason": "Request of the data subject of 2026-11-20, granted by the data protection officer.",
                "confirm": "erase for ever",
            }
        }
    )

    reason: Reason
    """Why, in at least 10 characters. It is kept: do not name the patient in it."""
    confirm: Annotated[str, Field(pattern="^erase for ever$", max_length=20)]
    """The words `erase for ever`: nothing brings back what is erased."""


class ErasurePublic(Answer):
    """The tombstone of a patient, and the event of the audit that proves it."""

    patient_id: UUID
    """Who was erased. The id is never used again."""
    erased_at: datetime
    """When, in UTC."""
    erased_by: str
    """Who erased it: the user's or the client's identity."""
    reason: str
    """Why."""
    records: int
    """How many records were erased, the patient included."""
    versions: int
    """How many versions of them."""
    digest: str
    """SHA-256, in hexadecimal, over all that was erased: shows of a copy that it is the same, and nothing else."""
    audit_event_id: int
    """The event of the audit. Its chain shows that it was not added later."""
