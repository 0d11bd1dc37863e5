"""An import that ends whoever works on it is refused after three times, and those behind it are worked off."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from registry import import_job, import_runner
from registry.errors import DatabaseUnavailable
from registry.import_jobs import HAND_BACK, RELEASE
from settings import FIRST_ORGANISATION
from tests.bulk.records import TODAY, chart, ndjson, patient, runner_of, send, work_off
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio
TOLD = (
    "The process that worked on it ended three times without getting further. What was recorded before stays. Send it "
    "in smaller files."
)
QUEUED = "SELECT taken_by, taken_until, takings FROM import_queue WHERE import_id = $1"


class Killed(BaseException):
    """As if the process had ended: nothing of ours notices."""


async def killed(*_: object) -> None:
    raise Killed


async def die(app: FastAPI) -> None:
    """Let a runner of a new name take what waits, and die; whoever started it gives free what it had."""
    name = uuid4()
    with pytest.raises(Killed):
        await runner_of(app, name).run_next(TODAY)
    database = desk_of(app.state.service.database).database
    assert await RELEASE.fetch_all(database, organisation_id=FIRST_ORGANISATION, runner=name)


async def queued(app: FastAPI, import_id: str) -> tuple[Any, ...]:
    async with desk_of(app.state.service.database).database.transaction() as inside:
        [row] = await inside.run(QUEUED, [UUID(import_id)], repeatable=False)
    return tuple(row.values())


@pytest.mark.parametrize(
    ("what", "state"),
    [("registry.import_runner.run", "waiting"), ("registry.import_job._store_batch", "writing")],
    ids=["reading", "writing"],
)
async def test_after_three_takings_in_vain_it_is_refused_and_the_next_is_worked_off(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, what: str, state: str
) -> None:
    deadly = (await send(client, ndjson(patient(uuid4().hex)))).headers["Location"]
    behind = (await send(client, ndjson(patient(uuid4().hex)))).headers["Location"]
    with monkeypatch.context() as patched:
        patched.setattr(what, killed)
        for times in (1, 2, 3):
            await die(app)
            assert await queued(app, deadly.rpartition("/")[2]) == (None, None, times)
            assert (await client.get(deadly)).json()["state"] == state
    assert await work_off(app) == 2
    said = (await client.get(deadly)).json()
    assert (said["state"], said["problem"], said["finished_at"] is None) == ("refused", TOLD, False)
    assert (await client.get(behind)).json()["state"] == "done"


def one_batch() -> tuple[list[object], Callable[..., Awaitable[None]]]:
    """Stores one batch and is killed at the next; what it stored is emptied for it to go on."""
    store = import_job._store_batch  # noqa: SLF001 - killed half-way
    stored: list[object] = []

    async def store_one(*given: Any) -> None:  # noqa: ANN401 - as it is called
        if stored:
            raise Killed
        stored.append(await store(*given))

    return stored, store_one


async def test_takings_that_got_further_do_not_count(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = ndjson(*(each for _ in range(6) for each in chart(uuid4().hex)))
    answer = await send(client, body)
    stored, store_one = one_batch()
    monkeypatch.setattr(import_job, "RESOURCES_OF_A_BATCH", 6)
    with monkeypatch.context() as patched:
        patched.setattr(import_job, "_store_batch", store_one)
        for done in (6, 12, 18, 24):
            stored.clear()
            await die(app)
            assert (await client.get(answer.headers["Location"])).json()["resources"] == {"total": 36, "done": done}
            assert await queued(app, answer.json()["id"]) == (None, None, 0)
        for _ in range(2):  # and none is stored now
            await die(app)
    assert await queued(app, answer.json()["id"]) == (None, None, 2)
    assert await work_off(app) == 1
    assert (await client.get(answer.headers["Location"])).json()["state"] == "done"


async def test_what_was_recorded_before_it_was_refused_stays(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [uuid4().hex, uuid4().hex]
    location = (await send(client, ndjson(*map(patient, names)))).headers["Location"]
    _, store_one = one_batch()
    monkeypatch.setattr(import_job, "RESOURCES_OF_A_BATCH", 1)
    with monkeypatch.context() as patched:
        patched.setattr(import_job, "_store_batch", store_one)
        for _ in range(4):
            await die(app)
    assert await work_off(app) == 1
    said = (await client.get(location)).json()
    assert (said["state"], said["problem"]) == ("refused", TOLD)
    assert (said["resources"]["done"], said["records"]["patients"]["created"]) == (1, 1)


async def test_a_runner_that_is_told_to_stop_hands_its_import_back(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await send(client, ndjson(patient(uuid4().hex)))
    taken = asyncio.Event()

    async def working(*_: object) -> None:
        taken.set()
        await asyncio.Event().wait()

    async def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(import_runner, "run", working)
        for _ in range(4):
            taken.clear()
            runs = asyncio.create_task(runner_of(app).run_next(TODAY))
            await taken.wait()
            assert (await queued(app, answer.json()["id"]))[2] == 1
            runs.cancel()
            with pytest.raises(asyncio.CancelledError):
                await runs
            assert await queued(app, answer.json()["id"]) == (None, None, 0)
        patched.setattr(import_runner, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            await runner_of(app).run_next(TODAY)
    assert await queued(app, answer.json()["id"]) == (None, None, 0)
    assert await work_off(app) == 1
    assert (await client.get(answer.headers["Location"])).json()["state"] == "done"


async def test_a_runner_that_cannot_hand_back_stops_all_the_same(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, name = await send(client, ndjson(patient(uuid4().hex))), uuid4()

    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("away")

    async def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(HAND_BACK, "fetch_one", away)
        patched.setattr(import_runner, "run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            await runner_of(app, name).run_next(TODAY)
    taken_by, _, takings = await queued(app, answer.json()["id"])
    assert (str(taken_by), takings) == (str(name), 1)
    assert (await client.delete(answer.headers["Location"])).status_code == 200
