"""Small parts of identity and audit that no journey passes through every time."""

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from access.caller import Caller
from access.roles import Role
from identity.scopes import parsed
from models.database import Database
from registry import records, sessions, standing
from registry.app_clients import ByClient
from registry.audit_book import AuditBook
from registry.audit_events import Event, Who
from registry.audit_fhir import as_fhir
from registry.audit_sealer import keep_sealing
from registry.care_teams import refuse_another_team
from registry.desk import Ref
from registry.errors import DatabaseUnavailable
from registry.identity import opened_patient
from registry.oauth_errors import WrongCredentials
from registry.patients import PATIENTS
from settings import FIRST_ORGANISATION
from tests.signed_in import client_of, desk_of, somebody

pytestmark = pytest.mark.anyio
WHO = Who("somebody", "user", "clinician", None, "127.0.0.1", "small-parts", "read_patient")
EVENT: dict[str, Any] = {
    **WHO._asdict(),
    "id": 7,
    "at": datetime(2026, 11, 26, 12, tzinfo=UTC),
    "action": "R",
    "entity": None,
    "patient_id": None,
    "record_id": None,
    "version": None,
    "outcome": 200,
    "grant_id": None,
}


SEVERAL = 3


class Slow:
    """An executor that waits for a word, and then does it or fails."""

    recorded = False

    def __init__(self, database: Database | None) -> None:
        self._database, self.go, self.often, self._asked = database, asyncio.Event(), asyncio.Event(), 0

    async def run(self, sql: str, values: Sequence[Any], *, repeatable: bool) -> Any:  # noqa: ANN401 - rows
        self._asked += 1
        if self._asked == SEVERAL:
            self.often.set()
        await self.go.wait()
        if self._database is None:
            raise DatabaseUnavailable("The database is away.")
        return await self._database.run(sql, values, repeatable=repeatable)

    def transaction(self) -> Any:  # noqa: ANN401 - the database's own
        return self._database and self._database.transaction()


def event() -> Event:
    return Event(FIRST_ORGANISATION, WHO, datetime.now(UTC), "R", 200)


@pytest.mark.parametrize("away", [False, True])
async def test_whoever_went_away_while_the_audit_was_stored_stops_nobody_else(
    database: Database, *, away: bool
) -> None:
    slow = Slow(None if away else database)
    book = AuditBook(slow)
    gone, waits = asyncio.create_task(book.record(event())), asyncio.create_task(book.record(event()))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    slow.go.set()
    with suppress(DatabaseUnavailable):
        await waits
    assert gone.cancelled()
    assert waits.done()


async def test_sealing_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.audit_sealer.SECONDS_BETWEEN_SEALS", 0.001)
    monkeypatch.setattr("registry.audit_sealer.SECONDS_BETWEEN_LOOKS", 0.001)
    away, told = Slow(None), asyncio.Event()
    away.go.set()
    sealing = asyncio.create_task(keep_sealing(away, told))
    await asyncio.wait_for(away.often.wait(), 10)
    sealing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sealing


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"operation": "issue_token", "outcome": 401}, {"type": "110114", "outcome": "4", "agents": 1, "entities": 0}),
        ({"outcome": 503}, {"type": "rest", "outcome": "8", "agents": 1, "entities": 0}),
        ({"on_behalf_of": "anna", "roles": "", "source": ""}, {"type": "rest", "outcome": "0", "agents": 2}),
        ({"grant_id": uuid4(), "patient_id": uuid4(), "record_id": uuid4()}, {"outcome": "0", "entities": 2}),
    ],
)
def test_each_kind_of_event_has_its_shape_in_fhir(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    said = as_fhir({**EVENT, **changes})
    found = {
        "type": said["type"]["code"],
        "outcome": said["outcome"],
        "agents": len(said["agent"]),
        "entities": len(said.get("entity", ())),
    }
    assert {name: found[name] for name in expected} == expected
    if changes.get("grant_id"):
        assert said["agent"][0]["policy"] == [f"urn:uuid:{changes['grant_id']}"]


async def test_a_patient_from_before_names_were_sealed_is_read_as_it_is(database: Database) -> None:
    row = {"id": uuid4(), "display_name": "Plain", "identifiers": []}
    assert opened_patient(row, desk_of(database)) == row


async def test_a_page_of_versions_past_the_last_is_empty(database: Database, patient_id: str) -> None:
    ref = Ref(UUID(patient_id), UUID(patient_id))
    assert await records.history(desk_of(database), PATIENTS, ref, (5, 99)) == ([], None)


async def test_what_is_remembered_of_who_stands_is_bounded(
    app: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.standing.MOST_REMEMBERED", 2)
    remembered = standing.Standing(database, lambda: 0.0)
    for _ in range(4):
        claims = app.state.service.issuer.read(await somebody(app), app.state.service.clock())
        caller = Caller(
            FIRST_ORGANISATION, claims.subject, "user", frozenset({Role.CLINICIAN}), parsed(""), None, None,
            claims.session_id,
        )  # fmt: skip
        assert await remembered.stands(caller)
    assert len(remembered._until) == 2  # noqa: SLF001 - what is remembered


async def test_a_password_of_older_parameters_is_stored_anew_at_the_next_sign_in(
    app: FastAPI, client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    body = {"username": f"{uuid4().hex}@old", "roles": ["auditor"], "password": "three calm otters swim"}
    user = UUID((await client.post("/v1/users", json=body)).json()["id"])
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(body["password"])
    await connection.execute("UPDATE credentials SET password_hash = $2 WHERE user_id = $1", user, old)
    form = {"grant_type": "password", "username": body["username"], "password": body["password"]}
    async with client_of(app, None) as nobody:
        assert (await nobody.post("/oauth/token", data=form)).status_code == 200
        new = await connection.fetchval("SELECT password_hash FROM credentials WHERE user_id = $1", user)
        assert new != old
        assert (await nobody.post("/oauth/token", data=form)).status_code == 200


async def test_a_change_of_name_alone_ends_no_session(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    me = (await client.get("/v1/me")).json()["subject"]
    changed = await client.patch(f"/v1/users/{me}", json={"display_name": "Dr B"}, headers={"If-Match": "*"})
    assert changed.json()["display_name"] == "Dr B"
    ended = await connection.fetchval("SELECT count(ended_at) FROM sessions WHERE user_id = $1", UUID(me))
    assert ended == 0


async def test_a_session_that_never_was_is_neither_gone_on_with_nor_ended(database: Database) -> None:
    unknown = base64.urlsafe_b64encode(uuid4().bytes + bytes(32)).decode()

    def recorded(*_: object) -> Event:
        raise AssertionError("nothing was done")

    with pytest.raises(WrongCredentials):
        await sessions.refresh(database, unknown, ByClient(), recorded)
    await sessions.end_session(database, uuid4(), recorded)
    assert await sessions.end_session_by(database, unknown, recorded) is None


async def test_a_machine_belongs_to_no_care_team(database: Database, patient_id: str) -> None:
    machine = Caller(FIRST_ORGANISATION, "machine", "client", frozenset({Role.INTEGRATION}), parsed("system/*.cruds"))
    await refuse_another_team(desk_of(database), UUID(patient_id), machine)
