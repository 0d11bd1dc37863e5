"""Clients that prove who they are by a signed statement: `private_key_jwt` as SMART Backend Services has it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import Key

from identity.claims import check_audience, instant_in, required_text
from identity.errors import BadAssertion, BadKeys, BadToken
from identity.jwks import keys_in, public_key, suits
from identity.jws import algorithm_of, check_signature, key_id_of, unverified

ALGORITHMS = ("ES384", "RS384")
TYPES = frozenset({"", "jwt"})
LONGEST_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=30)
MOST_KEYS = 20
LONGEST_KEY_ID = 255


@dataclass(frozen=True, slots=True)
class Assertion:
    """A statement that was believed. Its `jti` must be kept until `expires_at`, and not be believed again."""

    client_id: str
    jti: str
    expires_at: datetime


@contextmanager
def _refused_as_assertion() -> Iterator[None]:
    try:
        yield
    except BadToken as error:
        raise BadAssertion(error.reason) from None


def client_named(assertion: str) -> str:
    """Whose statement it says that it is, to look the keys up by. Nothing is verified yet.

    Raises:
        BadAssertion: it does not say, or `iss` and `sub` differ.
    """
    with _refused_as_assertion():
        return _client_in(unverified(assertion).claims)


def _client_in(claims: dict[str, Any]) -> str:
    client = required_text(claims, "iss")
    if required_text(claims, "sub") != client:
        raise BadToken("`iss` and `sub` must both be the client's id")
    return client


def checked(assertion: str, jwks: dict[str, Any], audiences: Collection[str], now: datetime) -> Assertion:
    """The statement, if a key of `jwks` signed it, it is meant for one of `audiences`, and it is valid now.

    Raises:
        BadAssertion: it is not believed.
        BadKeys: what was registered cannot be used.
    """
    with _refused_as_assertion():
        token = unverified(assertion)
        algorithm = algorithm_of(token, ALGORITHMS)
        if token.kind not in TYPES:
            raise BadToken("the `typ` of its header must be `JWT`")
        check_signature(token, _key_for(key_id_of(token), algorithm, jwks), algorithm)
        check_audience(token.claims, audiences)
        expires = soon_over(token.claims, now)
        return Assertion(_client_in(token.claims), required_text(token.claims, "jti"), expires)


def _key_for(key_id: str, algorithm: str, jwks: dict[str, Any]) -> Key:
    for key in _keys_of(jwks):
        if key.kid == key_id and suits(key, algorithm):
            return key
    raise BadToken("no registered key has that name (`kid`) and is for that algorithm")


def soon_over(claims: dict[str, Any], now: datetime) -> datetime:
    """When it ends: soon. There is no grace after it, so that a `jti` need not be kept longer."""
    expires = instant_in(claims, "exp")
    if expires is None:
        raise BadToken("its claim `exp` is missing")
    if expires <= now:
        raise BadToken("it has expired; sign a new one for each request")
    if expires > now + LONGEST_LIFE + SKEW:
        raise BadToken(f"its `exp` is more than {LONGEST_LIFE // timedelta(minutes=1)} minutes ahead")
    begins = [instant_in(claims, name) for name in ("iat", "nbf")]
    if any(moment is not None and moment > now + SKEW for moment in begins):
        raise BadToken("it is not valid yet (`iat`, `nbf`); are the clocks right?")
    return expires


def checked_jwks(jwks: object) -> dict[str, Any]:
    """A client's key set as it should be stored: public members alone.

    Raises:
        BadKeys: a key is private, weak, nameless, named twice, or for another use than RS384 or ES384.
    """
    keys = _keys_of(jwks)
    names = [str(key.kid) for key in keys]
    if len(set(names)) != len(names):
        raise BadKeys("two keys have the same `kid`")
    if any(len(name) > LONGEST_KEY_ID or not name.isprintable() for name in names):
        raise BadKeys(f"a `kid` is longer than {LONGEST_KEY_ID} characters, or cannot be printed")
    if not all(any(suits(key, algorithm) for algorithm in ALGORITHMS) for key in keys):
        raise BadKeys("a key is for neither RS384 (RSA) nor ES384 (the curve P-384)")
    return {"keys": [key.as_dict(private=False) for key in keys]}


def _keys_of(jwks: object) -> list[Key]:
    found = keys_in(jwks)
    if not 0 < len(found) <= MOST_KEYS:
        raise BadKeys(f"it must have 1 to {MOST_KEYS} keys")
    return [public_key(jwk) for jwk in found]
