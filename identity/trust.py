"""Whose tokens are believed: the service's own and those of its providers, verified once and remembered for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from identity.claims import Claims
from identity.errors import BadToken
from identity.jws import unverified
from identity.oidc import Provider
from identity.tokens import Issuer

REMEMBERED = timedelta(minutes=5)
"""Then it is verified anew, so that a key which was withdrawn does not live on here."""


class Tokens:
    """Reads tokens of every issuer that is trusted."""

    def __init__(self, issuer: Issuer | None, providers: Sequence[Provider] = (), most: int = 4096) -> None:
        """Trust these. At most `most` tokens are remembered, by their hash; the eldest is forgotten first.

        Raises:
            ValueError: two of them are one issuer, or there is none.
        """
        self._issuer = issuer
        self._providers = {provider.issuer: provider for provider in providers}
        names = {*self._providers} | ({issuer.url} if issuer else set())
        if not names or len(names) != len(providers) + bool(issuer):
            raise ValueError("each issuer of tokens is named once, and there must be one")
        self._most = most
        self._known: dict[bytes, tuple[Claims, datetime]] = {}

    async def read(self, token: str, now: datetime) -> Claims:
        """What this token says, if it is valid now.

        Raises:
            BadToken: it is not; `TokenExpired` when it was.
            KeysUnavailable: its provider cannot be asked.
        """
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        self._known.pop(digest, None)
        claims = await self._verified(token, now)
        self._remember(digest, claims, now)
        return claims

    async def _verified(self, token: str, now: datetime) -> Claims:
        opened = unverified(token)
        named = opened.claims.get("iss")
        if self._issuer is not None and named == self._issuer.url:
            return self._issuer.believed(opened, now)
        provider = self._providers.get(named) if isinstance(named, str) else None
        if provider is None:
            raise BadToken("its issuer (`iss`) is not trusted here")
        return await provider.believed(opened, now)

    def _remember(self, digest: bytes, claims: Claims, now: datetime) -> None:
        while len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[digest] = (claims, min(claims.expires_at, now + REMEMBERED))

    def forget_session(self, session_id: str) -> None:
        """Verify anew whatever belongs to that session. Whether it was ended is for the caller to find."""
        ended = [digest for digest, (claims, _) in self._known.items() if claims.session_id == session_id]
        for digest in ended:
            del self._known[digest]

    def forget_all(self) -> None:
        """Verify every token anew."""
        self._known.clear()

    async def close(self) -> None:
        """Stop what is being fetched from providers."""
        for provider in self._providers.values():
            await provider.close()
