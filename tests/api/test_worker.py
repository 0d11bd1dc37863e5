"""Slow work: done beside the loop, few things at a time, none for ever."""

import asyncio
import threading
import time

import pytest

from web.worker import CannotMakeNow, Worker

pytestmark = pytest.mark.anyio


async def test_the_loop_goes_on_meanwhile() -> None:
    released = threading.Event()
    work = asyncio.create_task(Worker().do(lambda: released.wait(5)))
    await asyncio.sleep(0.05)
    assert not work.done()
    released.set()
    assert await work is True


async def test_one_thing_is_done_at_a_time_in_the_order_asked() -> None:
    worker, running, seen = Worker(), threading.Lock(), []

    def alone(number: int) -> bool:
        free = running.acquire(blocking=False)
        time.sleep(0.01)
        seen.append(number)
        running.release()
        return free

    assert all(await asyncio.gather(*(worker.do(lambda number=number: alone(number)) for number in range(5))))
    assert seen == [0, 1, 2, 3, 4]


async def test_when_too_much_is_waiting_it_says_when_to_come_back_and_then_there_is_room_again() -> None:
    worker, released = Worker(waiting=1), threading.Event()
    waiting = [asyncio.create_task(worker.do(released.wait)) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(CannotMakeNow) as refused:
        await worker.do(released.wait)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})
    released.set()
    await asyncio.gather(*waiting)
    assert await worker.do(lambda: "made") == "made"


async def test_what_takes_too_long_is_given_up_but_keeps_its_thread_until_it_ends() -> None:
    worker, released = Worker(waiting=0, seconds=0.05), threading.Event()
    with pytest.raises(CannotMakeNow, match="too long"):
        await worker.do(released.wait)
    with pytest.raises(CannotMakeNow, match="Too many"):
        await worker.do(released.wait)
    released.set()
    await asyncio.sleep(0.05)
    assert await worker.do(lambda: "made") == "made"


async def test_a_fault_of_the_work_is_a_fault_of_the_request() -> None:
    with pytest.raises(ZeroDivisionError):
        await Worker().do(lambda: 1 / 0)
