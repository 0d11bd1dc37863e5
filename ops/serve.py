"""`make run`: the database, its schema, the service, in this order; and back again when it is asked to stop.

Exit codes: 0 when it was asked to stop (Ctrl+C, SIGTERM) and did; 1 when it could not start, with a sentence that says
why; 3 when the application itself failed to start.
"""

import errno
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import ExitStack

from uvicorn import Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from clinical.library import checked_library
from ops.bootstrap import FirstUser, bootstrap
from ops.cluster import VERSION
from ops.database import ensure_database, place
from ops.edge import Edge
from ops.logs import configure
from ops.migrate import bring_up_to_date
from ops.postgres import EmbeddedPostgres
from ops.roles import SERVICE, service_dsn
from ops.say import say
from ops.secret import with_kept_secrets
from ops.tls import check_tls
from settings import Settings, read_settings
from vault.keys import Masters

SPARE_CONNECTIONS = 20
FEWEST_CONNECTIONS = 100
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


def address_of(listener: socket.socket, scheme: str) -> str:
    """The address to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    host = EVERYWHERE.get(host, host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


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
    """Start or find the database, bring its schema up to date, seal what is plain, see that somebody can sign in.

    The workers find the address in the environment: with a role that owns nothing.

    Returns:
        Where all is.
    """
    settings = with_kept_secrets(settings)
    masters = Masters.from_settings(*settings.master_keys)
    if embedded is None:
        owner = settings.owner_dsn
        ensure_database(owner)
        bring_up_to_date(owner, masters)
        production = settings.environment == "production"
        secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
        served = service_dsn(settings.database_dsn, secret, strict=production)
        said = f"Data: PostgreSQL at {place(owner)}."
    else:
        owner = embedded.start()
        embedded.keep_alive()
        bring_up_to_date(owner, masters)
        served = embedded.url(user=SERVICE)
        said = f"Data: {embedded.data_dir} (embedded PostgreSQL {VERSION})."
    os.environ["DATABASE_URL"] = served
    return f"{how_to_sign_in(bootstrap(owner, settings), settings)}\n{said}"


def how_to_sign_in(first: FirstUser | None, settings: Settings) -> str:
    """How to sign in. A password that was made at random is said this once."""
    if first is None or first.made is None:
        who = f" as {first.username}" if first else ""
        return f"Sign in{who} at /docs with Authorize." if settings.embedded_issuer else "Users sign in elsewhere."
    return f"Sign in at /docs with Authorize: user {first.username}, password {first.made} (shown this once)."


def announce(listener: socket.socket, scheme: str, said: str) -> None:
    """Print the address once it answers. The socket refuses connections until a worker listens on it."""
    address = address_of(listener, scheme)
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

    threading.Thread(target=wait_and_tell, name="announce", daemon=True).start()


def serve(settings: Settings, listener: socket.socket) -> int:
    """Serve until asked to stop. Several workers have a supervisor that replaces any that dies."""
    config = Edge(settings)
    if settings.workers == 1:
        server = Server(config)
        server.run(sockets=[listener])
        return 0 if server.started else STARTUP_FAILURE
    supervisor = Multiprocess(config, sockets=[listener])
    supervisor.run()
    return STARTUP_FAILURE if any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes) else 0


def share_metrics(settings: Settings, stack: ExitStack) -> None:
    """Give several workers a folder where each counts for all; one alone counts in its memory."""
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    if settings.workers > 1:
        folder = tempfile.TemporaryDirectory(prefix="trialbook-metrics-", ignore_cleanup_errors=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(folder)


def run() -> int:
    """Everything in order.

    Returns:
        The exit code.
    """
    settings = read_settings()
    check_tls(settings)
    configure(settings)
    checked_library()
    with ExitStack() as stack:
        try:
            embedded = claim(settings, stack)
            listener = stack.enter_context(listen(settings))
            said = bring_up_database(settings, embedded)
            scheme = "https" if settings.tls_certificate else "http"
            if settings.public_url is None:
                os.environ["PUBLIC_URL"] = address_of(listener, scheme)
            share_metrics(settings, stack)
            announce(listener, scheme, said)
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
