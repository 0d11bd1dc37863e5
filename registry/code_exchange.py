"""A code is exchanged for a session of the app: once, by the app that asked, with the verifier that it kept."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from identity.pkce import fits
from identity.scopes import parsed
from models.database import Database
from models.executor import Executor, Row
from models.on_behalf import OnBehalf
from registry.app_clients import ByClient, wrong_client
from registry.app_launches import organisation_of
from registry.app_scopes import OFFLINE, ONLINE
from registry.credentials import WHO
from registry.launch_statements import END_GIVEN, GAVE, SPEND
from registry.oauth_errors import TokenRefused, WrongClient, WrongCredentials
from registry.secret_tokens import SecretToken, token_in
from registry.sessions import Recorded, SignedIn, Stay, open_session, record
from registry.statements import transaction

LONGEST_OFFLINE, IDLE_OFFLINE = timedelta(days=90), timedelta(days=30)
OF_NO_USE = "The code is not known, was used before, or its minute is over. Begin the launch anew."
REPLAYED = "The code was used before. What it gave has ended; begin the launch anew."
WRONG_ADDRESS = "The `redirect_uri` is not the one that the code was asked with. Begin the launch anew."
WRONG_VERIFIER = "The `code_verifier` does not fit the `code_challenge` that the code was asked with. Begin anew."
MAY_NOT = "The user may not sign in any more."


class Exchange(NamedTuple):
    """What an app sends for a token."""

    code: str
    redirect_uri: str
    verifier: str
    by: ByClient
    seconds: int
    """How long the access token is good; without a refresh token the session ends with it."""


class Outcome(NamedTuple):
    """What came of it: who is signed in, or why nobody is; and which session has ended by it."""

    signed_in: SignedIn | None = None
    refused: TokenRefused | None = None
    ended: UUID | None = None


async def exchange(database: Database, sent: Exchange, recorded: Recorded) -> Outcome:
    """Spend the code, and open the session that it stands for.

    A code that was presented is spent, whatever comes of it: who has it without its verifier has stolen it. Presented
    again it ends what it gave. Of many at once one gets a session, and the next one ends it.
    """
    code = token_in(sent.code)
    organisation_id = None if code is None else await organisation_of(database, code.id)
    if code is None or organisation_id is None:
        return _refused(WrongCredentials(OF_NO_USE))
    mine = {"organisation_id": organisation_id, "launch_id": code.id}
    async with transaction(database.bound(OnBehalf(organisation_id))) as inside:
        row = await SPEND.fetch_one(inside, **mine, digest=code.digest)
        if row is None:
            return await _replayed(inside, organisation_id, code, recorded)
        outcome = await _outcome(inside, organisation_id, row, sent)
        event = recorded(organisation_id, str(row["user_id"]), 200 if outcome.signed_in else 401)
        await record(inside, event._replace(patient_id=row["patient_id"]))
        if outcome.signed_in is not None:
            await GAVE.fetch_all(inside, **mine, session_id=UUID(outcome.signed_in.holder.session_id))
    return outcome


def _refused(error: TokenRefused) -> Outcome:
    return Outcome(refused=error)


async def _replayed(inside: Executor, organisation_id: UUID, code: SecretToken, recorded: Recorded) -> Outcome:
    """End what the code gave, if it is one that was spent; one that never was given ends nothing."""
    given = {"organisation_id": organisation_id, "launch_id": code.id, "digest": code.digest}
    ended = await END_GIVEN.fetch_one(inside, **given)
    if ended is None:
        return _refused(WrongCredentials(OF_NO_USE))
    await record(inside, recorded(organisation_id, str(ended["user_id"]), 401))
    return Outcome(refused=WrongCredentials(REPLAYED), ended=ended["id"])


async def _outcome(inside: Executor, organisation_id: UUID, row: Row, sent: Exchange) -> Outcome:
    """The session, if everything is as it was asked for."""
    wrong = await wrong_client(inside, organisation_id, row["client_id"], sent.by)
    if wrong is not None:
        return _refused(WrongClient(wrong))
    why = _unlike(row, sent)
    who = {"organisation_id": organisation_id, "user_id": row["user_id"]}
    user = None if why else await WHO.fetch_one(inside, **who)
    if user is None:
        return _refused(WrongCredentials(why or MAY_NOT))
    return Outcome(signed_in=await _opened(inside, who, user, row, sent.seconds))


def _unlike(row: Row, sent: Exchange) -> str | None:
    """What is not as it was when the code was asked for."""
    if not row["fresh"]:
        return OF_NO_USE
    if row["redirect_uri"] != sent.redirect_uri:
        return WRONG_ADDRESS
    return None if fits(sent.verifier, row["challenge"]) else WRONG_VERIFIER


async def _opened(inside: Executor, who: dict[str, Any], user: Row, row: Row, seconds: int) -> SignedIn:
    words = parsed(row["scope"]).others
    stay = Stay(row["scope"], row["client_id"], row["patient_id"])
    if OFFLINE in words:
        return await open_session(inside, who, user, stay._replace(lifetime=LONGEST_OFFLINE, idle=IDLE_OFFLINE))
    if ONLINE in words:
        return await open_session(inside, who, user, stay)
    once = stay._replace(lifetime=timedelta(seconds=seconds), idle=timedelta(seconds=seconds))
    return (await open_session(inside, who, user, once))._replace(refresh_token=None)
