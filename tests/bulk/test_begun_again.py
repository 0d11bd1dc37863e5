"""What happens to an import half-way: it is interrupted, stopped, taken over, or meets a human at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from main import create_app
from registry import import_job
from registry.errors import DatabaseUnavailable
from registry.import_job import Job, Lost, run
from registry.import_jobs import RELEASE, WHOSE
from registry.import_runner import Runner
from registry.import_writing import Batch
from settings import FIRST_ORGANISATION, Settings
from tests.bulk.records import TODAY, chart, imported, ndjson, patient, rating, runner_of, send, work_off
from tests.bulk.test_killed import workers
from tests.conftest import Maker, settings_for
from tests.signed_in import client_of, desk_of, somebody
from web import importing

pytestmark = pytest.mark.anyio
SYSTEM = "urn:example:hospital"


async def test_what_was_interrupted_goes_on_after_the_last_batch(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [uuid4().hex for _ in range(4)]
    lost = rating("lost", "nobody", 3) | {"subject": {}}
    answer = await send(client, ndjson(lost, *(each for name in names for each in chart(name))))
    store, calls = import_job._store_batch, 0  # noqa: SLF001 - interrupted half-way

    async def store_one(*given: Any) -> None:  # noqa: ANN401 - as it is called
        nonlocal calls
        calls += 1
        if calls > 1:
            raise DatabaseUnavailable("away")
        await store(*given)

    monkeypatch.setattr(import_job, "RESOURCES_OF_A_BATCH", 6)
    monkeypatch.setattr(import_job, "_store_batch", store_one)
    name = uuid4()
    with pytest.raises(DatabaseUnavailable):
        await runner_of(app, name).run_next(TODAY)
    half = (await client.get(answer.headers["Location"])).json()
    assert (half["state"], half["resources"]) == ("writing", {"total": 25, "done": 7})
    monkeypatch.setattr(import_job, "_store_batch", store)
    monkeypatch.setattr(import_job, "SECONDS_BETWEEN_BEATS", 0)
    assert await work_off(app) == 0  # it is the first runner's still
    await RELEASE.fetch_all(
        desk_of(app.state.service.database).database, organisation_id=FIRST_ORGANISATION, runner=name
    )
    assert await work_off(app) == 1
    said = (await client.get(answer.headers["Location"])).json()
    assert (said["state"], said["resources"], said["rejects"]) == ("done", {"total": 25, "done": 25}, {"no_patient": 1})
    created = {kind: done["created"] for kind, done in said["records"].items()}
    assert created == {"patients": 4, "episodes": 4, "medication_trials": 4, "assessments": 8, "treatments": 0}


async def test_an_import_that_is_stopped_while_it_is_written_stores_no_more(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = uuid4().hex
    location = (await send(client, ndjson(patient(name)))).headers["Location"]

    async def never(*given: Any) -> Any:  # noqa: ANN401 - as it is called
        raise AssertionError(given)

    prepared = import_job._prepared  # noqa: SLF001 - stopped half-way

    async def stop_then_prepare(*given: Any) -> Any:  # noqa: ANN401 - as it is called
        assert (await client.delete(location)).status_code == 200
        return await prepared(*given)

    monkeypatch.setattr(Batch, "write", never)
    monkeypatch.setattr(import_job, "_prepared", stop_then_prepare)
    await work_off(app)
    assert (await client.get(location)).json()["state"] == "cancelled"


async def test_a_runner_whose_import_is_over_finds_no_body(
    app: FastAPI, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    answer = await send(client, ndjson(patient("1")))
    desk = desk_of(app.state.service.database)
    where = {"organisation_id": FIRST_ORGANISATION, "import_id": UUID(answer.json()["id"])}
    row = await WHOSE.fetch_one(desk.database, **where)
    assert row is not None
    await client.delete(answer.headers["Location"])
    with pytest.raises(Lost):
        await run(Job(desk, row, uuid4(), tmp_path))


async def test_of_two_runners_one_gets_it(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(client, ndjson(patient(uuid4().hex)))

    async def taken_by_another(*_: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        patched.setattr(Runner, "_taken", taken_by_another)
        assert await work_off(app) == 0
    assert await work_off(app) == 1


async def test_a_fault_of_ours_ends_an_import_and_is_logged_without_data(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = uuid4().hex

    def broken(*_: object) -> None:
        raise RuntimeError(name)

    monkeypatch.setattr(import_job, "Sorter", broken)
    said = await imported(app, client, ndjson(patient(name)))
    assert (said["state"], said["problem"].partition(".")[0]) == ("refused", "The service failed on it")
    assert "RuntimeError" in caplog.text
    assert name not in caplog.text


async def test_a_large_body_of_nothing_is_refused(app: FastAPI, client: httpx.AsyncClient) -> None:
    said = await imported(app, client, (b'{"x": "' + b"y" * 100_000 + b'"}\n') * 12)
    assert (said["state"], said["problem"].partition(":")[0]) == ("refused", "This is no FHIR resource")


async def test_what_is_of_nobody_is_done_at_once(app: FastAPI, client: httpx.AsyncClient) -> None:
    said = await imported(app, client, ndjson({"resourceType": "Practitioner", "id": "1"}))
    assert (said["state"], said["resources"], said["fates"]) == ("done", {"total": 1, "done": 1}, {"set_aside": 1})


async def test_all_rejects_are_counted_and_so_many_kept(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.import_tally.MOST_REJECTS", 1)
    said = await imported(app, client, ndjson(patient(uuid4().hex), {}, {}, rating("o", "nobody", 3)))
    assert said["rejected"] == 3
    assert len((await client.get(f"/v1/imports/{said['id']}/rejects")).content.splitlines()) == 1


async def test_identifiers_of_two_patients_here_name_nobody(app: FastAPI, client: httpx.AsyncClient) -> None:
    names = [uuid4().hex, uuid4().hex]
    carried = [{"system": SYSTEM, "value": f"MRN-{name}"} for name in names]
    for identifier in carried:
        assert (await client.post("/v1/patients", json={"identifiers": [identifier]})).status_code == 201
    said = await imported(app, client, ndjson(patient("x") | {"identifier": carried}))
    assert said["rejects"] == {"ambiguous_patient": 1}


async def test_a_human_who_changes_it_in_the_same_moment_wins(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, known = uuid4().hex, Batch._known  # noqa: SLF001 - the moment between reading and writing
    await imported(app, client, ndjson(patient(name), rating("o", name, 9)))
    [one] = (await client.get("/v1/patients", params={"identifier": f"{SYSTEM}|MRN-{name}"})).json()["items"]
    ratings = f"/v1/patients/{one['id']}/assessments"
    [held] = (await client.get(ratings)).json()["items"]

    async def meanwhile(*given: Any) -> Any:  # noqa: ANN401 - as it is called
        found = await known(*given)
        await client.patch(f"{ratings}/{held['id']}", json={"total_score": 8}, headers={"If-Match": "*"})
        return found

    monkeypatch.setattr(Batch, "_known", meanwhile)
    said = await imported(app, client, ndjson(patient(name), rating("o", name, 11)))
    assert said["records"]["assessments"]["kept_as_edited"] == 1
    assert [each["total_score"] for each in (await client.get(ratings)).json()["items"]] == [8]


async def test_an_import_may_be_stopped_while_it_comes_in(client: httpx.AsyncClient) -> None:
    line = ndjson(patient("1") | {"text": "x" * 300_000})

    async def body() -> AsyncIterator[bytes]:
        for _ in range(8):
            yield line
        items = (await client.get("/v1/imports", params={"limit": 200})).json()["items"]
        [coming] = [each for each in items if each["state"] == "receiving"]
        assert (await client.delete(f"/v1/imports/{coming['id']}")).status_code == 200
        yield line

    answer = await client.post("/v1/imports", content=body(), headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 409


async def test_a_process_that_dies_again_and_again_is_given_time(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PROGRAM", "no_such_program")
    location = (await send(client, ndjson(patient("1")))).headers["Location"]
    told = asyncio.Event()
    keeper = importing.Importing(app.state.service.database, {}, told)
    told.set()
    keeping = asyncio.create_task(keeper.keep())
    async with asyncio.timeout(30):
        while keeper.deaths < importing.MOST_IN_A_ROW:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    assert keeper.deaths == importing.MOST_IN_A_ROW
    keeping.cancel()
    assert (await client.delete(location)).status_code == 200


async def test_looking_for_imports_goes_on_whatever_comes(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = importing.Importing(app.state.service.database, {}, told := asyncio.Event())

    async def broken() -> bool:
        raise RuntimeError("secret")

    monkeypatch.setattr(keeper, "_waits", broken)
    told.set()
    keeping = asyncio.create_task(keeper.keep())
    async with asyncio.timeout(10):
        while "RuntimeError" not in caplog.text:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    assert not keeping.done()
    assert "secret" not in caplog.text
    keeping.cancel()


@pytest.fixture
def url(make_database: Maker) -> str:
    return make_database()


async def test_a_service_that_stops_takes_its_process_along(url: str) -> None:
    settings = Settings.model_validate(settings_for(url).model_dump() | {"run_imports": True})
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app, await somebody(app)) as http:
        await send(http, ndjson(*(each for number in range(500) for each in chart(str(number)))))
        async with asyncio.timeout(60):
            while not workers():  # noqa: ASYNC110 - a process says nothing of its start
                await asyncio.sleep(0.02)
    assert workers() == []
