"""Whether the database answers, and whether its schema is the one that this code was written for."""

from sqlalchemy import column, select, table

from models.executor import Executor
from registry.errors import DatabaseUnavailable
from registry.statements import Statement

REVISION = Statement(select(column("version_num")).select_from(table("alembic_version")))
BEHIND = "The database is at schema {}, and this version of the service needs {}. Run the migrations (`make migrate`)."


async def check_schema(database: Executor, needed: str) -> str:
    """The revision that the database is at.

    Raises:
        DatabaseUnavailable: it does not answer, or is at another revision.
    """
    row = await REVISION.fetch_one(database)
    found = "none" if row is None else str(row["version_num"])
    if found != needed:
        raise DatabaseUnavailable(BEHIND.format(found, needed), headers={"Retry-After": "10"})
    return found
