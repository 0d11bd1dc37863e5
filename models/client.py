"""Clients as they are sent and answered: machines, and apps that persons let in."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from models.base import Shape, StoredAnswer
from models.fields import Flag, Name

ScopeText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000)]
_REST = r"(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?([?][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$"
REDIRECT_URI = r"^(https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|http://(localhost|127[.]0[.]0[.]1))" + _REST
"""https, or http to the machine of whoever develops; no fragment, no user, nothing that a policy could mistake."""
RedirectUri = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=2000, pattern=REDIRECT_URI)]
Keys = Annotated[dict[str, Any], Field(json_schema_extra={"additionalProperties": True})]
MOST_REDIRECT_URIS = 10
EXAMPLE_KEY: dict[str, Any] = {
    "kty": "EC",
    "crv": "P-384",
    "kid": "2026-11",
    "alg": "ES384",
    "use": "sig",
    "x": "ajzMKotkPmaSeinARwWsQ3qOjW77WwowF_KAGv5Fk_ORh_aqE9gae8eB79DaQERK",
    "y": "KDT_D4dSNCtkqj52CRvUTkv7DlZGuG5NLz4Wp2-dQwiOxGyKMmYqk4KmCd28Z2aJ",
}


class ClientEntry(Shape):
    """A machine and its public keys, or an app and where it is sent back to."""

    name: Name
    """What people call it."""
    scope: ScopeText
    """The SMART scopes that it may ask for, separated by spaces, such as `system/*.rs` or `patient/*.rs`."""
    jwks: Keys | None = None
    """Its public keys as a JSON Web Key Set: EC P-384 (ES384) or RSA of at least 2048 bits (RS384). Null is a public
    app, which can keep no key: it needs `redirect_uris`."""
    redirect_uris: list[RedirectUri] = Field(default_factory=list, max_length=MOST_REDIRECT_URIS)
    """For an app that persons let in (SMART App Launch): where it is sent back to, compared exactly."""
    disabled: Flag = False
    """True when it may not sign in."""


class ClientCreate(ClientEntry):
    """A client to be registered. Its `client_id` is the `id` of the answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "Hospital EHR", "scope": "system/*.cruds", "jwks": {"keys": [EXAMPLE_KEY]}}
        }
    )

    id: UUID | None = None
    """Your own UUID for the client; else the service makes one."""


class ClientUpdate(Shape):
    """What to change of a client; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"disabled": True}})

    name: Name | None = None
    """What people call it."""
    scope: ScopeText | None = None
    """All scopes; the text replaces the stored one."""
    jwks: Keys | None = None
    """All public keys; the set replaces the stored one. Null makes it a public app."""
    redirect_uris: list[RedirectUri] | None = Field(default=None, max_length=MOST_REDIRECT_URIS)
    """All addresses; the list replaces the stored one."""
    disabled: Flag | None = None
    """True when it may not sign in."""


class ClientPublic(StoredAnswer):
    """A client, as stored."""

    name: str
    """What people call it."""
    scope: str
    """The SMART scopes that it may ask for."""
    jwks: Keys | None
    """Its public keys; null for a public app."""
    redirect_uris: list[str]
    """Where an app is sent back to; empty for a machine."""
    disabled: bool
    """True when it may not sign in."""
