"""The database role that the service connects as. It owns nothing, so that row-level security holds for it."""

import asyncio
from contextlib import suppress
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import asyncpg

from identity.keys import derived
from ops.say import say

SERVICE = "trialbook_service"
PRIVILEGED = """
SELECT current_database() AS database, role.rolsuper OR role.rolbypassrls OR EXISTS (
    SELECT FROM pg_class WHERE relowner = role.oid AND relname = 'patients' AND relkind = 'r') AS owns
FROM pg_roles AS role WHERE role.rolname = current_user
"""
NOT_MADE = (
    "The service connects as a role that owns the tables, and none could be made that does not ({}). Row-level "
    "security is forced on the owner too, but it could be switched off. Make a role of its own: CREATE ROLE name LOGIN "
    "PASSWORD '...' IN ROLE trialbook_service; name it in DATABASE_URL, and the owner in DATABASE_OWNER_URL."
)


class RoleRefused(SystemExit):
    """The service would connect with more rights than it should have. The message says what to do."""


def ensure_group(superuser_dsn: str) -> None:
    """Let the embedded server have the role, also one that was made before there was any."""
    asyncio.run(_ensure_group(superuser_dsn))


async def _ensure_group(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", SERVICE):
            await connection.execute(f"CREATE ROLE {SERVICE} LOGIN")
    finally:
        await connection.close()


def service_dsn(dsn: str, secret: str, *, strict: bool) -> str:
    """The address for the service: the same if its role owns nothing, else one with a role made for it.

    Raises:
        RoleRefused: none could be made, and `strict` (production) asks for one.
    """
    return asyncio.run(_service_dsn(dsn, secret, strict=strict))


async def _service_dsn(dsn: str, secret: str, *, strict: bool) -> str:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found = await connection.fetchrow(PRIVILEGED)
        if not found["owns"]:
            return dsn
        name = f"{SERVICE}_{sha256(found['database'].encode()).hexdigest()[:8]}"
        password = derived(secret, f"database role {name}").hex()
        await _make(connection, name, password)
        wanted = _with_role(dsn, name, password)
        await (await asyncpg.connect(wanted, timeout=10)).close()
    except (asyncpg.PostgresError, OSError, ValueError) as error:
        sentence = NOT_MADE.format(type(error).__name__)
        if strict:
            raise RoleRefused(sentence) from None
        say(sentence)
        return dsn
    else:
        return wanted
    finally:
        await connection.close()


async def _make(connection: Any, name: str, password: str) -> None:  # noqa: ANN401 - asyncpg is not typed
    """Make the role, or give it the password again; two starts at once make it once."""
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await connection.execute(f"CREATE ROLE {name} LOGIN IN ROLE {SERVICE}")
    await connection.execute(f"ALTER ROLE {name} PASSWORD '{password}'")


def _with_role(dsn: str, name: str, password: str) -> str:
    """The address with another user; `user=` in its options, if any, would win and is left out."""
    parts = urlsplit(dsn)
    where = parts.netloc.rpartition("@")[2]
    query = "&".join(
        each for each in parts.query.split("&") if unquote(each).partition("=")[0] not in {"user", "password"}
    )
    return urlunsplit(parts._replace(netloc=f"{quote(name)}:{password}@{where}", query=query))
