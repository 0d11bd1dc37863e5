"""Why a token is not issued, in the words of OAuth 2.0 (RFC 6749, 5.2) and our own."""

from typing import ClassVar

from registry.errors import TrialbookError


class TokenRefused(TrialbookError):
    """No token is issued. `error` is OAuth's own word for the kind of refusal."""

    status, slug, title = 400, "token-refused", "No token is issued"
    error: ClassVar[str] = "invalid_request"


class WrongCredentials(TokenRefused):
    """Name and password do not go together, or the refresh token is of no use."""

    slug, title, error = "invalid-grant", "Signing in failed", "invalid_grant"


class WrongClient(TokenRefused):
    """The client is not known, or its assertion is not believed."""

    status, slug, title, error = 401, "invalid-client", "The client is not believed", "invalid_client"


class WrongScope(TokenRefused):
    """Nothing that was asked for is allowed."""

    slug, title, error = "invalid-scope", "The scope is refused", "invalid_scope"


class WrongLaunch(TokenRefused):
    """What an EHR began the launch with is of no use."""

    slug, title = "launch-over", "The launch is over"


class WrongGrant(TokenRefused):
    """There is no such way to sign in."""

    slug, title, error = "unsupported-grant-type", "There is no such grant", "unsupported_grant_type"


class ProviderAway(TrialbookError):
    """The identity provider does not answer, so nobody can be believed whom it has signed in."""

    status, slug, title = 503, "identity-provider-away", "The identity provider is away for the moment"
