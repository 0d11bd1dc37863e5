"""Apps, browsers and people of the hospital edge."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from models.user import UserEntry
from registry.accounts import add_user
from tests.interop.launching import PASSWORD, Launch, app_body
from tests.signed_in import client_of, desk_of

Launching = Callable[..., Awaitable[Launch]]


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies, follows nothing, and sends no token."""
    async with client_of(app, None) as http:
        yield http


@pytest.fixture
def launching(app: FastAPI, client: httpx.AsyncClient, browser: httpx.AsyncClient) -> Launching:
    """Registers an app and a user, and gives the launch of the one by the other."""

    async def made(*roles: Role, own_patient_id: Any = None, **of_app: Any) -> Launch:  # noqa: ANN401
        registered = await client.post("/v1/clients", json=app_body(**of_app))
        assert registered.status_code == 201, registered.text
        name = f"{uuid4().hex}@test"
        entry = UserEntry(username=name, roles=list(roles or (Role.CLINICIAN,)), own_patient_id=own_patient_id)
        await add_user(desk_of(app.state.service.database), entry, PASSWORD)
        return Launch(browser, registered.json()["id"], name)

    return made
