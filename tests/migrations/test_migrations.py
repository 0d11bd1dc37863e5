"""The migrations: up, down, up again, and nothing left to generate, on each PostgreSQL that is supported."""

import ast
import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from models.tables import METADATA, TABLES
from ops.account import database_account
from tests.conftest import ROOT, migrations
from tests.signed_in import owner_connection

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("15/bin/initdb"))
LAST_WITH_PLAIN_NAMES = "0012"
EXPECTED = {table.__tablename__ for table in TABLES} | {"alembic_version"}


def there_and_back(url: str) -> None:
    config = migrations(url)
    command.upgrade(config, LAST_WITH_PLAIN_NAMES)
    assert asyncio.run(run(url, INSERT))
    command.upgrade(config, "head")
    assert tables_in(url) == EXPECTED
    command.downgrade(config, "base")
    assert tables_in(url) == {"alembic_version"}
    assert asyncio.run(run(url, FUNCTIONS)) == []
    command.upgrade(config, "head")
    command.check(config)


FUNCTIONS = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
INSERT = (
    "INSERT INTO patients (organisation_id, id, identifiers, sex) "
    "SELECT id, gen_random_uuid(), '[]', 'unknown' FROM organisations RETURNING id"
)


def tables_in(url: str) -> set[str]:
    found = asyncio.run(run(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    return {row["tablename"] for row in found}


async def run(url: str, sql: str) -> list[asyncpg.Record]:
    connection = await owner_connection(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


def test_up_down_up_and_check_on_the_embedded_postgresql(server_url: Callable[[str], str]) -> None:
    name = f"migrations_{uuid4().hex}"
    asyncio.run(run(server_url("postgres"), f"CREATE DATABASE {name}"))
    there_and_back(server_url(name))


@pytest.fixture
def debian_url() -> Iterator[str]:
    """A server of Debian's PostgreSQL 15 on a socket of its own."""
    folder = Path("/tmp") / f"trialbook-15-{uuid4().hex[:8]}"  # noqa: S108 - sockets need a short path
    folder.mkdir(mode=0o700)
    account = database_account(folder / "data")
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    if account:
        shutil.chown(folder, account.uid, account.gid)
    tools = DEBIAN[0].parent
    initdb = [tools / "initdb", "-D", folder / "data", "-U", "trialbook", "--auth=trust", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/", **who)  # noqa: S603 - our own command
    serve = [tools / "postgres", "-D", folder / "data", "-k", folder, "-h", "", "-F"]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who)  # noqa: S603
    try:
        url = f"postgresql://trialbook@/postgres?host={folder}"
        asyncio.run(wait_for(url))
        yield url
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)


async def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            await run(url, "SELECT 1")
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


@pytest.mark.skipif(not DEBIAN, reason="Debian's PostgreSQL 15 is not installed here")
def test_up_down_up_and_check_on_postgresql_15(debian_url: str) -> None:
    there_and_back(debian_url)


def test_the_schema_can_be_written_as_sql(capsys: pytest.CaptureFixture[str]) -> None:
    config = migrations("postgresql://nowhere")
    config.output_buffer = None
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE medication_trials" in capsys.readouterr().out


def test_migrations_follow_one_another_in_one_line_and_are_dated_sentences() -> None:
    scripts = ScriptDirectory(str(ROOT / "alembic"))
    assert len(scripts.get_heads()) == 1
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        assert path.name[:10].replace("-", "").isdigit()


OF_NO_ORGANISATION = {
    "organisations": "these are the organisations themselves",
    "rate_windows": "counts requests of whoever asks, known or not; holds nothing of a patient",
}


def test_every_key_begins_with_the_organisation() -> None:
    for table in METADATA.sorted_tables:
        if table.name in OF_NO_ORGANISATION:
            continue
        assert next(iter(table.primary_key.columns)).name == "organisation_id", table.name
        for key in table.foreign_key_constraints:
            assert key.column_keys[0] == "organisation_id", key.name


def test_every_model_file_with_a_table_is_known_to_the_migrations() -> None:
    known = {(table.__module__, table.__name__) for table in TABLES}
    with_tables = {
        (f"models.{path.stem}", name) for path in (ROOT / "models").glob("*.py") for name in classes_with_a_table(path)
    }
    assert with_tables == known


def classes_with_a_table(path: Path) -> list[str]:
    classes = [each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.ClassDef)]
    return [each.name for each in classes if any(keyword.arg == "table" for keyword in each.keywords)]
