"""Many requests at once with few keys: one record a key, and the same answer to everybody."""

import asyncio
import time
from collections import defaultdict
from typing import NamedTuple
from uuid import uuid4

from drill.client import Client
from drill.failed import expect
from drill.progress import Steps
from drill.records import CREATED, expect_once_each, new_patients, trial
from drill.service import Service

PATIENTS = 10


class Repeats(NamedTuple):
    """What came of it."""

    requests: int
    keys: int
    records: int
    in_flight: int
    busy: int
    replayed: int
    seconds: float


async def repeats(service: Service, requests: int, keys: int, steps: Steps) -> Repeats:
    """Send all requests at once, each until it is answered.

    Raises:
        PromiseBroken: a key made no record or several, or was answered in two ways.
    """
    client = Client(service)
    addresses = await new_patients(client, PATIENTS)
    named = [str(uuid4()) for _ in range(keys)]
    answers = defaultdict(list)

    async def one(number: int) -> None:
        which = number * keys // requests  # those of one key beside each other, so that they meet
        key, address = named[which], addresses[which % PATIENTS]
        answers[key].append(await client.answered("POST", address, trial(key), Idempotency_Key=key))
        steps.one()

    started = time.monotonic()
    await asyncio.gather(*map(one, range(requests)))
    seconds = time.monotonic() - started
    for key, given in answers.items():
        expect(len({answer.same for answer in given}) == 1, f"The key {key} was answered in several ways")
        expect(given[0].status == CREATED, f"The key {key} was answered {given[0].status}")
    records = await expect_once_each(client, addresses, set(named))
    counted = client.counted
    return Repeats(requests, keys, records, counted["409"], counted["503"], counted["replayed"], seconds)
