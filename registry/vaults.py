"""The keys of each organisation: read once, kept opened in this process, looked at again now and then."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Integer, LargeBinary, Select, String, Table, Uuid, bindparam, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from models.base import new_id
from models.data_key import DataKey, Purpose
from models.executor import Executor, Row
from models.organisation import Organisation
from registry.errors import TrialbookError
from registry.record_statements import ORGANISATION
from registry.statements import Statement
from vault.errors import UnknownMaster
from vault.keys import Label, Masters, Wrapped, new_key
from vault.vault import Vault

KEYS: Table = DataKey.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
ORGANISATIONS: Table = Organisation.__table__  # type: ignore[attr-defined]
SECONDS_FRESH = 30.0
SECONDS_BETWEEN_TRIES = 5.0
UNTIL_WRITTEN_WITH = timedelta(seconds=60)
"""A new key is written with so long after it was made: every process has read the keys again by then."""

_columns = [KEYS.c[name] for name in ("id", "purpose", "wrapped", "master")]
_active = (KEYS.c.active_from <= func.clock_timestamp()).label("active")
READ = Statement(
    select(*_columns, _active).where(KEYS.c.organisation_id == ORGANISATION).order_by(KEYS.c.purpose, KEYS.c.number)
)
_names = ("organisation_id", "id", "purpose", "number", "wrapped", "master")


def _first(purpose: Purpose) -> Select[Any]:
    """The first key of a purpose, where there is such an organisation."""
    return select(
        ORGANISATIONS.c.id,
        bindparam(f"{purpose.value}_id", type_=Uuid),
        literal(purpose.value, String),
        literal(1, Integer),
        bindparam(f"{purpose.value}_wrapped", type_=LargeBinary),
        bindparam("master", type_=String),
    ).where(ORGANISATIONS.c.id == ORGANISATION)


# Both in one statement, so that nobody finds the one without the other. Of two processes that make them at once, the
# second makes none, and both read the same.
MAKE_FIRST = Statement(
    insert(KEYS).from_select(list(_names), union_all(*map(_first, Purpose))).on_conflict_do_nothing(),
    repeatable=False,
    records=False,
)


class Kept(NamedTuple):
    """The opened keys of an organisation, and when they were read."""

    vault: Vault
    raw: Mapping[UUID, bytes]
    read_at: float


class Vaults:
    """The opened keys of every organisation that this process has served."""

    def __init__(self, masters: Masters, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is read yet."""
        self._masters, self._clock = masters, clock
        self._kept: dict[UUID, Kept] = {}

    async def of(self, executor: Executor, organisation_id: UUID) -> Vault | None:
        """The organisation's vault: no round trip when it was read lately, else one; its first keys are made here.

        Returns:
            None when the keys cannot be read: the database is away, or they are wrapped under another master key.
        """
        kept = self._kept.get(organisation_id)
        now = self._clock()
        if kept is None:
            return await self._tried(executor, organisation_id, None)
        if now - kept.read_at < SECONDS_FRESH and not kept.vault.missed:
            return kept.vault
        # Whoever comes meanwhile goes on with the old ones; where reading fails, it is tried again soon.
        self._kept[organisation_id] = kept._replace(read_at=now - SECONDS_FRESH + SECONDS_BETWEEN_TRIES)
        return await self._tried(executor, organisation_id, kept)

    async def _tried(self, executor: Executor, organisation_id: UUID, kept: Kept | None) -> Vault | None:
        old = None if kept is None else kept.vault
        try:
            return await self.read(executor, organisation_id) or old
        except (TrialbookError, asyncpg.PostgresError):
            return old  # what the request itself asks of the database will say what is wrong with it

    async def read(self, executor: Executor, organisation_id: UUID) -> Vault | None:
        """Read the keys anew, made first if there are none.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        rows = await READ.fetch_all(executor, organisation_id=organisation_id)
        if not rows:
            await self._make(executor, organisation_id)
            rows = await READ.fetch_all(executor, organisation_id=organisation_id)
        kept = self._kept.get(organisation_id)
        raw = dict(self._opened(organisation_id, rows, kept.raw if kept else {}))
        vault = _vault(organisation_id, rows, raw)
        if vault is not None:
            self._kept[organisation_id] = Kept(vault, raw, self._clock())
        return vault

    async def _make(self, executor: Executor, organisation_id: UUID) -> None:
        given: dict[str, Any] = {"master": self._masters.fingerprint}
        for purpose in Purpose:
            label = Label(organisation_id, new_id(), purpose.value)
            given[f"{label.purpose}_id"] = label.key_id
            given[f"{label.purpose}_wrapped"] = self._masters.wrap(label, new_key()).data
        await MAKE_FIRST.fetch_all(executor, organisation_id=organisation_id, **given)

    def _opened(
        self, organisation_id: UUID, rows: Iterable[Row], known: Mapping[UUID, bytes]
    ) -> Iterable[tuple[UUID, bytes]]:
        """Each key that can be opened; what was opened before stays so when it is wrapped under a newer master key."""
        for row in rows:
            if row["id"] in known:
                yield row["id"], known[row["id"]]
                continue
            label = Label(organisation_id, row["id"], row["purpose"])
            try:
                yield row["id"], self._masters.unwrap(label, Wrapped(row["wrapped"], row["master"]))
            except UnknownMaster:
                continue


def _vault(organisation_id: UUID, rows: Sequence[Row], raw: Mapping[UUID, bytes]) -> Vault | None:
    """The vault of these keys, in the order of their numbers; None when a key for fields or searches is missing."""
    fields = [row for row in rows if row["purpose"] == Purpose.FIELDS and row["id"] in raw]
    search = [raw[row["id"]] for row in rows if row["purpose"] == Purpose.SEARCH and row["id"] in raw]
    active = [row["id"] for row in fields if row["active"]]
    if not active or not search:
        return None
    return Vault(organisation_id, {row["id"]: raw[row["id"]] for row in fields}, active[-1], search[-1])
