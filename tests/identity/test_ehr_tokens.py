"""EHRs that sign their calls: believed by the keys that were listed for them, and refused in each other way."""

import json
from pathlib import Path
from typing import Any

import pytest

from identity.ehr_tokens import Ehrs, EhrSettings, EhrToken
from identity.errors import BadToken, KeysUnavailable
from identity.jws import unverified
from tests.identity.forging import (
    NOW,
    ORGANISATION,
    SECOND,
    Json,
    by_ec,
    by_hmac,
    by_rsa,
    ec_jwk,
    ec_key,
    rsa_jwk,
    rsa_key,
    seconds,
    signed,
)
from tests.identity.provider_server import KEYS, provider_server

pytestmark = pytest.mark.anyio
EHR, CALLED = "https://ehr.example", "https://trialbook.example/cds-services/trd-order-sign"
RSA, EC = rsa_key("ehr"), ec_key("ehr")
CLAIMS: Json = {"iss": EHR, "aud": CALLED, "exp": seconds(NOW) + 300, "iat": seconds(NOW), "jti": "once"}
HEADER: Json = {"typ": "JWT", "alg": "ES384", "kid": "e1"}


@pytest.fixture
def ehrs(tmp_path: Path) -> Ehrs:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [ec_jwk(EC), rsa_jwk(RSA)]}))
    return Ehrs([EhrSettings(EHR, ORGANISATION, jwks_file=file)])


def made(header: Json | None = None, **claims: Any) -> str:  # noqa: ANN401 - any claim
    """A token of the EHR; None takes a part away."""
    parts = [{k: v for k, v in part.items() if v is not None} for part in (HEADER | (header or {}), CLAIMS | claims)]
    algorithm = str(parts[0].get("alg"))
    sign = by_rsa(RSA, algorithm) if algorithm.startswith("RS") else by_ec(EC, "ES384")
    return signed(*parts, sign)


async def believed(ehrs: Ehrs, token: str) -> EhrToken:
    opened = unverified(token)
    assert ehrs.lists(opened)
    return await ehrs.believed(opened, [CALLED], NOW)


@pytest.mark.parametrize("header", [{}, {"alg": "RS384", "kid": "r1"}, {"jku": "https://evil.example/keys"}])
async def test_a_token_is_believed_by_the_key_that_was_listed(ehrs: Ehrs, header: Json) -> None:
    found = await believed(ehrs, made(header, tenant="ours"))
    assert found == EhrToken(EHR, ORGANISATION, "once", NOW + 300 * SECOND)


@pytest.mark.parametrize(
    ("header", "claims", "why"),
    [
        ({"alg": "ES256"}, {}, "algorithm"),
        ({"alg": "none"}, {}, "algorithm"),
        ({"alg": "HS256"}, {}, "algorithm"),
        ({"alg": "RS256", "kid": "r1"}, {}, "algorithm"),
        ({"kid": "another"}, {}, "no key"),
        ({"kid": "r1"}, {}, "no key"),
        ({"kid": None}, {}, "kid"),
        ({"typ": "at+jwt"}, {}, "typ"),
        ({}, {"aud": "https://trialbook.example/cds-services/trd-patient-view"}, "aud"),
        ({}, {"aud": None}, "aud"),
        ({}, {"exp": None}, "exp"),
        ({}, {"exp": seconds(NOW)}, "expired"),
        ({}, {"exp": seconds(NOW) + 331}, "5 minutes"),
        ({}, {"iat": None}, "iat"),
        ({}, {"iat": seconds(NOW) + 31}, "not valid yet"),
        ({}, {"nbf": seconds(NOW) + 31}, "not valid yet"),
        ({}, {"jti": None}, "jti"),
        ({}, {"jti": "j" * 256}, "jti"),
    ],
)
async def test_a_token_is_refused(ehrs: Ehrs, header: Json, claims: Json, why: str) -> None:
    with pytest.raises(BadToken, match=why):
        await believed(ehrs, made(header, **claims))


async def test_what_another_signed_is_refused(ehrs: Ehrs) -> None:
    secret = json.dumps(ec_jwk(EC)).encode()
    for header, sign in ((HEADER, by_ec(ec_key("a stranger"), "ES384")), (HEADER | {"alg": "HS256"}, by_hmac(secret))):
        with pytest.raises(BadToken):
            await believed(ehrs, signed(header, CLAIMS, sign))


async def test_nobody_else_is_listed(ehrs: Ehrs) -> None:
    for issuer in (f"{EHR}/", None, ["x"]):
        assert not ehrs.lists(unverified(made(iss=issuer)))


async def test_keys_that_are_published_are_fetched_and_those_of_an_ehr_that_is_away_are_waited_for() -> None:
    async with provider_server() as server:
        server.keys = [ec_jwk(EC)]
        ehrs = Ehrs([EhrSettings(EHR, ORGANISATION, jwks_url=f"{server.issuer}{KEYS}", algorithms=("ES384",))])
        assert (await believed(ehrs, made())).jti == "once"
        with pytest.raises(BadToken, match="algorithm"):
            await believed(ehrs, made({"alg": "RS384", "kid": "r1"}))
        server.status = "500 Gone"
        gone = Ehrs([EhrSettings(EHR, ORGANISATION, jwks_url=f"{server.issuer}{KEYS}")])
        with pytest.raises(KeysUnavailable):
            await believed(gone, made())
        await ehrs.close()


async def test_what_proves_nothing_is_not_listed(tmp_path: Path) -> None:
    for algorithms in ((), ("none",), ("HS256",)):
        with pytest.raises(ValueError, match="algorithms"):
            EhrSettings(EHR, ORGANISATION, jwks_url="https://ehr.example/keys", algorithms=algorithms)
    twice = EhrSettings(EHR, ORGANISATION, jwks_url="https://ehr.example/keys")
    with pytest.raises(ValueError, match="once"):
        Ehrs([twice, twice])
    for content in (None, "{", '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'):
        file = tmp_path / "keys.json"
        if content:
            file.write_text(content)
        with pytest.raises(ValueError, match=r"keys\.json cannot be used"):
            Ehrs([EhrSettings(EHR, ORGANISATION, jwks_file=file)])
