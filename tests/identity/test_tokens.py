"""Tokens of the service's own: what is believed, and each way in which one is not."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.claims import Holder
from identity.errors import BadToken, TokenExpired
from identity.keys import Keys
from identity.tokens import Issuer
from tests.identity.forging import (
    NOW,
    ORGANISATION,
    PATIENT,
    SECOND,
    Json,
    by_ec,
    by_hmac,
    ec_jwk,
    ec_key,
    seconds,
    signed,
    unb64,
    verifies,
)

URL, AUDIENCE = "https://trialbook.example", "urn:trialbook"
SECRET, OLD = "a secret of this service, long enough", "the secret that it had a month ago"
KEYS = Keys(SECRET)
ISSUER = Issuer(URL, AUDIENCE, KEYS)
HOLDER = Holder(
    subject="0192f0c1-user",
    kind="user",
    organisation_id=ORGANISATION,
    roles=frozenset({"clinician", "auditor"}),
    scope=("user/*.cruds", "openid"),
    patient_id=PATIENT,
    session_id="session-1",
    name="Dr. Ångström",
    actor="client-7",
)
OWN = by_ec(KEYS.signing.private_key, "ES256")
HEADER: Json = {"typ": "at+jwt", "alg": "ES256", "kid": KEYS.signing.kid}
CLAIMS: Json = {
    "iss": URL,
    "aud": AUDIENCE,
    "sub": "somebody",
    "iat": seconds(NOW),
    "exp": seconds(NOW) + 60,
    "jti": "1",
}


def forged(header: Json | None = None, claims: Json | None = None) -> str:
    """A token signed by our own key, with these parts other than usual; None takes a part away."""
    parts = [{**HEADER, **(header or {})}, {**CLAIMS, **(claims or {})}]
    return signed(*({name: value for name, value in part.items() if value is not None} for part in parts), OWN)


def test_what_was_issued_is_read_again() -> None:
    read = ISSUER.read(ISSUER.issue(HOLDER, NOW, 300), NOW)
    assert {name: getattr(read, name) for name in asdict(HOLDER)} == asdict(HOLDER)
    assert (read.issuer, read.issued_at, read.expires_at) == (URL, NOW, NOW + 300 * SECOND)


def test_what_is_not_known_of_a_client_is_left_out_and_read_as_nothing() -> None:
    plain = Holder(subject="client-7", kind="client")
    token = ISSUER.issue(plain, NOW, 300)
    read = ISSUER.read(token, NOW)
    assert {name: getattr(read, name) for name in asdict(plain)} == asdict(plain)
    assert json.loads(unb64(token.split(".")[1])).keys() == {"iss", "aud", "sub", "iat", "exp", "jti", "client"}


def test_no_two_tokens_are_the_same() -> None:
    assert ISSUER.issue(HOLDER, NOW, 300) != ISSUER.issue(HOLDER, NOW, 300)


def test_a_token_is_verified_by_other_means_with_the_published_key() -> None:
    token = ISSUER.issue(HOLDER, NOW, 300)
    (jwk,) = KEYS.public_jwks()["keys"]
    assert json.loads(unb64(token.split(".")[0])) == {"typ": "at+jwt", "alg": "ES256", "kid": jwk["kid"]}
    assert verifies(token, jwk)
    with pytest.raises(InvalidSignature):
        verifies(token, Keys(OLD).public_jwks()["keys"][0])


def test_a_token_made_by_other_means_is_believed() -> None:
    assert ISSUER.read(forged(), NOW).subject == "somebody"


@pytest.mark.parametrize(
    ("header", "claims", "says"),
    [
        ({"alg": "none"}, {}, "algorithm"),
        ({"alg": "None"}, {}, "algorithm"),
        ({"alg": None}, {}, "algorithm"),
        ({"alg": "ES384"}, {}, "algorithm"),
        ({"alg": ["ES256"]}, {}, "algorithm"),
        ({"kid": None}, {}, "kid"),
        ({"kid": 7}, {}, "kid"),
        ({"kid": "another"}, {}, "not known here"),
        ({"kid": "../../dev/null"}, {}, "not known here"),
        ({"typ": "JWT"}, {}, "typ"),
        ({"typ": None}, {}, "typ"),
        ({"typ": ["at+jwt"]}, {}, "signature"),
        ({"crit": ["exp"]}, {}, "extensions"),
        ({"b64": False}, {}, "extensions"),
        ({"jwk": "no key"}, {}, "signature"),
        ({}, {"iss": "https://elsewhere.example"}, "iss"),
        ({}, {"iss": f"{URL}/"}, "iss"),
        ({}, {"iss": None}, "iss"),
        ({}, {"iss": 5}, "iss"),
        ({}, {"aud": "urn:another"}, "another service"),
        ({}, {"aud": ["urn:another", 5]}, "another service"),
        ({}, {"aud": None}, "another service"),
        ({}, {"aud": {"urn:trialbook": 1}}, "another service"),
        ({}, {"sub": None}, "`sub` is missing"),
        ({}, {"sub": ""}, "`sub`"),
        ({}, {"sub": "x" * 256}, "`sub`"),
        ({}, {"sub": "nul\x00"}, "`sub`"),
        ({}, {"sub": "\ud800"}, "`sub`"),
        ({}, {"jti": None}, "`jti` is missing"),
        ({}, {"exp": None}, "`exp`"),
        ({}, {"iat": None}, "`iat`"),
        ({}, {"exp": "2027"}, "`exp`"),
        ({}, {"exp": True}, "`exp`"),
        ({}, {"exp": -1}, "`exp`"),
        ({}, {"exp": 10**300}, "`exp`"),
        ({}, {"exp": 10**400}, "`exp`"),
        ({}, {"iat": seconds(NOW) + 6}, "not valid yet"),
        ({}, {"nbf": seconds(NOW) + 6}, "not valid yet"),
        ({}, {"nbf": "now"}, "`nbf`"),
        ({}, {"org": "general"}, "`org` is not a UUID"),
        ({}, {"org": 5}, "`org`"),
        ({}, {"patient": "Anna"}, "`patient` is not a UUID"),
        ({}, {"roles": {"administrator": True}}, "`roles`"),
        ({}, {"roles": [["administrator"]]}, "`roles`"),
        ({}, {"roles": [None]}, "`roles`"),
        ({}, {"scope": ["x"] * 257}, "`scope`"),
        ({}, {"act": "client"}, "`act`"),
        ({}, {"act": {}}, "`sub`"),
    ],
)
def test_a_token_of_our_own_key_is_refused_for(header: Json, claims: Json, says: str) -> None:
    with pytest.raises(BadToken, match=says) as refused:
        ISSUER.read(forged(header, claims), NOW)
    assert not isinstance(refused.value, TokenExpired)
    assert str(refused.value).startswith("The access token is refused: ")


@pytest.mark.parametrize(
    "claims",
    [{"aud": ["urn:other", AUDIENCE]}, {"nbf": seconds(NOW) + 5}, {"client": "true"}, {"exp": seconds(NOW) + 0.5}],
)
def test_a_token_is_believed_though(claims: Json) -> None:
    assert ISSUER.read(forged(claims=claims), NOW).kind == "user"


@pytest.mark.parametrize("name", ["", "x" * 300, 5, "tab\t"])
def test_a_name_that_cannot_be_shown_is_no_reason_to_refuse(name: object) -> None:
    assert ISSUER.read(forged(claims={"name": name}), NOW).name is None


def test_a_token_expires_to_the_second_after_the_skew() -> None:
    token = ISSUER.issue(HOLDER, NOW, 300)
    ISSUER.read(token, NOW + timedelta(seconds=304.9))
    with pytest.raises(TokenExpired, match="sign in again"):
        ISSUER.read(token, NOW + timedelta(seconds=305))


def test_a_token_from_a_clock_that_is_ahead_is_believed_within_the_skew() -> None:
    token = ISSUER.issue(HOLDER, NOW, 300)
    ISSUER.read(token, NOW - 5 * SECOND)
    with pytest.raises(BadToken, match="clocks"):
        ISSUER.read(token, NOW - 6 * SECOND)


def public_forms() -> list[bytes]:
    """Whatever somebody could take for a shared secret who has our public key."""
    public = KEYS.signing.public_key
    jwk = json.dumps(KEYS.public_jwks()["keys"][0]).encode()
    spki = PublicFormat.SubjectPublicKeyInfo
    pem, der = (public.public_bytes(encoding, spki) for encoding in (Encoding.PEM, Encoding.DER))
    return [pem, pem.strip(), der, jwk, public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), b""]


@pytest.mark.parametrize("secret", public_forms())
@pytest.mark.parametrize("algorithm", ["HS256", "ES256", "hs256"])
def test_our_public_key_is_no_shared_secret(secret: bytes, algorithm: str) -> None:
    with pytest.raises(BadToken, match=r"algorithm|signature"):
        ISSUER.read(signed({**HEADER, "alg": algorithm}, CLAIMS, by_hmac(secret)), NOW)


@pytest.mark.parametrize(
    "signature", [b"", bytes(64), bytes(63), bytes(2000), b"\x00" * 31 + b"\x01" + b"\x00" * 31 + b"\x01"]
)
def test_an_empty_or_degenerate_signature_is_none(signature: bytes) -> None:
    with pytest.raises(BadToken, match="signature"):
        ISSUER.read(signed(HEADER, CLAIMS, lambda _text: signature), NOW)


def test_a_signature_in_another_form_is_none() -> None:
    """DER, which other protocols use, and which would make two texts of one token."""
    with pytest.raises(BadToken, match="signature"):
        ISSUER.read(
            signed(HEADER, CLAIMS, lambda text: KEYS.signing.private_key.sign(text, ec.ECDSA(hashes.SHA256()))), NOW
        )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_character_anywhere_is_found(place: int) -> None:
    parts = ISSUER.issue(HOLDER, NOW, 300).split(".")
    for at in range(0, len(parts[place]) - 1, 7):
        text = parts[place]
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        with pytest.raises(BadToken):
            ISSUER.read(".".join([*parts[:place], changed, *parts[place + 1 :]]), NOW)


def test_claims_taken_from_another_token_are_found() -> None:
    one, two = (ISSUER.issue(replace(HOLDER, roles=frozenset({role})), NOW, 300).split(".") for role in ("a", "b"))
    with pytest.raises(BadToken, match="signature"):
        ISSUER.read(".".join([one[0], two[1], one[2]]), NOW)


def test_another_key_that_takes_our_name_is_found() -> None:
    with pytest.raises(BadToken, match="signature"):
        ISSUER.read(signed(HEADER, CLAIMS, by_ec(ec_key("stranger", "ES256"), "ES256")), NOW)


def test_a_key_sent_along_is_not_obeyed() -> None:
    stranger = ec_key("stranger", "ES256")
    with pytest.raises(BadToken, match="signature"):
        ISSUER.read(signed({**HEADER, "jwk": ec_jwk(stranger)}, CLAIMS, by_ec(stranger, "ES256")), NOW)


def test_a_token_of_an_earlier_secret_is_believed_while_that_is_named() -> None:
    token = Issuer(URL, AUDIENCE, Keys(OLD)).issue(HOLDER, NOW, 300)
    assert Issuer(URL, AUDIENCE, Keys(SECRET, [OLD])).read(token, NOW).subject == HOLDER.subject
    with pytest.raises(BadToken, match="not known here"):
        ISSUER.read(token, NOW)


def test_after_a_rotation_the_present_secret_signs() -> None:
    token = Issuer(URL, AUDIENCE, Keys(SECRET, [OLD])).issue(HOLDER, NOW, 300)
    assert ISSUER.read(token, NOW).subject == HOLDER.subject


@pytest.mark.parametrize(
    "make",
    [
        lambda: "",
        lambda: "abc",
        lambda: "a.b",
        lambda: "..",
        lambda: "ä.ö.ü",
        lambda: "\ud800.a.a",
        lambda: forged() + ".x",
        lambda: forged() + "=",
        lambda: forged().replace(".", ". ", 1),
        lambda: "!" + forged(),
        lambda: signed("[]", CLAIMS, OWN),
        lambda: signed(HEADER, "[]", OWN),
        lambda: signed(HEADER, "null", OWN),
        lambda: signed(HEADER, "[" * 4000, OWN),
        lambda: signed('{"a":' * 1000 + "1" + "}" * 1000, CLAIMS, OWN),
        lambda: signed(HEADER, json.dumps(CLAIMS)[:-1] + ', "sub": "administrator"}', OWN),
        lambda: signed(json.dumps(HEADER)[:-1] + ', "alg": "none"}', CLAIMS, OWN),
        lambda: signed(HEADER, json.dumps({**CLAIMS, "exp": float("nan")}), OWN),
        lambda: signed(HEADER, json.dumps({**CLAIMS, "exp": float("inf")}), OWN),
        lambda: signed(HEADER, json.dumps(CLAIMS).replace("60", "60e999"), OWN),
        lambda: forged(claims={"x": "y" * 9000}),
        lambda: forged(header={"x": "y" * 5000}),
    ],
)
def test_what_is_no_token_is_refused_and_no_accident(make: Callable[[], str]) -> None:
    with pytest.raises(BadToken):
        ISSUER.read(make(), NOW)


def test_a_token_just_below_the_limit_is_read_and_one_above_is_not() -> None:
    room = 8192 - len(forged(claims={"x": ""}))
    assert ISSUER.read(forged(claims={"x": "y" * (room * 3 // 4 - 3)}), NOW).subject == "somebody"
    with pytest.raises(BadToken, match="8 KiB"):
        ISSUER.read(forged(claims={"x": "y" * (room * 3 // 4 + 3)}), NOW)


@pytest.mark.parametrize("fields", [{"subject": ""}, {"subject": "x" * 300}, {"scope": ("x",) * 300}, {"actor": "\n"}])
def test_what_would_not_be_believed_is_not_issued(fields: Json) -> None:
    with pytest.raises(ValueError, match="would be refused"):
        ISSUER.issue(replace(HOLDER, **fields), NOW, 300)


def test_what_would_be_too_long_is_not_issued() -> None:
    with pytest.raises(ValueError, match="longer than"):
        ISSUER.issue(replace(HOLDER, scope=tuple(f"{number}{'x' * 200}" for number in range(200))), NOW, 300)


NAME = "Anna-Muster-1984"


@pytest.mark.parametrize("claim", ["iss", "aud", "jti", "org", "patient", "exp", "iat", "nbf", "roles", "scope", "act"])
@pytest.mark.parametrize("value", [[NAME, 5], {"x": NAME}, {"sub": [NAME]}])
def test_no_refusal_repeats_what_was_sent(claim: str, value: object) -> None:
    with pytest.raises(BadToken) as refused:
        ISSUER.read(forged(claims={claim: value}), NOW)
    assert NAME not in repr([refused.value, refused.value.__cause__])
