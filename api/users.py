"""Users at the JSON edge: for administrators, and for everybody their own."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from access.caller import Caller
from api.responses import ADDS, CHANGES, HISTORIES, LISTS_ALL, ME, PASSWORDS, READS
from models.page import Page
from models.record_version import VersionPublic
from models.user import Me, PasswordChange, PasswordReset, UserCreate, UserEntry, UserPublic, UserUpdate
from registry.accounts import add_user, change_own_password, change_user, reset_password
from registry.desk import Desk
from registry.errors import Forbidden
from registry.records import Said
from registry.users import USERS
from web.calls import Answered, ChangingDep, CreatingDep, Done, ListingDep, ReadingDep
from web.deps import DeskDep, RecordId, caller_of
from web.doorman import Doorman
from web.routing import noun_router

router = noun_router("0 Sign in")
ALL, ONE = "/users", "/users/{record_id}"
NO_PASSWORD = "Only users who sign in here have a password here."  # noqa: S105 - a sentence


@router.get("/me", operation_id="read_me", summary="Who am I?", response_model=Me, responses=ME)
async def read_me(request: Request) -> dict[str, Any]:
    """Who is signed in, of which organisation, in which roles, and what the token allows."""
    caller = caller_of(request)
    return {**caller._asdict(), "roles": sorted(caller.roles), "scope": str(caller.scopes)}


@router.post(
    "/me/password",
    operation_id="change_my_password",
    summary="Change my password",
    status_code=204,
    response_class=Response,
    responses=PASSWORDS,
)
async def change_my_password(body: PasswordChange, request: Request, desk: DeskDep) -> None:
    """Set a new password. All sessions end, this one too: sign in again with the new one."""
    caller = caller_of(request)
    _refuse_without_password(caller)
    given = (body.current_password.get_secret_value(), body.password.get_secret_value())
    await change_own_password(desk, UUID(caller.subject), *given)
    _doorman(request).standing.forget(str(caller.session_id))


def _refuse_without_password(caller: Caller) -> None:
    if caller.kind != "user" or caller.session_id is None:
        raise Forbidden(NO_PASSWORD)


def _doorman(request: Request) -> Doorman:
    doorman: Doorman = request.app.state.service.doorman
    return doorman


@router.post(
    ALL,
    operation_id="create_user",
    summary="Add a user",
    status_code=201,
    response_model=UserPublic,
    responses=ADDS,
)
async def create_user(body: UserCreate, call: CreatingDep) -> Answered:
    """Add somebody who may sign in with a name and a password. Administrators only.

    A patient's user names the patient's record as `own_patient_id`, and sees nothing else.
    """
    entry = UserEntry.model_validate(body.model_dump(exclude={"password", "id"}))

    async def add(desk: Desk) -> Done:
        return 201, await add_user(desk, entry, body.password.get_secret_value(), body.id)

    return await call.done(add)


@router.get(
    ALL, operation_id="list_users", summary="List the users", response_model=Page[UserPublic], responses=LISTS_ALL
)
async def list_users(call: ListingDep) -> Said:
    """All users of the organisation, page by page."""
    return await call.page(USERS, None)


@router.get(ONE, operation_id="read_user", summary="Read a user", response_model=UserPublic, responses=READS)
async def read_user(record_id: RecordId, call: ReadingDep) -> Answered:
    """One user as stored."""
    return await call.read(USERS, record_id, record_id)


@router.patch(ONE, operation_id="change_user", summary="Change a user", response_model=UserPublic, responses=CHANGES)
async def change_user_(record_id: RecordId, body: UserUpdate, call: ChangingDep) -> Said:
    """Change roles or name, or disable a user. When rights change, all sessions of the user end within ten seconds."""
    return await call.changed(lambda versions: change_user(call.desk, record_id, versions, body))


@router.post(
    f"{ONE}/password",
    operation_id="set_password",
    summary="Set a user's password",
    status_code=204,
    response_class=Response,
    responses=PASSWORDS,
)
async def set_password(record_id: RecordId, body: PasswordReset, desk: DeskDep) -> None:
    """Set a password for a user who forgot theirs. All sessions of the user end."""
    await reset_password(desk, record_id, body.password.get_secret_value())


@router.get(
    f"{ONE}/history",
    operation_id="list_user_versions",
    summary="List the versions of a user",
    response_model=Page[VersionPublic[UserPublic]],
    responses=HISTORIES,
)
async def list_user_versions(record_id: RecordId, call: ListingDep) -> Said:
    """Every version of the user from the first on: who had which roles when."""
    return await call.history(USERS, record_id, record_id)
