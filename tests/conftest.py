"""Parts that all tests share: a real PostgreSQL built by the real migrations, and a client of the application."""

import asyncio
import gc
import io
import logging
import os
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from pydantic import SecretStr

from main import create_app
from models.database import Database
from ops import logs
from ops.cluster import OWNER, SUPERUSER
from ops.postgres import EmbeddedPostgres
from ops.roles import SERVICE
from settings import Settings
from tests.signed_in import ADDRESS, SECRET, client_of, names_sent, owner_connection, seen_by, somebody

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "template_trialbook"
Maker = Callable[[], str]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_url() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL for this worker, as its owner of tables; DATABASE_URL_FOR_TESTS names one's own (15 or later)."""
    given = os.environ.get("DATABASE_URL_FOR_TESTS")
    if given:
        base, _, query = given.partition("?")
        yield lambda name: f"{base.rpartition('/')[0]}/{name}{'?' + query if query else ''}"
        return
    with own_folder() as folder, EmbeddedPostgres(folder, durable=False) as embedded:
        yield embedded.url


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder outside pytest's own: each new run of pytest closes those to other accounts, also to a database's."""
    with tempfile.TemporaryDirectory(prefix="trialbook-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def migrations(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    return config


@pytest.fixture(scope="session")
def make_database(server_url: Callable[[str], str]) -> Maker:
    """Makes a fresh, migrated database and answers its address."""
    template = f"{TEMPLATE}_{os.getpid()}"
    _run(server_url("postgres"), f"CREATE DATABASE {template}")
    command.upgrade(migrations(server_url(template)), "head")

    def make() -> str:
        name = f"test_{uuid4().hex}"
        _run(server_url("postgres"), f"CREATE DATABASE {name} TEMPLATE {template}")
        return server_url(name)

    return make


def _run(url: str, sql: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(run())


@pytest.fixture(autouse=True, scope="module")
def what_stays_is_not_searched_again() -> Iterator[None]:
    """What a run has made by now stays to its end: left out of every later search for garbage, which would take longer
    and longer otherwise."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def database_url(make_database: Maker) -> str:
    return make_database()


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


def as_service(url: str) -> str:
    """The address of a database for the service's own role, which owns nothing."""
    return url.replace(f"//{OWNER}@", f"//{SERVICE}@", 1)


def settings_for(url: str) -> Settings:
    """Settings of a service on the database of this address, which it reaches as a role that owns nothing."""
    return Settings(
        environment="test",
        database_url=SecretStr(as_service(url)),
        secret_key=SecretStr(SECRET),
        encryption_key=SecretStr("vutsrqponmlkjihgfedcba9876543210"),
        public_url=ADDRESS,
        run_imports=False,
    )


@pytest.fixture(scope="session")
async def app(settings: Settings, database_url: str) -> AsyncIterator[FastAPI]:
    application, log = create_app(settings), log_of_the_run()
    async with application.router.lifespan_context(application):
        yield application
    await expect_all_audited(application, database_url)
    expect_no_name(application, log.getvalue())


def log_of_the_run() -> io.BytesIO:
    """The log of all that is asked of the application in this run, as it is in production."""
    hooks, stream = (threading.excepthook, sys.unraisablehook), io.BytesIO()
    logs.configure(Settings(log_format="json", log_level="debug"), stream)
    threading.excepthook, sys.unraisablehook = hooks  # pytest's own must notice what nobody catches
    return stream


def expect_no_name(application: FastAPI, log: bytes) -> None:
    """No name and no identifier of a patient that was sent in the whole run is in its log or its metrics."""
    said = log + application.state.metrics.text()
    assert [name for name in names_sent(application) if name in said] == []


UNAUDITED = """
SELECT count(*) FROM record_versions AS written WHERE NOT EXISTS (
    SELECT FROM audit_events AS audited
    WHERE (audited.organisation_id, audited.entity, audited.record_id, audited.version)
        = (written.organisation_id, written.kind, written.record_id, written.version))
"""


async def expect_all_audited(application: FastAPI, url: str) -> None:
    """Every request of the run that somebody made who was signed in has its row, and every version has its own."""
    superuser = await asyncpg.connect(url.replace(f"//{OWNER}@", f"//{SUPERUSER}@", 1))
    rows = await superuser.fetch("SELECT request_id, count(*) FROM audit_events GROUP BY request_id")
    held = {row["request_id"]: row["count"] for row in rows}
    unaudited = await superuser.fetchval(UNAUDITED)
    await superuser.close()
    lacking = {
        name: times - held.get(name, 0) for name, times in seen_by(application).items() if held.get(name, 0) < times
    }
    assert lacking == {}, f"{len(lacking)} of {len(held)} requests have no row in the audit"
    assert unaudited == 0


@pytest.fixture(scope="session")
async def database(app: FastAPI) -> Database:
    """The pool that the application itself uses."""
    return app.state.service.database


@pytest.fixture(scope="session")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in as somebody who may do everything but audit."""
    async with client_of(app, await somebody(app)) as http:
        yield http


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A plain connection of the owner, past the service: what the database itself allows and refuses."""
    plain = await owner_connection(database_url)
    yield plain
    await plain.close()


@pytest.fixture
def log_stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
    """Where a test may have the log written; afterwards logging is as it was."""
    before, root = structlog.get_config(), logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    servers = logging.getLogger("uvicorn.error")  # which a server in this process may have told to be quiet
    level = servers.level
    servers.setLevel(logging.NOTSET)
    yield io.BytesIO()
    servers.setLevel(level)
    structlog.configure(**before)


@pytest.fixture
def log(log_stream: io.BytesIO) -> io.BytesIO:
    """The log of this process, as it is in production."""
    logs.configure(Settings(log_format="json"), log_stream)
    return log_stream


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may do anything, also read the files of the database."""
    plain = await owner_connection(as_superuser(database_url))
    yield plain
    await plain.close()


def as_superuser(url: str) -> str:
    """The address of a database for the superuser of its server; a server of one's own is given with such a one."""
    return url.replace(f"//{OWNER}@", f"//{SUPERUSER}@")


@pytest.fixture
async def patient_id(client: httpx.AsyncClient) -> str:
    answer = await client.post("/v1/patients", json={"display_name": "Test"})
    return answer.json()["id"]


@pytest.fixture
def trials(patient_id: str) -> str:
    """The address of the trials of a fresh patient."""
    return f"/v1/patients/{patient_id}/medication-trials"
