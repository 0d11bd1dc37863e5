"""Being somebody in tests: users who really exist and really signed in, and desks on their behalf."""

import re
from collections import Counter
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from access.operations import OPERATIONS
from access.roles import Role
from identity.claims import Holder
from models.base import new_id
from models.database import Database
from models.on_behalf import system
from models.user import UserEntry
from ops.organisation import add_organisation
from registry.desk import Desk
from registry.records import create
from registry.users import USERS
from settings import FIRST_ORGANISATION
from tests.declared import declared_by

SECRET = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105 - of tests
ADDRESS = "http://trialbook.test"
TODAY = date(2026, 1, 1)
EVERYTHING = (Role.ADMINISTRATOR, Role.CLINICIAN)
OPEN = """
INSERT INTO sessions (organisation_id, id, user_id, digest, scope, expires_at)
VALUES ($1, $2, $3, '', '', clock_timestamp() + interval '1 day')
"""


async def owner_connection(url: str, organisation: UUID = FIRST_ORGANISATION) -> asyncpg.Connection:
    """A connection of the owner of the tables, on behalf of an organisation, as the audit's `test`."""
    connection = await asyncpg.connect(url)
    whose = system(organisation, "test")
    await connection.execute("SELECT set_config('app.organisation', $1, false)", str(organisation))
    await connection.execute("SELECT set_config('app.audit', $1, false)", whose.audit)
    await connection.execute("SELECT set_config('app.subject', '*', false)")
    return connection


def desk_of(database: Database, organisation: UUID = FIRST_ORGANISATION, today: date = TODAY) -> Desk:
    """A desk on behalf of the system itself."""
    return Desk(database.bound(system(organisation, "test")), organisation, today)


async def somebody(
    app: FastAPI,
    *roles: Role,
    organisation: UUID = FIRST_ORGANISATION,
    own_patient_id: UUID | None = None,
    scope: str = "",
) -> str:
    """An access token of a new user with these roles and an open session."""
    service = app.state.service
    desk = desk_of(service.database, organisation)
    named = list(roles or EVERYTHING)
    entry = UserEntry(username=f"{uuid4().hex}@test", roles=named, own_patient_id=own_patient_id)
    user = (await create(desk, USERS, None, entry))["id"]
    session = new_id()
    async with desk.database.transaction() as inside:
        await inside.run(OPEN, [organisation, session, user], repeatable=False)
    holder = Holder(
        subject=str(user),
        kind="user",
        organisation_id=organisation,
        roles=frozenset(named),
        scope=tuple(scope.split()),
        patient_id=own_patient_id,
        session_id=str(session),
    )
    return service.issuer.issue(holder, service.clock(), 36_000)


NAMED = re.compile(rb'"(?:display_name|value)": ?"([^"\\]{8,})"')
"""Names and identifiers of patients in what is sent, long enough to be found by chance nowhere else."""


class Witness:
    """Stands before the application and writes down every request of somebody who is signed in (its request id).

    At the end of the run the audit must have each of them, and the log none of the names that were sent
    (tests/conftest.py). A refusal never says a name.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: set[bytes] = set()
        refused = False

        async def receive_and_read() -> Message:
            message = await receive()
            sent.update(NAMED.findall(message.get("body", b"")))
            return message

        async def send_if_nameless(message: Message) -> None:
            nonlocal refused
            refused = message.get("status", 400 if refused else 200) >= 400
            if refused:
                assert not [name for name in sent if name in message.get("body", b"")], "a refusal says a name"
            await send(message)

        await self._app(scope, receive_and_read, send_if_nameless)
        names_sent(self._app).update(sent)
        inner = scope.get("trialbook.as_get", scope)
        operation = inner.get("trialbook.operation")
        if operation is not None and OPERATIONS[operation].audited:
            seen_by(self._app)[inner["trialbook.request_id"]] += 1


def seen_by(app: FastAPI) -> Counter[str]:
    """What was witnessed of an application: how often by request id."""
    if not hasattr(app.state, "witnessed"):
        app.state.witnessed = Counter()
    witnessed: Counter[str] = app.state.witnessed
    return witnessed


def names_sent(app: FastAPI) -> set[bytes]:
    """The names and identifiers of patients that were sent to an application."""
    if not hasattr(app.state, "names_sent"):
        app.state.names_sent = set()
    names: set[bytes] = app.state.names_sent
    return names


def client_of(app: FastAPI, token: str | None) -> httpx.AsyncClient:
    """A client that sends the token with each request, before a witness.

    Each answer must be as the OpenAPI document declares it.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport, hooks = httpx.ASGITransport(Witness(app)), {"response": [declared_by(app).check]}
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers, event_hooks=hooks)


async def new_organisation(url: str, name: str = "Another clinic") -> UUID:
    """One more organisation in the database of this address (the owner's)."""
    return await add_organisation(url, name)
