"""Users as they are sent and answered."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from access.roles import Role
from models.base import Answer, Shape, StoredAnswer
from models.fields import Flag, Name

Username = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f]+$"),
    AfterValidator(str.lower),
]
Password = Annotated[SecretStr, Field(min_length=12, max_length=128, json_schema_extra={"format": "password"})]
PATIENT = Role.PATIENT


class UserEntry(Shape):
    """A user without a password."""

    username: Username
    """What the user types to sign in, in lower case; one of its kind in the organisation."""
    display_name: Name | None = None
    """How the user is called on screens. Not for patients: their name is in the record, where it is encrypted."""
    roles: list[Role] = Field(min_length=1, max_length=5)
    """What the user may do. A patient has no other role."""
    own_patient_id: UUID | None = None
    """For the role `patient`: the record that is the user's own."""
    disabled: Flag = False
    """True when the user may not sign in; open sessions end."""

    @model_validator(mode="after")
    def _patients_are_patients_alone(self) -> "UserEntry":
        if (PATIENT in self.roles) != (self.own_patient_id is not None):
            raise ValueError("the role `patient` goes with `own_patient_id`, and other roles without")
        if PATIENT in self.roles and len(set(self.roles)) > 1:
            raise ValueError("a patient has no other role")
        if PATIENT in self.roles and self.display_name is not None:
            raise ValueError("the name of a patient is in the record alone, where it is encrypted: leave it out here")
        return self


class UserCreate(UserEntry):
    """A user to be added."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "username": "dr.example@clinic.example",
                "display_name": "Dr A. Example",
                "roles": ["clinician"],
                "password": "three calm otters swim",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the user; else the service makes one."""
    password: Password
    """The first password, at least 12 characters. The user changes it at `POST /v1/me/password`."""


class UserUpdate(Shape):
    """What to change of a user; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"disabled": True}})

    display_name: Name | None = None
    """How the user is called on screens."""
    roles: list[Role] | None = Field(default=None, min_length=1, max_length=5)
    """All roles; the list replaces the stored one."""
    own_patient_id: UUID | None = None
    """For the role `patient`: the record that is the user's own."""
    disabled: Flag | None = None
    """True when the user may not sign in; open sessions end."""


class UserPublic(StoredAnswer):
    """A user, as stored. No answer shows a password."""

    username: str
    """What the user types to sign in."""
    display_name: str | None
    """How the user is called on screens."""
    roles: list[Role]
    """What the user may do."""
    own_patient_id: UUID | None
    """The record that is the user's own; null for all but patients."""
    disabled: bool
    """True when the user may not sign in."""


class PasswordReset(Shape):
    """A new password for a user, set by an administrator."""

    model_config = ConfigDict(json_schema_extra={"example": {"password": "seven quiet herons wait"}})

    password: Password
    """The new password, at least 12 characters."""


class PasswordChange(Shape):
    """A new password of one's own."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"current_password": "three calm otters swim", "password": "seven quiet herons wait"}
        }
    )

    current_password: Annotated[SecretStr, Field(max_length=1000)]
    """The password until now."""
    password: Password
    """The new password, at least 12 characters."""


class Me(Answer):
    """Who is signed in, and what the token allows."""

    subject: str
    """The user's or the client's identity."""
    kind: str = Field(examples=["user"])
    """`user` or `client`."""
    organisation_id: UUID
    """Whose records can be seen."""
    roles: list[Role]
    """The roles."""
    scope: str
    """The SMART scopes of the token; empty when it is not narrowed by any."""
    patient_id: UUID | None
    """The only record that the token is for; null when it is not bound to one."""
