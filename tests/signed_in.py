"""Being somebody in tests: users who really exist and really signed in, and desks on their behalf."""

from collections import Counter
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

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


class Witness:
    """Stands before the application and writes down every request of somebody who is signed in (its request id).

    At the end of the run the audit must have each of them (tests/conftest.py).
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
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
