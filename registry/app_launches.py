"""Letting an app in: the launch from the sign-in to the person's answer, and the code that it ends with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from models.base import new_id
from models.database import Database
from models.executor import Executor
from models.on_behalf import OnBehalf
from registry.app_clients import App
from registry.credentials import WHO
from registry.launch_contexts import take_prepared
from registry.launch_statements import BEGIN, FIND, GRANT, PENDING, REFUSE, SWEEP
from registry.oauth_errors import WrongLaunch
from registry.secret_tokens import SecretToken, digest_of, new_token, token_in
from registry.sessions import Recorded, record
from registry.statements import transaction

LAUNCH_OVER = "This launch from your EHR was used, or its five minutes are over. Open the app there once more."
FOR_CONSENT, FOR_A_CODE = timedelta(minutes=10), timedelta(seconds=60)


class Wanted(NamedTuple):
    """What an app asks for, once it was found good."""

    app: App
    redirect_uri: str
    scope: str
    """What would be granted."""
    state: str
    challenge: str
    launch: str = ""
    """What an EHR began it with, if one did."""


class Pending(NamedTuple):
    """A launch that waits for the person's answer."""

    organisation_id: UUID
    id: UUID
    user_id: UUID
    roles: frozenset[str]
    own_patient_id: UUID | None
    client_id: UUID
    patient_id: UUID | None
    """The patient that an EHR named; nobody is picked then."""
    app_name: str
    redirect_uri: str
    scope: str
    state: str
    digest: bytes

    @property
    def named(self) -> dict[str, UUID]:
        """Which one it is, for a statement."""
        return {"organisation_id": self.organisation_id, "launch_id": self.id}


async def begin(inside: Executor, who: Mapping[str, Any], wanted: Wanted, browser: str) -> str:
    """Begin a launch for whoever has signed in now.

    Returns:
        What its page holds, good only in the browser that has signed in.

    Raises:
        WrongLaunch: what an EHR began was used by somebody else meanwhile, or is over.
    """
    page, patient_id = new_token(new_id()), None
    mine = {"organisation_id": who["organisation_id"]}
    await SWEEP.fetch_all(inside, **mine)
    if wanted.launch:
        patient_id = await take_prepared(inside, who["organisation_id"], wanted.app.id, wanted.launch)
        if patient_id is None:
            raise WrongLaunch(LAUNCH_OVER)
    of_app = {"client_id": wanted.app.id, "redirect_uri": wanted.redirect_uri, "scope": wanted.scope}
    given: dict[str, Any] = {
        **of_app,
        "state": wanted.state,
        "challenge": wanted.challenge,
        "digest": _of_page(page, browser),
    }
    given |= {"user_id": who["user_id"], "patient_id": patient_id, "launch_id": page.id, "lifetime": FOR_CONSENT}
    await BEGIN.fetch_all(inside, **mine, **given)
    return page.text


def _of_page(page: SecretToken, browser: str) -> bytes:
    return digest_of(page.secret + browser.encode())


async def organisation_of(database: Database, launch_id: UUID) -> UUID | None:
    """Whose launch it is, before anything of it is believed."""
    async with transaction(database.bound(OnBehalf(None, presented=str(launch_id)))) as looking:
        row = await FIND.fetch_one(looking, launch_id=launch_id)
    return None if row is None else row["organisation_id"]


async def pending(database: Database, text: str, browser: str) -> Pending | None:
    """The launch of a page, if it waits for an answer, this is the browser, and user and app still stand."""
    page = token_in(text)
    organisation_id = None if page is None else await organisation_of(database, page.id)
    if page is None or organisation_id is None:
        return None
    inside, mine = database.bound(OnBehalf(organisation_id)), {"organisation_id": organisation_id}
    digest = _of_page(page, browser)
    row = await PENDING.fetch_one(inside, **mine, launch_id=page.id, digest=digest)
    user = None if row is None else await WHO.fetch_one(inside, **mine, user_id=row["user_id"])
    if row is None or user is None:
        return None
    told = ("user_id", "client_id", "patient_id", "app_name", "redirect_uri", "scope", "state")
    said = {name: row[name] for name in told}
    about = {"roles": frozenset(user["roles"]), "own_patient_id": user["own_patient_id"], "digest": digest}
    return Pending(organisation_id=organisation_id, id=page.id, **said, **about)


async def grant(database: Database, launch: Pending, patient_id: UUID | None, recorded: Recorded) -> str | None:
    """Grant it for this patient, and give the code; None when somebody was quicker."""
    code = new_token(launch.id)
    given = {"digest": launch.digest, "code_digest": code.digest, "patient_id": patient_id, "lifetime": FOR_A_CODE}
    async with transaction(database.bound(OnBehalf(launch.organisation_id))) as inside:
        row = await GRANT.fetch_one(inside, **launch.named, **given)
        event = recorded(launch.organisation_id, str(launch.user_id), 200 if row else 409)
        await record(inside, event._replace(patient_id=patient_id))
    return None if row is None else code.text


async def refuse(database: Database, launch: Pending, recorded: Recorded) -> bool:
    """Refuse it; False when somebody was quicker."""
    async with transaction(database.bound(OnBehalf(launch.organisation_id))) as inside:
        row = await REFUSE.fetch_one(inside, **launch.named, digest=launch.digest)
        await record(inside, recorded(launch.organisation_id, str(launch.user_id), 403 if row else 409))
    return row is not None
