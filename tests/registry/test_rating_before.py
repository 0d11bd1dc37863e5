"""The rating before another one: which it is, and that a long list of ratings is no long wait."""

import json
import random
import time
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from clinical.dates import parse_partial_date
from models.database import Database
from registry.assessments import ASSESSMENTS
from settings import FIRST_ORGANISATION
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio
MANY, SECONDS = 1000, 2.0  # measured on two cores: 0.12 s, where the pairs that were looked at before took 12 s
ADD = """
    INSERT INTO assessments (organisation_id, id, patient_id, instrument, assessed_on, total_score, items, rater)
    SELECT organisation_id, gen_random_uuid(), id, $2, $3, $4, $5, 'self' FROM patients WHERE id = $1
"""
ADD_MANY = """
    INSERT INTO assessments (organisation_id, id, patient_id, instrument, assessed_on, total_score, rater)
    SELECT organisation_id, gen_random_uuid(), id, 'phq9', SPREAD, i % 28, 'self'
    FROM patients, generate_series(1, $2) AS i WHERE patients.id = $1
"""


def day(chance: random.Random) -> str:
    """A day of a few months, more or less precise."""
    return f"2025-{chance.randint(1, 3):02d}-{chance.randint(27, 28)}"[: chance.choice((4, 7, 10, 10, 10))]


async def fill(connection: asyncpg.Connection, patient_id: str) -> None:
    chance = random.Random(4)  # noqa: S311 - no secret
    for _ in range(120):
        total = chance.choice((None, *range(10)))
        row = (chance.choice(("phq9", "qids_sr16")), day(chance), total, "[]" if total is None else None)
        await connection.execute(ADD, UUID(patient_id), *row)
    await connection.execute(
        "UPDATE assessments SET entered_in_error = true WHERE patient_id = $1 AND total_score = 3", UUID(patient_id)
    )


def before(one: dict[str, Any], ratings: list[dict[str, Any]]) -> str | None:
    """The id of the last rating that is certainly before this one, found by looking at all."""

    def is_before(other: dict[str, Any]) -> bool:
        earlier = parse_partial_date(other["assessed_on"]).last < parse_partial_date(one["assessed_on"]).first
        same_day = other["assessed_on"] == one["assessed_on"] and other["id"] < one["id"]
        return other["total_score"] is not None and other["instrument"] == one["instrument"] and (earlier or same_day)

    found = [each for each in ratings if is_before(each)]
    last = max(found, key=lambda each: (parse_partial_date(each["assessed_on"]).last, *_precise(each)), default=None)
    return last and last["id"]


def _precise(rating: dict[str, Any]) -> tuple[str, str]:
    return rating["assessed_on"], rating["id"]


async def test_it_is_the_one_that_is_found_by_looking_at_all(
    client: httpx.AsyncClient, connection: asyncpg.Connection, patient_id: str
) -> None:
    await fill(connection, patient_id)
    included = (await client.get(f"/v1/patients/{patient_id}?include=assessments")).json()["assessments"]
    listed = (await client.get(f"/v1/patients/{patient_id}/assessments?limit=200")).json()["items"]
    assert included == listed
    expected = [None if each["total_score"] is None else before(each, listed) for each in listed]
    assert [each["trend"] and each["trend"]["previous_id"] for each in listed] == expected
    assert len(set(expected)) > 20


@pytest.mark.parametrize("spread", ["to_char(date '2020-01-01' + i, 'YYYY-MM-DD')", "'2025-01-01'", "'2025'"])
async def test_a_thousand_ratings_are_read_at_once(
    client: httpx.AsyncClient, connection: asyncpg.Connection, patient_id: str, spread: str
) -> None:
    await connection.execute(ADD_MANY.replace("SPREAD", spread), UUID(patient_id), MANY)
    await connection.execute("ANALYZE assessments")  # as autovacuum does: a thousand at once are no news to the planner
    for path in (f"/v1/patients/{patient_id}?include=assessments", f"/v1/patients/{patient_id}/assessments?limit=200"):
        began = time.perf_counter()
        answer = await client.get(path)
        assert (answer.status_code, time.perf_counter() - began < SECONDS) == (200, True)
    assert sum(each["trend"] is None for each in answer.json()["items"]) <= 1


EXPLAINED = "EXPLAIN (FORMAT JSON) "


def index_conditions(plan: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """The conditions by which `ix_assessments_before` is gone along in a plan."""
    if isinstance(plan, list):
        return [found for each in plan for found in index_conditions(each)]
    if not isinstance(plan, dict):
        return []
    own = [plan["Index Cond"]] if plan.get("Index Name") == "ix_assessments_before" else []
    return own + [found for inner in plan.values() for found in index_conditions(inner)]


async def test_days_are_conditions_of_the_index_for_the_role_that_sees_one_organisation(
    database: Database, connection: asyncpg.Connection, patient_id: str
) -> None:
    await connection.execute(ADD_MANY.replace("SPREAD", "'2025-01-01'"), UUID(patient_id), MANY)
    await connection.execute("ANALYZE assessments")  # the plan must not hang on what other tests have stored
    asked = ASSESSMENTS.statements.page
    given = {"organisation_id": FIRST_ORGANISATION, "patient_id": UUID(patient_id), "after": UUID(int=0), "at_most": 7}
    ordered = [(asked.constants | given)[name] for name in asked.order]
    async with desk_of(database).database.transaction() as inside:
        (row,) = await inside.run(EXPLAINED + asked.sql, ordered, repeatable=False)
    conditions = index_conditions(json.loads(row["QUERY PLAN"]))
    assert any("last_day = " in each for each in conditions), conditions
    assert any("last_day < " in each for each in conditions), conditions


async def test_what_is_computed_is_in_no_document_of_a_version_and_in_no_answer(
    client: httpx.AsyncClient, connection: asyncpg.Connection, patient_id: str
) -> None:
    path = f"/v1/patients/{patient_id}/assessments"
    made = await client.post(path, json={"instrument": "phq9", "assessed_on": "2025-02", "total_score": 9})
    changed = await client.patch(made.headers["Location"], json={"total_score": 8}, headers={"If-Match": "*"})
    days = {"first_day", "last_day"}
    row = await connection.fetchrow("SELECT * FROM assessments WHERE patient_id = $1", UUID(patient_id))
    assert (str(row["first_day"]), str(row["last_day"])) == ("2025-02-01", "2025-02-28")
    documents = await connection.fetch("SELECT document FROM record_versions WHERE record_id = $1", row["id"])
    assert [json.loads(each["document"]).keys() for each in documents] == [set(dict(row)) - days] * 2
    whole = await client.get(f"/v1/patients/{patient_id}?include=assessments")
    history = await client.get(f"{made.headers['Location']}/history")
    export = await client.get(f"/v1/patients/{patient_id}/export")
    for answer in (made, changed, whole, history, export):
        assert answer.is_success
        assert not any(day in answer.text for day in days)
