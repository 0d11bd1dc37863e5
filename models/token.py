"""What the embedded issuer answers."""

from typing import Any

from pydantic import Field

from models.base import Answer


class TokenAnswer(Answer):
    """An access token, and how to go on."""

    access_token: str
    """Send it as `Authorization: Bearer <token>`."""
    token_type: str = Field(examples=["bearer"])
    """Always `bearer`."""
    expires_in: int = Field(examples=[900])
    """For how many seconds it is good."""
    refresh_token: str | None
    """Good for one `grant_type=refresh_token`, within two hours; null for machines, which sign a new assertion."""
    scope: str
    """The SMART scopes that narrow the token; empty when only the roles do."""


class ServerMetadata(Answer):
    """Where everything is, in the form of RFC 8414 and OpenID Connect Discovery."""

    issuer: str
    """What tokens have as `iss`."""
    token_endpoint: str
    """Where tokens are issued."""
    revocation_endpoint: str
    """Where a session is ended."""
    jwks_uri: str
    """The public keys of the issuer."""
    grant_types_supported: list[str]
    """The ways to sign in."""
    token_endpoint_auth_methods_supported: list[str]
    """How machines prove who they are."""
    token_endpoint_auth_signing_alg_values_supported: list[str]
    """By which algorithms."""
    scopes_supported: list[str]
    """Examples of SMART scopes; every resource can be named."""
    response_types_supported: list[str]
    """None: there is no browser-based flow yet."""
    subject_types_supported: list[str]
    """Everybody sees the same subject."""
    id_token_signing_alg_values_supported: list[str]
    """By which algorithm tokens are signed."""


class JsonWebKeySet(Answer):
    """The public keys that verify the tokens of the embedded issuer (RFC 7517)."""

    keys: list[dict[str, Any]] = Field(json_schema_extra={"items": {"type": "object", "additionalProperties": True}})
    """The present key first, then those of earlier secrets that are still believed."""
