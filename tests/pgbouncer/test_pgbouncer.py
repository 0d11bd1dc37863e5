"""The whole service behind PgBouncer in transaction mode: two organisations at once over three connections."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from api.service import newest_migration
from main import create_app
from ops.organisation import add_organisation
from registry.audit_sealer import seal_all
from registry.health import check_standing
from settings import FIRST_ORGANISATION
from tests.conftest import Maker, as_service, settings_for
from tests.factories import SERTRALINE
from tests.pgbouncer.started import CONNECTIONS, Through
from tests.signed_in import client_of, somebody

pytestmark = pytest.mark.anyio
ROUNDS = 25
AT_ONCE = 12
LEFT_BEHIND = """
SELECT pg_backend_pid() AS process, (SELECT count(*) FROM pg_prepared_statements WHERE name <> '') AS statements,
    coalesce(current_setting('app.organisation', true), '') AS organisation,
    coalesce(current_setting('app.subject', true), '') AS subject,
    coalesce(current_setting('app.audit', true), '') AS audit,
    coalesce(current_setting('app.presented', true), '') AS presented
"""


class Served(NamedTuple):
    app: FastAPI
    url: str
    organisations: tuple[UUID, UUID]


@pytest.fixture(scope="module")
def owner_url(make_database: Maker) -> str:
    return make_database()


@pytest.fixture(scope="module")
async def served(owner_url: str, through: Through) -> AsyncIterator[Served]:
    """The application as DATABASE_POOLER=true makes it, and two organisations."""
    another = await add_organisation(owner_url, "Another clinic")
    url = through(as_service(owner_url))
    application = create_app(settings_for(url).model_copy(update={"database_pooler": True}))
    async with application.router.lifespan_context(application):
        yield Served(application, url, (FIRST_ORGANISATION, another))


async def looked_at(url: str, stop: asyncio.Event) -> list[asyncpg.Record]:
    """What a new transaction finds on each connection that it is given, looked at until told to stop."""
    found = []
    connection = await asyncpg.connect(url, statement_cache_size=0)
    while not stop.is_set() or len(found) < 30 * CONNECTIONS:
        async with connection.transaction():
            found.append(await connection.fetchrow(LEFT_BEHIND))
        await asyncio.sleep(0.001)
    await connection.close()
    return found


async def sent(http: httpx.AsyncClient, method: str, address: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - of httpx
    """Send it again while no connection is free: on a machine that is busy with other things as well, that may be."""
    headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
    more["headers"] = headers | more.get("headers", {})
    while (answer := await http.request(method, address, **more)).status_code == 503:  # noqa: ASYNC110 - in the service
        await asyncio.sleep(0.1)
    assert answer.is_success, answer.text
    return answer


async def one_journey(http: httpx.AsyncClient, number: int) -> tuple[str, set[str]]:
    """Everything that a clinic does with a patient; the patient's id, and the ids of all patients that were listed."""
    made = await sent(http, "POST", "/v1/patients", json={"display_name": f"Nr. {number}"})
    address = f"/v1/patients/{made.json()['id']}"
    once = {"json": SERTRALINE, "headers": {"Idempotency-Key": str(uuid4())}}
    trial = await sent(http, "POST", f"{address}/medication-trials", **once)
    again = await sent(http, "POST", f"{address}/medication-trials", **once)
    assert (again.status_code, again.content) == (201, trial.content)
    await sent(http, "PATCH", trial.headers["Location"], json={"note": "Read"}, headers={"If-Match": "*"})
    listed = (await sent(http, "GET", f"{address}/medication-trials")).json()["items"]
    assert [(each["id"], each["note"]) for each in listed] == [(trial.json()["id"], "Read")]
    status = await sent(http, "GET", f"{address}/trd-status")
    assert status.json()["patient_id"] == made.json()["id"]
    everybody = (await sent(http, "GET", "/v1/patients?limit=200")).json()["items"]
    return made.json()["id"], {patient["id"] for patient in everybody}


async def at_once(http: httpx.AsyncClient, jobs: int) -> list[tuple[str, set[str]]]:
    busy = asyncio.Semaphore(AT_ONCE // 2)

    async def one(number: int) -> tuple[str, set[str]]:
        async with busy:
            return await one_journey(http, number)

    return await asyncio.gather(*(one(number) for number in range(jobs)))


async def test_two_organisations_at_once_never_see_each_other_and_leave_nothing_behind(served: Served) -> None:
    clients = [client_of(served.app, await somebody(served.app, organisation=each)) for each in served.organisations]
    stop = asyncio.Event()
    looking = asyncio.create_task(looked_at(served.url, stop))
    journeys = await asyncio.gather(*(at_once(http, ROUNDS) for http in clients))
    stop.set()
    ours, theirs = ({patient for patient, _ in done} for done in journeys)
    assert (len(ours), len(theirs)) == (ROUNDS, ROUNDS)
    for own, done in zip((ours, theirs), journeys, strict=True):
        assert set().union(*(everybody for _, everybody in done)) <= own
    for patient in ours:
        assert (await clients[1].get(f"/v1/patients/{patient}")).status_code == 404
    for http in clients:
        await http.aclose()
    found = await looking
    assert len({row["process"] for row in found}) >= CONNECTIONS
    assert {tuple(row)[1:] for row in found} == {(0, "", "", "", "")}


async def test_what_needs_no_organisation_works_over_changing_connections(served: Served) -> None:
    """Sealing and readiness are asked by the service itself, many at once: no statement may be lost in between."""
    database = served.app.state.service.database
    for _ in range(10):
        asked = (check_standing(database, newest_migration()) for _ in range(AT_ONCE))
        await asyncio.gather(*asked, *(seal_all(database) for _ in range(AT_ONCE)))
