"""Launches that an EHR begins: the patient whose record is open there, handed on to one app, once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Interval, LargeBinary, Table, Uuid, and_, bindparam, delete, func, insert, or_, select

from models.app_launch import LaunchContext
from models.base import new_id
from models.executor import Executor
from registry.app_clients import READ_APP
from registry.desk import Desk, Ref
from registry.errors import Fault, InvalidRequest
from registry.noun import CANNOT_STORE
from registry.patients import PATIENTS
from registry.record_statements import ORGANISATION, PATIENT
from registry.records import read
from registry.secret_tokens import SecretToken, new_token, token_in
from registry.statements import Statement, transaction

TABLE: Table = LaunchContext.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
NOW = func.clock_timestamp()
CLIENT, DIGEST = bindparam("client_id", type_=Uuid), bindparam("digest", type_=LargeBinary)
CONTEXT = bindparam("context_id", type_=Uuid)
GOOD_FOR = timedelta(minutes=5)
_mine = TABLE.c.organisation_id == ORGANISATION
_this = and_(
    _mine, TABLE.c.id == CONTEXT, TABLE.c.digest == DIGEST, TABLE.c.client_id == CLIENT, TABLE.c.expires_at > NOW
)
PREPARE = Statement(
    insert(TABLE).values(
        {
            "organisation_id": ORGANISATION,
            "id": CONTEXT,
            "client_id": CLIENT,
            "patient_id": PATIENT,
            "digest": DIGEST,
            "expires_at": NOW + bindparam("lifetime", type_=Interval),
        }
    ),
    repeatable=False,
)
LOOK = Statement(select(TABLE.c.patient_id).where(_this))
TAKE = Statement(
    delete(TABLE).where(_mine, or_(_this, TABLE.c.expires_at <= NOW)).returning(TABLE.c.id, TABLE.c.patient_id),
    repeatable=False,
    records=False,
)
"""Take the one that is presented; those that are over go with it."""
NO_SUCH_APP = "There is no such app. Register it first (POST /v1/clients), or send the `id` of one that may sign in."


async def prepare_launch(desk: Desk, patient_id: UUID, client_id: UUID) -> str:
    """What the EHR hands to the app that it opens for this patient.

    Raises:
        NotFound, Gone, Restricted: the patient is not there, or not open to whoever asks.
        InvalidRequest: there is no such app.
    """
    await read(desk, PATIENTS, Ref(patient_id, patient_id))
    mine = {"organisation_id": desk.organisation_id, "client_id": client_id}
    app = await READ_APP.fetch_one(desk.database, **mine)
    if app is None or not app["stands"]:
        raise InvalidRequest(CANNOT_STORE, (Fault("/client_id", NO_SUCH_APP),))
    token = new_token(new_id())
    given = {"context_id": token.id, "digest": token.digest, "patient_id": patient_id, "lifetime": GOOD_FOR}
    async with transaction(desk.database) as inside:
        await PREPARE.fetch_all(inside, **mine, **given)
    return token.text


async def is_prepared(inside: Executor, organisation_id: UUID, client_id: UUID, text: str) -> bool:
    """Whether it is a launch that was prepared for this app, and waits to be used."""
    token = token_in(text)
    return token is not None and await LOOK.fetch_one(inside, **_named(token, organisation_id, client_id)) is not None


async def take_prepared(inside: Executor, organisation_id: UUID, client_id: UUID, text: str) -> UUID | None:
    """The patient that it was prepared for; None if it is not there any more. It is of no use afterwards."""
    token = token_in(text)
    if token is None:
        return None
    rows = await TAKE.fetch_all(inside, **_named(token, organisation_id, client_id))
    return next((row["patient_id"] for row in rows if row["id"] == token.id), None)


def _named(token: SecretToken, organisation_id: UUID, client_id: UUID) -> dict[str, UUID | bytes]:
    mine = {"organisation_id": organisation_id, "client_id": client_id}
    return {**mine, "context_id": token.id, "digest": token.digest}
