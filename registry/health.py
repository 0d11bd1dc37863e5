"""Whether the service can answer: the database, its schema, row-level security, and the seals of the audit."""

from typing import Any

from sqlalchemy import Boolean, Integer, String, Table, cast, column, extract, func, literal_column, select, table

from models.audit import AuditUnsealed
from models.executor import Executor
from registry.errors import NotReady
from registry.statements import Statement

UNSEALED: Table = AuditUnsealed.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
MOST_LOOKED_AT = 1_000
SECONDS_TO_SEAL = 60
BEHIND = "The database is at schema {}, and this version of the service needs {}. Run the migrations (`make migrate`)."
TOO_MIGHTY = "The service's database role is a superuser or bypasses row-level security. Give it a role that does not."
UNFORCED = "Row-level security is not forced on {} tables that belong to organisations. Run the migrations."
UNSEALED_TOO_LONG = "The oldest event of the audit has waited {} s for its seal; a second or two is expected."
_revision = select(column("version_num", String)).select_from(table("alembic_version"))
_role = table("pg_roles", column("rolname"))
_may_all = select(literal_column("rolsuper OR rolbypassrls", Boolean)).select_from(_role)
_mighty = _may_all.where(_role.c.rolname == literal_column("current_user"))
_unforced = literal_column(
    "(SELECT count(*) FROM pg_class AS held JOIN pg_attribute AS part ON part.attrelid = held.oid"
    " WHERE held.relnamespace = 'public'::regnamespace AND held.relkind = 'r' AND part.attname = 'organisation_id'"
    " AND NOT part.attisdropped AND NOT (held.relrowsecurity AND held.relforcerowsecurity))",
    Integer,
)
_waiting = select(UNSEALED.c.since).limit(literal_column(str(MOST_LOOKED_AT))).subquery()
_waited = extract("epoch", func.clock_timestamp() - func.min(_waiting.c.since))
STANDING = Statement(
    select(
        _revision.scalar_subquery().label("schema_revision"),
        _mighty.scalar_subquery().label("mighty"),
        _unforced.label("unforced"),
        select(cast(func.coalesce(_waited, 0), Integer)).scalar_subquery().label("unsealed_seconds"),
    )
)


async def check_standing(database: Executor, needed: str) -> dict[str, Any]:
    """How the database stands: revision, row-level security, and for how long an event has waited for its seal.

    Raises:
        DatabaseUnavailable: it does not answer.
        NotReady: it is at another revision, does not keep organisations apart, or nobody seals the audit.
    """
    rows = await STANDING.fetch_all(database)
    found = dict(rows[0])
    for wrong, sentence in (
        (found["schema_revision"] != needed, BEHIND.format(found["schema_revision"] or "none", needed)),
        (found["mighty"], TOO_MIGHTY),
        (found["unforced"], UNFORCED.format(found["unforced"])),
        (found["unsealed_seconds"] > SECONDS_TO_SEAL, UNSEALED_TOO_LONG.format(found["unsealed_seconds"])),
    ):
        if wrong:
            raise NotReady(sentence, headers={"Retry-After": "10"})
    return found
