"""Being somebody in tests: users who really exist and really signed in, and desks on their behalf."""

from datetime import date
from uuid import UUID, uuid4

import asyncpg
import httpx
from fastapi import FastAPI

from access.roles import Role
from identity.claims import Holder
from models.base import new_id
from models.database import Database
from models.on_behalf import system
from models.user import UserEntry
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


def client_of(app: FastAPI, token: str | None) -> httpx.AsyncClient:
    """A client that sends the token with each request. Each answer must be as the OpenAPI document declares it."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport, hooks = httpx.ASGITransport(app), {"response": [declared_by(app).check]}
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=headers, event_hooks=hooks)
