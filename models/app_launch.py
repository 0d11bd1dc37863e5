"""An app that a person lets in (SMART App Launch): from the sign-in until the code is spent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.account import NOW


class AppLaunch(SQLModel, table=True):
    """One launch. Its digest is first that of the page that asks for consent, then that of the code.

    It goes with its user and with its patient, so that an erasure leaves nothing of them here.
    """

    __tablename__ = "app_launches"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="user", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "client_id"], ["clients.organisation_id", "clients.id"], name="client"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name="patient",
            ondelete="CASCADE",
        ),
        Index("ix_app_launches_expires_at", "organisation_id", "expires_at"),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    user_id: UUID
    client_id: UUID
    patient_id: UUID | None
    """The patient that was picked."""
    redirect_uri: str = Column(max_length=2000)
    scope: str = Column(max_length=2000)
    state: str = Column(max_length=1000)
    challenge: str = Column(max_length=43)
    """The S256 challenge of RFC 7636."""
    digest: bytes
    session_id: UUID | None
    """The session that the code gave."""
    created_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    expires_at: datetime
    granted_at: datetime | None
    ended_at: datetime | None
    """When it was refused, or its code was spent."""
