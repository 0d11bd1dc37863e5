"""One running postmaster: launched by us, or found running after a crash of the service that launched it."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from ops.account import Account
from ops.cluster import OWNER, SOCKET_FILE, binary
from ops.processes import cluster_name, is_alive, running_postmaster, wait_until
from ops.say import say

SECONDS_TO_STOP = 60.0
LOG_LINES_SHOWN = 15
LOG_BYTES_KEPT = 5 * 1024 * 1024
SOCKET_FOLDER_LINE = 4  # of postmaster.pid, counted from 0
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
QUIET_LOG = {"log_error_verbosity": "terse", "log_min_error_statement": "panic"}  # DETAIL and statements hold patients


class Launch(NamedTuple):
    """How to run the database."""

    cluster: Path
    log: Path
    socket_folder: Path
    account: Account | None
    durable: bool
    max_connections: int

    def command(self) -> list[str]:
        """The command line: what is given here is stronger than any file in the cluster."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "cluster_name": cluster_name(self.cluster),
            "max_connections": str(self.max_connections),
            "logging_collector": "off",
            **QUIET_LOG,
            **(DURABLE if self.durable else HASTY),
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(binary("postgres")), "-D", str(self.cluster), *settings]


class Postmaster:
    """A postmaster and what we know of it."""

    def __init__(self, process: psutil.Process, socket_folder: Path, child: "subprocess.Popen[bytes] | None") -> None:
        """Keep the process; `child` is the same one when we launched it, and must be reaped by us."""
        self.process = process
        self.socket_folder = socket_folder
        self._child = child

    @property
    def launched_here(self) -> bool:
        """False for one that was found running."""
        return self._child is not None

    def is_up(self) -> bool:
        """True while the process lives, ready or not."""
        return self._child.poll() is None if self._child is not None else is_alive(self.process)

    def answers(self) -> bool:
        """True when a client could connect now."""
        asked = subprocess.run(
            [binary("pg_isready"), "--quiet", "--timeout=1", "-h", self.socket_folder, "-U", OWNER, "-d", OWNER],
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return asked.returncode == 0

    def end(self) -> None:
        """Stop it in good order, however long its last checkpoint takes; by force only when it does not obey."""
        for how, seconds in ((signal.SIGINT, SECONDS_TO_STOP), (signal.SIGQUIT, SECONDS_TO_STOP)):
            with suppress(psutil.NoSuchProcess):
                self.process.send_signal(how)
            if wait_until(lambda: not self.is_up(), "The database is stopping.", at_most=seconds):
                return
        with suppress(psutil.NoSuchProcess):
            self.process.kill()


def find(cluster: Path) -> Postmaster | None:
    """The postmaster that already runs on the cluster, if one does."""
    process = running_postmaster(cluster)
    if process is None:
        return None
    with suppress(FileNotFoundError, IndexError):
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return Postmaster(process, Path(lines[SOCKET_FOLDER_LINE]), child=None)
    return None


def launch(how: Launch) -> Postmaster:
    """Start a postmaster in a session of its own: an interrupt typed for the service must not reach it first."""
    if how.log.exists() and how.log.stat().st_size > LOG_BYTES_KEPT:
        how.log.replace(how.log.with_suffix(".log.1"))
    account = how.account
    handle = os.open(how.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        child = subprocess.Popen(
            how.command(),
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            cwd="/",
            start_new_session=True,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
        )
    finally:
        os.close(handle)
    return Postmaster(psutil.Process(child.pid), how.socket_folder, child)


def log_tail(log: Path) -> str:
    """The last lines of the database's log, for a message about why it died."""
    with suppress(FileNotFoundError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
    return "(its log is empty)"


def clear_the_way(cluster: Path, socket_folder: Path, orphans: list[psutil.Process]) -> None:
    """After a crash: end what outlived its postmaster, and remove lock files whose process is not a postmaster.

    PostgreSQL takes a lock file for valid while any process has the id that it names, be that a zombie that nobody
    reaped or a stranger that got the id later. It keeps a guard of its own besides (it refuses a cluster whose shared
    memory is in use), so that even a mistake here would end in a refusal and not in two servers on one cluster.
    """
    if orphans:
        say(f"The last run left {len(orphans)} processes of the database behind: waiting until they are gone.")
        for process in orphans:
            with suppress(psutil.Error):
                process.terminate()
        wait_until(lambda: not any(map(is_alive, orphans)), "Waiting for what the last run left behind.")
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for left in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        (socket_folder / left).unlink(missing_ok=True)
