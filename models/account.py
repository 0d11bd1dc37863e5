"""Who may sign in: users with a password, clients with a key, and the sessions of users."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from models.base import Record

NOW = text("clock_timestamp()")


def _of_user() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organisation_id", "user_id"], ["users.organisation_id", "users.id"], name="user")


class User(Record, table=True):
    """A person who signs in here. The password is kept apart, so that no history of versions holds it."""

    __tablename__ = "users"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        ForeignKeyConstraint(
            ["organisation_id", "own_patient_id"], ["patients.organisation_id", "patients.id"], name="own_patient"
        ),
        UniqueConstraint("organisation_id", "username"),
        Index("ix_users_username", "username"),
        CheckConstraint("username = lower(username)", name="username_is_lower_case"),
        CheckConstraint("jsonb_typeof(roles) = 'array'", name="roles_are_a_list"),
        CheckConstraint("(roles @> '[\"patient\"]') = (own_patient_id IS NOT NULL)", name="patients_have_a_record"),
    )

    username: str = Column(max_length=200)
    display_name: str | None = Column(max_length=200)
    roles: list[str] = Column(sa_type=JSONB)
    own_patient_id: UUID | None
    disabled: bool = Column(sa_column_kwargs={"server_default": text("false")})


class Credential(SQLModel, table=True):
    """The password of a user as argon2id made it, and how often it was guessed wrongly."""

    __tablename__ = "credentials"
    __table_args__ = (_of_user(),)

    organisation_id: UUID = Column(primary_key=True)
    user_id: UUID = Column(primary_key=True)
    username: str = Column(max_length=200, index=True)
    password_hash: str = Column(max_length=300)
    attempts: int = Column(sa_column_kwargs={"server_default": "0"})
    next_attempt_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    changed_at: datetime = Column(sa_column_kwargs={"server_default": NOW})


class Session(SQLModel, table=True):
    """One sign-in of a user, or one of an app that a user let in. The refresh token is a digest, another at each use.

    The digest before is kept too, so that a token that is used again is told from a guess.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        _of_user(),
        ForeignKeyConstraint(
            ["organisation_id", "client_id"], ["clients.organisation_id", "clients.id"], name="client"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"],
            ["patients.organisation_id", "patients.id"],
            name="patient",
            ondelete="CASCADE",
        ),
        Index("ix_sessions_user", "organisation_id", "user_id"),
    )

    organisation_id: UUID = Column(primary_key=True)
    id: UUID = Column(primary_key=True)
    user_id: UUID
    digest: bytes
    previous_digest: bytes | None
    scope: str = Column(max_length=2000)
    created_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    used_at: datetime = Column(sa_column_kwargs={"server_default": NOW})
    expires_at: datetime
    ended_at: datetime | None
    client_id: UUID | None
    """The app, where the session is one of an app."""
    patient_id: UUID | None
    """The patient that the app was let in for."""
    idle: timedelta = Column(sa_column_kwargs={"server_default": text("'02:00:00'::interval")})
    """How long it may go without a refresh."""


class Client(Record, table=True):
    """A machine or an app. One with keys signs in by them; one without is public, and only persons let it in."""

    __tablename__ = "clients"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="organisation"),
        CheckConstraint("jsonb_typeof(jwks) = 'object'", name="jwks_is_an_object"),
        CheckConstraint("jsonb_typeof(redirect_uris) = 'array'", name="redirect_uris_are_a_list"),
    )

    name: str = Column(max_length=200)
    scope: str = Column(max_length=2000)
    jwks: dict[str, Any] | None = Column(sa_type=JSONB)
    redirect_uris: list[str] = Column(sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'::jsonb")})
    disabled: bool = Column(sa_column_kwargs={"server_default": text("false")})


class UsedAssertion(SQLModel, table=True):
    """An assertion that a client has used: a second use is refused until it has expired anyway."""

    __tablename__ = "used_assertions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "client_id"], ["clients.organisation_id", "clients.id"], name="client"
        ),
    )

    organisation_id: UUID = Column(primary_key=True)
    client_id: UUID = Column(primary_key=True)
    jti: str = Column(primary_key=True, max_length=200)
    expires_at: datetime = Column(index=True)


class EmergencyAccess(Record, table=True):
    """Break-glass: a clinician opens a restricted record for a while, says why, and somebody reviews it."""

    __tablename__ = "emergency_accesses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        Index("ix_emergency_accesses_subject", "organisation_id", "patient_id", "subject", "expires_at"),
    )

    patient_id: UUID
    subject: str = Column(max_length=200)
    reason: str = Column(max_length=1000)
    expires_at: datetime
    reviewed_by: str | None = Column(max_length=200)
    reviewed_at: datetime | None
    review: str | None = Column(max_length=2000)
