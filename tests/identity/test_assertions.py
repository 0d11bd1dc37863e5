"""Clients that sign who they are: real RSA and EC keys, and each way in which a statement or a key set is refused."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from identity.assertions import Assertion, checked, checked_jwks, client_named
from identity.errors import BadAssertion, BadKeys
from tests.identity.forging import (
    NOW,
    SECOND,
    Json,
    by_ec,
    by_hmac,
    by_rsa,
    ec_jwk,
    ec_key,
    number,
    rsa_jwk,
    rsa_key,
    seconds,
    signed,
)

TOKEN_URL = "https://trialbook.example/oauth/token"  # noqa: S105 - an address
AUDIENCES = (TOKEN_URL, "https://trialbook.example")
RSA, EC = rsa_key("client"), ec_key("client")
JWKS = checked_jwks({"keys": [rsa_jwk(RSA), ec_jwk(EC)]})
CLAIMS: Json = {"iss": "bulk-7", "sub": "bulk-7", "aud": TOKEN_URL, "exp": seconds(NOW) + 300, "jti": "once"}


def made(algorithm: str = "RS384", header: Json | None = None, **claims: Any) -> str:  # noqa: ANN401 - any claim
    """A statement of the client; None takes a part away."""
    ours = algorithm == "ES384"
    head = {"typ": "JWT", "alg": algorithm, "kid": "e1" if ours else "r1"} | (header or {})
    parts = ({k: v for k, v in part.items() if v is not None} for part in (head, CLAIMS | claims))
    return signed(*parts, by_ec(EC, algorithm) if ours else by_rsa(RSA, algorithm))


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_a_statement_is_believed_by_a_registered_key(algorithm: str) -> None:
    sent = made(algorithm)
    assert client_named(sent) == "bulk-7"
    assert checked(sent, JWKS, AUDIENCES, NOW) == Assertion("bulk-7", "once", NOW + 300 * SECOND)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["https://elsewhere.example", AUDIENCES[1]]},
        {"iat": seconds(NOW) + 30, "nbf": seconds(NOW) + 30},
        {"exp": seconds(NOW) + 1},
        {"exp": seconds(NOW) + 330},
        {"jti": "j" * 255},
    ],
)
def test_a_statement_is_believed_though(claims: Json) -> None:
    assert checked(made(**claims), JWKS, AUDIENCES, NOW).client_id == "bulk-7"


@pytest.mark.parametrize(
    ("header", "claims", "says"),
    [
        ({"typ": "at+jwt"}, {}, "typ"),
        ({"kid": None}, {}, "kid"),
        ({"kid": "unheard"}, {}, "no registered key"),
        ({"kid": "e1"}, {}, "no registered key"),
        ({"alg": "none"}, {}, "algorithm"),
        ({"alg": "ES384"}, {}, "no registered key"),
        ({"crit": ["exp"], "exp": 1}, {}, "extensions"),
        ({}, {"aud": "https://elsewhere.example/token"}, "another service"),
        ({}, {"aud": None}, "another service"),
        ({}, {"exp": None}, "`exp` is missing"),
        ({}, {"exp": seconds(NOW)}, "expired"),
        ({}, {"exp": seconds(NOW) + 331}, "5 minutes"),
        ({}, {"exp": "soon"}, "`exp`"),
        ({}, {"iat": seconds(NOW) + 31}, "not valid yet"),
        ({}, {"nbf": seconds(NOW) + 31}, "not valid yet"),
        ({}, {"jti": None}, "`jti` is missing"),
        ({}, {"jti": ""}, "`jti`"),
        ({}, {"jti": "j" * 256}, "`jti`"),
        ({}, {"jti": 7}, "`jti`"),
        ({}, {"sub": "another"}, "must both be"),
        ({}, {"iss": None}, "`iss` is missing"),
        ({}, {"sub": None}, "`sub` is missing"),
    ],
)
def test_a_statement_is_refused_for(header: Json, claims: Json, says: str) -> None:
    with pytest.raises(BadAssertion, match=says) as refused:
        checked(made(header=header, **claims), JWKS, AUDIENCES, NOW)
    assert str(refused.value).startswith("The client assertion is refused: ")


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS384"])
def test_other_algorithms_of_the_same_key_are_refused(algorithm: str) -> None:
    with pytest.raises(BadAssertion, match="accepted: ES384, RS384"):
        checked(made(algorithm), JWKS, AUDIENCES, NOW)


@pytest.mark.parametrize("algorithm", ["HS384", "HS256", "RS384"])
def test_the_registered_key_is_no_shared_secret(algorithm: str) -> None:
    for secret in (JWKS["keys"][0]["n"].encode(), json.dumps(JWKS["keys"][0]).encode()):
        sent = signed({"typ": "JWT", "alg": algorithm, "kid": "r1"}, CLAIMS, by_hmac(secret))
        with pytest.raises(BadAssertion):
            checked(sent, JWKS, AUDIENCES, NOW)


def test_another_key_and_changed_claims_are_found() -> None:
    stranger = signed({"alg": "RS384", "kid": "r1"}, CLAIMS, by_rsa(rsa_key("stranger"), "RS384"))
    one, two = made().split("."), made(jti="twice").split(".")
    for sent in (stranger, ".".join([one[0], two[1], one[2]])):
        with pytest.raises(BadAssertion, match="signature"):
            checked(sent, JWKS, AUDIENCES, NOW)


@pytest.mark.parametrize("sent", ["", "abc", "a.b.c", "x" * 9000, made(iss="one"), made(iss=5, sub=5), made(sub=None)])
def test_who_it_is_cannot_be_read_from_nonsense(sent: str) -> None:
    with pytest.raises(BadAssertion):
        client_named(sent)


def test_a_statement_of_another_client_is_not_believed_by_these_keys() -> None:
    """The caller looks keys up by name, so a name that somebody else took ends here."""
    theirs = checked_jwks({"keys": [rsa_jwk(rsa_key("stranger"))]})
    with pytest.raises(BadAssertion, match="signature"):
        checked(made(), theirs, AUDIENCES, NOW)


def test_a_registration_keeps_the_public_members_alone() -> None:
    sent = {
        "keys": [rsa_jwk(RSA, alg="RS384", use="sig", x5c=["nonsense"], comment="x"), ec_jwk(EC, key_ops=["verify"])]
    }
    kept = checked_jwks(sent | {"more": 1})
    assert kept.keys() == {"keys"}
    assert [each.keys() for each in kept["keys"]] == [
        {"kty", "kid", "n", "e", "alg", "use"},
        {"kty", "kid", "crv", "x", "y"},
    ]
    assert checked_jwks(json.loads(json.dumps(kept))) == kept


def test_a_registered_key_for_one_algorithm_is_for_no_other() -> None:
    for jwks in ({"keys": [rsa_jwk(RSA, alg="RS256")]}, {"keys": [rsa_jwk(RSA, alg="ES384")]}):
        with pytest.raises(BadKeys, match="neither RS384"):
            checked_jwks(jwks)
        with pytest.raises(BadAssertion, match="no registered key"):
            checked(made(), jwks, AUDIENCES, NOW)


PRIVATE = {"d": number(RSA.private_numbers().d)}
WEAK, SMALL_CURVE = rsa_key("weak", 1024), ec_key("small", "ES256")
CUBE = {**rsa_jwk(RSA), "e": "Aw"}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ([], "1 to 20"),
        ([ec_jwk(EC, f"k{each}") for each in range(21)], "1 to 20"),
        ([rsa_jwk(RSA), ec_jwk(EC, "r1")], "same `kid`"),
        ([rsa_jwk(RSA, **PRIVATE)], "private members"),
        ([rsa_jwk(RSA, d="")], "private members"),
        ([ec_jwk(EC, d="AQ")], "private members"),
        ([{"kty": "oct", "kid": "s", "k": "AAAA"}], "private members"),
        ([rsa_jwk(RSA, use="enc")], "`use`"),
        ([rsa_jwk(RSA, use=None)], "`use`"),
        ([rsa_jwk(RSA, key_ops=["encrypt"])], "`key_ops`"),
        ([rsa_jwk(RSA, key_ops="verify")], "`key_ops`"),
        ([rsa_jwk(RSA, alg="RS256")], "neither RS384"),
        ([ec_jwk(EC, alg="RS384")], "neither RS384"),
        ([ec_jwk(SMALL_CURVE)], "neither RS384"),
        ([rsa_jwk(WEAK)], "fewer than 2048"),
        ([{**rsa_jwk(RSA), "n": number(2**8193 - 1)}], "more than 8192"),
        ([{**rsa_jwk(RSA), "n": number(2**20000 - 1)}], "short text"),
        ([CUBE], "exponent"),
        ([{**rsa_jwk(RSA), "e": number(2**40 + 1)}], "exponent"),
        ([{**rsa_jwk(RSA), "e": number(65538)}], "modulus"),
        ([{**rsa_jwk(RSA), "n": "!!!"}], "base64url"),
        ([{**rsa_jwk(RSA), "n": 5}], "short text"),
        ([rsa_jwk(RSA, kid="")], "lacks one of kid"),
        ([rsa_jwk(RSA, kid=7)], "lacks one of kid"),
        ([rsa_jwk(RSA, kid="x" * 256)], "`kid`"),
        ([rsa_jwk(RSA, kid="nul\x00")], "`kid`"),
        ([{"kty": "RSA", "kid": "r"}], "lacks one of"),
        ([{"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": "AAAA"}], "neither `RSA` nor `EC`"),
        ([{"kid": "o"}], "neither `RSA` nor `EC`"),
        ([{**rsa_jwk(RSA), "kty": ["RSA"]}], "neither `RSA` nor `EC`"),
        ([{**ec_jwk(EC), "crv": "P-999"}], "known curve"),
        ([{**ec_jwk(EC), "x": number(1)}], "known curve"),
        ([{**ec_jwk(EC), "crv": "secp256k1"}], "known curve"),
        ([5], "not a JSON object"),
        ([None], "not a JSON object"),
    ],
)
def test_a_registration_is_refused_for(keys: list[Any], says: str) -> None:
    with pytest.raises(BadKeys, match=says) as refused:
        checked_jwks({"keys": keys})
    assert str(refused.value).startswith("The JSON Web Key Set is refused: ")


@pytest.mark.parametrize("jwks", [None, 5, [], {}, {"keys": None}, {"keys": {}}, "https://client.example/jwks"])
def test_what_is_no_key_set_is_refused(jwks: object) -> None:
    with pytest.raises(BadKeys, match="list of `keys`"):
        checked_jwks(jwks)


def test_a_private_key_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(BadKeys) as refused:
        checked_jwks({"keys": [rsa_jwk(RSA, **PRIVATE)]})
    assert PRIVATE["d"] not in repr([refused.value, refused.value.__cause__])


def test_other_curves_are_no_p_384() -> None:
    assert {key.curve.name for key in (EC, SMALL_CURVE)} == {ec.SECP384R1().name, ec.SECP256R1().name}
    for algorithm in ("ES256", "ES512"):
        key = ec_key("small", algorithm)
        sent = signed({"alg": algorithm, "kid": "e1"}, CLAIMS, by_ec(key, algorithm))
        with pytest.raises(BadAssertion, match="algorithm"):
            checked(sent, {"keys": [ec_jwk(key)]}, AUDIENCES, NOW)
