"""Kept answers in the database: what they cost, that they never change, and that a change past the service shows."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema

from clinical.library import library
from models.database import Database
from models.executor import Executor, Row
from models.kept_answer import KeptAnswerCreate, SignatureEntry
from models.kept_answer_public import KeptAnswerPublic
from ops.organisation import add_organisation
from registry.desk import Desk, Ref
from registry.errors import NotFound
from registry.kept_answers import keep, list_kept, read_kept, sign
from registry.kept_differences import NO_LONGER, OTHERWISE
from registry.records import Stretch
from registry.work import MUCH, at_once
from tests.definitions import own_definition
from tests.factories import SERTRALINE
from tests.registry.test_local_definitions import TODAY, Counting, post
from tests.registry.test_status import VENLAFAXINE
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(desk_of(database).database)


@pytest.fixture
def desk(database: Database, counting: Counting) -> Desk:
    return desk_of(database, today=TODAY)._replace(database=counting)


@pytest.fixture
async def kept(client: httpx.AsyncClient, desk: Desk, patient_id: str, trials: str) -> Ref:
    """An answer kept on two failed trials."""
    for each in (SERTRALINE, VENLAFAXINE):
        assert (await client.post(trials, json=each)).status_code == 201
    signature = SignatureEntry.model_validate({"signed_by": "Dr A. Example", "meaning": "author"})
    said = await keep(desk, UUID(patient_id), KeptAnswerCreate(signature=signature))
    return Ref(UUID(patient_id), said["id"] if isinstance(said["id"], UUID) else UUID(said["id"]))


async def test_one_is_read_in_one_round_trip_and_two_by_a_definition_of_ones_own(
    desk: Desk, counting: Counting, kept: Ref
) -> None:
    before = counting.trips
    await read_kept(desk, kept)
    assert counting.trips - before == 1
    slug = (await post(desk, own_definition()))["id"]
    said = await keep(desk, kept.patient_id, KeptAnswerCreate(definition=slug))
    before = counting.trips
    await read_kept(desk, Ref(kept.patient_id, said["id"]))
    assert counting.trips - before == 2


async def test_a_list_costs_the_same_however_long_it_is(desk: Desk, counting: Counting, kept: Ref) -> None:
    for _ in range(6):
        await keep(desk, kept.patient_id, KeptAnswerCreate())
    before = counting.trips
    items, after = await list_kept(desk, kept.patient_id, Stretch(50))
    assert (len(items), after, counting.trips - before) == (7, None, 1)


class Refusing(Counting):
    """A database that refuses whatever is asked after the first write."""

    def __init__(self, database: Executor) -> None:
        super().__init__(database)
        self.written = False

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> list[Row]:
        assert not self.written, "something may still fail after it was stored"
        self.written = not repeatable
        return await super().run(sql, values, repeatable=repeatable)


async def test_storing_and_signing_are_the_last_that_is_done(database: Database, kept: Ref) -> None:
    """An answer that cannot be given is therefore not stored."""
    signature = SignatureEntry.model_validate({"signed_by": "Dr B. Example", "meaning": "reviewer"})
    desk = desk_of(database, today=TODAY)
    strict = desk._replace(database=Refusing(desk.database))
    said = await keep(strict, kept.patient_id, KeptAnswerCreate(signature=signature))
    strict = desk._replace(database=Refusing(desk.database))
    signed = await sign(strict, Ref(kept.patient_id, said["id"]), signature, [1])
    assert [len(each["signatures"]) for each in (said, signed)] == [1, 2]
    assert (signed["version"], signed["signatures"][1]["signed_at"] > said["signatures"][0]["signed_at"]) == (2, True)


async def test_nothing_is_stored_of_an_answer_that_cannot_be_given(
    desk: Desk, kept: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptAnswerPublic, "__pydantic_validator__", SchemaValidator(core_schema.none_schema()))
    with pytest.raises(ValidationError):
        await keep(desk, kept.patient_id, KeptAnswerCreate())
    items, _ = await list_kept(desk, kept.patient_id, Stretch(5))
    assert [each["id"] for each in items] == [str(kept.record_id)]


async def test_an_answer_of_the_end_of_the_calendar_that_was_stored_once_can_be_read(
    desk: Desk, connection: asyncpg.Connection, kept: Ref
) -> None:
    """PostgreSQL stores the last day of Python's calendar as infinity."""
    async with unguarded(connection):
        await connection.execute(
            """UPDATE kept_answers SET asked_on = 'infinity', answer = jsonb_set(answer, '{on}', '"9999-12-31"')
            WHERE id = $1""",
            kept.record_id,
        )
    assert (await read_kept(desk, kept))["on"] == "9999-12-31"
    assert [each["on"] for each in (await list_kept(desk, kept.patient_id, Stretch(5)))[0]] == ["9999-12-31"]


