"""A service with its own process for imports: killed half-way and started again, it comes to the same end."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI

from main import create_app
from settings import Settings
from tests.bulk.records import chart, imported, ndjson, send
from tests.conftest import Maker, settings_for
from tests.signed_in import client_of, owner_connection, somebody

pytestmark = pytest.mark.anyio
BODY = ndjson(*(each for number in range(600) for each in chart(f"killed-{number}")))
CONTENT = """
SELECT count(*), count(DISTINCT patient_id), md5(string_agg(kind || ':' || key || ':' || digest || ':' || version, ','
       ORDER BY key, kind)) FROM derived_records WHERE kind <> 'patients'
"""
TABLES = ("patients", "episodes", "medication_trials", "assessments", "record_versions", "derived_records")
SECONDS = 120


@pytest.fixture
def url(make_database: Maker) -> str:
    return make_database()


@pytest.fixture
def another_url(make_database: Maker) -> str:
    return make_database()


@pytest.fixture
async def serving(url: str) -> AsyncIterator[FastAPI]:
    """A service that imports by itself, on a database of its own."""
    settings = Settings.model_validate(settings_for(url).model_dump() | {"run_imports": True})
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


def workers() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [each for each in children if "ops.import_worker" in " ".join(each.cmdline())]


async def state_of(http: httpx.AsyncClient, location: str) -> dict[str, Any]:
    found: dict[str, Any] = (await http.get(location)).json()
    return found


async def until(http: httpx.AsyncClient, location: str, done: Any) -> dict[str, Any]:  # noqa: ANN401 - a question
    async with asyncio.timeout(SECONDS):
        while not done(said := await state_of(http, location)):  # noqa: ASYNC110 - asked as a client would
            await asyncio.sleep(0.1)
    return said


async def content(url: str) -> list[Any]:
    """What came of it: how many rows of each kind, and a digest of what was derived of what."""
    owner = await owner_connection(url)
    counts = [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]  # noqa: S608 - our names
    found = [*counts, *(await owner.fetchrow(CONTENT))]
    await owner.close()
    return found


async def test_an_import_that_was_killed_comes_to_the_same_end(serving: FastAPI, url: str, another_url: str) -> None:
    async with client_of(serving, await somebody(serving)) as http:
        location = (await send(http, BODY)).headers["Location"]
        for moment in ("reading", "writing"):
            await until(http, location, lambda said, now=moment: said["state"] in (now, "writing", "done"))
            for worker in workers():
                worker.send_signal(signal.SIGKILL)
        said = await until(http, location, lambda said: said["state"] == "done")
    assert said["resources"] == {"total": 3600, "done": 3600}
    assert {kind: done["created"] for kind, done in said["records"].items()} == {
        "patients": 600, "episodes": 600, "medication_trials": 600, "assessments": 1200, "treatments": 0,
    }  # fmt: skip
    assert {kind: done["unchanged"] for kind, done in said["records"].items()} == dict.fromkeys(said["records"], 0)
    assert (await content(url))[:2] == [600, 600]
    assert await content(url) == await _undisturbed(another_url)


async def _undisturbed(url: str) -> list[Any]:
    """The same import, worked off in this process and never disturbed."""
    app = create_app(settings_for(url))
    async with app.router.lifespan_context(app), client_of(app, await somebody(app)) as http:
        assert (await imported(app, http, BODY))["state"] == "done"
    return await content(url)


def test_no_runner_is_left_behind() -> None:
    assert workers() == []
