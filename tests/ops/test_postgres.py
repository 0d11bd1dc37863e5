"""The embedded PostgreSQL: made whole, refused twice, found again after every kind of crash."""

import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ops.cluster import SOCKET_FILE
from ops.postgres import AlreadyRunning, DatabaseFailed, EmbeddedPostgres, binary
from ops.processes import is_alive, orphans, running_postmaster
from tests.ops.conftest import Start, query, wait_for

OLD_TIME_OUT = 10.0
SERVICE = """
import asyncio, sys, time, pathlib, asyncpg
from ops.postgres import EmbeddedPostgres
embedded = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
url = embedded.start()
async def write():
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE note (text TEXT)")
    await connection.execute("INSERT INTO note VALUES ('kept')")
asyncio.run(write())
print(embedded.pid, flush=True)
time.sleep(120)
"""


def crashed_service(start: Start, data: Path) -> int:
    """Run a service that commits a row, kill it with signal 9, and return the id of the postmaster it leaves."""
    service = start("-c", SERVICE, str(data))
    assert service.stdout is not None
    postmaster = int(service.stdout.readline())
    service.kill()
    service.wait()
    return postmaster


def test_a_new_database_answers_keeps_utf8_and_has_an_owner_without_superuser_rights(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        url = embedded.url()
        assert query(url, "SHOW server_version_num") >= "180000"
        assert query(url, "SHOW server_encoding") == "UTF8"
        assert query(url, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        assert query(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert query(url, "SHOW listen_addresses") == ""
    assert not orphans(embedded.cluster)


def test_nobody_else_may_enter_the_data_or_the_socket(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        assert embedded.cluster.stat().st_mode & 0o077 == 0
        assert (embedded.data_dir / "socket").stat().st_mode & 0o077 == 0
        assert embedded.log.stat().st_mode & 0o077 == 0


def test_by_default_a_commit_is_on_disk_before_it_is_acknowledged(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data") as embedded:
        found = [query(embedded.url(), f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    assert found == ["on", "on", "on"]


def test_a_row_is_there_after_the_service_and_the_database_are_killed(start: Start, folder: Path) -> None:
    os.kill(crashed_service(start, folder / "data"), signal.SIGKILL)
    with EmbeddedPostgres(folder / "data") as embedded:
        assert query(embedded.url(), "SELECT text FROM note") == "kept"


def test_a_database_that_outlived_its_service_is_attached_to_and_stopped_with_us(start: Start, folder: Path) -> None:
    postmaster = crashed_service(start, folder / "data")
    with EmbeddedPostgres(folder / "data") as embedded:
        assert embedded.pid == postmaster
        assert query(embedded.url(), "SELECT text FROM note") == "kept"
    assert not psutil.pid_exists(postmaster) or not is_alive(psutil.Process(postmaster))


def test_processes_that_outlived_the_postmaster_are_waited_for(start: Start, folder: Path) -> None:
    postmaster = crashed_service(start, folder / "data")
    cluster = folder / "data" / "postgres-18"
    stuck = next(child for child in psutil.Process(postmaster).children() if "checkpointer" in child.cmdline()[0])
    stuck.suspend()
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: [left.pid for left in orphans(cluster)] == [stuck.pid])
    threading.Timer(2.0, stuck.resume).start()
    started = time.monotonic()
    with EmbeddedPostgres(folder / "data") as embedded:
        assert time.monotonic() - started > 1.0
        assert query(embedded.url(), "SELECT text FROM note") == "kept"


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        lines = (embedded.cluster / "postmaster.pid").read_text().splitlines()
    stranger = psutil.Process(os.getppid())
    (embedded.cluster / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    assert running_postmaster(embedded.cluster) is None
    with EmbeddedPostgres(folder / "data", durable=False) as again:
        assert query(again.url(), "SELECT 1") == 1
    assert is_alive(stranger)


def startup_process(postmaster: int) -> psutil.Process | None:
    with suppress(psutil.Error):
        for child in psutil.Process(postmaster).children() if postmaster else []:
            if "startup" in " ".join(child.cmdline()):
                return child
    return None


def test_recovery_may_take_longer_than_any_time_out(
    start: Start, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    postmaster = crashed_service(start, folder / "data")
    url = f"postgresql://trialbook@/trialbook?host={folder}/data/socket"
    query(url, "INSERT INTO note SELECT repeat('x', 500) FROM generate_series(1, 200000)")
    os.kill(postmaster, signal.SIGKILL)
    embedded = EmbeddedPostgres(folder / "data")
    starting = threading.Thread(target=embedded.start)
    starting.start()
    recovering = wait_for(lambda: startup_process(embedded.pid))
    recovering.suspend()
    time.sleep(OLD_TIME_OUT + 1)
    assert starting.is_alive()
    recovering.resume()
    starting.join()
    assert query(embedded.url(), "SELECT count(*) FROM note") == 200_001
    embedded.stop()
    assert "it recovers first. (10 s so far)" in capsys.readouterr().err


def test_a_second_runner_is_refused_and_told_who_the_first_is(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as first:
        with pytest.raises(AlreadyRunning, match=f"already runs on .*process {os.getpid()}"):
            EmbeddedPostgres(folder / "data", durable=False).start()
        assert query(first.url(), "SELECT 1") == 1


def test_a_database_that_was_half_made_is_made_anew(folder: Path) -> None:
    half = folder / "data" / "postgres-18.new-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        assert query(embedded.url(), "SELECT 1") == 1
    assert [path.name for path in (folder / "data").glob("postgres-18*")] == ["postgres-18"]


def test_a_database_killed_while_the_service_runs_is_started_again_at_the_same_address(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        url, killed = embedded.url(), embedded.pid
        embedded.keep_alive()
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: embedded.pid != killed and running_postmaster(embedded.cluster) and embedded.url() == url)
        wait_for(lambda: _answers(url))


def _answers(url: str) -> bool:
    try:
        return bool(query(url, "SELECT true"))
    except Exception:  # noqa: BLE001 - whatever it says while it starts, it is not an answer
        return False


def test_a_database_that_cannot_start_says_why_with_its_own_words(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        pass
    shutil.rmtree(embedded.cluster / "global")
    with pytest.raises(DatabaseFailed, match=r"does not start(.|\n)*global/pg_control"):
        EmbeddedPostgres(folder / "data", durable=False).start()


def test_a_long_path_gets_a_short_private_socket_folder_that_goes_away(folder: Path) -> None:
    data = folder / ("deep" * 12) / ("deeper" * 12) / "data"
    with EmbeddedPostgres(data, durable=False) as embedded:
        assert query(embedded.url(), "SELECT 1") == 1
        socket = Path(query(embedded.url(user="postgres"), "SHOW unix_socket_directories"))
        assert len(str(socket / SOCKET_FILE)) <= 100
        assert socket.stat().st_mode & 0o077 == 0
    assert not socket.exists()


def test_the_log_of_the_database_holds_no_value_that_was_sent(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", durable=False) as embedded:
        query(embedded.url(), "CREATE TABLE patient (name TEXT UNIQUE)")
        query(embedded.url(), "INSERT INTO patient VALUES ('Jane Roe')")
        with pytest.raises(Exception, match="duplicate key"):
            query(embedded.url(), "INSERT INTO patient VALUES ('Jane Roe')")
    assert "duplicate key" in embedded.log.read_text()
    assert "Jane Roe" not in embedded.log.read_text()


def test_the_programs_of_postgresql_are_at_hand() -> None:
    assert all(os.access(binary(name), os.X_OK) for name in ("psql", "pgbench", "pg_dump"))
