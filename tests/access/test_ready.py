"""/readyz: the database, its schema, row-level security, and whether the audit is sealed."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from models.database import Database
from registry.errors import NotReady
from registry.health import check_standing
from settings import FIRST_ORGANISATION
from tests.signed_in import client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def said(app: FastAPI) -> httpx.Response:
    async with client_of(app, None) as nobody:
        return await nobody.get("/readyz")


async def test_it_is_ready_and_says_how_it_stands(said: httpx.Response) -> None:
    assert said.status_code == 200, said.text
    assert said.json()["row_level_security"] == "forced"
    assert said.json()["unsealed_seconds"] <= 60


async def test_another_schema_is_not_ready(database: Database) -> None:
    with pytest.raises(NotReady, match="make migrate"):
        await check_standing(database, "9999")


async def test_a_table_without_forced_row_level_security_is_not_ready(
    app: FastAPI, connection: asyncpg.Connection
) -> None:
    await connection.execute("ALTER TABLE episodes NO FORCE ROW LEVEL SECURITY")
    try:
        async with client_of(app, None) as nobody:
            answer = await nobody.get("/readyz")
    finally:
        await connection.execute("ALTER TABLE episodes FORCE ROW LEVEL SECURITY")
    assert (answer.status_code, "1 tables" in answer.json()["detail"]) == (503, True)


async def test_a_superuser_is_not_ready(database_url: str, database: Database) -> None:
    revision = (await check_standing(database, await revision_of(database)))["schema_revision"]
    async with Database(database_url.replace("//trialbook@", "//postgres@"), 1) as mighty:
        with pytest.raises(NotReady, match="superuser"):
            await check_standing(mighty, revision)


async def revision_of(database: Database) -> str:
    rows = await database.run("SELECT version_num FROM alembic_version", [], repeatable=True)
    return str(rows[0]["version_num"])


async def test_an_audit_that_nobody_seals_is_not_ready(database: Database, connection: asyncpg.Connection) -> None:
    forgotten = "INSERT INTO audit_unsealed VALUES ($1, -1, clock_timestamp() - interval '2 minutes')"
    await connection.execute(forgotten, FIRST_ORGANISATION)
    try:
        with pytest.raises(NotReady, match="seal"):
            await check_standing(database, await revision_of(database))
    finally:
        await connection.execute("DELETE FROM audit_unsealed WHERE event_id = -1")
