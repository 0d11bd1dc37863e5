"""A signed token taken apart before it is believed, and its signature tried. All that arrives here may be hostile."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.util import urlsafe_b64decode

from identity.errors import BadToken

LONGEST_TOKEN = 8 * 1024
PARTS = 3
REGISTRY_LIMIT = 4096
"""Longest header in bytes. Some providers send a certificate in it, for which the library's own limit is too small."""


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself. Nothing of it is believed yet."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    @property
    def algorithm(self) -> object:
        """The algorithm that it names: compare it with a list, never obey it."""
        return self.header.get("alg")

    @property
    def kind(self) -> str:
        """Its `typ`, in small letters and without `application/`; empty when it has none."""
        return str(self.header.get("typ", "")).lower().removeprefix("application/")


def unverified(token: str) -> Unverified:
    """Take a compact JWS apart.

    Raises:
        BadToken: it is too long, or not three parts of base64url with a JSON object in each of the first two.
    """
    if len(token) > LONGEST_TOKEN:
        raise BadToken(f"it is longer than {LONGEST_TOKEN // 1024} KiB")
    parts = token.split(".")
    if not token.isascii() or len(parts) != PARTS:
        raise BadToken("it is not a signed JSON Web Token, which has three parts with points between")
    header, claims = (_object_in(part) for part in parts[:2])
    if "crit" in header or "b64" in header:
        raise BadToken("its header asks for extensions that are not known here")
    return Unverified(token, header, claims)


def _object_in(part: str) -> dict[str, Any]:
    try:
        read = json.loads(urlsafe_b64decode(part.encode()), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise BadToken("it cannot be read as a JSON Web Token")
    return read


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no name stands twice: two readers could choose differently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_word: str) -> NoReturn:
    """NaN and Infinity are not JSON, and compare with nothing."""
    raise ValueError


def algorithm_of(token: Unverified, accepted: Collection[str]) -> str:
    """Its algorithm, one of those accepted.

    Raises:
        BadToken: another, or none.
    """
    if not isinstance(token.algorithm, str) or token.algorithm not in accepted:
        raise BadToken(f"its algorithm is not accepted here; accepted: {', '.join(sorted(accepted))}")
    return token.algorithm


def key_id_of(token: Unverified) -> str:
    """The id of the key that it names.

    Raises:
        BadToken: it names none.
    """
    key_id = token.header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise BadToken("its header does not name the key (`kid`)")
    return key_id


def check_signature(token: Unverified, key: Key, algorithm: str) -> None:
    """Try the signature by this key and by this algorithm alone.

    Raises:
        BadToken: it was not signed by that key, or was changed since.
    """
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = REGISTRY_LIMIT
    try:
        jws.deserialize_compact(token.text, key, registry=registry)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise BadToken("its signature does not fit: it was changed, or signed by another key") from None
