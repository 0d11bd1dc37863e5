"""`make run`: the database, its schema, the service, in this order; and back again when it is asked to stop.

Exit codes: 0 when it was asked to stop (Ctrl+C, SIGTERM) and did; 1 when it could not start, with a sentence that says
why; 3 when the application itself failed to start.
"""

import errno
import os
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack

from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from clinical.library import checked_library
from ops.cluster import VERSION
from ops.database import ensure_database, place
from ops.migrate import migrate
from ops.postgres import EmbeddedPostgres
from ops.say import say
from ops.secret import kept_secret
from settings import Settings, read_settings

SPARE_CONNECTIONS = 20
FEWEST_CONNECTIONS = 100
SECONDS_TO_FINISH_REQUESTS = 20
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named here to be recognised


class CannotListen(SystemExit):
    """The address cannot be listened on. The message says why."""


def listen(settings: Settings) -> socket.socket:
    """Take the address before anything else is started, so that a taken port is said at once.

    Raises:
        CannotListen: it is taken, not ours, or not allowed.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[
            0
        ]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(f"{where} is in use by another program. Choose another: make run PORT=8001") from None
        raise CannotListen(f"Cannot listen on {where}: {error.strerror}.") from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The address to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    host = EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def claim(settings: Settings, stack: ExitStack) -> EmbeddedPostgres | None:
    """Make the data directory ours, before the address: of two reasons not to start, that is the one to hear first.

    Returns:
        The embedded database, not started yet; None when the settings name another.
    """
    if settings.database_url is not None:
        return None
    connections = max(FEWEST_CONNECTIONS, settings.workers * settings.database_pool_size + SPARE_CONNECTIONS)
    embedded = EmbeddedPostgres(settings.data_dir, max_connections=connections)
    stack.callback(embedded.stop)
    embedded.claim()
    return embedded


def bring_up_database(settings: Settings, embedded: EmbeddedPostgres | None) -> str:
    """Start or find the database, bring its schema up to date, and say where the data are."""
    if embedded is None:
        dsn = settings.database_dsn
        ensure_database(dsn)
        said = f"Data: PostgreSQL at {place(dsn)}."
    else:
        dsn = embedded.start()
        embedded.keep_alive()
        said = f"Data: {embedded.data_dir} (embedded PostgreSQL {VERSION})."
    os.environ["DATABASE_URL"] = dsn
    migrate(dsn)
    return said


def announce(listener: socket.socket, said: str) -> None:
    """Print the address once it answers. The socket refuses connections until a worker listens on it."""
    address = address_of(listener)
    host, port = listener.getsockname()[:2]

    def wait_and_tell() -> None:
        while True:
            try:
                socket.create_connection((EVERYWHERE.get(host, host), port), timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                break
        say(f"Trialbook serves on {address}\nTry it: {address}/docs\n{said} Stop with Ctrl+C.")
        if host in EVERYWHERE:
            say(
                "There is no sign-in yet: whoever reaches this port reads and writes. Keep it behind a proxy that asks."
            )

    threading.Thread(target=wait_and_tell, name="announce", daemon=True).start()


def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve until asked to stop. Several workers have a supervisor that replaces any that dies."""
    config = Config(
        "ops.worker:create_app",
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
    )
    if settings.workers == 1:
        server = Server(config)
        server.run(sockets=[listener])
        return 0 if server.started else STARTUP_FAILURE
    supervisor = Multiprocess(config, sockets=[listener])
    supervisor.run()
    return STARTUP_FAILURE if any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes) else 0


def run() -> int:
    """Everything in order.

    Returns:
        The exit code.
    """
    settings = read_settings()
    checked_library()
    with ExitStack() as stack:
        try:
            embedded = claim(settings, stack)
            listener = stack.enter_context(listen(settings))
            said = bring_up_database(settings, embedded)
            if settings.secret_key is None:
                os.environ["SECRET_KEY"] = kept_secret(settings.data_dir)
            announce(listener, said)
            return serve(settings, listener)
        except KeyboardInterrupt:
            say("Stopping.")
            return 0
        finally:
            for asked_again in (signal.SIGINT, signal.SIGTERM):
                signal.signal(asked_again, signal.SIG_IGN)  # the database is being stopped: let that finish


def main() -> None:
    """Let SIGTERM end it as Ctrl+C does, through every `finally`; also where a shell started it with both ignored."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    sys.exit(run())


if __name__ == "__main__":
    main()
