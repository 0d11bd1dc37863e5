"""What may be sent for a token."""

from typing import Annotated, NoReturn
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from registry.oauth_errors import TokenRefused

NEEDED = "Send `{}` for `grant_type={}`."
Text = Annotated[str | None, Field(max_length=200)]


class TokenForm(BaseModel):
    """The fields of a request for a token (RFC 6749). Fields that a grant does not need are ignored."""

    model_config = ConfigDict(
        use_attribute_docstrings=True,
        json_schema_extra={
            "example": {
                "grant_type": "password",
                "username": "dr.example@clinic.example",
                "password": "three calm otters swim",
            }
        },
    )

    grant_type: Annotated[str, Field(max_length=100, examples=["password"])]
    """`password`, `refresh_token`, `client_credentials` or `authorization_code`."""
    username: Text = None
    """The user's name, for `password`."""
    password: Annotated[SecretStr | None, Field(max_length=1000)] = None
    """The user's password, for `password`."""
    organisation: UUID | None = None
    """The organisation, where several know the same user name."""
    refresh_token: Annotated[str | None, Field(max_length=500)] = None
    """The refresh token, for `refresh_token`."""
    scope: Annotated[str | None, Field(max_length=2000)] = None
    """SMART scopes to narrow the token to, separated by spaces."""
    client_assertion_type: Text = None
    """`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, with `client_assertion`."""
    client_assertion: Annotated[str | None, Field(max_length=8192)] = None
    """A client's signed statement of who it is (RS384 or ES384): of a machine, and of an app that has keys."""
    client_id: Text = None
    """The app, for `authorization_code`, and for `refresh_token` where it is one of an app."""
    code: Annotated[str | None, Field(max_length=200)] = None
    """The code that the app was sent back with, for `authorization_code`: good once, within a minute."""
    redirect_uri: Annotated[str | None, Field(max_length=2000)] = None
    """The address that the app was sent back to, for `authorization_code`."""
    code_verifier: Annotated[str | None, Field(max_length=128)] = None
    """What the app made its `code_challenge` of (RFC 7636), for `authorization_code`."""


def lacking(name: str, grant: str) -> NoReturn:
    """Say what a grant needs.

    Raises:
        TokenRefused: always.
    """
    raise TokenRefused(NEEDED.format(name, grant))
