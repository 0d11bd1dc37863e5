"""Tokens written by hand with `cryptography` alone, good and bad, so that no library is tested by itself."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

Json = dict[str, Any]
Sign = Callable[[bytes], bytes]
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ORGANISATION = UUID("0192f0c1-a7b8-7c1f-9a3c-5d2e8f4b6a01")
PATIENT = UUID("0192f0c1-a7b8-7c1f-9a3c-5d2e8f4b6a10")
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def written(header: Any, claims: Any) -> bytes:  # noqa: ANN401 - also what is no object
    """What is signed. A text is taken as it is, so that it can be what no writer of JSON writes."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, claims)]
    return ".".join(b64(part.encode("utf-8", "surrogatepass")) for part in parts).encode()


def signed(header: Any, claims: Any, sign: Sign) -> str:  # noqa: ANN401 - also what is no object
    text = written(header, claims)
    return f"{text.decode()}.{b64(sign(text))}"


def number(value: int, length: int | None = None) -> str:
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8))


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:  # noqa: ARG001 - the cache tells them apart by name
    """The RSA key of that name, made once."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str, algorithm: str = "ES384") -> ec.EllipticCurvePrivateKey:  # noqa: ARG001 - as above
    """The key of that name on the curve of that algorithm, made once."""
    return ec.generate_private_key(CURVES[algorithm])


def rsa_jwk(key: rsa.RSAPrivateKey, kid: str = "r1", **more: Any) -> Json:  # noqa: ANN401 - any member
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": number(numbers.n), "e": number(numbers.e), **more}


def ec_jwk(key: ec.EllipticCurvePrivateKey, kid: str = "e1", **more: Any) -> Json:  # noqa: ANN401 - any member
    numbers, length = key.public_key().public_numbers(), (key.key_size + 7) // 8
    x, y = number(numbers.x, length), number(numbers.y, length)
    return {"kty": "EC", "kid": kid, "crv": f"P-{key.key_size}", "x": x, "y": y, **more}


def by_rsa(key: rsa.RSAPrivateKey, algorithm: str) -> Sign:
    digest = HASHES[algorithm[2:]]
    pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return lambda text: key.sign(text, pss if algorithm.startswith("PS") else padding.PKCS1v15(), digest)


def by_ec(key: ec.EllipticCurvePrivateKey, algorithm: str) -> Sign:
    def sign(text: bytes) -> bytes:
        one, two = decode_dss_signature(key.sign(text, ec.ECDSA(HASHES[algorithm[2:]])))
        length = (key.key_size + 7) // 8
        return one.to_bytes(length) + two.to_bytes(length)

    return sign


def by_hmac(secret: bytes) -> Sign:
    return lambda text: hmac.new(secret, text, hashlib.sha256).digest()


def verifies(token: str, jwk: Json) -> bool:
    """Whether this ES256 signature fits this public JWK, found with `cryptography` alone; raises when it does not."""
    text, _, signature = token.rpartition(".")
    raw, point = unb64(signature), [int.from_bytes(unb64(jwk[name])) for name in "xy"]
    key = ec.EllipticCurvePublicNumbers(*point, ec.SECP256R1()).public_key()
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(der, text.encode(), ec.ECDSA(hashes.SHA256()))
    return len(raw) == 64
