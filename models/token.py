"""What the embedded issuer answers."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from models.base import Answer


class TokenAnswer(Answer):
    """An access token, and how to go on. As OAuth has it, what does not apply is left out."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    access_token: str
    """Send it as `Authorization: Bearer <token>`."""
    token_type: str = Field(examples=["bearer"])
    """Always `bearer`; to apps that a person let in, `Bearer`."""
    expires_in: int = Field(examples=[900])
    """For how many seconds it is good."""
    scope: str
    """The SMART scopes that narrow the token; empty when only the roles do."""
    refresh_token: str | None = None
    """Good for one `grant_type=refresh_token`, within two hours; null for machines, which sign a new assertion. An app
    has one only with `online_access` or `offline_access`."""
    patient: UUID = UUID(int=0)
    """To an app: the patient that it was let in for. The token is for this record alone."""
    need_patient_banner: bool = True
    """To an app: whether it must show who the patient is. Always true: it stands alone."""


class ServerMetadata(Answer):
    """Where everything is, in the form of RFC 8414 and OpenID Connect Discovery."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    issuer: str
    """What tokens have as `iss`."""
    authorization_endpoint: str = ""
    """Where an app sends the person who is to let it in; left out where nobody signs in here."""
    token_endpoint: str
    """Where tokens are issued."""
    revocation_endpoint: str
    """Where a session is ended."""
    introspection_endpoint: str
    """Where a client with keys asks whether a token is good."""
    jwks_uri: str
    """The public keys of the issuer."""
    grant_types_supported: list[str]
    """The ways to sign in."""
    token_endpoint_auth_methods_supported: list[str]
    """How machines prove who they are."""
    token_endpoint_auth_signing_alg_values_supported: list[str]
    """By which algorithms."""
    introspection_endpoint_auth_methods_supported: list[str]
    """How a client proves who it is when it asks about a token."""
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    """By which algorithms."""
    scopes_supported: list[str]
    """Examples of SMART scopes; every resource can be named."""
    response_types_supported: list[str]
    """`code`, where persons sign in here."""
    code_challenge_methods_supported: list[str]
    """S256 alone (RFC 7636)."""
    authorization_response_iss_parameter_supported: bool
    """Whoever is sent back to an app brings `iss` along (RFC 9207)."""
    subject_types_supported: list[str]
    """Everybody sees the same subject."""
    id_token_signing_alg_values_supported: list[str]
    """By which algorithm tokens are signed."""


class JsonWebKeySet(Answer):
    """The public keys that verify the tokens of the embedded issuer (RFC 7517)."""

    keys: list[dict[str, Any]] = Field(json_schema_extra={"items": {"type": "object", "additionalProperties": True}})
    """The present key first, then those of earlier secrets that are still believed."""


class SmartConfiguration(Answer):
    """Where an app signs in, and what is served of SMART App Launch 2.2."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    jwks_uri: str
    """The public keys of the issuer."""
    authorization_endpoint: str = ""
    """Where an app sends the person who is to let it in; left out where nobody signs in here."""
    token_endpoint: str
    """Where tokens are issued."""
    introspection_endpoint: str
    """Where a client with keys asks whether a token is good."""
    revocation_endpoint: str
    """Where a session is ended."""
    grant_types_supported: list[str]
    """The ways to a token that SMART knows."""
    response_types_supported: list[str]
    """`code`, where persons sign in here."""
    code_challenge_methods_supported: list[str]
    """S256 alone; `plain` is refused."""
    token_endpoint_auth_methods_supported: list[str]
    """How a client proves who it is: by a key. A public app has none to prove it by."""
    token_endpoint_auth_signing_alg_values_supported: list[str]
    """By which algorithms."""
    scopes_supported: list[str]
    """Examples of scopes; every kind of thing can be named."""
    capabilities: list[str]
    """What is served, in SMART's words."""


class Introspection(Answer):
    """What a token is good for (RFC 7662). Of one that is not good nothing is said but that."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    active: bool
    """Whether it is good now."""
    scope: str = ""
    """The SMART scopes that narrow it; empty when only the roles do."""
    client_id: str = ""
    """The machine or the app; left out where a person signed in without an app."""
    sub: str = ""
    """The user or the machine."""
    iss: str = ""
    """Who issued it."""
    iat: int = 0
    """When, in seconds since 1970."""
    exp: int = 0
    """Until when, in seconds since 1970."""
    token_type: str = ""
    """Always `Bearer`."""
    patient: UUID = UUID(int=0)
    """The only patient that it is for; left out where it is bound to none."""
    need_patient_banner: bool = True
    """As the app was told."""
