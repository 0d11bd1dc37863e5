import asyncio
from datetime import date

import pytest

from bench import load
from bench.hot_paths import CREATE, HOT_PATHS, columns
from bench.load import Aim
from bench.measure import Result, Round
from bench.pgbench import environment, literal, script
from bench.processes import Server
from bench.records import TRIALS_SENT, desk_of
from models.database import Database
from models.medication_trial import MedicationTrialCreate
from registry.medication_trials import TRIALS
from settings import FIRST_ORGANISATION

ALL = (1, 10)


@pytest.mark.anyio
async def test_the_bare_application_stores_what_the_service_stores(database: Database) -> None:
    entry = MedicationTrialCreate.model_validate(TRIALS_SENT[0])
    stored = TRIALS.to_row(entry, desk_of(database, FIRST_ORGANISATION, date(2026, 1, 1)))
    bare = columns(TRIALS_SENT[0])
    del bare["id"]
    assert bare == stored


def test_every_statement_becomes_a_script_without_open_values() -> None:
    for path in HOT_PATHS:
        text = script(path, ALL, FIRST_ORGANISATION, "18.4, fsync on")
        assert "$" not in text
        assert text.startswith("\\set patient random(1, 10)\n")


def test_values_are_written_so_that_pgbench_finds_no_variable_in_them() -> None:
    assert literal({"dose": 50, "name": "St John's"}) == """'{"dose": 50, "name": "St John''s"}'"""
    assert literal(None) == "NULL"


def test_a_password_reaches_pgbench_by_the_environment() -> None:
    found = environment("postgresql://me:p%40ss@db.test:6543/trials?sslmode=require")
    wanted = {"PGUSER": "me", "PGPASSWORD": "p@ss", "PGHOST": "db.test", "PGPORT": "6543", "PGDATABASE": "trials"}
    assert wanted.items() <= found.items()
    assert found["PGSSLMODE"] == "require"


@pytest.mark.anyio
async def test_the_generator_of_our_own_counts_answers_and_errors() -> None:
    answers = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answers
        while head := await _head(reader):
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
            assert b"\r\nauthorization: bearer t\r\n" in head.lower()
            answers += 1
            status = b"503 Away" if answers % 5 == 0 else b"201 Created"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await load._own(Server(0, port, "t"), Aim(CREATE, ALL, seconds=1, connections=2))  # noqa: SLF001 - wrk is used elsewhere
    assert found.requests == answers
    assert found.wrong == answers // 5


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def test_ratios_are_made_within_a_round() -> None:
    rates = [(100, 125, 160, 200, 1000), (10, 10, 100, 40, 50), (90, 120, 150, 180, 900)]
    result = Result(CREATE, [Round(*each, 1, 1, 1, 1) for each in rates])
    assert (result.to_unaudited, result.to_open, result.to_bare, result.to_pgbench) == (0.8, 0.6, 0.5, 0.1)
    assert result.middle("service") == 90
