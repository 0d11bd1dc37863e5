"""Machines sign in with an assertion that they sign (SMART Backend Services); each assertion is good for one token."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, String, Table, Uuid, and_, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from identity.assertions import Assertion, checked, client_named
from identity.claims import Holder
from identity.errors import BadAssertion, BadKeys, NoScopeGranted
from identity.scopes import Scopes, parsed
from models.account import Client, UsedAssertion
from models.database import Database
from models.executor import Row
from models.on_behalf import OnBehalf
from registry.app_clients import ByClient
from registry.audit_events import RECORD
from registry.oauth_errors import WrongClient, WrongScope
from registry.record_statements import ORGANISATION
from registry.sessions import Recorded
from registry.statements import Statement, transaction

CLIENTS: Table = Client.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
USED: Table = UsedAssertion.__table__  # type: ignore[attr-defined]
CLIENT = bindparam("client_id", type_=Uuid)
ISSUED = bindparam("issued_at", type_=DateTime(timezone=True))
MAY_SIGN_IN = and_(CLIENTS.c.disabled.is_(False), CLIENTS.c.entered_in_error.is_(False))
UNCHANGED = func.date_trunc("second", CLIENTS.c.updated_at) <= ISSUED
"""A token says its second alone."""
FIND = Statement(
    select(CLIENTS.c.organisation_id, CLIENTS.c.jwks, CLIENTS.c.scope, MAY_SIGN_IN.label("stands"))
    .where(CLIENTS.c.id == CLIENT)
    .order_by(CLIENTS.c.created_at, CLIENTS.c.organisation_id)
    .limit(10)
)
STANDS = Statement(
    select(and_(MAY_SIGN_IN, UNCHANGED).label("stands")).where(
        CLIENTS.c.organisation_id == ORGANISATION, CLIENTS.c.id == CLIENT
    )
)
"""Whether a token that was issued then is still good: since the client's last change, scopes or keys may be others."""
USE = Statement(
    insert(USED)
    .values(
        organisation_id=ORGANISATION,
        client_id=CLIENT,
        jti=bindparam("jti", type_=String),
        expires_at=bindparam("expires_at", type_=DateTime(timezone=True)),
    )
    .on_conflict_do_nothing()
    .returning(USED.c.jti),
    repeatable=False,
    records=False,
)
SWEEP = Statement(
    delete(USED).where(
        USED.c.organisation_id == ORGANISATION, USED.c.client_id == CLIENT, USED.c.expires_at < func.clock_timestamp()
    ),
    repeatable=False,
)
NO_CLIENT = "The client is not registered here, or may not sign in. Ask an administrator."
REPLAYED = "This assertion was used before. Sign a new one, with a `jti` of its own, for each request."


class Proof(NamedTuple):
    """What a machine sends."""

    assertion: str
    scope: str
    audiences: tuple[str, ...]
    """What the assertion may be meant for."""


async def sign_in_client(database: Database, proof: Proof, recorded: Recorded, now: datetime) -> Holder:
    """Who the token is for, and with which scopes.

    Raises:
        WrongClient: the client is not registered, or its assertion is not believed or was used before.
        WrongScope: nothing that was asked for is allowed.
    """
    row, believed = await _proved(database, proof, now)
    try:
        granted = parsed(row["scope"]).narrowed(parsed(proof.scope or row["scope"]))
    except NoScopeGranted as error:
        raise WrongScope(str(error)) from None
    await _use(database, row["organisation_id"], believed, recorded)
    return _holder(row["organisation_id"], UUID(believed.client_id), granted)


async def prove_client(database: Database, proof: Proof, recorded: Recorded, now: datetime) -> ByClient:
    """Which client asks, proved by its key. The assertion is used up.

    Raises:
        WrongClient: as in `sign_in_client`.
    """
    row, believed = await _proved(database, proof, now)
    await _use(database, row["organisation_id"], believed, recorded)
    return ByClient(UUID(believed.client_id), row["organisation_id"])


async def _proved(database: Database, proof: Proof, now: datetime) -> tuple[Row, Assertion]:
    try:
        client_id = UUID(client_named(proof.assertion))
    except (BadAssertion, ValueError) as error:
        raise WrongClient(str(error) if isinstance(error, BadAssertion) else NO_CLIENT) from None
    return _believed(await _registered(database, client_id), proof, now)


async def _registered(database: Database, client_id: UUID) -> list[Row]:
    """The clients of that id, the oldest first: an id may be chosen, so several organisations may have one."""
    async with transaction(database.bound(OnBehalf(None, presented=str(client_id)))) as looking:
        return await FIND.fetch_all(looking, client_id=client_id)


def _believed(registered: list[Row], proof: Proof, now: datetime) -> tuple[Row, Assertion]:
    """The client whose key signed the assertion.

    Of several with the same key it is the oldest, be it disabled: a key is public, and whoever registers a copy of it
    in another organisation must not be sent what is meant for the first.

    Raises:
        WrongClient: there is none, or it may not sign in.
    """
    why = NO_CLIENT
    for row in registered:
        try:
            believed = checked(proof.assertion, row["jwks"], proof.audiences, now)
        except (BadAssertion, BadKeys) as error:
            why = str(error) if row["stands"] else why
            continue
        if not row["stands"]:
            raise WrongClient(NO_CLIENT)
        return row, believed
    raise WrongClient(why)


async def _use(database: Database, organisation_id: UUID, believed: Assertion, recorded: Recorded) -> None:
    """Use the assertion up, and record the sign-in, in one transaction."""
    mine = {"organisation_id": organisation_id, "client_id": UUID(believed.client_id)}
    async with transaction(database.bound(OnBehalf(organisation_id))) as inside:
        await SWEEP.fetch_all(inside, **mine)
        used = await USE.fetch_one(inside, **mine, jti=believed.jti, expires_at=believed.expires_at)
        event = recorded(organisation_id, believed.client_id, 200 if used else 401)
        await RECORD.fetch_one(inside, organisation_id=organisation_id, events=[event.said()])
    if used is None:
        raise WrongClient(REPLAYED)


def _holder(organisation_id: UUID, client_id: UUID, granted: Scopes) -> Holder:
    return Holder(
        subject=str(client_id),
        kind="client",
        organisation_id=organisation_id,
        roles=frozenset({"integration"}),
        scope=tuple(str(granted).split()),
    )
