"""Why somebody is not believed. Each sentence helps whoever asked; none repeats a token, a key or what a claim held."""

from typing import ClassVar


class IdentityError(Exception):
    """Somebody is not believed, or cannot be for the moment. `reason` is the second half of the sentence."""

    opening: ClassVar[str] = "This is refused"

    def __init__(self, reason: str) -> None:
        """Keep the reason, which goes on after `opening` and a colon."""
        super().__init__(f"{self.opening}: {reason}.")
        self.reason = reason


class BadToken(IdentityError):
    """An access token that is not believed."""

    opening = "The access token is refused"


class TokenExpired(BadToken):
    """An access token that was good once."""


class BadAssertion(IdentityError):
    """A client's signed statement of who it is that is not believed."""

    opening = "The client assertion is refused"


class BadKeys(IdentityError):
    """Public keys that cannot be used, or that nobody should use."""

    opening = "The JSON Web Key Set is refused"


class KeysUnavailable(IdentityError):
    """The identity provider's keys cannot be had at the moment: nobody is to blame who asked."""

    opening = "The identity provider cannot be asked"


class NoScopeGranted(IdentityError):
    """Nothing that was asked for is allowed. OAuth calls this `invalid_scope`."""

    opening = "The scope is refused"
