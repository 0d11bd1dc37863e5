"""`make rotate-keys`: a new data key for every organisation, and every data key under the current master key.

After changing ENCRYPTION_KEY, with the old one in PREVIOUS_ENCRYPTION_KEYS, one run makes the old one unnecessary.
`--reseal` also brings everything stored under the newest data key, without making versions; `--delete-unused` makes no
new key and deletes those that nothing is sealed under any more. The service may run meanwhile.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from urllib.parse import quote
from uuid import UUID

import asyncpg
from rich.progress import Progress

from models.base import new_id
from models.data_key import Purpose
from ops.cluster import OWNER
from ops.owner import connected, organisations, refuse_unknown, vault_of, within
from ops.postgres import EmbeddedPostgres
from ops.postmaster import find
from ops.say import say
from ops.sealing import Sealer, count
from ops.secret import with_kept_secrets
from registry.vaults import UNTIL_WRITTEN_WITH
from settings import Settings, read_settings
from vault.keys import Label, Masters, Wrapped, new_key

# A process that read the keys just before a new one became active writes with the old one for another 30 s, in a
# statement that may take 10 s.
UNTIL_ALL_WRITE_WITH = timedelta(seconds=45)
SUPERSEDED_FOR = timedelta(hours=1)
ADD = (
    "INSERT INTO data_keys (organisation_id, id, purpose, number, wrapped, master, active_from) "
    "SELECT $1, $2, $3::varchar, max(number) + 1, $4, $5, clock_timestamp() + $6::interval FROM data_keys "
    "WHERE organisation_id = $1 AND purpose = $3::varchar"
)
WRAPPED = "SELECT id, purpose, wrapped, master FROM data_keys WHERE organisation_id = $1 AND master <> $2 FOR UPDATE"
WRAP = "UPDATE data_keys SET wrapped = $3, master = $4 WHERE organisation_id = $1 AND id = $2"
SECONDS_LEFT = "SELECT extract(epoch FROM max(active_from) + $1::interval - clock_timestamp())::float8 FROM data_keys"
DELETE = """
WITH used (id) AS (
    SELECT split_part(identity, ':', 2) FROM patients WHERE organisation_id = $1
    UNION SELECT split_part(document ->> 'identity', ':', 2) FROM record_versions
          WHERE organisation_id = $1 AND kind = 'patients'
    UNION SELECT split_part(content, ':', 2) FROM fhir_resources WHERE organisation_id = $1
    UNION SELECT split_part(document ->> 'content', ':', 2) FROM record_versions
          WHERE organisation_id = $1 AND kind = 'fhir_resources'
    UNION SELECT split_part(convert_from(body, 'UTF8'), ':', 2) FROM idempotency_keys WHERE organisation_id = $1
    UNION SELECT split_part(left(sealed, 40), ':', 2) FROM import_chunks WHERE organisation_id = $1)
DELETE FROM data_keys AS old WHERE organisation_id = $1 AND purpose = 'fields'
   AND replace(id::text, '-', '') NOT IN (SELECT used.id FROM used WHERE used.id IS NOT NULL)
   AND EXISTS (SELECT FROM data_keys AS newer WHERE newer.organisation_id = $1 AND newer.purpose = 'fields'
               AND newer.number > old.number AND newer.active_from < clock_timestamp() - $2::interval)
RETURNING old.id
"""


async def rotate(connection: asyncpg.Connection, masters: Masters, organisation_id: UUID) -> None:
    """A new key for fields, and every key of the organisation under the current master key."""
    await vault_of(connection, masters, organisation_id)
    label = Label(organisation_id, new_id(), Purpose.FIELDS.value)
    wrapped = masters.wrap(label, new_key())
    async with within(connection, organisation_id):
        await connection.execute(
            ADD, organisation_id, label.key_id, label.purpose, wrapped.data, wrapped.master, UNTIL_WRITTEN_WITH
        )
        await rewrap(connection, masters, organisation_id)


async def rewrap(connection: asyncpg.Connection, masters: Masters, organisation_id: UUID) -> None:
    """Bring every key of the organisation under the current master key.

    Raises:
        KeysUnreadable: one is wrapped under a master key that is not at hand.
    """
    rows = await connection.fetch(WRAPPED, organisation_id, masters.fingerprint)
    refuse_unknown(masters, (row["master"] for row in rows))
    for row in rows:
        label = Label(organisation_id, row["id"], row["purpose"])
        wrapped = masters.wrap(label, masters.unwrap(label, Wrapped(row["wrapped"], row["master"])))
        await connection.execute(WRAP, organisation_id, row["id"], wrapped.data, wrapped.master)


async def reseal(connection: asyncpg.Connection, masters: Masters) -> int:
    """Bring everything stored under the key that is written with.

    Returns:
        How many rows were rewritten.
    """
    vaults = [await vault_of(connection, masters, each) for each in await organisations(connection)]
    total = sum([await count(connection, vault.organisation_id) for vault in vaults])
    with Progress(transient=True) as progress:
        told = partial(progress.advance, progress.add_task("Sealing anew", total=total))
        return sum([await Sealer(connection, vault, anew=True, told=told).everything() for vault in vaults])


async def delete_unused(connection: asyncpg.Connection) -> int:
    """Delete the keys for fields that nothing is sealed under, of which a newer one has been written with for an hour.

    Returns:
        How many were deleted.
    """
    deleted = 0
    for each in await organisations(connection):
        async with within(connection, each):
            deleted += len(await connection.fetch(DELETE, each, SUPERSEDED_FOR))
    return deleted


async def _wait_until_written_with(connection: asyncpg.Connection) -> None:
    """Wait until no process of the service writes with an older key."""
    left = 0.0
    for each in await organisations(connection):
        async with within(connection, each):
            left = max(left, await connection.fetchval(SECONDS_LEFT, UNTIL_ALL_WRITE_WITH) or 0.0)
    say(f"Waiting {left:.0f} s until every process of the service writes with the new keys.")
    await asyncio.sleep(left)


async def run(dsn: str, masters: Masters, asked: argparse.Namespace) -> None:
    """What the command line asks for, in order."""
    async with connected(dsn) as connection:
        if asked.delete_unused:
            say(f"Deleted {await delete_unused(connection)} data keys that nothing is sealed under.")
            return
        everyone = await organisations(connection)
        for each in everyone:
            await rotate(connection, masters, each)
        say(f"New data keys: {len(everyone)}. All are wrapped under the ENCRYPTION_KEY {masters.fingerprint}.")
        if asked.reseal:
            await _wait_until_written_with(connection)
            say(f"Sealed {await reseal(connection, masters)} rows anew.")


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """The address of the database: the one that the settings name, or the embedded one, whether it runs or not."""
    embedded = EmbeddedPostgres(settings.data_dir)
    running = find(embedded.cluster)
    if settings.database_url is not None:
        yield settings.owner_dsn
    elif running is not None:
        yield f"postgresql://{OWNER}@/{OWNER}?host={quote(str(running.socket_folder), safe='/')}"
    else:
        with embedded:
            yield embedded.url()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m ops.rotate_keys", description=__doc__)
    parser.add_argument("--reseal", action="store_true", help="also rewrite all that is stored under older keys")
    parser.add_argument("--delete-unused", action="store_true", help="only delete keys that nothing is sealed under")
    asked = parser.parse_args(arguments)
    settings = read_settings()
    with reached(settings) as dsn:
        asyncio.run(run(dsn, Masters.from_settings(*with_kept_secrets(settings).master_keys), asked))


if __name__ == "__main__":
    main()
