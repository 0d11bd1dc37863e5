"""Seals the names that a database from before holds in plain form; `make run` and `make migrate` do it after migrating.

It may be stopped at any moment and run again: a rule of the table is validated when all is done, and says so from then
on. What PostgreSQL still holds of the old rows (dead rows, statistics) is written over; backups and write-ahead logs
from before hold plain names, and are to be kept or destroyed as such.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

import asyncpg
from rich.progress import Progress

from ops.owner import connected, organisations, vault_of
from ops.say import say
from ops.sealing import Sealer, count
from vault.keys import Masters
from vault.vault import Vault

REWRITTEN = ("patients", "patient_identifiers", "record_versions", "idempotency_keys")
IS_DONE = "SELECT convalidated FROM pg_constraint WHERE conname = 'ck_patients_identity_is_sealed'"
DONE = "ALTER TABLE patients VALIDATE CONSTRAINT ck_patients_identity_is_sealed"


async def seal_plain(dsn: str, masters: Masters) -> int:
    """Seal every name that is stored in plain form, and see that the keys of every organisation can be opened.

    Returns:
        How many rows were rewritten.

    Raises:
        KeysUnreadable: the keys of an organisation are wrapped under another master key.
    """
    async with connected(dsn) as connection:
        vaults = [await vault_of(connection, masters, each) for each in await organisations(connection)]
        is_done = await connection.fetchval(IS_DONE)
        rewritten = await _seal(connection, vaults, only_answers=is_done)
        if rewritten or not is_done:
            await _finish(connection)
    return rewritten


async def _seal(connection: asyncpg.Connection, vaults: Sequence[Vault], *, only_answers: bool) -> int:
    """Answers are always looked at: a database may have had some before its first patient."""
    with Progress(transient=True) as progress:
        bar = progress.add_task("Sealing names")
        sealers = [Sealer(connection, vault, anew=False, told=partial(progress.advance, bar)) for vault in vaults]
        if only_answers:
            return sum([await sealer.answers() for sealer in sealers])
        progress.update(bar, total=sum([await count(connection, vault.organisation_id) for vault in vaults]))
        return sum([await sealer.everything() for sealer in sealers])


async def _finish(connection: asyncpg.Connection) -> None:
    """Write over what is left of the plain rows, then let the table say that there is none."""
    for table in REWRITTEN:
        await connection.execute(f"VACUUM (FULL, ANALYZE) {table}")
    await connection.execute(DONE)


def encrypt(dsn: str, masters: Masters) -> None:
    """Seal what is plain, and say so if there was any.

    Raises:
        KeysUnreadable: as in `seal_plain`.
    """
    rewritten = asyncio.run(seal_plain(dsn, masters))
    if rewritten:
        say(f"Sealed the names in {rewritten} rows from before.")
