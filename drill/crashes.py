"""The whole service is killed again and again while clients write: nothing acknowledged is lost, nothing is doubled."""

import asyncio
import random
import time
from typing import NamedTuple
from uuid import uuid4

from drill.client import Answer, Client
from drill.failed import expect
from drill.progress import Steps
from drill.records import CREATED, expect_once_each, new_patients, trial
from drill.service import Service

PATIENTS, WRITERS = 20, 16
SHORTEST_LIFE, LONGEST_LIFE = 0.1, 1.2  # seconds of load before the next kill
Acknowledged = dict[str, tuple[str, Answer]]
"""By key: the address that it was sent to, and what was answered."""


class Crashes(NamedTuple):
    """What came of it."""

    kills: int
    acknowledged: int
    records: int
    lost_answers: int
    replayed: int
    seconds: float


async def crashes(service: Service, kills: int, steps: Steps) -> Crashes:
    """Let clients write ever new keys while the service is killed; then count.

    Raises:
        PromiseBroken: an acknowledged record is lost or doubled, or a key is answered otherwise than before.
    """
    client, stop = Client(service), asyncio.Event()
    addresses = await new_patients(client, PATIENTS)
    done: Acknowledged = {}
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(_write(client, addresses, done, stop))
        for number in range(kills):
            await asyncio.sleep(random.uniform(SHORTEST_LIFE, LONGEST_LIFE))  # noqa: S311 - a wait
            service.kill(database=number % 2 == 1)
            await service.start()
            steps.one()
        stop.set()
    seconds, found_out = time.monotonic() - started, client.counted["replayed"]
    records = await expect_once_each(client, addresses, set(done))
    await expect_same_answers(client, done)
    return Crashes(kills, len(done), records, client.counted["lost"], found_out, seconds)


async def _write(client: Client, addresses: list[str], done: Acknowledged, stop: asyncio.Event) -> None:
    """One record after another, each sent until it is answered."""
    while not stop.is_set():
        key, address = str(uuid4()), random.choice(addresses)  # noqa: S311 - a load
        answer = await client.answered("POST", address, trial(key), Idempotency_Key=key)
        expect(answer.status == CREATED, f"The key {key} was answered {answer.status}")
        done[key] = (address, answer)


async def expect_same_answers(client: Client, done: Acknowledged) -> None:
    """Send everything once more: each key gets the answer that it got before.

    Raises:
        PromiseBroken: one does not.
    """
    at_once = asyncio.Semaphore(WRITERS)

    async def again(key: str, address: str, before: Answer) -> None:
        async with at_once:
            answer = await client.answered("POST", address, trial(key), Idempotency_Key=key)
        expect(answer.same == before.same, f"The key {key} was answered otherwise than before")

    async with asyncio.TaskGroup() as group:
        for key, (address, before) in done.items():
            group.create_task(again(key, address, before))
