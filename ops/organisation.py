"""`make organisation NAME="..." ADMIN=...`: one more organisation on this service, and its first user.

`make administrator ORGANISATION=... ADMIN=...`: one more administrator, for an organisation that has lost its last one.
Both work beside the running service.
"""

import argparse
import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from pydantic import ValidationError

from identity import passwords
from models.base import new_id
from models.database import Database, Transaction
from models.on_behalf import system
from models.user import UserEntry
from ops.bootstrap import BYTES_OF_A_PASSWORD, ROLES
from ops.owner_address import chosen, organisations, owner_address
from ops.say import say
from registry.accounts import add_user_with
from registry.desk import Desk
from registry.errors import TrialbookError
from settings import read_settings

LONGEST_NAME = 200
WRONG_NAME = f'NAME is the name of the organisation, in 1 to {LONGEST_NAME} characters: NAME="Another clinic".'
WRONG_USER = (
    "ADMIN is the name that the user signs in with, 1 to 200 characters without a space: ADMIN=admin@clinic.example."
)
WRONG_ID = "ORGANISATION is the id of an organisation, as `make audit-verify` lists them."
INSERT = "INSERT INTO organisations (id, name) VALUES ($1, $2)"


class Refused(SystemExit):
    """What was asked cannot be done, and nothing was. The message says why."""


def named(name: str | None) -> str:
    """The name of an organisation as it is stored.

    Raises:
        Refused: it is blank, too long, or holds what cannot be printed.
    """
    found = (name or "").strip()
    if not 1 <= len(found) <= LONGEST_NAME or not found.isprintable():
        raise Refused(WRONG_NAME)
    return found


def administrator(username: str) -> UserEntry:
    """A user who may do everything but audit.

    Raises:
        Refused: nobody could be called so.
    """
    try:
        return UserEntry(username=username, roles=ROLES)
    except ValidationError:
        raise Refused(WRONG_USER) from None


@asynccontextmanager
async def _within(dsn: str, organisation_id: UUID) -> AsyncIterator[Transaction]:
    """One transaction of the system itself, on behalf of the organisation."""
    whose = system(organisation_id, "bootstrap")
    async with Database(dsn, 1) as database, database.bound(whose).transaction() as inside:
        yield inside


async def add_organisation(dsn: str, name: str) -> UUID:
    """Add an organisation as the owner of the tables; its id."""
    organisation_id = new_id()
    async with _within(dsn, organisation_id) as inside:
        await inside.run(INSERT, [organisation_id, name], repeatable=False)
    return organisation_id


async def add_with_first_user(dsn: str, name: str, entry: UserEntry, password: str) -> UUID:
    """Add an organisation and its first user, both or neither; its id."""
    organisation_id = new_id()
    async with _within(dsn, organisation_id) as inside:
        await inside.run(INSERT, [organisation_id, name], repeatable=False)
        await _add_user(inside, organisation_id, entry, password)
    return organisation_id


async def add_administrator(dsn: str, organisation_id: UUID, entry: UserEntry, password: str) -> str:
    """Add a user to an organisation that is there; the name of the organisation.

    Raises:
        NoSuchOrganisation: it is not.
        Refused: it has a user of that name.
    """
    name = chosen(await organisations(dsn), organisation_id)[organisation_id]
    async with _within(dsn, organisation_id) as inside:
        await _add_user(inside, organisation_id, entry, password)
    return name


async def _add_user(inside: Transaction, organisation_id: UUID, entry: UserEntry, password: str) -> None:
    desk = Desk(inside, organisation_id, datetime.now(UTC).date())
    try:
        await add_user_with(desk, entry, passwords.hashed(password))
    except TrialbookError as error:
        raise Refused(error.detail) from None


def found(name: str, entry: UserEntry) -> Callable[[str, str], str]:
    """What adds the organisation, and then says so."""

    def act(dsn: str, password: str) -> str:
        return f"Organisation {asyncio.run(add_with_first_user(dsn, name, entry, password))} ({name})."

    return act


def restore(organisation_id: UUID, entry: UserEntry) -> Callable[[str, str], str]:
    """What adds the administrator, and then says so."""

    def act(dsn: str, password: str) -> str:
        name = asyncio.run(add_administrator(dsn, organisation_id, entry, password))
        return f"Organisation {organisation_id} ({name}) has one more administrator."

    return act


def identified(text: str) -> UUID:
    """The id of an organisation.

    Raises:
        Refused: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise Refused(WRONG_ID) from None


def main() -> None:
    """Check all that was typed, then do it in the database that the settings name, or in the embedded one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--administrator-of", metavar="ID", help="add no organisation, but an administrator to this one"
    )
    parser.add_argument("name", nargs="?", help="the name of the new organisation")
    parser.add_argument("username", help="the user, who may do everything but audit")
    asked = parser.parse_args()
    entry = administrator(asked.username)
    of = asked.administrator_of
    act = found(named(asked.name), entry) if of is None else restore(identified(of), entry)
    password = secrets.token_urlsafe(BYTES_OF_A_PASSWORD)
    with owner_address(read_settings()) as dsn:
        say(f"{act(dsn, password)} Sign in as {entry.username} with {password} (shown once).")


if __name__ == "__main__":
    main()
