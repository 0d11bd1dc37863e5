"""Everything that a database holds, as text: to be searched for what must not be there."""

from uuid import UUID

import asyncpg

from models.data_key import Purpose
from ops.owner import within
from ops.rotate_keys import rotate
from settings import FIRST_ORGANISATION
from tests.conftest import settings_for
from vault.keys import Masters

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
# Relations as they lie on the disk, after everything was written there: also dead rows, indexes and statistics.
FILES = (
    "SELECT oid::regclass::text AS name, pg_read_binary_file(pg_relation_filepath(oid)) AS content FROM pg_class "
    "WHERE relkind IN ('r', 'i', 't', 'm') AND pg_relation_filepath(oid) IS NOT NULL AND NOT relisshared"
)


async def rows_of(connection: asyncpg.Connection) -> str:
    """All rows of all tables, bytes as the text that they are."""
    tables = [row["tablename"] for row in await connection.fetch(TABLES)]
    return "\n".join([repr(row) for table in tables for row in await connection.fetch(f'SELECT * FROM "{table}"')])  # noqa: S608


async def files_with(connection: asyncpg.Connection, mark: str) -> list[str]:
    """The relations whose files hold the mark."""
    await connection.execute("CHECKPOINT")
    return [row["name"] for row in await connection.fetch(FILES) if mark.encode() in row["content"]]


def masters_of_tests() -> Masters:
    return Masters.from_settings(*settings_for("postgresql://nowhere").master_keys)


async def rotated_at_once(connection: asyncpg.Connection, organisation_id: UUID = FIRST_ORGANISATION) -> None:
    """A new key for fields that is written with from now on, as if its minute had passed."""
    await rotate(connection, masters_of_tests(), organisation_id)
    async with within(connection, organisation_id):
        await connection.execute(
            "UPDATE data_keys SET active_from = created_at WHERE organisation_id = $1 AND purpose = $2",
            *(organisation_id, Purpose.FIELDS),
        )
