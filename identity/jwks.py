"""Other people's public keys: what may be used of a JSON Web Key, and for which algorithm."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.util import base64_to_int

from identity.errors import BadKeys

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
RSA_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
ALGORITHMS = RSA_ALGORITHMS | CURVES.keys()
"""Every algorithm that could be accepted. Neither `none` nor one with a shared secret will ever be among them."""
FEWEST_BITS, MOST_BITS = 2048, 8192
SMALLEST_EXPONENT, MOST_EXPONENT_BITS = 65537, 32
LONGEST_MEMBER = 2048
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y")}


def public_key(jwk: object) -> Key:
    """A key that verifies signatures.

    Raises:
        BadKeys: it is none, is weak, is for something else, or gives a private half away.
    """
    if not isinstance(jwk, dict):
        raise BadKeys("a key is not a JSON object")
    _check_use(jwk)
    members = _members_of(jwk)
    try:
        return RSAKey.import_key(members) if members["kty"] == "RSA" else ECKey.import_key(members)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        raise BadKeys("a key is not a point of a known curve, or not an RSA modulus with its exponent") from None


def _check_use(jwk: Mapping[str, Any]) -> None:
    if PRIVATE & jwk.keys():
        raise BadKeys("a key has private members; register its public half alone, and replace it, since it was sent")
    if jwk.get("use", "sig") != "sig":
        raise BadKeys("the `use` of a key is not `sig`")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise BadKeys("the `key_ops` of a key have no `verify`")


def _members_of(jwk: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The members that make the key and its name, and nothing else."""
    kind = jwk.get("kty")
    if not isinstance(kind, str) or kind not in PUBLIC:
        raise BadKeys("the `kty` of a key is neither `RSA` nor `EC`")
    wanted = ("kid", *PUBLIC[kind])
    if any(not isinstance(jwk.get(name), str) or not 0 < len(jwk[name]) <= LONGEST_MEMBER for name in wanted):
        raise BadKeys(f"a key lacks one of {', '.join(wanted)}, or it is not a short text")
    if kind == "RSA":
        _check_strength(jwk)
    stated = {name: jwk[name] for name in ("alg", "use") if isinstance(jwk.get(name), str)}
    return {"kty": kind} | {name: jwk[name] for name in wanted} | stated


def _check_strength(jwk: Mapping[str, Any]) -> None:
    try:
        bits, exponent = base64_to_int(jwk["n"]).bit_length(), base64_to_int(jwk["e"])
    except ValueError:
        raise BadKeys("the `n` or `e` of a key is not base64url") from None
    if not FEWEST_BITS <= bits <= MOST_BITS:
        raise BadKeys(f"an RSA key has fewer than {FEWEST_BITS} bits, or more than {MOST_BITS}")
    if exponent < SMALLEST_EXPONENT or exponent.bit_length() > MOST_EXPONENT_BITS:
        raise BadKeys(f"the exponent of an RSA key is below {SMALLEST_EXPONENT}, or enormous")


def suits(key: Key, algorithm: str) -> bool:
    """Whether that key may be used by that algorithm: its kind, its curve, and what it says of itself."""
    if key.alg not in (None, algorithm):
        return False
    if isinstance(key, ECKey):
        return CURVES.get(algorithm) == key.curve_name
    return isinstance(key, RSAKey) and algorithm in RSA_ALGORITHMS


def keys_in(jwks: object) -> list[object]:
    """The members of a key set, not looked at yet.

    Raises:
        BadKeys: it is no key set.
    """
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list):
        raise BadKeys("it is not a JSON object with a list of `keys`")
    return keys
