"""Every operation, asked as everybody: nobody, each role, each scope. The table in docs/access.md says who passes."""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import ECKey

from access.roles import MAY, Role
from identity.claims import Holder
from identity.keys import Keys
from identity.tokens import Issuer
from models.client import ClientEntry
from ops.access_page import PAGE, page
from registry.clients import CLIENTS
from registry.records import create
from settings import FIRST_ORGANISATION
from tests.signed_in import ADDRESS, EVERYTHING, SECRET, client_of, desk_of, somebody
from web.guard import Gate, UnknownOperation

pytestmark = pytest.mark.anyio
ROW = re.compile(r"^\| `(\w+)` \| `(\w+) ([^`]+)` \| (.*) \|$", re.MULTILINE)
NOT_SIGNED_IN, REFUSED = 401, 403


class Line(NamedTuple):
    """One line of the table."""

    operation: str
    method: str
    path: str
    public: bool
    roles: dict[str, str]
    scopes: frozenset[str]


def table() -> Iterator[Line]:
    for name, method, path, rest in ROW.findall(PAGE.read_text("utf-8")):
        public, *roles, scopes = (part.strip() for part in rest.split("|"))
        needed = frozenset(re.findall(r"`([\w.]+)`", scopes))
        yield Line(name, method, path, public == "public", dict(zip(Role, roles, strict=True)), needed)


TABLE = list(table())
PRIVATE = [line for line in TABLE if not line.public]


