"""A real server on the loopback address in a thread of this process, and raw connections to it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from uvicorn import Server

from ops.edge import Edge
from settings import Settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SECONDS_TO_BEGIN_AND_END = 20.0
MADE: list[socket.socket] = []
"""Connections of the test that runs, to be closed at its end."""


def close_all() -> None:
    """Close what a test left open."""
    while MADE:
        MADE.pop().close()


@contextmanager
def served(settings: Settings, app: "ASGIApp", port: int = 0) -> Iterator[int]:
    """Serve the application as `make run` does, on a free port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        port = int(listener.getsockname()[1])
        server = Server(Edge(settings, app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + SECONDS_TO_BEGIN_AND_END
            while not server.started and thread.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert server.started
            yield port
        finally:
            server.should_exit = True
            thread.join(SECONDS_TO_BEGIN_AND_END)
            assert not thread.is_alive()


def connect(port: int, sent: bytes = b"") -> socket.socket:
    """A connection on which this was sent."""
    made = socket.create_connection(("127.0.0.1", port), timeout=SECONDS_TO_BEGIN_AND_END)
    MADE.append(made)
    if sent:
        made.sendall(sent)
    return made


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    finally:
        connection.close()
    return b"".join(parts)


def is_open(connection: socket.socket) -> bool:
    """Whether the other side has not closed it, whatever it said."""
    connection.settimeout(0)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return True
    except (ConnectionResetError, BrokenPipeError):
        return False
    else:
        return False
    finally:
        connection.settimeout(SECONDS_TO_BEGIN_AND_END)
