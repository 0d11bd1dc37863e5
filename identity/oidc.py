"""Tokens of an OpenID Connect provider, whichever a hospital has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc.jwk import Key

from identity.claims import Claims, Kind, check_audience, name_in, required_text, text_in, times_in, uuid_in, words_in
from identity.errors import BadToken, KeysUnavailable
from identity.fetching import Client, http_client, is_loopback, is_private, json_from
from identity.jwks import ALGORITHMS, keys_in, suits
from identity.jws import Unverified, algorithm_of, check_signature, key_id_of, unverified
from identity.provider_keys import ProviderKeys
from identity.tokens import actor_in

WELL_KNOWN = "/.well-known/openid-configuration"
TYPES = frozenset({"", "jwt", "at+jwt"})
"""Not `logout+jwt`, not `secevent+jwt`: those are signed by the same keys and are no access tokens."""
LONGEST_SKEW = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What must be known of a provider. A claim may be named by a path, such as `realm_access.roles`."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384")
    skew_seconds: int = 30
    jwks_url: str | None = None
    organisation_claim: str = "org"
    roles_claim: str = "roles"
    patient_claim: str = "patient"
    default_organisation: UUID | None = None

    def __post_init__(self) -> None:
        """Refuse what would be unsafe.

        Raises:
            ValueError: an address that anybody could answer for, an algorithm that proves nothing, no audience.
        """
        addresses = [self.issuer] if self.jwks_url is None else [self.issuer, self.jwks_url]
        if not all(is_private(address, loopback=is_loopback(self.issuer)) for address in addresses):
            raise ValueError("the addresses of an identity provider must begin with https://, unless on this machine")
        if not self.audience or not self.algorithms or not ALGORITHMS.issuperset(self.algorithms):
            raise ValueError(f"a provider needs an audience, and algorithms out of {', '.join(sorted(ALGORITHMS))}")
        if not 0 <= self.skew_seconds <= LONGEST_SKEW:
            raise ValueError(f"the skew between clocks must be between 0 and {LONGEST_SKEW} seconds")


class Provider:
    """Believes the tokens of one provider, by the keys that it publishes."""

    def __init__(self, settings: ProviderSettings, client: Client = http_client) -> None:
        """Nothing is fetched before the first token arrives."""
        self._settings, self._client = settings, client
        self._skew = timedelta(seconds=settings.skew_seconds)
        self._keys = ProviderKeys(self._published)

    @property
    def issuer(self) -> str:
        """What its tokens have as `iss`."""
        return self._settings.issuer

    async def read(self, token: str, now: datetime) -> Claims:
        """What a token of this provider says, if it is valid now and meant for this service.

        Raises:
            BadToken: it is not.
            KeysUnavailable: the provider cannot be asked for the key that it names.
        """
        return await self.believed(unverified(token), now)

    async def believed(self, token: Unverified, now: datetime) -> Claims:
        """The same of a token that was taken apart already."""
        if required_text(token.claims, "iss") != self.issuer or token.kind not in TYPES:
            raise BadToken("it is not an access token of this provider (`iss`, `typ`)")
        algorithm = algorithm_of(token, self._settings.algorithms)
        check_audience(token.claims, (self._settings.audience,))
        times = times_in(token.claims, now, self._skew)
        check_signature(token, await self._key(key_id_of(token), algorithm, now), algorithm)
        return self._claims_of(token.claims, times)

    async def close(self) -> None:
        """Stop what is being fetched."""
        await self._keys.close()

    async def _key(self, key_id: str, algorithm: str, now: datetime) -> Key:
        for key in await self._keys.named(key_id, now):
            if suits(key, algorithm):
                return key
        raise BadToken("its provider has no key of that name (`kid`) for that algorithm; sign in again")

    async def _published(self) -> list[object]:
        return keys_in(await json_from(self._settings.jwks_url or await self._discovered(), self._client))

    async def _discovered(self) -> str:
        said = await json_from(self.issuer.removesuffix("/") + WELL_KNOWN, self._client)
        url = said.get("jwks_uri")
        if said.get("issuer") != self.issuer:
            raise KeysUnavailable("its discovery document speaks of another issuer")
        if not isinstance(url, str) or not is_private(url, loopback=is_loopback(self.issuer)):
            raise KeysUnavailable("its discovery document names no safe `jwks_uri`")
        return url

    def _claims_of(self, claims: dict[str, Any], times: tuple[datetime, datetime]) -> Claims:
        names = self._settings
        scope = words_in(claims, "scope") or words_in(claims, "scp")
        return Claims(
            issuer=self.issuer,
            subject=required_text(claims, "sub"),
            kind=_kind_of(claims),
            organisation_id=self._organisation_of(claims),
            roles=frozenset(words_in(*_found(claims, names.roles_claim))),
            scope=scope,
            patient_id=uuid_in(*_found(claims, names.patient_claim)),
            session_id=text_in(claims, "sid"),
            name=name_in(claims),
            actor=actor_in(claims),
            issued_at=times[0],
            expires_at=times[1],
        )

    def _organisation_of(self, claims: Mapping[str, Any]) -> UUID:
        organisation = (
            uuid_in(*_found(claims, self._settings.organisation_claim)) or self._settings.default_organisation
        )
        if organisation is None:
            raise BadToken(f"its claim `{self._settings.organisation_claim}` is missing: it must name an organisation")
        return organisation


def _kind_of(claims: Mapping[str, Any]) -> Kind:
    """A client when the token was issued to a program for itself (RFC 9068, 2.2; `idtyp` is Entra's word)."""
    itself = claims.get("sub") in (claims.get("client_id"), claims.get("azp"))
    return "client" if itself or claims.get("idtyp") == "app" else "user"


def _found(claims: Mapping[str, Any], path: str) -> tuple[Mapping[str, Any], str]:
    """Where the claim of that name stands: at the top, or inside an object when the name has points in it."""
    if path in claims:
        return claims, path
    *outer, last = path.split(".")
    within: Any = claims
    for name in outer:
        within = within.get(name) if isinstance(within, Mapping) else None
    return (within if isinstance(within, Mapping) else {}), last
