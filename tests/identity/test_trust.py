"""Whose tokens are believed: chosen by issuer, verified once, and forgotten when they must be."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from identity import trust
from identity.claims import Claims, Holder
from identity.errors import BadToken, KeysUnavailable, TokenExpired
from identity.keys import Keys
from identity.oidc import Provider, ProviderSettings
from identity.tokens import Issuer
from identity.trust import REMEMBERED, Tokens
from tests.identity.forging import NOW, ORGANISATION, SECOND, by_rsa, rsa_jwk, rsa_key, seconds, signed
from tests.identity.provider_server import KEYS, ProviderServer, provider_server

pytestmark = pytest.mark.anyio
URL, AUDIENCE = "https://trialbook.example", "urn:trialbook"
HOLDER = Holder(subject="anna", kind="user", session_id="s1")


class CountingIssuer(Issuer):
    """The real issuer; it counts how often it had to verify."""

    verified = 0

    def believed(self, *arguments: object) -> Claims:
        self.verified += 1
        return super().believed(*arguments)  # type: ignore[arg-type]


@pytest.fixture
def issuer() -> CountingIssuer:
    return CountingIssuer(URL, AUDIENCE, Keys("a secret of this service, long enough"))


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    async with provider_server() as started:
        started.keys = [rsa_jwk(rsa_key("first"), "r1")]
        yield started


def provided(server: ProviderServer, kid: str = "r1", iss: str = "") -> str:
    times = {"iat": seconds(NOW), "exp": seconds(NOW) + 3600}
    claims = {"iss": iss or server.issuer, "aud": AUDIENCE, "sub": "otto", "org": str(ORGANISATION), "sid": "s2"}
    return signed({"alg": "RS256", "kid": kid}, claims | times, by_rsa(rsa_key("first"), "RS256"))


async def test_each_token_is_read_by_its_own_issuer(issuer: CountingIssuer, server: ProviderServer) -> None:
    tokens = Tokens(issuer, [Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))])
    assert (await tokens.read(issuer.issue(HOLDER, NOW, 60), NOW)).subject == "anna"
    assert (await tokens.read(provided(server), NOW)).subject == "otto"
    assert issuer.verified == 1
    await tokens.close()


async def test_a_stranger_is_not_trusted_and_not_asked(issuer: CountingIssuer, server: ProviderServer) -> None:
    tokens = Tokens(issuer)
    for iss in (server.issuer, "", "https://trialbook.example.evil", f"{URL}/"):
        with pytest.raises(BadToken, match="not trusted here"):
            await tokens.read(provided(server, iss=iss), NOW)
    assert not server.asked


async def test_an_issuer_that_is_no_text_is_not_trusted(issuer: CountingIssuer) -> None:
    for iss in (None, 5, [URL], {}):
        with pytest.raises(BadToken, match="not trusted here"):
            await Tokens(issuer).read(signed({"alg": "ES256"}, {"iss": iss}, lambda _text: b"x"), NOW)


async def test_a_provider_alone_leaves_nobody_to_sign_in_here(issuer: CountingIssuer, server: ProviderServer) -> None:
    tokens = Tokens(None, [Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))])
    with pytest.raises(BadToken, match="not trusted here"):
        await tokens.read(issuer.issue(HOLDER, NOW, 60), NOW)
    assert (await tokens.read(provided(server), NOW)).subject == "otto"


def test_one_issuer_is_named_once_and_one_there_must_be(issuer: CountingIssuer) -> None:
    twice = Provider(ProviderSettings(issuer=URL, audience=AUDIENCE))
    for own, providers in ((issuer, [twice]), (None, [twice, twice]), (None, [])):
        with pytest.raises(ValueError, match="named once"):
            Tokens(own, providers)


async def test_a_token_is_verified_once_and_remembered(issuer: CountingIssuer) -> None:
    tokens, token = Tokens(issuer), issuer.issue(HOLDER, NOW, 60)
    assert await tokens.read(token, NOW) is await tokens.read(token, NOW + SECOND)
    assert issuer.verified == 1


async def test_a_remembered_token_still_expires(issuer: CountingIssuer) -> None:
    tokens, token = Tokens(issuer), issuer.issue(HOLDER, NOW, 60)
    await tokens.read(token, NOW)
    await tokens.read(token, NOW + 59 * SECOND)
    with pytest.raises(TokenExpired):
        await tokens.read(token, NOW + 65 * SECOND)
    with pytest.raises(TokenExpired):
        await tokens.read(token, NOW + 66 * SECOND)


async def test_what_was_refused_is_not_remembered_as_good(issuer: CountingIssuer) -> None:
    tokens, good = Tokens(issuer), issuer.issue(HOLDER, NOW, 60)
    await tokens.read(good, NOW)
    bad = f"{good[:-4]}AAAA"
    for _ in range(2):
        with pytest.raises(BadToken):
            await tokens.read(bad, NOW)
    assert (await tokens.read(good, NOW)).subject == "anna"


async def test_what_is_no_token_is_refused(issuer: CountingIssuer) -> None:
    for text in ("", "abc", "\ud800", "ä.ö.ü", "x" * 100_000):
        with pytest.raises(BadToken):
            await Tokens(issuer).read(text, NOW)


async def test_a_withdrawn_key_is_forgotten_although_its_token_is_remembered(
    issuer: CountingIssuer, server: ProviderServer
) -> None:
    tokens = Tokens(issuer, [Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))])
    await tokens.read(provided(server), NOW)
    server.keys = [rsa_jwk(rsa_key("second"), "r2")]
    await tokens.read(provided(server), NOW + 9 * timedelta(minutes=1))
    with pytest.raises(BadToken, match="no key"):
        await tokens.read(provided(server), NOW + 9 * timedelta(minutes=1) + REMEMBERED)
    assert server.asked[KEYS] == 2


async def test_a_provider_that_is_away_is_no_bad_token(issuer: CountingIssuer, server: ProviderServer) -> None:
    tokens = Tokens(issuer, [Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))])
    await server.stop()
    with pytest.raises(KeysUnavailable):
        await tokens.read(provided(server), NOW)
    assert (await tokens.read(issuer.issue(HOLDER, NOW, 60), NOW)).subject == "anna"


async def test_a_session_is_forgotten_with_all_its_tokens_and_no_other(issuer: CountingIssuer) -> None:
    tokens = Tokens(issuer)
    mine = [issuer.issue(HOLDER, NOW, 60) for _ in range(3)]
    others = [issuer.issue(replace(HOLDER, session_id=name), NOW, 60) for name in ("s3", None)]
    for token in (*mine, *others):
        await tokens.read(token, NOW)
    tokens.forget_session("s1")
    for token in (*mine, *others):
        await tokens.read(token, NOW)
    assert issuer.verified == 5 + 3


async def test_all_are_forgotten(issuer: CountingIssuer) -> None:
    tokens, token = Tokens(issuer), issuer.issue(HOLDER, NOW, 60)
    await tokens.read(token, NOW)
    tokens.forget_all()
    await tokens.read(token, NOW)
    assert issuer.verified == 2


async def test_no_more_are_remembered_than_allowed_and_the_eldest_goes_first(issuer: CountingIssuer) -> None:
    tokens = Tokens(issuer, most=3)
    four = [issuer.issue(HOLDER, NOW, 60) for _ in range(4)]
    for token in four:
        await tokens.read(token, NOW)
    assert len(tokens._known) == 3  # noqa: SLF001 - that it is bounded cannot be seen from outside
    for token in four[1:]:
        await tokens.read(token, NOW)
    assert issuer.verified == 4
    await tokens.read(four[0], NOW)
    assert issuer.verified == 5


async def test_no_token_is_kept_as_it_was_sent(issuer: CountingIssuer) -> None:
    tokens, token = Tokens(issuer), issuer.issue(HOLDER, NOW, 60)
    await tokens.read(token, NOW)
    assert token not in repr(vars(tokens))
    assert token.rpartition(".")[2] not in repr(vars(tokens))


async def test_many_at_once_are_each_read_as_themselves(issuer: CountingIssuer, server: ProviderServer) -> None:
    tokens = Tokens(issuer, [Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))], most=8)
    names = [f"user-{number}" for number in range(40)]
    sent = [issuer.issue(replace(HOLDER, subject=name), NOW, 60) for name in names]
    read = await asyncio.gather(*(tokens.read(token, NOW) for token in (*sent, provided(server))))
    assert [claims.subject for claims in read] == [*names, "otto"]


def test_what_is_remembered_is_shorter_than_what_keys_are() -> None:
    """Together they say how long a withdrawn key lives on: a quarter of an hour."""
    assert timedelta(minutes=15) >= trust.REMEMBERED + timedelta(minutes=10)
