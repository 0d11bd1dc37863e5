"""The audit: who did what, when, from where, on whose behalf and how it came out. Rows are added and never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, Identity, Index, LargeBinary, text
from sqlmodel import Field as Column
from sqlmodel import SQLModel

NOW = text("clock_timestamp()")


class AuditEvent(SQLModel, table=True):
    """One read, write, refusal or sign-in. Identities only: nothing that a record says is in it."""

    __tablename__ = "audit_events"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        Index("ix_audit_events_patient", "organisation_id", "patient_id", "id"),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: int = Column(sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)])
    at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    subject: str = Column(max_length=200)
    kind: str = Column(max_length=20)
    roles: str = Column(max_length=200)
    on_behalf_of: str | None = Column(max_length=200)
    source: str = Column(max_length=64)
    request_id: str = Column(max_length=64)
    operation: str = Column(max_length=80)
    action: str = Column(max_length=1)
    entity: str | None = Column(max_length=40)
    patient_id: UUID | None
    record_id: UUID | None
    version: int | None
    outcome: int
    grant_id: UUID | None


class AuditUnsealed(SQLModel, table=True):
    """Which events wait for the next seal. A trigger adds, the sealer takes away."""

    __tablename__ = "audit_unsealed"
    __table_args__ = (ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),)

    organisation_id: UUID = Column(primary_key=True)
    event_id: int = Column(sa_type=BigInteger, primary_key=True)
    since: datetime = Column(sa_column_kwargs={"server_default": NOW})


class AuditSeal(SQLModel, table=True):
    """A link of an organisation's chain: the events that it seals, the digest of each, and the head over all before."""

    __tablename__ = "audit_seals"
    __table_args__ = (ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),)

    organisation_id: UUID = Column(primary_key=True)
    number: int = Column(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sealed_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    members: list[int] = Column(sa_type=ARRAY(BigInteger))
    digests: bytes = Column(sa_type=LargeBinary)
    head: bytes = Column(sa_type=LargeBinary)
