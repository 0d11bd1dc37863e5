"""Staying signed in: sessions, refresh tokens that are used once, ending."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from identity.claims import Holder
from models.base import new_id
from models.database import Database
from models.executor import Executor
from models.on_behalf import OnBehalf
from registry.app_clients import ByClient, expect_client
from registry.audit_events import RECORD, Event
from registry.credentials import END_KNOWN, END_SESSION, IDLE, OPEN_SESSION, REFRESH, WHOSE_SESSION
from registry.oauth_errors import WrongCredentials
from registry.secret_tokens import SecretToken, new_token, token_in
from registry.statements import transaction

LONGEST_STAY = timedelta(hours=12)
OF_NO_USE = "The refresh token was used before, or the session has ended. Sign in again."
Recorded = Callable[[UUID, str, int], Event]
"""Makes the audit event of an organisation, a subject and an outcome."""


class SignedIn(NamedTuple):
    """Who is signed in now, with what the next refresh must present."""

    holder: Holder
    refresh_token: str | None


class Stay(NamedTuple):
    """How long a session lasts, by how much it may do, and for which app and patient."""

    scope: str
    client_id: UUID | None = None
    patient_id: UUID | None = None
    lifetime: timedelta = LONGEST_STAY
    idle: timedelta = IDLE


async def open_session(inside: Executor, who: dict[str, Any], user: Any, stay: Stay) -> SignedIn:  # noqa: ANN401 - a row
    """A new session of a user who proved to be the one."""
    token = new_token(new_id())
    await OPEN_SESSION.fetch_all(inside, **who, **stay._asdict(), session_id=token.id, digest=token.digest)
    about = {"scope": stay.scope, "client_id": stay.client_id, "patient_id": stay.patient_id}
    return SignedIn(_holder(who, {**user, **about}, token.id), token.text)


async def refresh(database: Database, text: str, by: ByClient, recorded: Recorded) -> SignedIn:
    """Go on with a session. The token that is presented is of no use afterwards; presented again, it ends the session.

    A token that the session never had ends nothing, and is not recorded as something that its user did: the number of
    a session is no secret.

    Raises:
        WrongCredentials: it was used before, or the session has ended.
        WrongClient: the session is one of an app, and another asks.
    """
    token = _known_form(text)
    who = await _whose(database, token.id)
    if who is None:
        raise WrongCredentials(OF_NO_USE)
    client_id, fresh = who.pop("client_id"), new_token(token.id)
    async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
        if client_id is not None:
            await expect_client(inside, who["organisation_id"], client_id, by)
        mine = {"organisation_id": who["organisation_id"], "session_id": token.id, "presented_digest": token.digest}
        row = await REFRESH.fetch_one(inside, **mine, digest=fresh.digest)
        if row is not None or await END_KNOWN.fetch_one(inside, **mine) is not None:
            await record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200 if row else 401))
    if row is None:
        raise WrongCredentials(OF_NO_USE)
    return SignedIn(_holder(who, dict(row), token.id), fresh.text)


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
    presented = token_in(token)
    who = None if presented is None else await _whose(database, presented.id)
    if presented is None or who is None:
        return None
    async with transaction(database.bound(OnBehalf(who["organisation_id"]))) as inside:
        mine = {"organisation_id": who["organisation_id"], "session_id": presented.id}
        known = await END_KNOWN.fetch_one(inside, **mine, presented_digest=presented.digest)
        if known is not None:
            await record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200))
    return None if known is None else presented.id


async def record(inside: Executor, event: Event) -> None:
    """Record what came of it, in the same transaction."""
    await RECORD.fetch_one(inside, organisation_id=event.organisation_id, events=[event.said()])


async def _whose(database: Database, session_id: UUID) -> dict[str, Any] | None:
    async with transaction(database.bound(OnBehalf(None, presented=str(session_id)))) as looking:
        row = await WHOSE_SESSION.fetch_one(looking, session_id=session_id)
    return None if row is None else dict(row)


def _holder(who: dict[str, Any], user: dict[str, Any], session_id: UUID) -> Holder:
    client_id = user["client_id"]
    return Holder(
        subject=str(who["user_id"]),
        kind="user",
        organisation_id=who["organisation_id"],
        roles=frozenset(user["roles"]),
        scope=tuple(user["scope"].split()),
        patient_id=user["own_patient_id"] or user["patient_id"],
        session_id=str(session_id),
        client_id=None if client_id is None else str(client_id),
    )


def _known_form(text: str) -> SecretToken:
    """The parts of a refresh token.

    Raises:
        WrongCredentials: it is none.
    """
    token = token_in(text)
    if token is None:
        raise WrongCredentials(OF_NO_USE)
    return token
