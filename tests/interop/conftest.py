"""Apps, browsers and people of the hospital edge; one service on the loopback address for all who come from outside."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from models.user import UserEntry
from ops.signing_in import token_of
from registry.accounts import add_user
from tests.conftest import Maker
from tests.interop.launching import PASSWORD, Launch, app_body
from tests.interop.loopback import SECONDS, WHO, serving
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


@pytest.fixture(scope="session")
def service(make_database: Maker) -> Iterator[str]:
    """Its address."""
    with serving(make_database()) as address:
        yield address


@pytest.fixture(scope="session")
def token(service: str) -> str:
    """A token of its first user, who may do everything but audit."""
    with httpx.Client(base_url=service, trust_env=False, timeout=SECONDS) as http:
        return token_of(http, WHO)
