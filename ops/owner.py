"""Work that only the owner of the tables may do: a connection of its own, and a transaction for one organisation."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from models.database import Transaction
from models.pool import prepare
from registry.vaults import Vaults
from vault.keys import Masters
from vault.vault import Vault

REWRITING_LOCK = 7_262_002
"""Two that rewrite at once do so one after the other, a batch each."""


class KeysUnreadable(SystemExit):
    """The data keys of the database are wrapped under a master key that is not at hand. The message says what to do."""


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A plain connection that reads JSON, closed at the end."""
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await prepare(connection)
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def within(connection: asyncpg.Connection, organisation_id: UUID) -> AsyncIterator[None]:
    """One transaction on what one organisation keeps, allowed to rewrite what names a patient."""
    async with connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock($1::int8), set_config('app.organisation', $2, true), "
            "set_config('app.subject', '*', true), set_config('app.rewriting', 'identities', true)",
            *(REWRITING_LOCK, str(organisation_id)),
        )
        yield


async def organisations(connection: asyncpg.Connection) -> list[UUID]:
    """Every organisation."""
    return [row["id"] for row in await connection.fetch("SELECT id FROM organisations ORDER BY id")]


async def vault_of(connection: asyncpg.Connection, masters: Masters, organisation_id: UUID) -> Vault:
    """The opened keys of an organisation, made if there are none.

    Raises:
        KeysUnreadable: they are wrapped under another master key.
    """
    async with within(connection, organisation_id):
        used = await connection.fetch(
            "SELECT DISTINCT master FROM data_keys WHERE organisation_id = $1", organisation_id
        )
        refuse_unknown(masters, (row["master"] for row in used))
        vault = await Vaults(masters).read(Transaction(connection), organisation_id)
    if vault is None:
        raise KeysUnreadable(f"The keys of the organisation {organisation_id} are not complete: restore them.")
    return vault


def refuse_unknown(masters: Masters, fingerprints: Iterable[str]) -> None:
    """Stop before anything is written when a master key is missing.

    Raises:
        KeysUnreadable: one is.
    """
    for fingerprint in fingerprints:
        if not masters.knows(fingerprint):
            raise KeysUnreadable(
                f"Names in this database are sealed under an ENCRYPTION_KEY of the fingerprint {fingerprint}; the one "
                f"that is set has {masters.fingerprint}. Set that key, or name it in PREVIOUS_ENCRYPTION_KEYS."
            )
