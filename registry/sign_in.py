"""Signing in with a name and a password, and staying signed in: sessions, refresh tokens that are used once, ending."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from identity import passwords
from identity.claims import Holder
from models.base import new_id
from models.database import Database
from models.executor import Executor
from models.on_behalf import OnBehalf
from registry.audit_events import RECORD, Event
from registry.credentials import (
    ATTEMPT,
    CANDIDATES,
    END_SESSION,
    GOOD_PASSWORD,
    OPEN_SESSION,
    REFRESH,
    SET_PASSWORD,
    WHO,
    WHOSE_SESSION,
)
from registry.oauth_errors import WrongCredentials
from registry.statements import transaction

LONGEST_SESSION = timedelta(hours=12)
SIGN_IN_FAILED = (
    "The user name and the password do not go together, or the user may not sign in. After several wrong passwords, "
    "wait a while before you try again: at most 15 minutes. If several organisations use this service, send yours as "
    "`organisation`."
)
"""The same for all, after the same time: to tell of too many attempts is to tell that there is such a user."""
OF_NO_USE = "The refresh token was used before, or the session has ended. Sign in again."
AT_ONCE = asyncio.Semaphore(2)
"""How many passwords are compared at a time: each takes a processor, and 46 MiB, for a twentieth of a second."""
Recorded = Callable[[UUID, str, int], Event]
"""Makes the audit event of an organisation, a subject and an outcome."""


class SignedIn(NamedTuple):
    """Who is signed in now, with what the next refresh must present."""

    holder: Holder
    refresh_token: str | None


class Asked(NamedTuple):
    """A request to sign in."""

    username: str
    password: str
    scope: str
    organisation_id: UUID | None


async def in_thread(work: Callable[..., Any], *given: Any) -> Any:  # noqa: ANN401 - whatever the work returns
    """Work on a password beside the loop, two at a time."""
    async with AT_ONCE:
        return await asyncio.to_thread(work, *given)


async def sign_in(database: Database, asked: Asked, recorded: Recorded) -> SignedIn:
    """Open a session for whoever knows the password.

    Raises:
        WrongCredentials: they do not, there is no such user, or there were too many wrong passwords.
    """
    found = await _candidate(database, asked)
    if found is None:
        await in_thread(passwords.spend_time, asked.password)
        raise WrongCredentials(SIGN_IN_FAILED)
    organisation_id, user_id = found
    who = {"organisation_id": organisation_id, "user_id": user_id}
    inside = database.bound(OnBehalf(organisation_id))
    row = await ATTEMPT.fetch_one(inside, **who)
    if row is None:
        await _record(inside, recorded(organisation_id, str(user_id), 429))
        await in_thread(passwords.spend_time, asked.password)
        raise WrongCredentials(SIGN_IN_FAILED)
    if not await in_thread(passwords.matches, row["password_hash"], asked.password):
        await _record(inside, recorded(organisation_id, str(user_id), 401))
        raise WrongCredentials(SIGN_IN_FAILED)
    await _keep_current(inside, who, row["password_hash"], asked)
    return await _opened(inside, who, asked.scope, recorded)


async def _candidate(database: Database, asked: Asked) -> tuple[UUID, UUID] | None:
    """The one user of that name: organisation and id; none if several organisations have one."""
    name = asked.username.lower()
    async with transaction(database.bound(OnBehalf(None, presented=name))) as looking:
        rows = await CANDIDATES.fetch_all(looking, username=name)
    named = [row for row in rows if asked.organisation_id in {None, row["organisation_id"]}]
    return (named[0]["organisation_id"], named[0]["user_id"]) if len(named) == 1 else None


async def _keep_current(inside: Executor, who: dict[str, Any], stored: str, asked: Asked) -> None:
    """Store a hash of today's parameters if the stored one is older."""
    if passwords.outdated(stored):
        hashed = await in_thread(passwords.hashed, asked.password)
        await SET_PASSWORD.fetch_all(inside, **who, username=asked.username.lower(), password_hash=hashed)


async def _opened(database: Executor, who: dict[str, Any], scope: str, recorded: Recorded) -> SignedIn:
    """Make the session, forget the wrong attempts and record the sign-in: all in one transaction."""
    session_id, secret = new_id(), secrets.token_bytes(32)
    async with transaction(database) as inside:
        user = await WHO.fetch_one(inside, **who)
        event = recorded(who["organisation_id"], str(who["user_id"]), 200 if user else 401)
        await _record(inside, event)
        if user is not None:
            await GOOD_PASSWORD.fetch_all(inside, **who)
            session = {"session_id": session_id, "digest": _digest(secret), "scope": scope, "lifetime": LONGEST_SESSION}
            await OPEN_SESSION.fetch_all(inside, **who, **session)
    if user is None:
        raise WrongCredentials(SIGN_IN_FAILED)
    return SignedIn(_holder(who, user, session_id, scope), _token(session_id, secret))


async def refresh(database: Database, token: str, recorded: Recorded) -> SignedIn:
    """Go on with a session. The token that is presented is of no use afterwards; presented again, it ends the session.

    Raises:
        WrongCredentials: it was used before, or the session has ended.
    """
    session_id, secret = _read_token(token)
    who = await _whose(database, session_id)
    if who is None:
        raise WrongCredentials(OF_NO_USE)
    fresh = secrets.token_bytes(32)
    digests = {"presented_digest": _digest(secret), "digest": _digest(fresh)}
    async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
        mine = {"organisation_id": who["organisation_id"], "session_id": session_id}
        row = await REFRESH.fetch_one(inside, **mine, **digests)
        if row is None:
            await END_SESSION.fetch_all(inside, **mine)
        await _record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200 if row else 401))
    if row is None:
        raise WrongCredentials(OF_NO_USE)
    return SignedIn(_holder(who, row, session_id, row["scope"]), _token(session_id, fresh))


async def end_session(database: Database, session_id: UUID, recorded: Recorded) -> None:
    """Sign out. A session that is not there, or has ended, is no fault."""
    who = await _whose(database, session_id)
    if who is not None:
        async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
            await END_SESSION.fetch_all(inside, organisation_id=who["organisation_id"], session_id=session_id)
            await _record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200))


async def _whose(database: Database, session_id: UUID) -> dict[str, Any] | None:
    async with transaction(database.bound(OnBehalf(None, presented=str(session_id)))) as looking:
        row = await WHOSE_SESSION.fetch_one(looking, session_id=session_id)
    return None if row is None else dict(row)


async def _record(inside: Executor, event: Event) -> None:
    await RECORD.fetch_one(inside, organisation_id=event.organisation_id, events=[event.said()])


def _holder(who: dict[str, Any], user: Any, session_id: UUID, scope: str) -> Holder:  # noqa: ANN401 - a row
    return Holder(
        subject=str(who["user_id"]),
        kind="user",
        organisation_id=who["organisation_id"],
        roles=frozenset(user["roles"]),
        scope=tuple(scope.split()),
        patient_id=user["own_patient_id"],
        session_id=str(session_id),
    )


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _token(session_id: UUID, secret: bytes) -> str:
    return base64.urlsafe_b64encode(session_id.bytes + secret).decode().rstrip("=")


def _read_token(token: str) -> tuple[UUID, bytes]:
    """The session and the secret of a refresh token.

    Raises:
        WrongCredentials: it is none.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return UUID(bytes=raw[:16]), raw[16:]
    except ValueError:
        raise WrongCredentials(OF_NO_USE) from None


def session_in(token: str) -> UUID | None:
    """The session of a refresh token; None if it is none."""
    try:
        return _read_token(token)[0]
    except WrongCredentials:
        return None
