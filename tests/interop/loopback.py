"""The service on the loopback address, under the address that it gives for itself: others follow what it says."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from uvicorn import Config, Server

from main import create_app
from ops.bootstrap import first_user
from ops.signing_in import SignIn
from settings import FIRST_ORGANISATION
from tests.conftest import settings_for

WHO = SignIn("clinician@localhost", "a stormy night of tests")
SECONDS = 30


@contextmanager
def serving(dsn: str) -> Iterator[str]:
    """The address of a service with a database of its own and one user, while it is served."""
    asyncio.run(first_user(dsn, FIRST_ORGANISATION, *WHO))
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(settings_for(dsn).model_copy(update={"public_url": address}))
    server = Server(Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield address
    server.should_exit = True
    thread.join(SECONDS)
