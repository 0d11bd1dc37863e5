"""Work that takes longer than the loop may be held: done by a few threads, few at a time, and not for ever."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from registry.errors import TrialbookError

T = TypeVar("T")
AT_ONCE, WAITING, SECONDS = 2, 24, 20.0
TOO_BUSY = "Too many reports are being made at the moment. Try again in a few seconds."
TOO_LONG = "The report took too long to make. Try again when the service is less busy."


class CannotMakeNow(TrialbookError):
    """The service has too much to do to make a report."""

    status, slug, title = 503, "busy", "The service is busy at the moment"


class Worker:
    """Threads for slow work. One that does not come to its end keeps its thread, so the rest stays bounded."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, seconds: float = SECONDS) -> None:
        """Threads are started when they are first needed."""
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="report")
        self._room, self._seconds = BoundedSemaphore(at_once + waiting), seconds

    async def do(self, work: Callable[[], T]) -> T:
        """What the work returns.

        Raises:
            CannotMakeNow: too much is waiting already, or it takes too long.
        """
        if not self._room.acquire(blocking=False):
            raise CannotMakeNow(TOO_BUSY, headers={"Retry-After": "5"})
        future = self._pool.submit(work)
        future.add_done_callback(lambda _: self._room.release())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except TimeoutError:
            raise CannotMakeNow(TOO_LONG, headers={"Retry-After": "20"}) from None


WORKER = Worker()