async def test_a_long_history_is_judged_where_it_is_told(client: httpx.AsyncClient, desk: Desk, kept: Ref) -> None:
    done: list[str] = []

    async def beside(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work returns
        done.append("beside")
        return await at_once(work)

    await read_kept(desk, kept, beside)
    await list_kept(desk, kept.patient_id, Stretch(5), beside)
    assert done == []
    for _ in range(MUCH - 1):
        await client.post(f"/v1/patients/{kept.patient_id}/medication-trials", json=SERTRALINE)
    said = await read_kept(desk, kept, beside)
    assert await list_kept(desk, kept.patient_id, Stretch(5), beside)
    await keep(desk, kept.patient_id, KeptAnswerCreate(), beside)
    assert (done, len(said["differences"]["facts"])) == (["beside"] * 3, MUCH - 1)


async def test_another_organisation_neither_reads_nor_signs_nor_keeps(
    database: Database, database_url: str, kept: Ref
) -> None:
    elsewhere = desk_of(database, await add_organisation(database_url, "Another"), TODAY)
    signature = SignatureEntry.model_validate({"signed_by": "X", "meaning": "author"})
    for attempt in (
        read_kept(elsewhere, kept),
        list_kept(elsewhere, kept.patient_id, Stretch(5)),
        sign(elsewhere, kept, signature, None),
        keep(elsewhere, kept.patient_id, KeptAnswerCreate()),
    ):
        with pytest.raises(NotFound):
            await attempt


@asynccontextmanager
async def unguarded(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """What somebody with all rights on the database can do: switch the triggers off for a moment."""
    async with connection.transaction():
        await connection.execute("ALTER TABLE kept_answers DISABLE TRIGGER USER")
        yield
        await connection.execute("ALTER TABLE kept_answers ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    "change",
    [
        """answer = jsonb_set(answer, '{status}', '"not_treatment_resistant"')""",
        """answer = jsonb_set(answer, '{trials,0,findings,0,sentence}', '"Something else."')""",
        "facts = facts - 0",
        "note = 'Another remark'",
    ],
)
async def test_what_was_changed_past_the_service_is_no_longer_intact(
    desk: Desk, connection: asyncpg.Connection, kept: Ref, change: str
) -> None:
    assert (await read_kept(desk, kept))["intact"]
    async with unguarded(connection):
        await connection.execute(f"UPDATE kept_answers SET {change} WHERE id = $1", kept.record_id)  # noqa: S608
    assert (await read_kept(desk, kept))["intact"] is False
    assert [each["intact"] for each in (await list_kept(desk, kept.patient_id, Stretch(5)))[0]] == [False]


CONTENT: dict[str, Any] = {
    "answer": "'{}'",
    "facts": "'[]'",
    "note": "'x'",
    "digest": "'x'",
    "asked_on": "'2020-01-01'",
    "known_at": "clock_timestamp()",
    "definition_id": "'x'",
    "definition_version": "'x'",
    "definition_digest": "'x'",
}


@pytest.mark.parametrize("column", CONTENT)
async def test_the_database_refuses_to_change_what_was_kept(
    connection: asyncpg.Connection, kept: Ref, column: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
        await connection.execute(
            f"UPDATE kept_answers SET {column} = {CONTENT[column]} WHERE id = $1",  # noqa: S608 - our own names
            kept.record_id,
        )


@pytest.mark.parametrize(
    "signatures",
    ["'[]'", "(signatures || '[{}]'::jsonb) - 0", "jsonb_set(signatures, '{0,signed_by}', '\"Somebody else\"')"],
)
async def test_the_database_refuses_to_change_or_remove_a_signature(
    connection: asyncpg.Connection, kept: Ref, signatures: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="signature"):
        await connection.execute(
            f"UPDATE kept_answers SET signatures = {signatures} WHERE id = $1",  # noqa: S608
            kept.record_id,
        )


async def test_the_time_of_a_signature_is_the_databases_own(connection: asyncpg.Connection, kept: Ref) -> None:
    forged = """[{"signed_by": "X", "meaning": "author", "signed_at": "2001-01-01T00:00:00Z"}]"""
    row = await connection.fetchrow(
        "UPDATE kept_answers SET signatures = signatures || $1::jsonb WHERE id = $2 "
        "RETURNING signatures -> 1 ->> 'signed_at' AS signed_at, to_jsonb(updated_at) #>> '{}' AS updated_at",
        *(forged, kept.record_id),
    )
    assert row["signed_at"] == row["updated_at"]


async def test_the_database_loses_no_kept_answer_and_takes_none_back_from_error(
    desk: Desk, connection: asyncpg.Connection, kept: Ref
) -> None:
    for sql in ("DELETE FROM kept_answers", "TRUNCATE kept_answers"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="entered in error"):
            await connection.execute(sql)
    await connection.execute("UPDATE kept_answers SET entered_in_error = true WHERE id = $1", kept.record_id)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed"):
        await connection.execute("UPDATE kept_answers SET entered_in_error = false WHERE id = $1", kept.record_id)
    assert (await list_kept(desk, kept.patient_id, Stretch(5)))[0] == []


async def test_a_service_that_answers_otherwise_says_so(desk: Desk, connection: asyncpg.Connection, kept: Ref) -> None:
    """The stored answer stands for one that an older version of the rules gave of the same facts."""
    async with unguarded(connection):
        await connection.execute(
            "UPDATE kept_answers SET answer = jsonb_set(answer, '{status}', '\"indeterminate\"') WHERE id = $1",
            kept.record_id,
        )
    said = await read_kept(desk, kept)
    assert (said["outdated"], said["differences"]["sentence"], said["differences"]["facts"]) == (True, OTHERWISE, [])


async def test_a_definition_that_the_service_no_longer_has_is_said_to_be_gone(
    desk: Desk, connection: asyncpg.Connection, kept: Ref
) -> None:
    async with unguarded(connection):
        await connection.execute("UPDATE kept_answers SET definition_id = 'of_old' WHERE id = $1", kept.record_id)
    said = await read_kept(desk, kept)
    found = said["differences"]
    assert (said["outdated"], found["sentence"], found["status_now"]) == (True, NO_LONGER, None)
    assert (found["status_changed"], found["trials"], found["definition"]["version_now"]) == (False, [], None)


async def test_an_answer_by_every_definition_can_be_kept_and_read(desk: Desk, kept: Ref) -> None:
    for slug in library().definitions:
        said = await keep(desk, kept.patient_id, KeptAnswerCreate(definition=slug))
        assert (said["outdated"], said["intact"]) == (False, True), slug
