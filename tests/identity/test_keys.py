"""The service's own keys: the same in every worker, different for each use, and written as others read them."""

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from identity.keys import ORDER_OF_P256, Keys, derived

SECRET, OTHER = "one secret that is long enough to be one", "another secret, which is as long as the other"


def test_the_same_secret_makes_the_same_key_and_another_another() -> None:
    assert Keys(SECRET).public_jwks() == Keys(SECRET).public_jwks()
    assert Keys(SECRET).signing.kid != Keys(OTHER).signing.kid


def test_the_key_stays_the_same_from_release_to_release() -> None:
    """Else all who are signed in would be signed out by an update."""
    assert Keys(SECRET).signing.kid == "vgTZo4tvev7IwTcHC1c-W04ehorpM3Gyem5lkovkl6U"


def test_derived_bytes_are_hkdf_of_rfc_5869() -> None:
    pseudo = hmac.new(bytes(32), SECRET.encode(), hashlib.sha256).digest()
    assert derived(SECRET, "label") == hmac.new(pseudo, b"trialbook\x00label\x01", hashlib.sha256).digest()


def test_each_label_has_its_own_bytes() -> None:
    made = {derived(secret, label) for secret in (SECRET, OTHER) for label in ("a", "b", "")}
    assert len(made) == 6
    assert len(derived(SECRET, "a", 64)) == 64


def test_what_is_published_is_public_and_named_by_its_thumbprint() -> None:
    (jwk,) = Keys(SECRET).public_jwks()["keys"]
    assert jwk.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    of_print = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    expected = base64.urlsafe_b64encode(hashlib.sha256(of_print.encode()).digest()).rstrip(b"=").decode()
    assert jwk["kid"] == expected


def test_earlier_secrets_are_published_after_the_present_one() -> None:
    kids = [jwk["kid"] for jwk in Keys(SECRET, [OTHER]).public_jwks()["keys"]]
    assert kids == [Keys(SECRET).signing.kid, Keys(OTHER).signing.kid]


def test_a_key_is_found_by_its_name_alone() -> None:
    keys = Keys(SECRET)
    assert keys.named(str(keys.signing.kid)) is keys.signing
    assert keys.named("unknown") is None


def test_the_order_is_that_of_the_curve() -> None:
    """The largest number that makes a key is one below it; the next is none."""
    ec.derive_private_key(ORDER_OF_P256 - 1, ec.SECP256R1())
    with pytest.raises(ValueError, match="out of range"):
        ec.derive_private_key(ORDER_OF_P256, ec.SECP256R1())
