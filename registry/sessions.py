"""Staying signed in: sessions, refresh tokens that are used once, ending."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from identity.claims import Holder
from models.base import new_id
from models.database import Database
from models.executor import Executor
from models.on_behalf import OnBehalf
from registry.audit_events import RECORD, Event
from registry.credentials import END_KNOWN, END_SESSION, OPEN_SESSION, REFRESH, WHOSE_SESSION
from registry.oauth_errors import WrongCredentials
from registry.statements import transaction

LONGEST_STAY = timedelta(hours=12)
OF_NO_USE = "The refresh token was used before, or the session has ended. Sign in again."
REFRESH_TOKEN = re.compile(r"[A-Za-z0-9_-]{64}")
"""The 16 bytes of a session and the 32 of a secret. An access token has dots, so it is never taken for one."""
Recorded = Callable[[UUID, str, int], Event]
"""Makes the audit event of an organisation, a subject and an outcome."""


class SignedIn(NamedTuple):
    """Who is signed in now, with what the next refresh must present."""

    holder: Holder
    refresh_token: str | None


async def open_session(inside: Executor, who: dict[str, Any], user: Any, scope: str) -> SignedIn:  # noqa: ANN401 - a row
    """A new session of a user who proved to be the one."""
    session_id, secret = new_id(), secrets.token_bytes(32)
    session = {"session_id": session_id, "digest": _digest(secret), "scope": scope, "lifetime": LONGEST_STAY}
    await OPEN_SESSION.fetch_all(inside, **who, **session)
    return SignedIn(_holder(who, user, session_id, scope), _token(session_id, secret))


async def refresh(database: Database, token: str, recorded: Recorded) -> SignedIn:
    """Go on with a session. The token that is presented is of no use afterwards; presented again, it ends the session.

    A token that the session never had ends nothing, and is not recorded as something that its user did: the number of
    a session is no secret.

    Raises:
        WrongCredentials: it was used before, or the session has ended.
    """
    session_id, secret = _read_token(token)
    who = await _whose(database, session_id)
    if who is None:
        raise WrongCredentials(OF_NO_USE)
    fresh, presented = secrets.token_bytes(32), {"presented_digest": _digest(secret)}
    async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
        mine = {"organisation_id": who["organisation_id"], "session_id": session_id, **presented}
        row = await REFRESH.fetch_one(inside, **mine, digest=_digest(fresh))
        if row is not None or await END_KNOWN.fetch_one(inside, **mine) is not None:
            await record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200 if row else 401))
    if row is None:
        raise WrongCredentials(OF_NO_USE)
    return SignedIn(_holder(who, row, session_id, row["scope"]), _token(session_id, fresh))


async def end_session(database: Database, session_id: UUID, recorded: Recorded) -> None:
    """Sign out. A session that is not there, or has ended, is no fault."""
    who = await _whose(database, session_id)
    if who is not None:
        async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
            await END_SESSION.fetch_all(inside, organisation_id=who["organisation_id"], session_id=session_id)
            await record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200))


async def end_session_by(database: Database, token: str, recorded: Recorded) -> UUID | None:
    """Sign out with a refresh token, the latest or the one before it. Any other ends nothing, which is no fault.

    Returns:
        The session that has ended now, if the token was of one.
    """
    try:
        session_id, secret = _read_token(token)
    except WrongCredentials:
        return None
    who = await _whose(database, session_id)
    if who is None:
        return None
    async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
        mine = {"organisation_id": who["organisation_id"], "session_id": session_id}
        known = await END_KNOWN.fetch_one(inside, **mine, presented_digest=_digest(secret))
        if known is not None:
            await record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200))
    return None if known is None else session_id


async def record(inside: Executor, event: Event) -> None:
    """Record what came of it, in the same transaction."""
    await RECORD.fetch_one(inside, organisation_id=event.organisation_id, events=[event.said()])


async def _whose(database: Database, session_id: UUID) -> dict[str, Any] | None:
    async with transaction(database.bound(OnBehalf(None, presented=str(session_id)))) as looking:
        row = await WHOSE_SESSION.fetch_one(looking, session_id=session_id)
    return None if row is None else dict(row)


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
    return base64.urlsafe_b64encode(session_id.bytes + secret).decode()


def _read_token(token: str) -> tuple[UUID, bytes]:
    """The session and the secret of a refresh token.

    Raises:
        WrongCredentials: it is none.
    """
    if REFRESH_TOKEN.fullmatch(token) is None:
        raise WrongCredentials(OF_NO_USE)
    raw = base64.urlsafe_b64decode(token)
    return UUID(bytes=raw[:16]), raw[16:]
