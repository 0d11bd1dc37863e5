"""Many create one patient at once with If-None-Exist: there is one, and everybody is told the same one."""

import asyncio
import time
from typing import NamedTuple
from uuid import uuid4

from drill.client import Answer, Client, Json
from drill.failed import expect
from drill.progress import Steps
from drill.service import Service

SYSTEM = "urn:example:drill"
Created = list[tuple[str, Answer]]
"""Each key that was sent, and what was answered."""


class Creating(NamedTuple):
    """What came of it: `replayed` answers were asked for again after the service was killed."""

    rounds: int
    at_once: int
    patients: int
    replayed: int
    seconds: float


async def creating(service: Service, rounds: int, at_once: int, steps: Steps) -> Creating:
    """Rounds with an Idempotency-Key for each request, and rounds without, in turn; then a crash and all keys again.

    Raises:
        PromiseBroken: there are two patients, or none, or an answer names another, or a replay differs.
    """
    client, patients, sent = Client(service), 0, dict[str, Created]()
    started = time.monotonic()
    for number in range(rounds):
        value = str(uuid4())
        sent[value] = await _round(client, value, at_once, keyed=number % 2 == 0)
        patients += await _expect_one(client, value, sent[value])
        steps.one()
    seconds = time.monotonic() - started
    service.kill(database=True)
    await service.start()
    replayed = sum([await _expect_same(client, value, before) for value, before in sent.items()])
    return Creating(rounds, at_once, patients, replayed, seconds)


def _asked(value: str, key: str) -> tuple[Json, dict[str, str]]:
    """The body and the headers."""
    condition = {"If_None_Exist": f"identifier={SYSTEM}|{value}"}
    return {"identifiers": [{"system": SYSTEM, "value": value}]}, condition | ({"Idempotency_Key": key} if key else {})


async def _sent(client: Client, value: str, key: str) -> tuple[str, Answer]:
    body, headers = _asked(value, key)
    return key, await client.answered("POST", "/v1/patients", body, **headers)


async def _round(client: Client, value: str, at_once: int, *, keyed: bool) -> Created:
    return await asyncio.gather(*(_sent(client, value, str(uuid4()) if keyed else "") for _ in range(at_once)))


async def _expect_one(client: Client, value: str, created: Created) -> int:
    statuses = sorted(answer.status for _, answer in created)
    expect(statuses == [200] * (len(created) - 1) + [201], f"{statuses.count(201)} of {len(created)} answers were 201")
    found = (await client.get(f"/v1/patients?identifier={SYSTEM}|{value}"))["items"]
    expect(len(found) == 1, f"{len(found)} patients carry one identifier")
    expect(all(answer.json == found[0] for _, answer in created), "Answers name different patients")
    return len(found)


async def _expect_same(client: Client, value: str, before: Created) -> int:
    keyed = [(key, answer) for key, answer in before if key]
    again = await asyncio.gather(*(_sent(client, value, key) for key, _ in keyed))
    for (key, first), (_, second) in zip(keyed, again, strict=True):
        expect(first.same == second.same, f"The key {key} was answered {second.status} after {first.status}")
    return len(again)
