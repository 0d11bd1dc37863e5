"""A service with its own process for imports: killed half-way and started again, it comes to the same end."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
from fastapi import FastAPI

from main import create_app
from settings import Settings
from tests.bulk.records import chart, imported, ndjson, send
from tests.conftest import Maker, settings_for
from tests.signed_in import client_of, owner_connection, somebody
from web import importing

pytestmark = pytest.mark.anyio
BODY = ndjson(*(each for number in range(600) for each in chart(f"killed-{number}")))
CONTENT = """
SELECT count(*), count(DISTINCT patient_id), md5(string_agg(kind || ':' || key || ':' || digest || ':' || version, ','
       ORDER BY key, kind)) FROM derived_records WHERE kind <> 'patients'
"""
TABLES = ("patients", "episodes", "medication_trials", "assessments", "record_versions", "derived_records")
SECONDS = 120
HELD_UP = "LOCK TABLE import_chunks IN ACCESS EXCLUSIVE MODE"
TAKEN = "SELECT taken_by FROM import_queue WHERE taken_by IS NOT NULL"


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
    found = []
    for each in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it may end while it is looked at
            found += [each] if "ops.import_worker" in " ".join(each.cmdline()) else []
    return found


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


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """No process is started before this; then one at once after the other."""
    waits, begin = importing.Importing._waits, asyncio.Event()  # noqa: SLF001 - when the service looks for imports

    async def waits_then(keeper: importing.Importing) -> bool:
        return begin.is_set() and await waits(keeper)

    monkeypatch.setattr(importing.Importing, "_waits", waits_then)
    monkeypatch.setattr(importing, "SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(importing, "SECONDS_AFTER_DEATHS", 0.05)
    return begin


async def taken(owner: asyncpg.Connection, before: object = None) -> object:
    """Who has an import, as soon as it is another one than before."""
    async with asyncio.timeout(SECONDS):
        while (name := await owner.fetchval(TAKEN)) in {None, before}:  # noqa: ASYNC110 - a process tells nobody
            await asyncio.sleep(0.02)
    return name


async def test_an_import_that_kills_its_process_is_refused_and_holds_up_nobody(
    serving: FastAPI, url: str, begin: asyncio.Event
) -> None:
    owner = await owner_connection(url)
    async with client_of(serving, await somebody(serving)) as http:
        deadly, behind = [(await send(http, ndjson(*chart(name)))).headers["Location"] for name in ("a", "b")]
        async with owner.transaction():
            await owner.execute(HELD_UP)
            begin.set()
            name = None
            for _ in range(3):
                name = await taken(owner, name)
                for worker in workers():
                    worker.send_signal(signal.SIGKILL)
        said = await until(http, behind, lambda said: said["state"] == "done")
        assert said["resources"] == {"total": 6, "done": 6}
        refused = await state_of(http, deadly)
    await owner.close()
    assert (refused["state"], refused["problem"].partition(".")[0]) == (
        "refused",
        "The process that worked on it ended three times without getting further",
    )


async def test_a_service_that_stops_hands_its_import_back(url: str, begin: asyncio.Event) -> None:
    settings = Settings.model_validate(settings_for(url).model_dump() | {"run_imports": True})
    owner, app = await owner_connection(url), create_app(settings)
    async with owner.transaction():
        async with app.router.lifespan_context(app), client_of(app, await somebody(app)) as http:
            await send(http, ndjson(*chart("a")))
            await owner.execute(HELD_UP)
            begin.set()
            await taken(owner)
        assert workers() == []
        [row] = await owner.fetch("SELECT taken_by, taken_until, takings FROM import_queue")
    await owner.close()
    assert tuple(row) == (None, None, 0)


def test_no_runner_is_left_behind() -> None:
    assert workers() == []
