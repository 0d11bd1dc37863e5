"""What drills record: trials that carry their key as note, for patients of their own."""

import asyncio
from collections import Counter

from bench.records import TRIALS_SENT, Json
from drill.client import Client
from drill.failed import expect

CREATED = 201


def trial(key: str) -> Json:
    """A trial that can be told from all others."""
    return {**TRIALS_SENT[0], "note": key}


async def new_patients(client: Client, number: int) -> list[str]:
    """Addresses of the trials of so many new patients."""
    made = await asyncio.gather(*(client.answered("POST", "/v1/patients", {}) for _ in range(number)))
    return [f"{answer.headers['location']}/medication-trials" for answer in made]


async def recorded(client: Client, addresses: list[str]) -> Counter[str]:
    """How often each key is recorded for these patients."""
    lists = await asyncio.gather(*map(client.everything, addresses))
    return Counter(str(each["note"]) for found in lists for each in found)


async def expect_once_each(client: Client, addresses: list[str], keys: set[str]) -> int:
    """See that exactly these keys are recorded, once each; how many records that is.

    Raises:
        PromiseBroken: one is lost, doubled, or there although nobody was told so.
    """
    found = await recorded(client, addresses)
    doubled = [key for key, count in found.items() if count > 1]
    expect(not doubled, f"Recorded more than once: {doubled[:5]}")
    expect(not keys - found.keys(), f"{len(keys - found.keys())} acknowledged records are lost")
    expect(not found.keys() - keys, f"{len(found.keys() - keys)} records that nobody asked for")
    return found.total()
