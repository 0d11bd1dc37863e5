"""Whether who signed in may still be here: sessions that ended and users or clients that were disabled, within seconds.

A token is good for minutes, whatever happens; so its session is looked up now and then, and remembered in between.
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Table, select

from access.caller import Caller
from models.database import Database
from models.on_behalf import OnBehalf
from models.organisation import Organisation
from registry.client_sign_in import STANDS
from registry.credentials import SESSION_STANDS
from registry.record_statements import ORGANISATION
from registry.statements import Statement

ORGANISATIONS: Table = Organisation.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
ORGANISATION_KNOWN = Statement(select(ORGANISATIONS.c.id).where(ORGANISATIONS.c.id == ORGANISATION))
Key = tuple[str, ...]
SECONDS_REMEMBERED = 10.0
MOST_REMEMBERED = 10_000


class Standing:
    """Remembers for ten seconds who stands."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        """Look up in this database; `clock` gives seconds that only grow."""
        self._database, self._clock = database, clock
        self._until: dict[Key, float] = {}
        self._organisations: set[UUID] = set()

    async def knows(self, organisation_id: UUID) -> bool:
        """Whether there is such an organisation. One round trip, once for each: none ever goes."""
        if organisation_id in self._organisations:
            return True
        inside = self._database.bound(OnBehalf(organisation_id))
        if await ORGANISATION_KNOWN.fetch_one(inside, organisation_id=organisation_id) is None:
            return False
        self._organisations.add(organisation_id)
        return True

    async def stands(self, caller: Caller) -> bool:
        """Whether the caller's session or client is still good. At most one round trip in ten seconds."""
        key = _key_of(caller)
        now = self._clock()
        if self._until.get(key, 0.0) > now:
            return True
        if not await self._look_up(caller):
            self._until.pop(key, None)
            return False
        while len(self._until) >= MOST_REMEMBERED:
            del self._until[next(iter(self._until))]
        self._until.pop(key, None)
        self._until[key] = now + SECONDS_REMEMBERED
        return True

    def forget(self, session_id: str) -> None:
        """Look up anew at the next request: a session that ended here has ended at once."""
        self._until.pop((session_id,), None)

    async def _look_up(self, caller: Caller) -> bool:
        inside = self._database.bound(OnBehalf(caller.organisation_id))
        mine = {"organisation_id": caller.organisation_id}
        if caller.session_id is not None:
            row = await SESSION_STANDS.fetch_one(inside, **mine, session_id=UUID(caller.session_id))
        else:
            given = {"client_id": UUID(caller.subject), "issued_at": caller.issued_at}
            row = await STANDS.fetch_one(inside, **mine, **given)
        return row is not None and bool(row["stands"])


def _key_of(caller: Caller) -> Key:
    """What a finding holds for: a session, whose id nobody chooses; or a client of one organisation, and its token."""
    if caller.session_id is not None:
        return (caller.session_id,)
    return (str(caller.organisation_id), caller.subject, str(caller.issued_at))
