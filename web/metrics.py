"""Numbers for whoever watches: how many requests, how long they took, how busy this is. Never by path or by person.

With several workers each writes its numbers into files of its own in one folder (prometheus-client's multiprocess
mode), and whichever worker is asked adds them up. One worker alone keeps them in memory.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from models.pool import PoolState
from web.processes import Surroundings, mark_dead

MEDIA_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SECONDS_BETWEEN_LOOKS = 2.0
"""How old what one worker says of another's pool may be."""
Labels = tuple[str, str, str]


class Metrics:
    """What one process counts, and how all of it is said."""

    def __init__(self, version: str = "", directory: Path | None = None) -> None:
        """Without a directory, this process is the only one."""
        self._directory = directory
        self._surroundings = Surroundings(version, directory)
        if directory is not None:
            mark_dead(directory, os.getpid())  # what an earlier worker of the same process id left behind
        self._own = CollectorRegistry()
        self._seconds = Histogram(
            "trialbook_request_seconds",
            "Seconds from the first look at a request to the end of its answer.",
            ("operation", "method", "status"),
            buckets=BUCKETS,
            registry=self._own,
        )
        self._in_flight = self._gauge("requests_in_flight", "Requests that are being answered.")
        self._open = self._gauge("database_connections", "Open connections to the database.")
        self._idle = self._gauge("database_connections_idle", "Open connections to the database that are free.")
        self._waiting = self._gauge("database_connections_waiting", "Requests that wait for a connection.")
        self._children: dict[Labels, Histogram] = {}
        self._state: Callable[[], PoolState] | None = None

    def _gauge(self, name: str, text: str) -> Gauge:
        """A number of this worker, to be added to those of the workers that live."""
        return Gauge(f"trialbook_{name}", text, registry=self._own, multiprocess_mode="livesum")

    def begin(self) -> None:
        """A request has come."""
        self._in_flight.inc()

    def end(self, labels: Labels, seconds: float) -> None:
        """A request is over: operation id, method, class of status."""
        self._in_flight.dec()
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._seconds.labels(*labels)
        child.observe(seconds)

    def look(self) -> None:
        """Write down how busy the pool is."""
        if self._state is not None:
            state = self._state()
            self._open.set(state.size)
            self._idle.set(state.idle)
            self._waiting.set(state.waiting)

    @asynccontextmanager
    async def watching(self, state: Callable[[], PoolState]) -> AsyncIterator[None]:
        """While it lasts, the pool is looked at: when asked, and for the other workers every now and then."""
        self._state = state
        looking = None if self._directory is None else asyncio.create_task(self._look_again())
        try:
            yield
        finally:
            self._state = None
            if looking is not None:
                looking.cancel()

    async def _look_again(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def text(self) -> bytes:
        """All of it in the form that Prometheus reads; of every worker. Some milliseconds: not for the loop."""
        self.look()
        if self._directory is None:
            counted = self._own
        else:
            counted = CollectorRegistry()
            MultiProcessCollector(counted, str(self._directory))  # type: ignore[no-untyped-call]
        around = CollectorRegistry()
        around.register(self._surroundings)
        return generate_latest(around) + generate_latest(counted)
