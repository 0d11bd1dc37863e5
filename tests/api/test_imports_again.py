"""What the source takes back or adds to, when the same patient is imported again."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from tests.bulk.records import Json, depression, fill, imported, ndjson, patient, rating, rejects

pytestmark = pytest.mark.anyio
WRONG = {"status": "entered-in-error"}


def statement(name: str, whose: str, medicine: str, start: str, end: str) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": {"text": medicine},
        "subject": {"reference": f"Patient/{whose}"},
        "effectivePeriod": {"start": start, "end": end},
    }


def course_of(name: str) -> list[Json]:
    return [
        statement(f"{name}-m1", name, "sertraline 100 mg", "2025-01-01", "2025-03-20"),
        statement(f"{name}-m2", name, "venlafaxine 150 mg", "2025-04-01", "2025-06-20"),
        *(rating(f"{name}-o{month}", name, 18, f"2025-0{month}-15") for month in range(1, 5)),
    ]


def retracted(resources: list[Json]) -> list[Json]:
    return [each | WRONG for each in resources]


async def listed(http: httpx.AsyncClient, name: str, kind: str) -> list[Json]:
    answer = await http.get("/v1/patients", params={"identifier": f"urn:example:hospital|MRN-{name}"})
    [one] = answer.json()["items"]
    items: list[Json] = (await http.get(f"/v1/patients/{one['id']}/{kind}")).json()["items"]
    return [{"at": f"/v1/patients/{one['id']}/{kind}/{each['id']}", **each} for each in items]


def done(said: Json, word: str) -> dict[str, int]:
    return {kind: counts[word] for kind, counts in said["records"].items() if counts[word]}


async def test_what_the_source_takes_back_is_entered_in_error_and_can_come_again(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    name = uuid4().hex
    both = {"medication_trials": 2, "assessments": 4}
    said = await imported(app, client, ndjson(patient(name), *course_of(name)))
    assert done(said, "created") == {"patients": 1, **both}
    [trial, _] = await listed(client, name, "medication-trials")
    gone = ndjson(patient(name), *retracted(course_of(name)))
    said = await imported(app, client, gone)
    assert (said["state"], said["rejects"], done(said, "retracted")) == ("done", {}, both)
    assert await listed(client, name, "medication-trials") == await listed(client, name, "assessments") == []
    history = (await client.get(f"{trial['at']}/history")).json()["items"]
    assert [(each["version"], each["entered_in_error"]) for each in history] == [(1, False), (2, True)]
    assert done(await imported(app, client, gone), "retracted") == {}
    for word in ("created", "unchanged"):  # a third one brings it back, and a fourth changes nothing
        said = await imported(app, client, ndjson(patient(name), *course_of(name)))
        assert both.items() <= done(said, word).items()
    assert len(await listed(client, name, "medication-trials")) == 2
    assert done(await imported(app, client, gone), "retracted") == both


async def test_what_is_not_sent_or_is_of_another_source_is_not_taken_back(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    name = uuid4().hex
    first, *others = course_of(name)
    await imported(app, client, ndjson(patient(name), first, *others), source="urn:a")
    assert (
        done(await imported(app, client, ndjson(patient(name), *retracted(others)), source="urn:b"), "retracted") == {}
    )
    said = await imported(app, client, ndjson(patient(name), *retracted(others)), source="urn:a")
    assert done(said, "retracted") == {"medication_trials": 1, "assessments": 4}
    unreadable = first | {"medicationCodeableConcept": {}}
    assert done(await imported(app, client, ndjson(patient(name), unreadable), source="urn:a"), "retracted") == {}
    assert len(await listed(client, name, "medication-trials")) == 1


async def test_what_a_human_changed_is_not_taken_back(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    sent = [rating(f"{name}-{number}", name, 18, f"2025-03-0{number}") for number in (1, 2)]
    await imported(app, client, ndjson(patient(name), *sent))
    changed, wrong = await listed(client, name, "assessments")
    await client.patch(changed["at"], json={"total_score": 8}, headers={"If-Match": "*"})
    await client.delete(wrong["at"], headers={"If-Match": "*"})
    said = await imported(app, client, ndjson(patient(name), *retracted(sent)))
    assert done(said, "retracted") == {}
    assert done(said, "kept_as_edited") == {"assessments": 1}
    assert [each["reference"] for each in await rejects(client, said)] == [f"assessments/{changed['id']}"]
    assert [each["total_score"] for each in await listed(client, name, "assessments")] == [8]


async def test_a_course_with_an_earlier_source_is_the_same_course(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    later = [fill(f"{name}-f2", name, "2025-02-04"), fill(f"{name}-f3", name, "2025-03-06")]
    earlier = fill(f"{name}-f1", name, "2025-01-05")
    bodies: list[list[Any]] = [later, [earlier, *later], [earlier, *later], later, [earlier, *later]]
    outcomes, seen = [], set()
    for body in bodies:
        said = await imported(app, client, ndjson(patient(name), *body))
        outcomes.append({word for word, count in said["records"]["medication_trials"].items() if count})
        [trial] = await listed(client, name, "medication-trials")
        seen.add((trial["id"], trial["started"]))
    assert outcomes == [{"created"}, {"updated"}, {"unchanged"}, {"updated"}, {"updated"}]
    assert len({one for one, _ in seen}) == 1
    assert {started for _, started in seen} == {"2025-01-05", "2025-02-04"}


async def test_a_source_that_says_the_same_makes_no_second_episode(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    one, two = (depression(f"{name}-{at}", name) for at in "ba")
    await imported(app, client, ndjson(patient(name), one))
    for _ in range(2):
        said = await imported(app, client, ndjson(patient(name), one, two))
        assert done(said, "unchanged") == {"patients": 1, "episodes": 1}
    assert len(await listed(client, name, "episodes")) == 1
