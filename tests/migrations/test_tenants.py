"""What the migrations promise of organisations, of the service's role and of the audit, read from the catalogue."""

import runpy
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from ops.roles import SERVICE
from settings import FIRST_ORGANISATION
from tests.conftest import ROOT, as_service
from tests.signed_in import owner_connection

pytestmark = pytest.mark.anyio
TENANTS = runpy.run_path(str(ROOT / "alembic" / "versions" / "2026-11-26_tenants.py"))
TABLES = """
SELECT relname, relrowsecurity, relforcerowsecurity,
       array(SELECT polname::text FROM pg_policy WHERE polrelid = class.oid ORDER BY polname) AS policies,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = class.oid AND attname = 'organisation_id') AS of_organisation
FROM pg_class AS class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
RIGHTS = """
SELECT relname, lower(privilege_type) AS privilege, NULL AS column
FROM pg_class, aclexplode(relacl) WHERE relnamespace = 'public'::regnamespace AND grantee = $1::regrole
UNION ALL
SELECT relname, lower(privilege_type), attname
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl)
WHERE relnamespace = 'public'::regnamespace AND grantee = $1::regrole
"""
EPISODE = (
    "INSERT INTO episodes (organisation_id, patient_id, id, polarity, severity) "
    "VALUES ($1, $2, $3, 'unknown', 'unknown')"
)
GRANTED_LATER = {
    "data_keys": {"select", "insert"},
    "erasures": {"select"},
    "card_feedback": {"select", "insert", "update", "delete"},
    "used_call_tokens": {"select", "insert", "delete"},
    "rate_windows": {"select", "insert", "update", "delete"},
    "fhir_resources": {"select", "insert", "update"},
    "app_launches": {"select", "insert", "update", "delete"},  # those that are over are swept; the audit has each
    "launch_contexts": {"select", "insert", "delete"},  # the same
    "imports": {"select", "insert", "update"},
    "import_chunks": {"select", "insert", "delete"},
    "import_rejects": {"select", "insert", "delete"},
    "import_queue": {"select", "insert", "update", "delete"},
    "derived_records": {"select", "insert", "update (version)", "update (digest)", "update (provenance)"},
}
WAYS = ("UPDATE {} SET organisation_id = organisation_id", "DELETE FROM {}", "TRUNCATE {} CASCADE")
HISTORY = ("record_versions", "audit_events", "audit_seals", "local_definitions")


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the service's role that has said nothing of itself."""
    connection = await asyncpg.connect(as_service(database_url))
    yield connection
    await connection.close()


async def test_every_table_of_an_organisation_is_kept_apart_also_from_its_owner(connection: asyncpg.Connection) -> None:
    rows = {row["relname"]: row for row in await connection.fetch(TABLES)}
    assert set(rows) - {"alembic_version"} == {*TENANTS["GRANTED"], *GRANTED_LATER}
    for name, row in rows.items():
        if row["of_organisation"] or name == "organisations":
            assert (row["relrowsecurity"], row["relforcerowsecurity"]) == (True, True), name
            assert "tenant" in row["policies"], name
    others = {name: [each for each in row["policies"] if each != "tenant"] for name, row in rows.items()}
    assert {name: left for name, left in others.items() if left} == {
        "audit_unsealed": ["sealer"],
        "import_queue": ["runner"],
        "organisations": ["owner_lists"],
        "app_launches": ["presented"],
        **{name: ["presented"] for name in TENANTS["SEEN_BY_NAME"]},
    }


async def test_without_an_organisation_nothing_is_seen_and_with_another_nothing_of_the_first(
    service: asyncpg.Connection, patient_id: str
) -> None:
    assert patient_id
    for organisation in ("", str(uuid4())):
        await service.execute("SELECT set_config('app.organisation', $1, false)", organisation)
        for table in TENANTS["GRANTED"]:
            if table != "audit_unsealed":
                assert await service.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608 - our names
    await service.execute("SELECT set_config('app.organisation', $1, false)", str(FIRST_ORGANISATION))
    assert await service.fetchval("SELECT count(*) FROM patients") > 0


