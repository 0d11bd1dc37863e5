"""Whoever keeps the records. One by default; every key begins with it, so that more can come without a rewrite."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field as Column
from sqlmodel import SQLModel


class Organisation(SQLModel, table=True):
    """One keeper of records."""

    __tablename__ = "organisations"

    id: UUID = Column(primary_key=True)
    name: str = Column(max_length=200)
    created_at: datetime = Column(sa_column_kwargs={"server_default": text("clock_timestamp()")})
