"""`make run` as a process: it serves, survives, stops in order, and says plainly why it does not start."""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from ops.processes import orphans
from tests.ops.conftest import Start, ended, free_port, is_up, signed_in, spawned, wait_for

MEBIBYTE = 1024 * 1024
MEMORY_OF_A_WORKER = 190 * MEBIBYTE  # 147 MiB before the hospital edge, 165 with it
PATIENT = {"identifiers": [{"system": "urn:example:mrn", "value": "MRN-1"}], "sex": "female"}


def call(port: int, path: str, whose: dict[str, str], body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Post the body if there is one, else get."""
    address = f"http://127.0.0.1:{port}{path}"
    answer = httpx.request("POST" if body else "GET", address, json=body, headers=whose, timeout=10)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_in_order_when_asked(run: Start, folder: Path, asked: signal.Signals) -> None:
    port = free_port()
    service = run(port)
    assert psutil.Process(service.pid).memory_info().rss < MEMORY_OF_A_WORKER
    service.send_signal(asked)
    code, said = ended(service)
    assert code == 0, said
    assert f"http://127.0.0.1:{port}/docs" in said
    assert "Traceback" not in said
    assert not orphans(folder / "data" / "postgres-18")
    assert "database system is shut down" in (folder / "data" / "postgres.log").read_text()


def test_a_record_is_there_after_service_and_database_are_killed_right_after_the_answer(
    run: Start, folder: Path
) -> None:
    port = free_port()
    service = run(port)
    whose = signed_in(port)
    patient = call(port, "/v1/patients", whose, PATIENT)["id"]
    service.kill()
    os.kill(int((folder / "data/postgres-18/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    service.wait()
    run(port)
    assert call(port, f"/v1/patients/{patient}", whose)["id"] == patient


def test_a_database_that_dies_under_the_service_comes_back_by_itself(run: Start, folder: Path) -> None:
    port = free_port()
    run(port)
    whose = signed_in(port)
    patient = call(port, "/v1/patients", whose, PATIENT)["id"]
    os.kill(int((folder / "data/postgres-18/postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def found_again() -> bool:
        with suppress(httpx.HTTPError):
            return bool(call(port, f"/v1/patients/{patient}", whose)["id"] == patient)
        return False

    assert wait_for(found_again, seconds=20)


def test_a_second_run_is_told_that_the_first_one_runs(run: Start, start: Start, folder: Path) -> None:
    service = run(free_port())
    code, said = ended(start("-m", "ops.serve", PORT=str(free_port()), DATA_DIR=str(folder / "data")))
    assert (code, len(said.strip().splitlines())) == (1, 1)
    assert f"already runs on {folder / 'data'} (process {service.pid})" in said


def test_a_taken_port_is_said_before_anything_is_started(start: Start, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = ended(start("-m", "ops.serve", PORT=str(port), DATA_DIR=str(folder / "data")))
    assert code == 1
    assert said == f"127.0.0.1:{port} is in use by another program. Choose another: make run PORT=8001\n"
    assert not (folder / "data" / "postgres-18").exists()


def test_a_worker_that_dies_is_replaced_and_none_outlives_the_supervisor(run: Start) -> None:
    port = free_port()
    service = run(port, WORKERS="2")
    workers = wait_for(lambda: two if len(two := spawned(service.pid)) == 2 else [])
    workers[0].kill()
    workers = wait_for(lambda: two if len(two := spawned(service.pid)) == 2 and workers[0] not in two else [])
    service.kill()
    wait_for(lambda: not any(worker.is_running() for worker in workers), seconds=20)
    assert not is_up(port)


def test_a_key_made_for_this_data_directory_is_kept_and_closed_to_others(run: Start, folder: Path) -> None:
    port = free_port()
    run(port).terminate()
    key = folder / "data" / "secret-key"
    assert key.stat().st_mode & 0o077 == 0
    assert len(key.read_text()) >= 32


def test_a_database_that_refuses_us_is_named_without_its_password(start: Start, folder: Path) -> None:
    began = time.monotonic()
    dsn = "postgresql://someone:hidden-word@nowhere.invalid:5432/book?bogus=1"
    service = start("-m", "ops.serve", PORT="0", DATA_DIR=str(folder / "data"), DATABASE_URL=dsn)
    time.sleep(3)
    service.send_signal(signal.SIGINT)
    code, said = ended(service)
    assert code == 0
    assert "Waiting for the database at nowhere.invalid:5432" in said
    assert "hidden-word" not in said
    assert time.monotonic() - began < 20