def test_the_table_in_the_documentation_is_the_one_that_decides() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make access`"


async def test_the_table_has_every_operation_of_the_openapi_document(app: FastAPI) -> None:
    served = {
        (operation["operationId"], method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
    }
    assert served == {(line.operation, line.method, line.path) for line in TABLE}


async def ask(http: httpx.AsyncClient, line: Line, token: str | None, patient: UUID | None = None) -> httpx.Response:
    """Ask for something that is not there (unless a patient is named), with a body that stores nothing."""
    values = {"patient_id": patient or uuid4(), "record_id": uuid4(), "definition_id": "no_such_definition"}
    path = line.path.format_map(Anything(values))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: Any = {"json": {}} if line.method in {"POST", "PATCH"} else {}
    if line.path.startswith("/oauth"):
        body = {"data": {"grant_type": "none", "token": "none"}}
    return await http.request(line.method, path, headers=headers, **body)


class Anything(dict[str, Any]):
    """The value of each name in a path."""

    def __missing__(self, name: str) -> str:
        return f"no_such_{name}"


def passes(answer: httpx.Response) -> bool:
    return answer.status_code not in {NOT_SIGNED_IN, REFUSED}


@pytest.fixture(scope="module")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, None) as client:
        yield client


def holder_of(app: FastAPI, token: str) -> Holder:
    claims = app.state.service.issuer.read(token, app.state.service.clock())
    names = ("subject", "kind", "organisation_id", "roles", "scope", "patient_id", "session_id")
    return Holder(**{name: getattr(claims, name) for name in names})


def by_hmac(header: dict[str, str], payload: str, secret: bytes) -> str:
    """As somebody would do it who takes the public key for a shared secret: no library of ours would."""
    text = f"{urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip('=')}.{payload}"
    signature = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned(payload: str) -> str:
    header = urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode().rstrip("=")
    return f"{header}.{payload}."


async def bad_tokens(app: FastAPI) -> dict[str, str]:
    """Tokens that must open nothing, each made from one of somebody who may do everything."""
    good = await somebody(app, *EVERYTHING)
    holder, now, keys = holder_of(app, good), app.state.service.clock(), app.state.service.keys
    issuer, payload = app.state.service.issuer, good.split(".")[1]
    signed, header = urlsafe_b64decode(payload + "=="), {"typ": "at+jwt", "kid": keys.signing.kid}
    elsewhere, strange_key = "https://elsewhere.example", ECKey.generate_key("P-256")
    return {
        "expired": issuer.issue(holder, now - timedelta(hours=1), 60),
        "not valid yet": jws.serialize_compact(
            {**header, "alg": "ES256"}, signed.replace(b'"iat":', b'"nbf":4102444800,"iat":'), keys.signing, ["ES256"]
        ),
        "of another audience": Issuer(ADDRESS, elsewhere, keys).issue(holder, now, 600),
        "of another issuer": Issuer(elsewhere, ADDRESS, keys).issue(holder, now, 600),
        "signed by another secret": Issuer(ADDRESS, ADDRESS, Keys(SECRET[::-1])).issue(holder, now, 600),
        "alg none": unsigned(payload),
        "signed with the public key": by_hmac({**header, "alg": "HS256"}, payload, keys.signing.as_pem(private=False)),
        "signed by a stranger": jws.serialize_compact({**header, "alg": "ES256"}, signed, strange_key, ["ES256"]),
        "cut short": good[:-3],
        "no token": "x",
    }


async def test_without_a_good_token_nothing_but_the_public_is_answered(app: FastAPI, http: httpx.AsyncClient) -> None:
    bad: dict[str, str | None] = {"nobody": None, **await bad_tokens(app)}
    for line in TABLE:
        for kind, token in bad.items():
            answer = await ask(http, line, token)
            assert (answer.status_code == NOT_SIGNED_IN) != line.public, (line.operation, kind, answer.status_code)
            if not line.public:
                assert answer.headers["WWW-Authenticate"].startswith("Bearer"), line.operation
                slug = "token-expired" if kind == "expired" else "not-signed-in"
                assert answer.json()["type"] == f"/problems/{slug}", (line.operation, kind)


async def test_the_same_token_is_good_before_it_is_spoilt(app: FastAPI, http: httpx.AsyncClient) -> None:
    """The other side of the test above: what is refused there is refused for what was done to it."""
    good = await somebody(app, *EVERYTHING)
    again = app.state.service.issuer.issue(holder_of(app, good), app.state.service.clock(), 60)
    for token in (good, again):
        answer = await http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200


@pytest.mark.parametrize("role", list(Role), ids=str)
async def test_each_role_passes_where_the_table_says_so(app: FastAPI, http: httpx.AsyncClient, role: Role) -> None:
    own = UUID((await (await client_for(app)).post("/v1/patients", json={})).json()["id"])
    mine = own if role is Role.PATIENT else None
    token = await somebody(app, role, own_patient_id=mine)
    for line in PRIVATE:
        allowed = line.roles[role]
        answer = await ask(http, line, token, mine)
        assert passes(answer) == (allowed != "no"), (role, line.operation, answer.status_code, answer.text)


async def client_for(app: FastAPI) -> httpx.AsyncClient:
    return client_of(app, await somebody(app, *EVERYTHING))


async def test_a_patient_passes_for_their_own_record_alone(app: FastAPI, http: httpx.AsyncClient) -> None:
    clinician = await client_for(app)
    own, other = [UUID((await clinician.post("/v1/patients", json={})).json()["id"]) for _ in range(2)]
    token = await somebody(app, Role.PATIENT, own_patient_id=own)
    for line in PRIVATE:
        if line.roles[Role.PATIENT] == "own":
            assert passes(await ask(http, line, token, own)), line.operation
            assert (await ask(http, line, token, other)).status_code == REFUSED, line.operation


SCOPES = sorted({f"{kind}.{letter}" for role in Role for kind in MAY[role] for letter in MAY[role][kind]})


@pytest.mark.parametrize("scope", ["*.read", "*.write", "*.*", "*.cruds", "Observation.?", *SCOPES])
async def test_a_scope_opens_what_the_table_names_and_no_more(
    app: FastAPI, http: httpx.AsyncClient, scope: str
) -> None:
    everything = tuple(role for role in Role if role is not Role.PATIENT)
    token = await somebody(app, *everything, scope=f"user/{scope}")
    kind, letters = scope.split(".")
    granted = {"read": "rs", "write": "cud", "*": "cruds", "?": ""}.get(letters, letters)
    for line in PRIVATE:
        within = all(need.split(".")[0] in {kind, kind.replace("*", need.split(".")[0])} for need in line.scopes)
        allowed = within and all(need.split(".")[1] in granted for need in line.scopes)
        answer = await ask(http, line, token)
        assert passes(answer) == allowed, (scope, line.operation, answer.status_code)


@pytest.mark.parametrize("scope", ["user/*.cruds", "patient/*.cruds", "system/*.rs", "system/*.cruds", ""])
async def test_a_machine_needs_scopes_for_machines(app: FastAPI, http: httpx.AsyncClient, scope: str) -> None:
    token = await machine(app, scope)
    for line in PRIVATE:
        letters = scope.partition("system/*.")[2]
        in_scope = all(need.split(".")[1] in letters for need in line.scopes)
        allowed = line.roles[Role.INTEGRATION] == "yes" and (in_scope or not line.scopes)
        answer = await ask(http, line, token)
        assert passes(answer) == allowed, (scope, line.operation, answer.status_code, answer.text)


async def machine(app: FastAPI, scope: str) -> str:
    desk = desk_of(app.state.service.database)
    jwks = {"keys": [ECKey.generate_key("P-384", {"kid": "1", "alg": "ES384"}).as_dict(private=False)]}
    entry = ClientEntry(name="machine", scope="system/*.cruds", jwks=jwks)
    client = (await create(desk, CLIENTS, None, entry))["id"]
    holder = Holder(
        subject=str(client),
        kind="client",
        organisation_id=FIRST_ORGANISATION,
        roles=frozenset({"integration"}),
        scope=tuple(scope.split()),
    )
    return str(app.state.service.issuer.issue(holder, app.state.service.clock(), 60))


async def test_a_token_that_was_launched_for_one_patient_opens_that_record_alone(
    app: FastAPI, http: httpx.AsyncClient
) -> None:
    clinician = await client_for(app)
    own, other = [UUID((await clinician.post("/v1/patients", json={})).json()["id"]) for _ in range(2)]
    holder = holder_of(app, await somebody(app, Role.CLINICIAN, scope="patient/*.rs"))
    launched = replace(holder, patient_id=own)
    token = app.state.service.issuer.issue(launched, app.state.service.clock(), 60)
    for line in PRIVATE:
        reads = all(need.split(".")[1] in "rs" for need in line.scopes)
        own_passes = not line.scopes or ("{patient_id}" in line.path and reads and line.roles[Role.CLINICIAN] == "yes")
        assert passes(await ask(http, line, token, own)) == own_passes, line.operation
        if line.scopes:
            assert (await ask(http, line, token, other)).status_code == REFUSED, line.operation


async def test_including_records_needs_what_reading_them_needs(app: FastAPI, http: httpx.AsyncClient) -> None:
    token = await somebody(app, Role.CLINICIAN, scope="user/Patient.r user/Condition.r")
    patient = (await (await client_for(app)).post("/v1/patients", json={})).json()["id"]
    headers, address = {"Authorization": f"Bearer {token}"}, f"/v1/patients/{patient}"
    for include, status in (("episodes", 200), ("medication-trials", 403), ("episodes,symptoms", 403), (None, 200)):
        params = {"include": include} if include else {}
        assert (await http.get(address, params=params, headers=headers)).status_code == status, include


async def test_what_is_served_and_not_in_the_table_stops_the_service() -> None:
    with pytest.raises(UnknownOperation):
        Gate("an_operation_that_nobody_wrote_down")
