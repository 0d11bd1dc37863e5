"""An OpenID Connect provider, over real HTTP: its keys come, go, and cannot be had; its claims have their names."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from identity import fetching
from identity.errors import BadToken, KeysUnavailable, TokenExpired
from identity.oidc import Provider, ProviderSettings
from tests.identity.forging import (
    NOW,
    ORGANISATION,
    PATIENT,
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
from tests.identity.provider_server import DISCOVERY, KEYS, ProviderServer, provider_server

pytestmark = pytest.mark.anyio
AUDIENCE = "urn:trialbook"
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
FIRST, SECOND_KEY = rsa_key("first"), rsa_key("second")


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    async with provider_server() as started:
        started.keys = [rsa_jwk(FIRST, "r1", use="sig")]
        yield started


@pytest.fixture
async def provider(server: ProviderServer) -> AsyncIterator[Provider]:
    made = Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))
    yield made
    await made.close()


def token(server: ProviderServer, header: Json | None = None, now: datetime = NOW, **claims: Any) -> str:  # noqa: ANN401
    """A token of the provider, signed by the key that its header names."""
    head = {"typ": "JWT", "alg": "RS256", "kid": "r1", **(header or {})}
    said = {"iss": server.issuer, "aud": AUDIENCE, "sub": "anna", "org": str(ORGANISATION), "iat": seconds(now)}
    key = {"r1": FIRST, "r2": SECOND_KEY}.get(head["kid"] or "", FIRST)
    algorithm = head["alg"] if str(head["alg"])[:2] in {"RS", "PS"} else "RS256"
    every = said | {"exp": seconds(now) + 86400} | claims
    return signed(*({k: v for k, v in part.items() if v is not None} for part in (head, every)), by_rsa(key, algorithm))


async def test_a_token_is_believed_by_a_key_that_was_discovered(server: ProviderServer, provider: Provider) -> None:
    read = await provider.read(token(server, name="Anna", sid="s1", scope="user/*.rs openid", roles=["clinician"]), NOW)
    assert (read.subject, read.kind, read.organisation_id, read.name) == ("anna", "user", ORGANISATION, "Anna")
    assert (read.issuer, read.session_id, read.roles) == (server.issuer, "s1", frozenset({"clinician"}))
    assert read.scope == ("user/*.rs", "openid")
    assert server.asked == {DISCOVERY: 1, KEYS: 1}
    assert "accept-encoding: identity\r\n" in server.heard.lower()


async def test_with_a_jwks_url_nothing_is_discovered(server: ProviderServer) -> None:
    settings = ProviderSettings(issuer="https://idp.example", audience=AUDIENCE, jwks_url="https://idp.example/keys")
    assert Provider(settings).issuer == "https://idp.example"
    local = ProviderSettings(issuer=server.issuer, audience=AUDIENCE, jwks_url=f"{server.issuer}/elsewhere")
    await Provider(local).read(token(server), NOW)
    assert server.asked == {"/elsewhere": 1}


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"])
async def test_each_accepted_algorithm_is_verified(server: ProviderServer, provider: Provider, algorithm: str) -> None:
    said = {"iss": server.issuer, "aud": AUDIENCE, "sub": "anna", "org": str(ORGANISATION)}
    times = {"iat": seconds(NOW), "exp": seconds(NOW) + 60}
    sign = by_rsa(FIRST, algorithm)
    if algorithm.startswith("ES"):
        server.keys = [ec_jwk(ec_key("own", algorithm), "e1", alg=algorithm)]
        sign = by_ec(ec_key("own", algorithm), algorithm)
    kid = server.keys[0]["kid"]
    assert (await provider.read(signed({"alg": algorithm, "kid": kid}, said | times, sign), NOW)).subject == "anna"
    with pytest.raises(BadToken, match="signature"):
        await provider.read(signed({"alg": algorithm, "kid": kid}, said | times, lambda text: sign(text + b"x")), NOW)


@pytest.mark.parametrize(
    ("header", "claims", "says"),
    [
        ({"alg": "none"}, {}, "algorithm"),
        ({"alg": "HS256"}, {}, "algorithm"),
        ({"alg": "PS384"}, {}, "algorithm"),
        ({"alg": "ES256"}, {}, "no key of that name"),
        ({"kid": None}, {}, "kid"),
        ({"kid": "unheard"}, {}, "no key of that name"),
        ({"typ": "logout+jwt"}, {}, "typ"),
        ({"typ": "secevent+jwt"}, {}, "typ"),
        ({"typ": "dpop+jwt"}, {}, "typ"),
        ({}, {"iss": "https://elsewhere.example"}, "iss"),
        ({}, {"aud": "another"}, "another service"),
        ({}, {"aud": []}, "another service"),
        ({}, {"nbf": seconds(NOW) + 31}, "not valid yet"),
        ({}, {"iat": seconds(NOW) + 31}, "not valid yet"),
        ({}, {"iat": None}, "`iat`"),
        ({}, {"exp": None}, "`exp`"),
        ({}, {"sub": None}, "`sub`"),
        ({}, {"org": None}, "must name an organisation"),
        ({}, {"org": "general-hospital"}, "not a UUID"),
        ({}, {"patient": "anna"}, "not a UUID"),
        ({}, {"roles": "a" * 300}, "`roles`"),
    ],
)
async def test_a_token_is_refused_for(
    server: ProviderServer, provider: Provider, header: Json, claims: Json, says: str
) -> None:
    with pytest.raises(BadToken, match=says):
        await provider.read(token(server, header, **claims), NOW)


async def test_what_is_wrong_anyway_makes_no_request(server: ProviderServer, provider: Provider) -> None:
    for claims in ({"aud": "another"}, {"exp": seconds(NOW) - 60}, {"iss": "https://elsewhere.example"}):
        with pytest.raises(BadToken):
            await provider.read(token(server, {"kid": "unheard"}, **claims), NOW)
    assert not server.asked


async def test_a_published_key_is_no_shared_secret(server: ProviderServer) -> None:
    settings = ProviderSettings(issuer=server.issuer, audience=AUDIENCE)
    forged = signed({"alg": "HS256", "kid": "r1"}, {"iss": server.issuer}, by_hmac(server.keys[0]["n"].encode()))
    with pytest.raises(BadToken, match="algorithm"):
        await Provider(settings).read(forged, NOW)


async def test_a_token_expires_after_the_skew(server: ProviderServer, provider: Provider) -> None:
    sent = token(server, exp=seconds(NOW) + 60)
    await provider.read(sent, NOW + 89 * SECOND)
    with pytest.raises(TokenExpired):
        await provider.read(sent, NOW + 90 * SECOND)


async def test_the_keys_are_asked_for_once_in_ten_minutes(server: ProviderServer, provider: Provider) -> None:
    for minute in range(25):
        await provider.read(token(server), NOW + minute * MINUTE)
    assert server.asked[KEYS] == 3


async def test_a_new_key_is_found_at_once_and_an_old_one_stays(server: ProviderServer, provider: Provider) -> None:
    await provider.read(token(server), NOW)
    server.keys.append(rsa_jwk(SECOND_KEY, "r2"))
    later = NOW + MINUTE
    assert (await provider.read(token(server, {"kid": "r2"}), later)).subject == "anna"
    assert (await provider.read(token(server), later)).subject == "anna"
    assert server.asked[KEYS] == 2


async def test_a_key_that_was_withdrawn_is_refused_after_ten_minutes(
    server: ProviderServer, provider: Provider
) -> None:
    await provider.read(token(server), NOW)
    server.keys = [rsa_jwk(SECOND_KEY, "r2")]
    assert (await provider.read(token(server), NOW + 9 * MINUTE)).subject == "anna"
    with pytest.raises(BadToken, match="no key of that name"):
        await provider.read(token(server), NOW + 10 * MINUTE)


async def test_when_every_key_was_withdrawn_nobody_is_believed(server: ProviderServer, provider: Provider) -> None:
    await provider.read(token(server), NOW)
    server.keys = []
    with pytest.raises(BadToken, match="no key of that name"):
        await provider.read(token(server), NOW + 10 * MINUTE)


async def test_a_key_that_changed_under_its_name_is_refused(server: ProviderServer, provider: Provider) -> None:
    server.keys = [rsa_jwk(SECOND_KEY, "r1")]
    with pytest.raises(BadToken, match="signature"):
        await provider.read(token(server), NOW)


async def test_a_storm_of_unknown_keys_asks_once_in_thirty_seconds(server: ProviderServer, provider: Provider) -> None:
    await provider.read(token(server), NOW)
    server.pause = 0.05
    for moment, asked in ((NOW + 31 * SECOND, 2), (NOW + 40 * SECOND, 2), (NOW + 62 * SECOND, 3)):
        storm = [provider.read(token(server, {"kid": f"unheard-{each}"}), moment) for each in range(50)]
        refused = await asyncio.gather(*storm, return_exceptions=True)
        assert all(isinstance(each, BadToken) for each in refused)
        assert server.asked[KEYS] == asked


async def test_many_who_come_first_wait_for_one_answer(server: ProviderServer, provider: Provider) -> None:
    server.pause = 0.05
    read = await asyncio.gather(*(provider.read(token(server), NOW) for _ in range(50)))
    assert {claims.subject for claims in read} == {"anna"}
    assert server.asked == {DISCOVERY: 1, KEYS: 1}


async def test_who_gives_up_waiting_does_not_stop_the_others(server: ProviderServer, provider: Provider) -> None:
    server.pause = 0.1
    one, other = (asyncio.create_task(provider.read(token(server), NOW)) for _ in range(2))
    await asyncio.sleep(0.02)
    one.cancel()
    assert (await other).subject == "anna"
    assert one.cancelled()


async def test_while_the_provider_is_away_its_last_keys_are_used_for_hours(
    server: ProviderServer, provider: Provider
) -> None:
    await provider.read(token(server), NOW)
    await server.stop()
    for hours in (1, 3, 5.9):
        assert (await provider.read(token(server), NOW + hours * HOUR)).subject == "anna"
    with pytest.raises(KeysUnavailable, match="did not answer"):
        await provider.read(token(server, {"kid": "r2"}), NOW + 5.9 * HOUR)
    with pytest.raises(KeysUnavailable):
        await provider.read(token(server), NOW + 6 * HOUR)


async def test_when_the_provider_is_back_its_keys_are_fresh_again(server: ProviderServer, provider: Provider) -> None:
    await provider.read(token(server), NOW)
    port = int(server.issuer.rpartition(":")[2])
    await server.stop()
    await provider.read(token(server), NOW + 20 * MINUTE)
    await server.start(port)
    server.keys = [rsa_jwk(SECOND_KEY, "r2")]
    await provider.read(token(server), NOW + 21 * MINUTE)
    await until(lambda: server.asked[KEYS] == 2)
    assert (await provider.read(token(server, {"kid": "r2"}), NOW + 21 * MINUTE)).subject == "anna"
    with pytest.raises(BadToken, match="no key of that name"):
        await provider.read(token(server), NOW + 21 * MINUTE)


async def until(holds: Any) -> None:  # noqa: ANN401 - a question
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in a server
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)


async def test_a_provider_that_was_never_there_is_said_to_be_away(server: ProviderServer, provider: Provider) -> None:
    await server.stop()
    for moment in (NOW, NOW + SECOND):
        with pytest.raises(KeysUnavailable, match="The identity provider cannot be asked"):
            await provider.read(token(server), moment)


async def test_nobody_waits_for_a_provider_that_is_known_to_be_away(
    server: ProviderServer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    await provider.read(token(server), NOW)
    server.pause = 2
    took = []
    for minutes in (10, 11, 12):
        began = time.perf_counter()
        assert (await provider.read(token(server), NOW + minutes * MINUTE)).subject == "anna"
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.4)
    assert took[0] >= 0.3
    assert max(took[1:]) < 0.1


@pytest.mark.parametrize("kind", ["pause", "drip"])
async def test_a_slow_provider_is_given_up(
    server: ProviderServer, provider: Provider, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    setattr(server, kind, {"pause": 5, "drip": 0.05}[kind])
    began = time.perf_counter()
    with pytest.raises(KeysUnavailable, match="did not answer"):
        await provider.read(token(server), NOW)
    assert time.perf_counter() - began < 2


async def test_a_huge_answer_is_not_read_to_its_end(server: ProviderServer, provider: Provider) -> None:
    server.bodies[KEYS] = b'{"keys": [' + b" " * 50_000_000 + b"]}"
    with pytest.raises(KeysUnavailable, match="larger than 256 KiB"):
        await provider.read(token(server), NOW)


async def test_a_compressed_answer_is_not_unpacked(server: ProviderServer, provider: Provider) -> None:
    server.bodies[DISCOVERY] = gzip.compress(b" " * 10_000_000)
    server.head = "Content-Encoding: gzip\r\n"
    with pytest.raises(KeysUnavailable, match="compressed"):
        await provider.read(token(server), NOW)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (DISCOVERY, b"<html>"),
        (DISCOVERY, b"[]"),
        (DISCOVERY, b"[" * 100_000),
        (DISCOVERY, b'{"issuer": "https://elsewhere.example", "jwks_uri": "https://elsewhere.example/keys"}'),
        (DISCOVERY, b'{"issuer": "ISSUER"}'),
        (DISCOVERY, b'{"issuer": "ISSUER", "jwks_uri": 5}'),
        (DISCOVERY, b'{"issuer": "ISSUER", "jwks_uri": "http://192.0.2.1/keys"}'),
        (DISCOVERY, b'{"issuer": "ISSUER", "jwks_uri": "file:///etc/passwd"}'),
        (KEYS, b"\xff\xfe"),
        (KEYS, b"null"),
        (KEYS, b"{}"),
        (KEYS, b'{"keys": {}}'),
    ],
)
async def test_an_answer_that_makes_no_sense_is_as_good_as_none(
    server: ProviderServer, provider: Provider, path: str, body: bytes
) -> None:
    server.bodies[path] = body.replace(b"ISSUER", server.issuer.encode())
    with pytest.raises(KeysUnavailable):
        await provider.read(token(server), NOW)


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "500 Internal Server Error", "204 No Content"])
async def test_another_status_is_no_answer_and_nobody_is_followed(
    server: ProviderServer, provider: Provider, status: str
) -> None:
    server.status, server.head = status, f"Location: {server.issuer}/elsewhere\r\n"
    with pytest.raises(KeysUnavailable, match="status"):
        await provider.read(token(server), NOW)
    assert server.asked == {DISCOVERY: 1}


async def test_keys_for_something_else_are_passed_over(server: ProviderServer, provider: Provider) -> None:
    """A secret, a weak key, one for encryption, one of an unknown kind, a private one, and what is no key at all."""
    weak = rsa_jwk(rsa_key("weak", 1024), "weak")
    unfit = [
        {"kty": "oct", "kid": "r1", "k": "AAAA"},
        weak,
        {"kty": "AKP", "kid": "x"},
        5,
        None,
        {"kty": "EC", "kid": "e"},
    ]
    others = [
        rsa_jwk(SECOND_KEY, "r1", use="enc"),
        rsa_jwk(SECOND_KEY, "r1", d="AQAB"),
        rsa_jwk(SECOND_KEY, "r1", alg="RS512"),
    ]
    server.keys = [*unfit, *others, *server.keys]
    assert (await provider.read(token(server), NOW)).subject == "anna"
    with pytest.raises(BadToken, match="no key of that name"):
        await provider.read(token(server, {"kid": "weak"}), NOW)


async def test_claims_are_found_by_the_names_that_the_provider_uses(server: ProviderServer) -> None:
    settings = ProviderSettings(
        issuer=server.issuer,
        audience=AUDIENCE,
        organisation_claim="https://hospital.example/org",
        roles_claim="realm_access.roles",
        patient_claim="fhir.context.patient",
    )
    provider = Provider(settings)
    named = {"https://hospital.example/org": str(ORGANISATION), "fhir": {"context": {"patient": str(PATIENT)}}}
    sent = token(server, org=None, realm_access={"roles": ["auditor"]}, act={"sub": "proxy"}, **named)
    read = await provider.read(sent, NOW)
    assert (read.organisation_id, read.patient_id, read.roles, read.actor) == (
        ORGANISATION,
        PATIENT,
        {"auditor"},
        "proxy",
    )
    odd = token(server, org=None, realm_access=["roles"], **{**named, "fhir": {"context": None}})
    assert ((await provider.read(odd, NOW)).roles, (await provider.read(odd, NOW)).patient_id) == (frozenset(), None)


async def test_a_default_organisation_stands_in_for_a_missing_one_alone(server: ProviderServer) -> None:
    default, other = ORGANISATION, PATIENT
    settings = ProviderSettings(issuer=server.issuer, audience=AUDIENCE, default_organisation=default)
    provider = Provider(settings)
    assert (await provider.read(token(server, org=None), NOW)).organisation_id == default
    assert (await provider.read(token(server, org=str(other)), NOW)).organisation_id == other
    with pytest.raises(BadToken, match="not a UUID"):
        await provider.read(token(server, org="nonsense"), NOW)


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"client_id": "anna"}, "client"),
        ({"azp": "anna"}, "client"),
        ({"idtyp": "app"}, "client"),
        ({"client_id": "portal", "azp": "portal"}, "user"),
        ({"idtyp": "user"}, "user"),
    ],
)
async def test_a_program_is_told_from_a_person(
    server: ProviderServer, provider: Provider, claims: Json, kind: str
) -> None:
    assert (await provider.read(token(server, **claims), NOW)).kind == kind


@pytest.mark.parametrize("claims", [{"scp": "a b"}, {"scp": ["a", "b"]}, {"scope": "a b", "scp": "c"}])
async def test_scopes_are_read_in_each_form(server: ProviderServer, provider: Provider, claims: Json) -> None:
    assert (await provider.read(token(server, **claims), NOW)).scope == ("a", "b")


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "http://idp.example"},
        {"issuer": "http://127.0.0.1.example"},
        {"issuer": "ftp://127.0.0.1"},
        {"issuer": "https://"},
        {"issuer": "https://idp.example:port"},
        {"issuer": ""},
        {"jwks_url": "http://idp.example/keys"},
        {"jwks_url": "http://127.0.0.1/keys"},
        {"algorithms": ("RS256", "none")},
        {"algorithms": ("HS256",)},
        {"algorithms": ()},
        {"audience": ""},
        {"skew_seconds": -1},
        {"skew_seconds": 301},
    ],
)
def test_settings_that_would_be_unsafe_are_refused(changed: Json) -> None:
    with pytest.raises(ValueError, match=r"provider|skew"):
        ProviderSettings(**({"issuer": "https://idp.example", "audience": AUDIENCE} | changed))


@pytest.mark.parametrize(
    "issuer", ["http://localhost:8080/realms/a", "http://[::1]:80", "http://127.3.2.1", "https://a.b/c/"]
)
def test_settings_that_are_safe_are_taken(issuer: str) -> None:
    assert ProviderSettings(issuer=issuer, audience=AUDIENCE).issuer == issuer


async def test_closing_stops_what_is_being_fetched(server: ProviderServer, provider: Provider) -> None:
    server.pause = 30
    waiting = asyncio.create_task(provider.read(token(server), NOW))
    await until(lambda: server.asked[DISCOVERY] == 1)
    await provider.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_issuer_with_a_slash_at_its_end_is_discovered_beneath_it(server: ProviderServer) -> None:
    server.issuer = f"{server.issuer}/"
    server.bodies[DISCOVERY] = f'{{"issuer": "{server.issuer}", "jwks_uri": "{server.issuer}keys"}}'.encode()
    provider = Provider(ProviderSettings(issuer=server.issuer, audience=AUDIENCE))
    assert (await provider.read(token(server), NOW)).subject == "anna"
