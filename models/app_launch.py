"""An app that a person lets in (SMART App Launch), from the sign-in until the code is spent; or that an EHR opens."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict
from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.account import NOW
from models.base import Answer, Shape


def _of(what: str, whole: str, *, goes_with: bool) -> ForeignKeyConstraint:
    """Each belongs to one of those, of the same organisation, and goes with it or keeps it."""
    here, there = ["organisation_id", f"{what}_id"], [f"{whole}.organisation_id", f"{whole}.id"]
    return ForeignKeyConstraint(here, there, name=what, ondelete="CASCADE" if goes_with else None)


class AppLaunch(SQLModel, table=True):
    """One launch. Its digest is first that of the page that asks for consent, then that of the code.

    It goes with its user and with its patient, so that an erasure leaves nothing of them here.
    """

    __tablename__ = "app_launches"
    __table_args__ = (
        _of("user", "users", goes_with=True),
        _of("client", "clients", goes_with=False),
        _of("patient", "patients", goes_with=True),
        Index("ix_app_launches_expires_at", "organisation_id", "expires_at"),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    user_id: UUID
    client_id: UUID
    patient_id: UUID | None
    """The patient that was picked, or that an EHR named."""
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


class LaunchContext(SQLModel, table=True):
    """The patient whose record is open in an EHR, for one launch of one app. It goes when it is used, or is over."""

    __tablename__ = "launch_contexts"
    __table_args__ = (
        _of("client", "clients", goes_with=False),
        _of("patient", "patients", goes_with=True),
        Index("ix_launch_contexts_expires_at", "organisation_id", "expires_at"),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    client_id: UUID
    patient_id: UUID
    digest: bytes
    created_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    expires_at: datetime


class AppLaunchEntry(Shape):
    """Which app an EHR is about to open for the patient."""

    model_config = ConfigDict(json_schema_extra={"example": {"client_id": "0192f0c1-bbbb-7c1f-9a3c-5d2e8f4b6a1b"}})

    client_id: UUID
    """The `client_id` of the app. The launch is good for no other."""


class AppLaunchPublic(Answer):
    """What the EHR gives to the app that it opens."""

    launch: str
    """The app sends it on to `/oauth/authorize` as `launch`. Good once, for five minutes."""
    iss: str
    """The base of the FHIR interface, which the app is given beside it."""
    expires_in: int
    """For how many seconds it is good."""
