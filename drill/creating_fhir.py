"""Many create one patient at once by FHIR, and by FHIR and JSON: there is one, and everybody is told the same one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import uuid4

from drill.client import Client, Json
from drill.failed import expect
from drill.progress import Steps
from drill.service import Service

SYSTEM = "urn:example:drill-fhir"
BASE = "/fhir/R4"
MADE, KNOWN = 201, 200
Told = tuple[int, str]
"""How the patient was answered: 201 or 200, and which patient it is."""
Way = Callable[[Client, str], Awaitable[Told]]


class CreatingFhir(NamedTuple):
    """What came of it."""

    rounds: int
    at_once: int
    patients: int
    sent_again: int
    seconds: float


async def creating_fhir(service: Service, rounds: int, at_once: int, steps: Steps) -> CreatingFhir:
    """Rounds with the header, with entries of transactions, and with both and the JSON edge beside each other, in turn.

    Raises:
        PromiseBroken: there are two patients, or none, or an answer names another.
    """
    client, patients = Client(service), 0
    started = time.monotonic()
    for number in range(rounds):
        ways, value = WAYS[number % len(WAYS)], str(uuid4())
        told = await asyncio.gather(*(ways[each % len(ways)](client, value) for each in range(at_once)))
        patients += await _expect_one(client, value, told)
        steps.one()
    seconds = time.monotonic() - started
    again = sum(client.counted[status] for status in ("409", "429", "503", "lost"))
    return CreatingFhir(rounds, at_once, patients, again, seconds)


def _condition(value: str) -> str:
    return f"identifier={SYSTEM}|{value}"


def _person(value: str) -> Json:
    return {"resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": value}]}


async def _by_header(client: Client, value: str) -> Told:
    answer = await client.answered("POST", f"{BASE}/Patient", _person(value), If_None_Exist=_condition(value))
    return answer.status, answer.json["id"]


async def _by_transaction(client: Client, value: str) -> Told:
    request = {"method": "POST", "url": "Patient", "ifNoneExist": _condition(value)}
    entry = {"fullUrl": f"urn:uuid:{uuid4()}", "resource": _person(value), "request": request}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    said = (await client.answered("POST", BASE, bundle)).json["entry"][0]
    return int(said["response"]["status"]), said["resource"]["id"]


async def _by_json(client: Client, value: str) -> Told:
    body = {"identifiers": [{"system": SYSTEM, "value": value}]}
    answer = await client.answered("POST", "/v1/patients", body, If_None_Exist=_condition(value))
    return answer.status, answer.json["id"]


WAYS: tuple[tuple[Way, ...], ...] = ((_by_header,), (_by_transaction,), (_by_header, _by_transaction, _by_json))


async def _expect_one(client: Client, value: str, told: list[Told]) -> int:
    statuses = sorted(status for status, _ in told)
    expect(statuses == [KNOWN] * (len(told) - 1) + [MADE], f"{statuses.count(MADE)} of {len(told)} answers were 201")
    found = await client.get(f"{BASE}/Patient?{_condition(value)}")
    expect(found["total"] == 1, f"{found['total']} patients carry one identifier")
    same = {found["entry"][0]["resource"]["id"]}
    expect({patient for _, patient in told} == same, "Answers name different patients")
    return int(found["total"])
