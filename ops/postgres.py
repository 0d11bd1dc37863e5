"""The embedded PostgreSQL: started, waited for however long recovery takes, started again when it dies, stopped.

It listens on a socket in a private folder and on no network. What a crash leaves behind is dealt with here: a stale
pid file, processes that outlived their postmaster, a postmaster that outlived its service, a recycled process id.
"""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from ops.account import Account, database_account
from ops.cluster import (
    OWNER,
    SUPERUSER,
    VERSION,
    DatabaseFailed,
    binary,
    create_cluster,
    prepare,
    remove_short_socket_folder,
    socket_folder,
)
from ops.postmaster import Launch, Postmaster, clear_the_way, find, launch, log_tail
from ops.processes import orphans, wait_until
from ops.roles import ensure_group
from ops.runlock import AlreadyRunning, RunLock
from ops.say import say

__all__ = ["AlreadyRunning", "DatabaseFailed", "EmbeddedPostgres", "address_of_running", "binary"]

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_BEFORE_ANOTHER_TRY = 2.0


def address_of_running(cluster: Path) -> str | None:
    """The address of an embedded database that runs already, for whoever looks at it beside its service."""
    found = find(cluster)
    return None if found is None else _address(found.socket_folder, OWNER, OWNER)


def _address(folder: Path | None, database: str, user: str) -> str:
    return f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(folder), safe='/')}"


class EmbeddedPostgres:
    """One PostgreSQL on one data directory, for one runner at a time."""

    def __init__(self, data_dir: Path, *, durable: bool = True, max_connections: int = 100) -> None:
        """Name the folder; nothing is touched yet. `durable=False` is for tests: quick, and lost by a power cut."""
        self.data_dir = data_dir.resolve()
        self.cluster = self.data_dir / f"postgres-{VERSION}"
        self.log = self.data_dir / "postgres.log"
        self._durable = durable
        self._max_connections = max_connections
        self._lock = RunLock(self.data_dir / "run.lock")
        self._account: Account | None = None
        self._socket_folder: Path | None = None
        self._postmaster: Postmaster | None = None
        self._busy = threading.Lock()
        self._stopping = threading.Event()

    def claim(self) -> None:
        """Make the data directory ours until `stop`; `start` does it too.

        Raises:
            AlreadyRunning: another process runs on this data directory.
        """
        self._account = database_account(self.cluster)
        prepare(self.data_dir, self._account)
        self._lock.take()

    def start(self) -> str:
        """Start it, or attach to the one that a crashed run left, and wait until it answers.

        Returns:
            The address of its database.

        Raises:
            AlreadyRunning: another process runs on this data directory.
            DatabaseFailed: it died at start; the message holds the end of its log.
        """
        self.claim()
        self._stopping.clear()
        try:
            if not self.cluster.exists():
                say(f"Making a new database in {self.data_dir}.")
                create_cluster(self.cluster, self._account, durable=self._durable)
            with self._busy:
                self._bring_up()
            if not self._stopping.is_set():
                ensure_group(self.url("postgres", SUPERUSER))
        except BaseException:
            self.stop()
            raise
        return self.url()

    def url(self, database: str = OWNER, user: str = OWNER) -> str:
        """The address of a database on this server, in the form that asyncpg reads."""
        return _address(self._socket_folder, database, user)

    @property
    def pid(self) -> int:
        """The process id of the postmaster; 0 when there is none."""
        return 0 if self._postmaster is None else int(self._postmaster.process.pid)

    def keep_alive(self) -> threading.Thread:
        """Start the database again whenever it dies, until `stop`. Its address stays the same."""
        watch = threading.Thread(target=self._watch, name="database-watch", daemon=True)
        watch.start()
        return watch

    def stop(self) -> None:
        """Stop it in good order (open transactions are rolled back) and let the next runner in."""
        self._stopping.set()
        with self._busy:
            if self._postmaster is not None and self._postmaster.is_up():
                self._postmaster.end()
            self._postmaster = None
            remove_short_socket_folder(self.data_dir, self._socket_folder)
            self._socket_folder = None
        self._lock.release()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.stop()

    def _bring_up(self) -> None:
        """Find or launch a postmaster and wait. One that was found may be on its way out: then launch after all."""
        while not self._stopping.is_set():
            self._postmaster = find(self.cluster) or self._launch()
            self._socket_folder = self._postmaster.socket_folder
            wait_until(self._is_settled, "The database is getting ready; after a crash it recovers first.")
            if self._postmaster.is_up():
                return
            if self._postmaster.launched_here and not self._stopping.is_set():
                raise DatabaseFailed(f"The database does not start. The end of {self.log}:\n{log_tail(self.log)}")

    def _is_settled(self) -> bool:
        """True when there is nothing left to wait for: it answers, it is gone, or nobody wants it any more."""
        postmaster = self._postmaster
        return self._stopping.is_set() or postmaster is None or not postmaster.is_up() or postmaster.answers()

    def _launch(self) -> Postmaster:
        """Clear what a crash left, and launch."""
        folder = self._socket_folder or socket_folder(self.data_dir, self._account)
        clear_the_way(self.cluster, folder, orphans(self.cluster))
        how = Launch(self.cluster, self.log, folder, self._account, self._durable, self._max_connections)
        return launch(how)

    def _watch(self) -> None:
        """Look at it several times a second; bring it up again when it is gone."""
        while not self._stopping.wait(SECONDS_BETWEEN_LOOKS):
            with self._busy:
                if self._stopping.is_set() or self._postmaster is None or self._postmaster.is_up():
                    continue
                say("The database died: starting it again.")
                try:
                    self._bring_up()
                except DatabaseFailed as error:
                    say(str(error))
                    self._stopping.wait(SECONDS_BEFORE_ANOTHER_TRY)
