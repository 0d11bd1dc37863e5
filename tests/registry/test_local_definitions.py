"""An organisation's own definitions in the database: whose they are, what they cost, and that they never change."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from models.database import Database, Transaction
from models.evaluation import EvaluationRequest
from models.executor import Executor, Row
from models.local_definition import LocalDefinitionCreate
from ops.organisation import add_organisation
from registry import definitions, known_definitions, status
from registry.desk import Desk
from registry.errors import Conflict, InvalidRequest, NotFound
from registry.evaluation import evaluate_with_own
from registry.known_definitions import MOST_READ, offered, own_definitions, read_once, rule_asked
from registry.local_definitions import AT_THE_SAME_TIME, MOST_OFFERED, post_definition, withdraw_definition
from registry.status import Moment
from settings import FIRST_ORGANISATION
from tests.definitions import own_definition
from tests.factories import Json
from tests.signed_in import desk_of, owner_connection

pytestmark = pytest.mark.anyio
TODAY = date(2026, 1, 1)
NOW = Moment(None, None)


class Counting:
    """The database on somebody's behalf, and how many statements were sent to it."""

    def __init__(self, database: Executor) -> None:
        self._database, self.trips, self.recorded = database, 0, False

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:
        self.trips += 1
        return await self._database.run(sql, values, repeatable=repeatable)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        raise AssertionError("what is counted here needs no transaction of several statements")


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(desk_of(database).database)


@pytest.fixture
def desk(database: Database, counting: Counting) -> Desk:
    return desk_of(database, today=TODAY)._replace(database=counting)


@pytest.fixture
async def elsewhere(database: Database, database_url: str) -> Desk:
    """The desk of another organisation."""
    return desk_of(database, await add_organisation(database_url, "Another"), TODAY)


async def post(desk: Desk, body: Json) -> Json:
    _, said = await post_definition(desk, LocalDefinitionCreate.model_validate(body), None)
    return said


async def test_another_organisations_definitions_do_not_exist(desk: Desk, elsewhere: Desk) -> None:
    slug = (await post(desk, own_definition()))["id"]
    with pytest.raises(NotFound):
        await definitions.read_definition(elsewhere, slug)
    with pytest.raises(NotFound):
        await definitions.list_versions(elsewhere, slug, 5, 0)
    with pytest.raises(NotFound):
        await withdraw_definition(elsewhere, slug, None)
    for attempt in (
        rule_asked(elsewhere, slug, "#query/definition"),
        evaluate_with_own(EvaluationRequest.model_validate({"history": {}, "definitions": [slug]}), elsewhere),
    ):
        with pytest.raises(InvalidRequest) as refusal:
            await attempt
        assert slug not in refusal.value.faults[0].suggestions
    assert slug not in await own_definitions(elsewhere)
    assert slug not in [each.slug for each in offered(await own_definitions(elsewhere))]
    assert slug not in [each["id"] for each in (await definitions.list_definitions(elsewhere))["items"]]


async def test_two_organisations_may_use_one_name_for_different_rules(desk: Desk, elsewhere: Desk) -> None:
    body = own_definition()
    await post(desk, body)
    theirs = await post(elsewhere, {**body, "title": "Theirs"})
    assert theirs["version"] == "1"
    assert (await rule_asked(elsewhere, body["slug"], "")).definition.title == "Theirs"
    assert (await rule_asked(desk, body["slug"], "")).definition.title == body["title"]
    assert await withdraw_definition(elsewhere, body["slug"], None) == 2
    assert (await rule_asked(desk, body["slug"], "")).definition.title == body["title"]


async def test_a_definition_of_the_service_costs_no_round_trip_and_ones_own_costs_one(
    desk: Desk, counting: Counting, patient_id: str
) -> None:
    slug = (await post(desk, own_definition()))["id"]
    spent = {}
    for name in ("rybak_2021", slug):
        before = counting.trips
        await status.trd_status(desk, UUID(patient_id), name, NOW)
        spent[name] = counting.trips - before
    assert spent == {"rybak_2021": 1, slug: 2}
    before = counting.trips
    request = EvaluationRequest.model_validate({"history": {}, "definitions": ["rybak_2021", slug, "fda_label"]})
    await evaluate_with_own(request, desk)
    assert counting.trips - before == 1
    before = counting.trips
    await evaluate_with_own(EvaluationRequest.model_validate({"history": {}}), desk)
    assert counting.trips == before


