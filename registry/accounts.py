"""What is done with users beyond records: passwords, and sessions that end when a user changes."""

from typing import Any
from uuid import UUID

from identity import passwords
from models.user import UserEntry, UserUpdate
from registry.credentials import END_SESSIONS, GOOD_PASSWORD, HOLD_ADMINISTRATORS, SET_PASSWORD
from registry.desk import Desk, Ref
from registry.errors import Conflict, Fault, Forbidden, InvalidRequest
from registry.records import Said, Versions, change, create, read
from registry.sign_in import RIGHT, compared, in_thread
from registry.statements import transaction
from registry.users import USERS

WEAK = "The password is refused; `errors` says why."
WRONG = "The current password is not right, or was wrong too often: then wait, at most 15 minutes."
LAST = (
    "This is the last administrator of the organisation who may sign in: nobody could add users any more. "
    "First make somebody else an administrator."
)
MATTERS = frozenset({"roles", "own_patient_id", "disabled"})
"""Whoever's rights change signs in anew."""


class Numbered(UserEntry):
    """A user whose id may have been chosen by the client."""

    id: UUID | None = None
    """That id."""


async def add_user(desk: Desk, entry: UserEntry, password: str, own_id: UUID | None = None) -> Said:
    """Add a user with a password, both or neither.

    Raises:
        InvalidRequest: the password is weak, or the own record is not there.
        Conflict: the name is taken.
    """
    return await add_user_with(desk, entry, await _hashed(password, entry.username), own_id)


async def add_user_with(desk: Desk, entry: UserEntry, hashed: str, own_id: UUID | None = None) -> Said:
    """Add a user with a password that was accepted and hashed already.

    Raises:
        Conflict: the name is taken.
    """
    async with transaction(desk.database) as inside:
        within = desk._replace(database=inside)
        made = await create(within, USERS, None, Numbered.model_validate({**entry.model_dump(), "id": own_id}))
        await _set(within, made["id"], entry.username, hashed)
    return made


async def change_user(desk: Desk, user_id: UUID, versions: Versions, patch: UserUpdate) -> Said:
    """Change a user; if rights change, all sessions end.

    Raises:
        NotFound, Gone, PreconditionFailed, InvalidRequest, Conflict: as in `registry.records.change`.
        Conflict: nobody would be left who administrates the organisation.
    """
    async with transaction(desk.database) as inside:
        within = desk._replace(database=inside)
        before = await _administrators(within) if patch.model_fields_set & {"roles", "disabled"} else set()
        changed = await change(within, USERS, Ref(user_id, user_id), versions, patch)
        if before == {user_id} and await _administrators(within) == set():
            raise Conflict(LAST)
        if patch.model_fields_set & MATTERS:
            await END_SESSIONS.fetch_all(inside, organisation_id=desk.organisation_id, user_id=user_id)
    return changed


async def reset_password(desk: Desk, user_id: UUID, password: str) -> None:
    """Set a password for a user; all sessions end.

    Raises:
        NotFound, Gone: no such user.
        InvalidRequest: the password is weak.
    """
    user = await read(desk, USERS, Ref(user_id, user_id))
    hashed = await _hashed(password, user["username"])
    async with transaction(desk.database) as inside:
        await _set(desk._replace(database=inside), user_id, user["username"], hashed)
        await END_SESSIONS.fetch_all(inside, organisation_id=desk.organisation_id, user_id=user_id)


async def change_own_password(desk: Desk, user_id: UUID, current: str, password: str) -> None:
    """Set one's own password, knowing the present one; all sessions end.

    Raises:
        Forbidden: the present password is another, or the user has none here.
        InvalidRequest: the new password is weak.
    """
    user = await read(desk, USERS, Ref(user_id, user_id))
    _refuse_weak(password, user["username"])
    # Guesses are counted as at the sign-in: a stolen token must not serve to find out the password.
    who = {"organisation_id": desk.organisation_id, "user_id": user_id}
    (tried,) = await compared([(desk.database, who)], current)
    if tried.outcome != RIGHT:
        raise Forbidden(WRONG)
    await GOOD_PASSWORD.fetch_all(desk.database, **who)
    await reset_password(desk, user_id, password)


async def _administrators(desk: Desk) -> set[UUID]:
    """Who administrates the organisation and may sign in, held until the transaction ends."""
    return {
        row["id"] for row in await HOLD_ADMINISTRATORS.fetch_all(desk.database, organisation_id=desk.organisation_id)
    }


def _refuse_weak(password: str, username: str) -> None:
    weak = passwords.weakness(password, username)
    if weak is not None:
        raise InvalidRequest(WEAK, (Fault("/password", weak),))


async def _hashed(password: str, username: str) -> str:
    _refuse_weak(password, username)
    hashed: str = await in_thread(passwords.hashed, password)
    return hashed


async def _set(desk: Desk, user_id: UUID, username: str, hashed: str) -> None:
    given: dict[str, Any] = {"username": username, "password_hash": hashed}
    await SET_PASSWORD.fetch_all(desk.database, organisation_id=desk.organisation_id, user_id=user_id, **given)
