"""`make organisation NAME="..." ADMIN=...`: one more organisation on this service, and its first user."""

import argparse
import asyncio
import secrets
from uuid import UUID

import asyncpg

from models.base import new_id
from ops.bootstrap import BYTES_OF_A_PASSWORD, first_user
from ops.postgres import EmbeddedPostgres
from ops.say import say
from settings import read_settings


async def add_organisation(dsn: str, name: str) -> UUID:
    """Add an organisation as the owner of the tables; its id."""
    organisation_id = new_id()
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.organisation', $1, true)", str(organisation_id))
            await connection.execute("INSERT INTO organisations (id, name) VALUES ($1, $2)", organisation_id, name)
    finally:
        await connection.close()
    return organisation_id


def add(dsn: str, name: str, username: str) -> None:
    """Add it with its first user, and say how to sign in."""
    password = secrets.token_urlsafe(BYTES_OF_A_PASSWORD)
    organisation_id = asyncio.run(add_organisation(dsn, name))
    asyncio.run(first_user(dsn, organisation_id, username, password))
    say(f"Organisation {organisation_id} ({name}). Sign in as {username.lower()} with {password} (shown once).")


def main() -> None:
    """Add one to the database that the settings name, or to the embedded one, which must not be running."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("username", help="the first user, who may do everything but audit")
    asked, settings = parser.parse_args(), read_settings()
    if settings.database_url is not None:
        add(settings.owner_dsn, asked.name, asked.username)
        return
    with EmbeddedPostgres(settings.data_dir) as embedded:
        add(embedded.url(), asked.name, asked.username)


if __name__ == "__main__":
    main()
