"""Signing in with a name and a password."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from identity import passwords
from models.database import Database
from models.executor import Executor
from models.on_behalf import OnBehalf
from registry.credentials import CANDIDATES, GOOD_PASSWORD, MAY_TRY, SET_PASSWORD, WHO, WRONG_PASSWORD
from registry.oauth_errors import WrongCredentials
from registry.sessions import Recorded, SignedIn, Stay, open_session, record
from registry.statements import transaction

T = TypeVar("T")
Opening = Callable[[Executor, dict[str, Any], Any], Awaitable[T]]
"""What is done for a user who proved to be the one, in the transaction of the sign-in."""
SIGN_IN_FAILED = (
    "The user name and the password do not go together, or the user may not sign in. After several wrong passwords, "
    "wait a while before you try again: at most 15 minutes. If several organisations use this service, send yours as "
    "`organisation`."
)
"""The same for all, after the same time: to tell of too many attempts is to tell that there is such a user."""
AT_ONCE = asyncio.Semaphore(2)
"""How many passwords are compared at a time: each takes a processor, and 46 MiB, for a twentieth of a second."""
RIGHT, WRONG, MUST_WAIT = 200, 401, 429
"""What comes of a password, as the audit has it."""
MOST_COMPARED = 10
"""Of so many organisations that know one user name, a password is tried against each."""


class Asked(NamedTuple):
    """A request to sign in."""

    username: str
    password: str
    scope: str
    organisation_id: UUID | None


class Tried(NamedTuple):
    """What came of a password with one user."""

    inside: Executor
    who: dict[str, Any]
    outcome: int
    stored: str = ""


async def in_thread(work: Callable[..., Any], *given: Any) -> Any:  # noqa: ANN401 - whatever the work returns
    """Work on a password beside the loop, two at a time."""
    async with AT_ONCE:
        return await asyncio.to_thread(work, *given)


async def sign_in(database: Database, asked: Asked, recorded: Recorded) -> SignedIn:
    """Open a session for whoever knows the password.

    Raises:
        WrongCredentials: as in `sign_in_to`.
    """

    async def opening(inside: Executor, who: dict[str, Any], user: Any) -> SignedIn:  # noqa: ANN401 - a row
        return await open_session(inside, who, user, Stay(asked.scope))

    return await sign_in_to(database, asked, recorded, opening)


async def sign_in_to(database: Database, asked: Asked, recorded: Recorded, opening: Opening[T]) -> T:
    """What is opened for whoever knows the password.

    Raises:
        WrongCredentials: they do not, there is no such user, there were too many wrong passwords, or users of several
            organisations have both name and password.
    """
    found = await _candidates(database, asked)
    if not found:
        await in_thread(passwords.spend_time, asked.password)
        raise WrongCredentials(SIGN_IN_FAILED)
    tried = await compared([(database.bound(OnBehalf(who["organisation_id"])), who) for who in found], asked.password)
    right = [each for each in tried if each.outcome == RIGHT]
    if len(right) != 1:
        for each in tried if not right else ():
            event = recorded(each.who["organisation_id"], str(each.who["user_id"]), each.outcome)
            await record(each.inside, event)
        raise WrongCredentials(SIGN_IN_FAILED)
    await _keep_current(right[0], asked)
    return await _opened(right[0], opening, recorded)


async def compared(users: list[tuple[Executor, dict[str, Any]]], password: str) -> list[Tried]:
    """Try a password with users; if it is nobody's, it counts as a wrong one of each who need not wait.

    Whether one must wait is looked up, and what was wrong is counted, in one turn of `AT_ONCE`: of many guesses that
    come at once, no more get past a lock than turns there are. A right password is never counted, so that many right
    ones at once lock nobody out.
    """
    async with AT_ONCE:
        tried = [await _compared(inside, who, password) for inside, who in users]
        if all(each.outcome != RIGHT for each in tried):
            for each in tried:
                if each.outcome == WRONG:
                    await WRONG_PASSWORD.fetch_all(each.inside, **each.who)
    return tried


async def _compared(inside: Executor, who: dict[str, Any], password: str) -> Tried:
    row = await MAY_TRY.fetch_one(inside, **who)
    if row is None:
        await asyncio.to_thread(passwords.spend_time, password)
        return Tried(inside, who, MUST_WAIT)
    stored = row["password_hash"]
    right = await asyncio.to_thread(passwords.matches, stored, password)
    return Tried(inside, who, RIGHT if right else WRONG, stored)


async def _candidates(database: Database, asked: Asked) -> list[dict[str, Any]]:
    """The users of that name: one in an organisation. No name has a NUL, and the database takes no text with one."""
    name = asked.username.lower()
    if "\0" in name:
        return []
    async with transaction(database.bound(OnBehalf(None, presented=name))) as looking:
        rows = await CANDIDATES.fetch_all(looking, username=name)
    named = [dict(row) for row in rows if asked.organisation_id in {None, row["organisation_id"]}]
    return named[:MOST_COMPARED]


async def _keep_current(right: Tried, asked: Asked) -> None:
    """Store a hash of today's parameters if the stored one is older."""
    if passwords.outdated(right.stored):
        hashed = await in_thread(passwords.hashed, asked.password)
        given = {"username": asked.username.lower(), "password_hash": hashed}
        await SET_PASSWORD.fetch_all(right.inside, **right.who, **given)


async def _opened(right: Tried, opening: Opening[T], recorded: Recorded) -> T:
    """Open it, forget the wrong attempts and record the sign-in: all in one transaction."""
    who = right.who
    async with transaction(right.inside) as inside:
        user = await WHO.fetch_one(inside, **who)
        await record(inside, recorded(who["organisation_id"], str(who["user_id"]), 200 if user else 401))
        if user is not None:
            await GOOD_PASSWORD.fetch_all(inside, **who)
            return await opening(inside, who, user)
    raise WrongCredentials(SIGN_IN_FAILED)