async def test_a_version_is_checked_once_while_it_is_remembered(desk: Desk) -> None:
    slug = (await post(desk, own_definition()))["id"]
    one, other = [await rule_asked(desk, slug, "") for _ in range(2)]
    assert one.definition is other.definition


async def test_what_is_remembered_is_bounded(desk: Desk) -> None:
    slug = (await post(desk, own_definition()))["id"]
    row = (await own_definitions(desk))[slug].row
    for number in range(MOST_READ + 5):
        assert read_once({**row, "version": number + 100}).version == str(number + 100)
    assert len(known_definitions._READ) == MOST_READ  # noqa: SLF001 - the bound itself


async def test_of_two_who_post_at_the_same_time_each_gets_a_version_or_is_told(desk: Desk) -> None:
    body = own_definition()
    titles = [f"Title {number}" for number in range(8)]
    answers = await asyncio.gather(*(post(desk, {**body, "title": title}) for title in titles), return_exceptions=True)
    refused = [each for each in answers if isinstance(each, BaseException)]
    assert all(isinstance(each, Conflict) and each.detail == AT_THE_SAME_TIME for each in refused)
    versions, _ = await definitions.list_versions(desk, body["slug"], 50, 0)
    assert [each["version"] for each in versions] == [str(n) for n in range(1, len(versions) + 1)]
    assert len(versions) == len(titles) - len(refused) >= 1


async def test_an_organisation_offers_a_bounded_number(elsewhere: Desk) -> None:
    body = own_definition()
    for number in range(MOST_OFFERED):
        await post(elsewhere, {**body, "slug": f"rule_{number}"})
    with pytest.raises(Conflict, match=str(MOST_OFFERED)):
        await post(elsewhere, {**body, "slug": "one_too_many"})
    assert (await post(elsewhere, {**body, "slug": "rule_0", "title": "Changed"}))["version"] == "2"
    await withdraw_definition(elsewhere, "rule_1", None)
    assert (await post(elsewhere, {**body, "slug": "one_more"}))["version"] == "1"


async def test_a_definition_that_the_service_gains_later_takes_the_place_of_ones_own(
    elsewhere: Desk, database_url: str
) -> None:
    """The row stands for one that was posted before the service had a definition of that name."""
    slug = (await post(elsewhere, own_definition()))["id"]
    connection = await owner_connection(database_url, elsewhere.organisation_id)
    await connection.execute(
        "INSERT INTO local_definitions (organisation_id, slug, version, digest, document) "
        "SELECT organisation_id, 'rybak_2021', 1, digest, document FROM local_definitions WHERE slug = $1",
        slug,
    )
    await connection.close()
    assert (await rule_asked(elsewhere, "rybak_2021", "")).definition.evidence != "local"
    assert [each.slug for each in offered(await own_definitions(elsewhere))].count("rybak_2021") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE local_definitions SET document = '{}'",
        "UPDATE local_definitions SET withdrawn = true",
        "DELETE FROM local_definitions",
        "TRUNCATE local_definitions",
    ],
)
async def test_the_database_changes_no_version(desk: Desk, connection: asyncpg.Connection, sql: str) -> None:
    await post(desk, own_definition())
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="add a new version"):
        await connection.execute(sql)


@pytest.mark.parametrize(
    ("slug", "version", "document"),
    [("Rule", 1, "{}"), ("ab", 1, "{}"), ("rule", 0, "{}"), ("rule", 1, "[]")],
)
async def test_the_database_refuses_what_is_no_definition(
    connection: asyncpg.Connection, slug: str, version: int, document: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(
            "INSERT INTO local_definitions (organisation_id, slug, version, digest, document) "
            "VALUES ($1, $2, $3, 'x', $4)",
            *(FIRST_ORGANISATION, slug, version, document),
        )


async def test_own_definitions_work_over_http_and_past_it_alike(client: httpx.AsyncClient, desk: Desk) -> None:
    slug = (await post(desk, own_definition()))["id"]
    over_http = (await client.get(f"/v1/definitions/{slug}")).json()
    assert over_http["digest"] == (await rule_asked(desk, slug, "")).definition.digest
