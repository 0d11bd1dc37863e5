"""Data keys: each organisation's own, stored only wrapped under a master key that the database never sees."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.base import one_of


class Purpose(StrEnum):
    """What a data key is for."""

    FIELDS = "fields"
    SEARCH = "search"


class DataKey(SQLModel, table=True):
    """One data key. The first of a purpose has number 1, so that of two processes that make it only one succeeds."""

    __tablename__ = "data_keys"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        UniqueConstraint("organisation_id", "purpose", "number"),
        one_of("purpose", Purpose),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    purpose: str = Column(max_length=20)
    number: int
    wrapped: bytes
    master: str = Column(max_length=64)
    """The fingerprint of the master key that opens it."""
    created_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    active_from: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
    """From when on it is written with; every process must know it by then."""
