"""Bulk imports: what was sent, how far it is, what could not be read, and what came of which source."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from clinical.vocabulary import Word
from models.base import one_of

NOW = text("clock_timestamp()")
ZERO = {"server_default": text("0")}
LONGEST_KEY = 300


class ImportState(Word):
    """How far an import is."""

    RECEIVING = "receiving", "The body is still coming in."
    WAITING = "waiting", "All of it is here; others are worked off first."
    READING = "reading", "It is read, and sorted by patient."
    WRITING = "writing", "The records of one patient after the other are written."
    DONE = "done", "All that could be understood is recorded; the rest is among the rejects."
    REFUSED = "refused", "It cannot be read at all; nothing was recorded."
    CANCELLED = "cancelled", "Somebody stopped it. What was recorded until then stays."


OVER = (ImportState.DONE, ImportState.REFUSED, ImportState.CANCELLED)


class ImportForm(Word):
    """What the body is."""

    NDJSON = "ndjson", "One FHIR resource or Bundle a line (FHIR Bulk Data)."
    JSON = "json", "One FHIR Bundle or resource."
    ZIP = "zip", "A ZIP archive with tables of the OMOP CDM (CSV, Parquet), or with files of the other two forms."


class Import(SQLModel, table=True):
    """One import. `who` is what the audit says of whoever sent it; each record is written in their name."""

    __tablename__ = "imports"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        one_of("state", ImportState),
        one_of("form", ImportForm),
        CheckConstraint("resources_done <= resources_read", name="no_more_done_than_read"),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    state: str = Column(max_length=20)
    form: str = Column(max_length=20)
    source: str | None = Column(max_length=LONGEST_KEY)
    subject: str = Column(max_length=200)
    who: dict[str, Any] = Column(sa_type=JSONB)
    created_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    updated_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    started_at: datetime | None
    finished_at: datetime | None
    bytes_total: int = Column(sa_type=BigInteger, sa_column_kwargs=ZERO)
    bytes_read: int = Column(sa_type=BigInteger, sa_column_kwargs=ZERO)
    chunks: int = Column(sa_column_kwargs=ZERO)
    resources_read: int = Column(sa_type=BigInteger, sa_column_kwargs=ZERO)
    resources_done: int = Column(sa_type=BigInteger, sa_column_kwargs=ZERO)
    batches_done: int = Column(sa_column_kwargs=ZERO)
    counts: dict[str, Any] = Column(sa_type=JSONB, sa_column_kwargs={"server_default": text("'{}'")})
    problem: str | None = Column(max_length=1000)


class ImportChunk(SQLModel, table=True):
    """A part of a body, compressed and sealed, until the import is over."""

    __tablename__ = "import_chunks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "import_id"], ["imports.organisation_id", "imports.id"], name="import"
        ),
    )

    organisation_id: UUID = Column(primary_key=True)
    import_id: UUID = Column(primary_key=True)
    number: int = Column(primary_key=True)
    sealed: str = Column(sa_type=Text)


class ImportReject(SQLModel, table=True):
    """One resource of which nothing, or not all, was recorded."""

    __tablename__ = "import_rejects"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "import_id"], ["imports.organisation_id", "imports.id"], name="import"
        ),
    )

    organisation_id: UUID = Column(primary_key=True)
    import_id: UUID = Column(primary_key=True)
    number: int = Column(primary_key=True)
    reference: str = Column(max_length=LONGEST_KEY)
    code: str = Column(max_length=40)
    sentence: str = Column(max_length=1000)
    place: str = Column(max_length=LONGEST_KEY)


class ImportQueue(SQLModel, table=True):
    """Which imports wait for a runner, and who has taken one, until when. It says nothing else of anybody.

    `takings` counts how often it was taken since it last got further; one that was handed back was not.
    """

    __tablename__ = "import_queue"
    __table_args__ = (ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),)

    organisation_id: UUID = Column(primary_key=True)
    import_id: UUID = Column(primary_key=True)
    taken_by: UUID | None
    taken_until: datetime | None
    takings: int = Column(sa_column_kwargs=ZERO)


class DerivedRecord(SQLModel, table=True):
    """Which record was made of which sources: `key` is the same when the same sources come again.

    `version` is the one that was written; where the record is at another, a human changed it since, and it is left
    alone. `digest` is of the entry as it was derived. Of a patient the key is a keyed hash of where it came from.
    """

    __tablename__ = "derived_records"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name="patient",
            ondelete="CASCADE",
        ),
        Index(
            "ix_derived_records_source",
            "organisation_id",
            "key",
            unique=True,
            postgresql_where="kind = 'patients'",
        ),
    )

    organisation_id: UUID = Column(primary_key=True)
    patient_id: UUID = Column(primary_key=True)
    kind: str = Column(primary_key=True, max_length=40)
    key: str = Column(primary_key=True, max_length=LONGEST_KEY)
    record_id: UUID
    version: int
    digest: str = Column(max_length=64)
    provenance: dict[str, Any] = Column(sa_type=JSONB)
