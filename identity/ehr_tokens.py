"""Tokens by which an EHR signs each call of a CDS service (CDS Hooks 2.0, "Trusting CDS Clients")."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from joserfc.jwk import Key

from identity.assertions import TYPES, soon_over
from identity.claims import check_audience, instant_in, required_text
from identity.errors import BadKeys, BadToken
from identity.fetching import Client, http_client, json_from
from identity.jwks import ALGORITHMS, keys_in, public_key, suits
from identity.jws import Unverified, algorithm_of, check_signature, key_id_of
from identity.provider_keys import ProviderKeys


@dataclass(frozen=True, slots=True)
class EhrSettings:
    """An EHR that is believed: its keys are published at an address, or lie in a file."""

    issuer: str
    organisation_id: UUID
    jwks_url: str | None = None
    jwks_file: Path | None = None
    algorithms: tuple[str, ...] = ("ES384", "RS384")
    """The standard recommends these two, and forbids `none` and every shared secret."""

    def __post_init__(self) -> None:
        """Refuse what proves nothing.

        Raises:
            ValueError: an algorithm that is not asymmetric, or none.
        """
        if not self.algorithms or not ALGORITHMS.issuperset(self.algorithms):
            raise ValueError(f"the algorithms of a CDS client must be out of {', '.join(sorted(ALGORITHMS))}")


@dataclass(frozen=True, slots=True)
class EhrToken:
    """A token that was believed. Its `jti` must be kept until `expires_at`, and not be believed again."""

    issuer: str
    organisation_id: UUID
    jti: str
    expires_at: datetime


class Ehrs:
    """Believes the tokens of the EHRs that the operator listed, by their keys. `jku` in a token is never followed."""

    def __init__(self, listed: Iterable[EhrSettings], client: Client = http_client) -> None:
        """Files are read now; what is published is fetched when it is first needed.

        Raises:
            ValueError: a file cannot be read as a JSON Web Key Set, or an issuer is listed twice.
        """
        everyone = list(listed)
        self._listed = {each.issuer: each for each in everyone}
        if len(self._listed) != len(everyone):
            raise ValueError("each issuer of CDS clients is listed once")
        self._held = {each.issuer: _held_in(each.jwks_file) for each in everyone if each.jwks_file}
        self._published = {
            each.issuer: ProviderKeys(partial(_fetched, each.jwks_url, client)) for each in everyone if each.jwks_url
        }

    def lists(self, token: Unverified) -> bool:
        """Whether it says that it is of one of them. Nothing is believed yet."""
        issuer = token.claims.get("iss")
        return isinstance(issuer, str) and issuer in self._listed

    async def believed(self, token: Unverified, audiences: Collection[str], now: datetime) -> EhrToken:
        """The token, if a key of its issuer signed it, it is meant for this very service, and it is valid now.

        Raises:
            BadToken: it is not believed.
            KeysUnavailable: the issuer cannot be asked for the key that it names.
        """
        ehr = self._listed[required_text(token.claims, "iss")]
        if token.kind not in TYPES:
            raise BadToken("the `typ` of its header must be `JWT`")
        algorithm = algorithm_of(token, ehr.algorithms)
        key_id = key_id_of(token)
        check_signature(token, await self._key(ehr, key_id, algorithm, now), algorithm)
        check_audience(token.claims, audiences)
        if instant_in(token.claims, "iat") is None:
            raise BadToken("its claim `iat` is missing")
        expires = soon_over(token.claims, now)
        return EhrToken(ehr.issuer, ehr.organisation_id, required_text(token.claims, "jti"), expires)

    async def _key(self, ehr: EhrSettings, key_id: str, algorithm: str, now: datetime) -> Key:
        held = self._held.get(ehr.issuer)
        keys = await self._published[ehr.issuer].named(key_id, now) if held is None else held
        for key in keys:
            if key.kid == key_id and suits(key, algorithm):
                return key
        raise BadToken("no key of its issuer has that name (`kid`) and is for that algorithm")

    async def close(self) -> None:
        """Stop what is being fetched."""
        for keys in self._published.values():
            await keys.close()


async def _fetched(url: str, client: Client) -> list[object]:
    return keys_in(await json_from(url, client))


def _held_in(file: Path) -> tuple[Key, ...]:
    """The keys that lie in a file.

    Raises:
        ValueError: it cannot be read as a JSON Web Key Set of public keys.
    """
    try:
        return tuple(public_key(jwk) for jwk in keys_in(json.loads(file.read_text("utf-8"))))
    except (OSError, ValueError, BadKeys) as error:
        raise ValueError(f"the keys in {file} cannot be used: {error}") from None
