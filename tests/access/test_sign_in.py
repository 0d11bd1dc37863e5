"""Signing in: passwords, refresh tokens, machines, and ends of sessions, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from access.roles import Role
from models.on_behalf import OnBehalf
from registry.rate_limits import request_limiter, sign_in_limiter
from tests.api.test_sign_in_page import replace_service
from tests.signed_in import ADDRESS, client_of, new_organisation, owner_connection, somebody

pytestmark = pytest.mark.anyio
PASSWORD, ANOTHER = "three calm otters swim", "seven quiet herons wait"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN = "/oauth/token"  # noqa: S105 - an address


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, None) as nobody:
        yield nobody


@pytest.fixture
async def user(client: httpx.AsyncClient) -> dict[str, Any]:
    body = {"username": f"Dr.{uuid4().hex}@Clinic.example", "roles": ["clinician"], "password": PASSWORD}
    made = await client.post("/v1/users", json=body)
    assert made.status_code == 201, made.text
    assert "password" not in made.text
    return made.json()


async def sign_in(http: httpx.AsyncClient, username: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await http.post(TOKEN, data={"grant_type": "password", "username": username, "password": password, **more})


def bearer(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_name_and_a_password_give_a_token_that_opens(http: httpx.AsyncClient, user: dict[str, Any]) -> None:
    answer = await sign_in(http, user["username"].upper())
    assert answer.headers["Cache-Control"] == "no-store"
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 900)
    me = (await http.get("/v1/me", headers=bearer(answer))).json()
    assert (me["subject"], me["roles"], me["kind"]) == (user["id"], ["clinician"], "user")


async def test_a_wrong_password_and_an_unknown_user_are_refused_alike(
    http: httpx.AsyncClient, user: dict[str, Any]
) -> None:
    wrong, unknown = await sign_in(http, user["username"], "wrong"), await sign_in(http, f"{uuid4().hex}@nowhere")
    for answer in (wrong, unknown):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert wrong.json()["detail"] == unknown.json()["detail"] == wrong.json()["error_description"]


async def test_many_wrong_passwords_lock_for_a_while_however_many_come_at_once(
    http: httpx.AsyncClient, user: dict[str, Any], connection: asyncpg.Connection
) -> None:
    await connection.execute("UPDATE credentials SET attempts = 20 WHERE user_id = $1", UUID(user["id"]))
    await asyncio.gather(*(sign_in(http, user["username"], f"wrong {number}") for number in range(8)))
    asked = "SELECT attempts, next_attempt_at > clock_timestamp() FROM credentials WHERE user_id = $1"
    attempts, locked = await connection.fetchrow(asked, UUID(user["id"]))
    assert locked
    assert attempts in {21, 22}, "the two that were compared at a time; the others were not even looked at"
    counted = "SELECT count(*) FROM audit_events WHERE subject = $1 AND outcome = 429"
    assert await connection.fetchval(counted, user["id"]) == 28 - attempts
    wait = "UPDATE credentials SET next_attempt_at = clock_timestamp() + $2 * interval '1 s' WHERE user_id = $1"
    await connection.execute(wait, UUID(user["id"]), 60)
    assert (await sign_in(http, user["username"])).status_code == 400, "also the right one has to wait"
    await connection.execute(wait, UUID(user["id"]), -1)
    assert (await sign_in(http, user["username"])).status_code == 200
    assert await connection.fetchval("SELECT attempts FROM credentials WHERE user_id = $1", UUID(user["id"])) == 0


@pytest.mark.parametrize(("attempts", "seconds"), [(4, 0), (5, 2), (8, 16), (14, 900), (60, 900)])
async def test_each_wrong_password_past_the_fifth_doubles_the_wait_up_to_a_quarter_of_an_hour(
    http: httpx.AsyncClient, user: dict[str, Any], connection: asyncpg.Connection, attempts: int, seconds: int
) -> None:
    mine = UUID(user["id"])
    await connection.execute("UPDATE credentials SET attempts = $2 WHERE user_id = $1", mine, attempts)
    before = await connection.fetchval("SELECT clock_timestamp()")
    await sign_in(http, user["username"], "wrong")
    until = await connection.fetchval("SELECT next_attempt_at FROM credentials WHERE user_id = $1", mine)
    assert timedelta(seconds=seconds - 1) <= until - before < timedelta(seconds=seconds + 20)


async def test_many_who_sign_in_at_once_with_the_right_password_all_do(
    http: httpx.AsyncClient, user: dict[str, Any], connection: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(sign_in(http, user["username"]) for _ in range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert await connection.fetchval("SELECT attempts FROM credentials WHERE user_id = $1", UUID(user["id"])) == 0


async def test_ones_own_wrong_passwords_count_and_a_weak_new_one_does_not(
    http: httpx.AsyncClient, user: dict[str, Any], connection: asyncpg.Connection
) -> None:
    headers = bearer(await sign_in(http, user["username"]))
    counted = "SELECT attempts FROM credentials WHERE user_id = $1"
    for current, new, status, attempts in (
        ("wrong", ANOTHER, 403, 1),
        ("wrong", "password1234", 422, 1),
        (PASSWORD, "password1234", 422, 1),
        ("wrong", ANOTHER, 403, 2),
        (PASSWORD, ANOTHER, 204, 0),
    ):
        body = {"current_password": current, "password": new}
        assert (await http.post("/v1/me/password", json=body, headers=headers)).status_code == status
        assert await connection.fetchval(counted, UUID(user["id"])) == attempts


async def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_session(
    http: httpx.AsyncClient, user: dict[str, Any], app: FastAPI
) -> None:
    first = (await sign_in(http, user["username"])).json()
    refreshed = await http.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
    second = refreshed.json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await http.get("/v1/me", headers=bearer(refreshed))).status_code == 200
    again = await http.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    thief = await http.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": second["refresh_token"]})
    assert thief.status_code == 400, "whoever has the newer one is out as well"
    app.state.service.doorman.standing._until.clear()  # noqa: SLF001 - ten seconds later
    assert (await http.get("/v1/me", headers=bearer(refreshed))).status_code == 401


def made_up(token: str) -> str:
    """A refresh token of the same session that nobody was given."""
    return token[:40] + token[40:].swapcase()


async def test_whoever_knows_a_session_but_no_token_of_it_ends_nothing_and_nothing_is_laid_to_the_user(
    http: httpx.AsyncClient, user: dict[str, Any], connection: asyncpg.Connection
) -> None:
    counted = "SELECT count(*) FROM audit_events WHERE subject = $1"
    token = (await sign_in(http, user["username"])).json()["refresh_token"]
    before = await connection.fetchval(counted, user["id"])
    forged = {"grant_type": "refresh_token", "refresh_token": made_up(token)}
    answer = await http.post(TOKEN, data=forged)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await http.post("/oauth/revoke", data={"token": made_up(token)})).status_code == 200
    assert await connection.fetchval(counted, user["id"]) == before
    refreshed = await http.post(TOKEN, data={**forged, "refresh_token": token})
    assert refreshed.status_code == 200, "the session goes on"
    assert await connection.fetchval(counted, user["id"]) == before + 1


@pytest.mark.parametrize("which", ["latest", "previous"])
async def test_signing_out_with_a_refresh_token_ends_the_session_at_once(
    http: httpx.AsyncClient, user: dict[str, Any], which: str
) -> None:
    first = (await sign_in(http, user["username"])).json()["refresh_token"]
    refreshed = await http.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": first})
    headers = bearer(refreshed)
    assert (await http.get("/v1/me", headers=headers)).status_code == 200
    token = first if which == "previous" else refreshed.json()["refresh_token"]
    assert (await http.post("/oauth/revoke", data={"token": token})).status_code == 200
    assert (await http.get("/v1/me", headers=headers)).status_code == 401


async def test_an_access_token_of_whatever_length_ends_its_session(
    http: httpx.AsyncClient, user: dict[str, Any]
) -> None:
    lengths = set()
    for resource in ("A", "Ab", "Abc", "Abcd", "Abcde", "Abcdef"):
        answer = await sign_in(http, user["username"], scope=f"user/*.rs user/{resource}.cruds")
        token, headers = answer.json()["access_token"], bearer(answer)
        lengths.add(len(token) % 4)
        assert (await http.get("/v1/me", headers=headers)).status_code == 200
        assert (await http.post("/oauth/revoke", data={"token": token})).status_code == 200
        assert (await http.get("/v1/me", headers=headers)).status_code == 401, len(token)
    assert len(lengths) == 3, "all that there are: base64 has never 4n + 1 letters, and only the claims vary in length"


async def test_of_many_who_refresh_with_one_token_at_most_one_gets_a_token(
    http: httpx.AsyncClient, user: dict[str, Any]
) -> None:
    token = (await sign_in(http, user["username"])).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    answers = await asyncio.gather(*(http.post(TOKEN, data=form) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers).count(200) == 1


async def test_signing_out_ends_the_session_at_once(http: httpx.AsyncClient, user: dict[str, Any]) -> None:
    answer = await sign_in(http, user["username"])
    headers = bearer(answer)
    assert (await http.get("/v1/me", headers=headers)).status_code == 200
    assert (await http.post("/oauth/revoke", data={"token": answer.json()["access_token"]})).status_code == 200
    assert (await http.get("/v1/me", headers=headers)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    assert (await http.post(TOKEN, data=form)).status_code == 400
    assert (await http.post("/oauth/revoke", data={"token": "nonsense"})).status_code == 200


async def test_a_user_who_is_disabled_is_out_within_ten_seconds(
    http: httpx.AsyncClient, client: httpx.AsyncClient, user: dict[str, Any], app: FastAPI
) -> None:
    headers = bearer(await sign_in(http, user["username"]))
    address = f"/v1/users/{user['id']}"
    changed = await client.patch(address, json={"disabled": True}, headers={"If-Match": "*"})
    assert changed.json()["disabled"] is True
    app.state.service.doorman.standing._until.clear()  # noqa: SLF001 - ten seconds later
    assert (await http.get("/v1/me", headers=headers)).status_code == 401
    assert (await sign_in(http, user["username"])).status_code == 400
    await client.patch(address, json={"disabled": False}, headers={"If-Match": "*"})
    assert (await sign_in(http, user["username"])).status_code == 200


async def test_a_changed_password_ends_all_sessions(http: httpx.AsyncClient, user: dict[str, Any]) -> None:
    headers = bearer(await sign_in(http, user["username"]))
    for current, new, status in (("wrong", ANOTHER, 403), (PASSWORD, "short", 422), (PASSWORD, ANOTHER, 204)):
        body = {"current_password": current, "password": new}
        assert (await http.post("/v1/me/password", json=body, headers=headers)).status_code == status
    assert (await http.get("/v1/me", headers=headers)).status_code == 401
    assert (await sign_in(http, user["username"])).status_code == 400
    assert (await sign_in(http, user["username"], ANOTHER)).status_code == 200


@pytest.mark.parametrize("password", ["password1234", "aaaaaaaaaaaaaa", "weak.user@test99"])
async def test_a_weak_password_is_refused_with_its_reason(client: httpx.AsyncClient, password: str) -> None:
    body = {"username": "weak.user@test", "roles": ["auditor"], "password": password}
    answer = await client.post("/v1/users", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/password")
    assert password not in answer.text


async def test_a_name_is_taken_in_one_organisation_and_free_in_another(
    app: FastAPI,
    client: httpx.AsyncClient,
    http: httpx.AsyncClient,
    database_url: str,
    connection: asyncpg.Connection,
) -> None:
    name = f"{uuid4().hex}@shared"
    body = {"username": name, "roles": ["clinician"], "password": PASSWORD}
    assert (await client.post("/v1/users", json=body)).status_code == 201
    taken = await client.post("/v1/users", json=body)
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (409, "/username")
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, Role.ADMINISTRATOR, organisation=elsewhere)) as other:
        assert (await other.post("/v1/users", json=body)).status_code == 201
    assert (await sign_in(http, name)).status_code == 400, "which of the two?"
    both = "SELECT max(attempts) FROM credentials WHERE username = $1"
    assert await connection.fetchval(both, name) == 0, "the password was right"
    answer = await sign_in(http, name, organisation=str(elsewhere))
    assert (await http.get("/v1/me", headers=bearer(answer))).json()["organisation_id"] == str(elsewhere)


async def test_of_one_name_in_two_organisations_the_password_tells_whose_it_is(
    app: FastAPI, client: httpx.AsyncClient, http: httpx.AsyncClient, database_url: str
) -> None:
    body = {"username": f"{uuid4().hex}@shared", "roles": ["clinician"], "password": PASSWORD}
    here = (await client.post("/v1/users", json=body)).json()
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, Role.ADMINISTRATOR, organisation=elsewhere)) as other:
        there = (await other.post("/v1/users", json={**body, "password": ANOTHER})).json()
    owner, other_owner = await owner_connection(database_url), await owner_connection(database_url, elsewhere)
    attempts = "SELECT attempts FROM credentials WHERE user_id = $1"
    for password, user in ((PASSWORD, here), (ANOTHER, there)):
        headers = bearer(await sign_in(http, body["username"], password))
        assert (await http.get("/v1/me", headers=headers)).json()["subject"] == user["id"]
    assert await owner.fetchval(attempts, UUID(here["id"])) == 0, "right there is not wrong here"
    assert await other_owner.fetchval(attempts, UUID(there["id"])) == 0
    assert (await sign_in(http, body["username"], "wrong")).status_code == 400
    assert await owner.fetchval(attempts, UUID(here["id"])) == 1
    assert await other_owner.fetchval(attempts, UUID(there["id"])) == 1
    await asyncio.gather(owner.close(), other_owner.close())


async def test_a_text_that_the_database_does_not_take_is_refused_as_what_it_is(
    http: httpx.AsyncClient, user: dict[str, Any]
) -> None:
    unknown = await sign_in(http, f"{uuid4().hex}@nowhere")
    nul = await sign_in(http, user["username"] + "\0")
    assert (nul.status_code, nul.json()["detail"]) == (400, unknown.json()["detail"])
    page = await http.post("/sign-in", data={"username": "a\0b", "password": PASSWORD})
    assert page.status_code == 400
    for scope in ("openid\0", "user/*.rs a\0b", "\0"):
        answer = await sign_in(http, user["username"], scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert (await sign_in(http, user["username"], organisation="\0")).status_code == 422
    assert (await sign_in(http, user["username"], PASSWORD + "\0")).status_code == 400
    refreshed = await http.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": "\0" * 64})
    assert refreshed.status_code == 400
    assert (await http.post("/oauth/revoke", data={"token": "a\0.b.c"})).status_code == 200
    with pytest.raises(ValueError, match="NUL"):
        _ = OnBehalf(None, presented="a\0b").beginning


async def test_signing_out_does_not_use_up_the_sign_ins_of_an_address(
    app: FastAPI, http: httpx.AsyncClient, user: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = app.state.service
    day = {"clock": lambda: service.clock().timestamp(), "database": service.database}
    limits = {"sign_ins": sign_in_limiter(rate="1/day", **day), "requests": request_limiter(rate="3/day", **day)}
    replace_service(app, monkeypatch, **limits)
    statuses = [(await http.post("/oauth/revoke", data={"token": "nonsense"})).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert (await sign_in(http, user["username"])).status_code == 200


@pytest.mark.parametrize("taken", [{"disabled": True}, {"roles": ["clinician"]}])
async def test_the_last_administrator_stays(app: FastAPI, database_url: str, taken: dict[str, Any]) -> None:
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, Role.ADMINISTRATOR, organisation=elsewhere)) as only:
        mine = f"/v1/users/{(await only.get('/v1/me')).json()['subject']}"
        refused = await only.patch(mine, json=taken, headers={"If-Match": "*"})
        assert (refused.status_code, "last administrator" in refused.json()["detail"]) == (409, True)
        assert (await only.get(mine)).json()["version"] == 1
        kept = {"roles": ["administrator", "auditor"]}
        assert (await only.patch(mine, json=kept, headers={"If-Match": "*"})).status_code == 200
    tokens = [await somebody(app, Role.ADMINISTRATOR, organisation=elsewhere) for _ in range(2)]
    async with client_of(app, tokens[0]) as one, client_of(app, tokens[1]) as two:
        assert (await one.patch(mine, json=taken, headers={"If-Match": "*"})).status_code == 200
        addresses = [f"/v1/users/{(await each.get('/v1/me')).json()['subject']}" for each in (one, two)]
        changes = (
            each.patch(address, json=taken, headers={"If-Match": "*"})
            for each, address in zip((one, two), reversed(addresses), strict=True)
        )
        answers = await asyncio.gather(*changes)
    assert sorted(answer.status_code for answer in answers) == [200, 409], "each disables the other, at once"


async def test_a_token_can_be_narrowed_and_words_that_are_no_scopes_narrow_nothing(
    http: httpx.AsyncClient, user: dict[str, Any]
) -> None:
    narrow = bearer(await sign_in(http, user["username"], scope="user/Observation.rs openid"))
    assert (await http.get("/v1/patients", headers=narrow)).status_code == 403
    wide = bearer(await sign_in(http, user["username"], scope="openid profile"))
    assert (await http.get("/v1/patients", headers=wide)).status_code == 200
    for bad in ("system/*.rs", "user/Observation.rs?category=x"):
        assert (await sign_in(http, user["username"], scope=bad)).json()["error"] == "invalid_scope"


async def test_what_is_lacking_of_a_request_for_a_token_is_named(http: httpx.AsyncClient) -> None:
    for form, word in (
        ({"grant_type": "password"}, "username"),
        ({"grant_type": "refresh_token"}, "refresh_token"),
        ({"grant_type": "client_credentials"}, "client_assertion"),
        ({"grant_type": "magic"}, "grant_type"),
    ):
        answer = await http.post(TOKEN, data=form)
        assert (answer.status_code, word in answer.json()["error_description"]) == (400, True), form


def key_of(kind: str) -> ECKey | RSAKey:
    given = {"kid": "mine", "use": "sig"}
    return ECKey.generate_key("P-384", given) if kind == "ES384" else RSAKey.generate_key(2048, given)


def public_of(key: ECKey | RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False)]}


async def machine(client: httpx.AsyncClient, key: ECKey | RSAKey, scope: str = "system/*.rs") -> dict[str, Any]:
    body = {"name": "EHR", "scope": scope, "jwks": {"keys": [key.as_dict(private=False)]}}
    made = await client.post("/v1/clients", json=body)
    assert made.status_code == 201, made.text
    return made.json()


def assertion(client_id: str, key: ECKey | RSAKey, algorithm: str, **changes: Any) -> str:  # noqa: ANN401 - any claim
    kid = changes.pop("kid", "mine")
    now = datetime.now(UTC)
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": f"{ADDRESS}{TOKEN}",
        "exp": int((now + timedelta(minutes=4)).timestamp()),
        "jti": uuid4().hex,
        **changes,
    }
    header = {"alg": algorithm, "kid": kid, "typ": "JWT"}
    return jwt.encode(header, claims, key, algorithms=[algorithm])


async def machine_token(http: httpx.AsyncClient, proof: str, scope: str = "") -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": proof}
    return await http.post(TOKEN, data={**form, "scope": scope} if scope else form)


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
async def test_a_machine_signs_in_with_its_key_once_for_each_assertion(
    http: httpx.AsyncClient, client: httpx.AsyncClient, algorithm: str
) -> None:
    key = key_of(algorithm)
    registered = await machine(client, key)
    proof = assertion(registered["id"], key, algorithm)
    answer = await machine_token(http, proof, "system/Patient.rs")
    assert (answer.json()["scope"], answer.json()["refresh_token"]) == ("system/Patient.rs", None)
    headers = bearer(answer)
    assert (await http.get("/v1/patients", headers=headers)).status_code == 200
    assert (await http.post("/v1/patients", json={}, headers=headers)).status_code == 403
    replayed = await machine_token(http, proof, "system/Patient.rs")
    assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_client")
    both = await asyncio.gather(*[machine_token(http, p) for p in [assertion(registered["id"], key, algorithm)] * 6])
    assert [each.status_code for each in both].count(200) == 1
    nothing = await machine_token(http, assertion(registered["id"], key, algorithm), "system/Patient.d")
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_scope")
    wide = await machine_token(http, assertion(registered["id"], key, algorithm), "system/*.cruds")
    assert wide.json()["scope"] == "system/*.rs", "no more than it was registered with"


async def test_an_assertion_that_is_not_right_is_refused(http: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    key, stranger = key_of("ES384"), key_of("ES384")
    registered = (await machine(client, key))["id"]
    old = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp())
    far = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    for bad in (
        assertion(registered, stranger, "ES384"),
        assertion(registered, key, "ES384", aud="https://elsewhere.example/token"),
        assertion(registered, key, "ES384", exp=old),
        assertion(registered, key, "ES384", exp=far),
        assertion(registered, key, "ES384", sub=str(uuid4())),
        assertion(str(uuid4()), key, "ES384"),
        "nonsense",
    ):
        answer = await machine_token(http, bad)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    await client.patch(f"/v1/clients/{registered}", json={"disabled": True}, headers={"If-Match": "*"})
    assert (await machine_token(http, assertion(registered, key, "ES384"))).status_code == 401


async def test_machines_of_one_id_in_two_organisations_are_told_apart_by_their_keys(
    app: FastAPI, client: httpx.AsyncClient, http: httpx.AsyncClient, database_url: str
) -> None:
    key, another = key_of("ES384"), key_of("ES384")
    shared = str(uuid4())
    body = {"id": shared, "name": "EHR", "scope": "system/*.rs"}
    elsewhere = await new_organisation(database_url)
    assert (await client.post("/v1/clients", json={**body, "jwks": public_of(key)})).status_code == 201
    async with client_of(app, await somebody(app, Role.ADMINISTRATOR, organisation=elsewhere)) as other:
        both = {"keys": [{**another.as_dict(private=False), "kid": "other"}, *public_of(key)["keys"]]}
        assert (await other.post("/v1/clients", json={**body, "jwks": both})).status_code == 201
        here = bearer(await machine_token(http, assertion(shared, key, "ES384")))
        there = bearer(await machine_token(http, assertion(shared, another, "ES384", kid="other")))
        first = (await http.get("/v1/me", headers=here)).json()["organisation_id"]
        assert first not in {(await http.get("/v1/me", headers=there)).json()["organisation_id"], str(elsewhere)}
        stop = {"json": {"disabled": True}, "headers": {"If-Match": "*"}}
        assert (await other.patch(f"/v1/clients/{shared}", **stop)).status_code == 200
        app.state.service.doorman.standing._until.clear()  # noqa: SLF001 - ten seconds later
        assert (await http.get("/v1/me", headers=here)).status_code == 200, "that it stands here"
        assert (await http.get("/v1/me", headers=there)).status_code == 401, "is not remembered of the other"
        assert (
            await other.patch(f"/v1/clients/{shared}", json={"disabled": False}, headers={"If-Match": "*"})
        ).is_success
        assert (await client.patch(f"/v1/clients/{shared}", **stop)).status_code == 200
    copied = await machine_token(http, assertion(shared, key, "ES384"))
    assert copied.status_code == 401, "a copy of the key elsewhere does not get what is meant for the first"


async def test_a_token_of_a_machine_does_not_outlive_a_change_of_it(
    app: FastAPI, client: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    key = key_of("ES384")
    registered = (await machine(client, key))["id"]
    headers = bearer(await machine_token(http, assertion(registered, key, "ES384")))
    assert (await http.get("/v1/patients", headers=headers)).status_code == 200
    await asyncio.sleep(1)  # a token says its second alone
    change = {"json": {"scope": "system/Observation.rs"}, "headers": {"If-Match": "*"}}
    assert (await client.patch(f"/v1/clients/{registered}", **change)).status_code == 200
    app.state.service.doorman.standing._until.clear()  # noqa: SLF001 - ten seconds later
    assert (await http.get("/v1/me", headers=headers)).status_code == 401
    anew = bearer(await machine_token(http, assertion(registered, key, "ES384")))
    assert (await http.get("/v1/me", headers=anew)).status_code == 200


async def test_a_key_set_that_is_private_or_weak_is_not_registered(client: httpx.AsyncClient) -> None:
    private = {"keys": [key_of("ES384").as_dict(private=True)]}
    with pytest.warns(SecurityWarning):
        weak = {"keys": [RSAKey.generate_key(1024, {"kid": "mine"}).as_dict(private=False)]}
    for jwks in (private, weak, {"keys": []}, {}):
        answer = await client.post("/v1/clients", json={"name": "x", "scope": "system/*.rs", "jwks": jwks})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/jwks"), jwks


async def test_others_can_verify_a_token_by_what_is_published(http: httpx.AsyncClient, user: dict[str, Any]) -> None:
    found = (await http.get("/.well-known/oauth-authorization-server")).json()
    keys = (await http.get(found["jwks_uri"].removeprefix(ADDRESS))).json()["keys"]
    token = (await sign_in(http, user["username"])).json()["access_token"]
    claims = jwt.decode(token, ECKey.import_key(keys[0]), algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (found["issuer"], ADDRESS, user["id"])
    assert UUID(claims["org"])
    assert "name" not in claims
