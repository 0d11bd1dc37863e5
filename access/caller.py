"""Who asks, as far as deciding and recording go."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from access.roles import Role
from identity.scopes import Scopes


class Caller(NamedTuple):
    """Somebody whose token was found good."""

    organisation_id: UUID
    subject: str
    """The user's or the client's identity."""
    kind: str
    """`user` or `client`."""
    roles: frozenset[Role]
    scopes: Scopes
    patient_id: UUID | None = None
    """The only patient that the token is for: the patient's own record, or the one that an app was launched for."""
    on_behalf_of: str | None = None
    session_id: str | None = None
    issued_at: datetime | None = None
    """When the token was: one of a machine is no longer good after the machine was changed."""

    @property
    def is_bound(self) -> bool:
        """Whether restrictions of a record hold for this caller: a person who is not the patient."""
        return self.kind == "user" and Role.PATIENT not in self.roles

    @property
    def key(self) -> str:
        """What its requests are counted under."""
        return f"{self.organisation_id}/{self.subject}"
