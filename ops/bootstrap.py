"""The first organisation and its first user, on a database that has no user yet; more of both by command.

`python -m ops.organisation "Another clinic" admin@another.example` adds an organisation (see ops/organisation.py).
"""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from access.roles import Role
from identity import passwords
from models.database import Database
from models.on_behalf import system
from models.user import UserEntry
from ops.say import say
from registry.accounts import add_user_with
from registry.desk import Desk
from settings import FIRST_ORGANISATION, Settings

NAME = "Default clinic"
ROLES = [Role.ADMINISTRATOR, Role.CLINICIAN]
BYTES_OF_A_PASSWORD = 18
HERE = f"SELECT set_config('app.organisation', '{FIRST_ORGANISATION}', false)"


class BootstrapRefused(SystemExit):
    """The first user cannot be made like this. The message says why."""


class FirstUser(NamedTuple):
    """Who can sign in now; `made` is the password if it was made at random, to be shown once."""

    username: str
    made: str | None


def bootstrap(dsn: str, settings: Settings) -> FirstUser | None:
    """Make the first user as the owner of the tables, if there is none.

    Returns:
        Who it is; None if there are users already.

    Raises:
        BootstrapRefused: the password of the settings is too weak.
    """
    if not settings.embedded_issuer or not asyncio.run(_is_empty(dsn)):
        return None
    given = settings.bootstrap_password.get_secret_value() if settings.bootstrap_password else None
    made = secrets.token_urlsafe(BYTES_OF_A_PASSWORD) if given is None else None
    password = given or made or ""
    weak = passwords.weakness(password, settings.bootstrap_user)
    if weak is not None and settings.environment == "production":
        raise BootstrapRefused(f"BOOTSTRAP_PASSWORD is refused: {weak}")
    if weak is not None:
        say(f"BOOTSTRAP_PASSWORD is weak, and production would refuse it: {weak}")
    asyncio.run(_make(dsn, settings.bootstrap_user, password))
    return FirstUser(settings.bootstrap_user.lower(), made)


async def _is_empty(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute(HERE)
        return not await connection.fetchval("SELECT EXISTS (SELECT FROM users)")
    finally:
        await connection.close()


async def _make(dsn: str, username: str, password: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute(HERE)
        await connection.execute("UPDATE organisations SET name = $2 WHERE id = $1", FIRST_ORGANISATION, NAME)
    finally:
        await connection.close()
    await first_user(dsn, FIRST_ORGANISATION, username, password)


async def first_user(dsn: str, organisation_id: UUID, username: str, password: str, own_id: UUID | None = None) -> None:
    """Add a user who may do everything but audit, on behalf of the system itself; of this id, if it is given."""
    async with Database(dsn, 1) as database:
        desk = Desk(database.bound(system(organisation_id, "bootstrap")), organisation_id, datetime.now(UTC).date())
        await add_user_with(desk, UserEntry(username=username, roles=ROLES), passwords.hashed(password), own_id)