async def test_the_role_of_the_service_owns_nothing_and_has_no_privilege_of_its_own(
    connection: asyncpg.Connection,
) -> None:
    asked = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = $1"
    assert tuple(await connection.fetchrow(asked, SERVICE)) == (False,) * 5
    owned = (
        "SELECT count(*) FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = $1::regrole "
        "AND deptype = 'o'"
    )
    assert await connection.fetchval(owned, SERVICE) == 0
    member_of = "SELECT count(*) FROM pg_auth_members WHERE member = $1::regrole"
    assert await connection.fetchval(member_of, SERVICE) == 0
    assert not await connection.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", SERVICE)


async def test_the_role_of_the_service_may_do_exactly_what_is_listed(connection: asyncpg.Connection) -> None:
    found: dict[str, set[str]] = {}
    for name, privilege, column in await connection.fetch(RIGHTS, SERVICE):
        found.setdefault(name, set()).add(f"{privilege} ({column})" if column else privilege)
    listed = {name: {each.lower() for each in rights} for name, rights in TENANTS["GRANTED"].items()}
    assert found == {**listed, **GRANTED_LATER, "alembic_version": {"select"}}


async def test_nothing_listed_lets_the_service_lose_or_rewrite_what_was_recorded() -> None:
    granted = {name: set(rights) for name, rights in TENANTS["GRANTED"].items()}
    assert {name for name, rights in granted.items() if "DELETE" in rights} == {
        "patient_identifiers",
        "idempotency_keys",
        "audit_unsealed",
        "used_assertions",
    }
    assert not any("TRUNCATE" in rights for rights in granted.values())
    assert granted["record_versions"] == {"SELECT", "INSERT", "UPDATE (superseded_at)"}
    for name in ("audit_events", "audit_seals", "local_definitions"):
        assert granted[name] == {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("way", WAYS)
async def test_the_service_can_neither_change_nor_remove_history_or_audit(
    service: asyncpg.Connection, table: str, way: str
) -> None:
    await service.execute("SELECT set_config('app.organisation', $1, false)", str(FIRST_ORGANISATION))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await service.execute(way.format(table))


@pytest.mark.parametrize("table", ["audit_events", "audit_seals"])
@pytest.mark.parametrize("way", WAYS)
async def test_the_audit_refuses_to_be_changed_even_by_the_owner(
    connection: asyncpg.Connection, patient_id: str, table: str, way: str
) -> None:
    assert patient_id
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await connection.execute(way.format(table))


async def test_a_write_that_does_not_say_who_writes_is_refused_even_to_the_owner(
    database_url: str, service: asyncpg.Connection, patient_id: str
) -> None:
    owner = await owner_connection(database_url)
    await owner.execute("SELECT set_config('app.audit', '', false)")
    await service.execute("SELECT set_config('app.organisation', $1, false)", str(FIRST_ORGANISATION))
    for connection in (owner, service):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"app\.audit"):
            await connection.execute(EPISODE, FIRST_ORGANISATION, patient_id, uuid4())
    await owner.close()


async def test_a_definition_that_does_not_say_who_writes_is_refused(database_url: str) -> None:
    owner = await owner_connection(database_url)
    await owner.execute("SELECT set_config('app.audit', '', false)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"app\.audit"):
        await owner.execute(
            "INSERT INTO local_definitions (organisation_id, slug, version, digest, document) "
            "VALUES ($1, 'unsaid', 1, 'x', '{}')",
            FIRST_ORGANISATION,
        )
    await owner.close()


async def test_a_write_is_audited_in_its_own_transaction(connection: asyncpg.Connection, patient_id: str) -> None:
    mine = uuid4()
    about = "SELECT subject, kind, operation, action, entity, version FROM audit_events WHERE record_id = $1"
    before = connection.transaction()
    await before.start()
    await connection.execute(EPISODE, FIRST_ORGANISATION, patient_id, mine)
    assert [tuple(row) for row in await connection.fetch(about, mine)] == [
        ("system", "system", "test", "C", "episodes", 1)
    ]
    await before.rollback()
    assert await connection.fetch(about, mine) == []
