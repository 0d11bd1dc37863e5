"""Work that takes longer than the loop may be held: done by a thread of its own, some may wait, none for ever.

Rules and pictures are plain Python, which one thread at a time can run: a second would only make the loop wait longer.
Laying out a PDF is left to a process, for which another thread waits.
"""

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from registry.errors import TrialbookError

T = TypeVar("T")
WAITING, SECONDS = 24, 20.0
# How long the loop may wait for the interpreter while a thread holds it; Python's own 5 ms is felt in every answer.
sys.setswitchinterval(0.001)

TOO_BUSY = "Too many long answers are being worked out at the moment. Try again in a few seconds."
TOO_LONG = "The answer took too long to work out. Try again when the service is less busy."


class CannotMakeNow(TrialbookError):
    """The service has too much to do for a long answer."""

    status, slug, title = 503, "busy", "The service is busy at the moment"


class Worker:
    """A thread for slow work. Work that does not come to its end keeps the thread, so what runs stays bounded."""

    def __init__(self, waiting: int = WAITING, seconds: float = SECONDS) -> None:
        """The thread is started when it is first needed."""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="report")
        self._room, self._seconds = BoundedSemaphore(1 + waiting), seconds

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


COMPOSING, LAYING_OUT = Worker(), Worker()
