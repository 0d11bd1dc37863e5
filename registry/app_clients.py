"""Apps: clients that a person may let in. Which app an address belongs to, and whether it is the one that asks."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Table, Uuid, and_, bindparam, not_, select

from models.account import Client
from models.database import Database
from models.executor import Executor
from models.on_behalf import OnBehalf
from registry.oauth_errors import WrongClient
from registry.record_statements import ORGANISATION
from registry.statements import Statement, transaction

CLIENTS: Table = Client.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
CLIENT = bindparam("client_id", type_=Uuid)
STANDS = and_(not_(CLIENTS.c.disabled), not_(CLIENTS.c.entered_in_error))
WHAT = (CLIENTS.c.organisation_id, CLIENTS.c.name, CLIENTS.c.scope, CLIENTS.c.redirect_uris)
FIND_APP = Statement(
    select(*WHAT, STANDS.label("stands"))
    .where(CLIENTS.c.id == CLIENT)
    .order_by(CLIENTS.c.created_at, CLIENTS.c.organisation_id)
    .limit(10)
)
READ_APP = Statement(
    select(*WHAT, STANDS.label("stands"), CLIENTS.c.jwks.is_(None).label("public")).where(
        CLIENTS.c.organisation_id == ORGANISATION, CLIENTS.c.id == CLIENT
    )
)
NOT_THIS_APP = "This belongs to another client, or the client may not sign in. Send the `client_id` that asked for it."
MUST_PROVE = (
    "This client has keys: prove who it is by a `client_assertion`, signed anew for each request, with "
    "`client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."
)


class ByClient(NamedTuple):
    """Which client says that it asks. It has proved it by its key where its organisation is known."""

    client_id: UUID | None = None
    organisation_id: UUID | None = None


class App(NamedTuple):
    """An app as a person is asked to let it in."""

    organisation_id: UUID
    id: UUID
    name: str
    scope: str
    """What it may ask for at most."""


async def app_at(database: Database, client_id: UUID, redirect_uri: str) -> App | None:
    """The app of that id that is registered with exactly that address, if it may sign in.

    An id may be chosen, so several organisations may have one: of those with that address it is the oldest, be it
    disabled, so that nobody takes the place of an app by registering a copy of it.
    """
    async with transaction(database.bound(OnBehalf(None, presented=str(client_id)))) as looking:
        rows = await FIND_APP.fetch_all(looking, client_id=client_id)
    row = next((row for row in rows if redirect_uri in row["redirect_uris"]), None)
    if row is None or not row["stands"]:
        return None
    return App(row["organisation_id"], client_id, row["name"], row["scope"])


async def wrong_client(inside: Executor, organisation_id: UUID, client_id: UUID, by: ByClient) -> str | None:
    """Why it is not this client that asks; None if it is. One with keys must have proved it by them."""
    row = await READ_APP.fetch_one(inside, organisation_id=organisation_id, client_id=client_id)
    if row is None or not row["stands"] or by.client_id != client_id:
        return NOT_THIS_APP
    return None if row["public"] or by.organisation_id == organisation_id else MUST_PROVE


async def expect_client(inside: Executor, organisation_id: UUID, client_id: UUID, by: ByClient) -> None:
    """See that it is this client that asks.

    Raises:
        WrongClient: it is another, or has not proved to be the one.
    """
    why = await wrong_client(inside, organisation_id, client_id, by)
    if why is not None:
        raise WrongClient(why)
