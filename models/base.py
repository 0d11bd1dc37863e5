"""What every table and every shape shares: constraint names, keys, versions, UUIDv7, and a strict pydantic base."""

import os
import time
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import CheckConstraint, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.fields import Version

# Set before the first table class is made: a name given later would not reach it.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits; later ones sort later."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


class Record(SQLModel):
    """The columns of every record. The database sets the version and both times, and keeps every version."""

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    version: int = Column(sa_column_kwargs={"server_default": "1"})
    created_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    updated_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    entered_in_error: bool = Column(sa_column_kwargs={"server_default": text("false")})


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """The database refuses any other word in this column."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_word")


def partial_date(column: str, *, or_unknown: bool = False) -> CheckConstraint:
    """The database refuses what is not `YYYY`, `YYYY-MM` or `YYYY-MM-DD` of a real day from 1900 to 2100."""
    rule = f"is_partial_date({column})"
    return CheckConstraint(f"{column} = 'unknown' OR {rule}" if or_unknown else rule, name=f"{column}_partial_date")


def not_before(end: str, start: str, name: str) -> CheckConstraint:
    """The database refuses an end that is certainly before its start."""
    return CheckConstraint(f"latest_day({end}) >= earliest_day({start})", name=name)


class Shape(BaseModel):
    """The base of everything that is sent to the service: unknown fields are refused, text is stripped."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True, validate_by_name=True
    )


class Answer(BaseModel):
    """The base of everything that the service says: every key is always present."""

    model_config = ConfigDict(
        use_attribute_docstrings=True, validate_by_name=True, json_schema_serialization_defaults_required=True
    )


class StoredAnswer(Answer):
    """What every stored thing says of itself."""

    id: UUID
    """The identity of the record, a UUID. It never changes."""
    version: Version
    """1 when created, one more with each change. The `ETag` is this number."""
    created_at: datetime
    """When it was first recorded, in UTC."""
    updated_at: datetime
    """When this version was recorded, in UTC."""


class RecordOfPatient(StoredAnswer):
    """What every record of a patient says of itself."""

    patient_id: UUID
    """The patient that it belongs to."""
