"""Every statement of the service is run, and gives what SQLAlchemy itself gives."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import BindParameter, Select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import visitors

import main  # noqa: F401 - imports every module that has statements
import registry.rate_windows  # noqa: F401 - has statements as well
from access.roles import Role
from models.client import ClientEntry
from models.database import Database, Transaction
from models.on_behalf import ANYBODY
from models.user import UserEntry
from registry.audit_sealer import seal_all
from registry.clients import CLIENTS
from registry.import_jobs import ADD
from registry.records import create
from registry.settled import MOMENT
from registry.statements import ALL, Statement
from registry.users import USERS
from settings import FIRST_ORGANISATION
from tests.conftest import as_service
from tests.signed_in import desk_of

pytestmark = pytest.mark.anyio
KEY = {**ECKey.generate_key("P-384").as_dict(private=False), "kid": "test", "alg": "ES384", "use": "sig"}
VALUES: dict[str, Any] = {
    "organisation_id": FIRST_ORGANISATION,
    "after": UUID(int=0),
    "at_most": 7,
    "known_at": datetime(2025, 1, 1, tzinfo=UTC),
    "versions": [1],
    "expected_version": 1,
    "first_until": None,
    "last_until": None,
    "number": 7,
    "key": "k",
    "fingerprint": b"f",
    "status": 201,
    "headers": {},
    "body": b"{}",
    "sex": "female",
    "resource_type": "MedicationRequest",
    "held_by": None,
    "content": "1:sealed",
    "records": [UUID(int=1)],
    "identity": "1:sealed",
    "identifier_digests": [],
    "fields_wrapped": b"w",
    "search_wrapped": b"w",
    "master": "m",
    "polarity": "unknown",
    "severity": "unknown",
    "medication": {"text": "sertraline", "system": None, "code": None},
    "ingredient": "sertraline",
    "doses": [],
    "indication": "unknown",
    "role": "monotherapy",
    "stop_reason": "unknown",
    "outcome_response": "unknown",
    "outcome_early_failure_confirmed": False,
    "instrument": "phq9",
    "assessed_on": "2025",
    "total_score": 9,
    "rater": "self",
    "kind": "other",
    "modality": "other",
    "laterality": "unknown",
    "observed_on": "2025",
    "present": ["fatigue"],
    "absent": [],
    "category": "genetics",
    "factor": "other",
    "certainty": "suspected",
    "scored_on": "2025",
    "score": 2,
    "title": "Plan",
    "goals": [],
    "steps": [],
    "slug": "statement",
    "slugs": ["statement"],
    "version": 1,
    "withdrawn": False,
    "digest": "sha256:0",
    "document": {},
    "definition_id": "statement",
    "definition_version": "1",
    "definition_digest": "sha256:0",
    "asked_on": date(2025, 1, 1),
    "answer": {},
    "facts": [],
    "signatures": [],
    "signature": {},
    "client": b"c",
    "window_start": datetime(2025, 1, 1, tzinfo=UTC),
    "window_end": datetime(2025, 1, 1, 0, 1, tzinfo=UTC),
    "swept_before": datetime(2025, 1, 1, tzinfo=UTC),
    "amount": 1,
    "username": "statement@test",
    "roles": ["auditor"],
    "password_hash": "h",
    "attempts": 0,
    "next_attempt_at": datetime(2025, 1, 1, tzinfo=UTC),
    "issued_at": datetime(2025, 1, 1, tzinfo=UTC),
    "expires_at": datetime(2025, 1, 1, tzinfo=UTC),
    "lifetime": timedelta(hours=1),
    "scope": "system/*.rs",
    "name": "Statement",
    "jwks": {"keys": []},
    "redirect_uris": [],
    "redirect_uri": "https://app.example/back",
    "challenge": "c" * 43,
    "code_digest": b"d",
    "idle": timedelta(hours=1),
    "disabled": False,
    "jti": "statement",
    "reason": "Statement",
    "subject": "statement",
    "events": [],
    "card": UUID(int=1),
    "cards": [UUID(int=1)],
    "service": "trd-order-sign",
    "outcome": "overridden",
    "acted_at": datetime(2025, 1, 1, tzinfo=UTC),
    "kept_for": timedelta(days=365),
    "issuer": "https://ehr.example",
    "rows": [],
    "digests": [],
    "patients": [],
    "form": "ndjson",
    "who": {"kind": "user"},
    "sealed": "1:sealed",
    "bytes": 1,
    "resources": 1,
    "done": 1,
    "counts": {},
    "state": "reading",
}


@pytest.fixture
async def ids(database: Database, patient_id: str) -> dict[str, Any]:
    """The identities of a real patient, a real user and a real client."""
    desk = desk_of(database)
    user = await create(desk, USERS, None, UserEntry(username=f"{uuid4()}@test", roles=[Role.AUDITOR]))
    client = await create(desk, CLIENTS, None, ClientEntry(name="Test", scope="system/*.rs", jwks={"keys": [KEY]}))
    of_import = {"import_id": uuid4(), "runner": uuid4()}
    given = {"form": "ndjson", "source": None, "subject": "test", "who": {}, "import_id": of_import["import_id"]}
    await ADD.fetch_all(desk.database, organisation_id=desk.organisation_id, **given)
    return {"patient_id": UUID(patient_id), "user_id": user["id"], "client_id": client["id"], **of_import}


def values_for(statement: Statement, real: dict[str, Any]) -> dict[str, Any]:
    """A value for each parameter: those of what really exists, else plain ones, else nothing."""
    ids: dict[str, Any] = {**real, "record_id": real["patient_id"], "id": uuid4(), "session_id": uuid4()}
    ids |= {"launch_id": uuid4(), "context_id": uuid4()}
    ids |= {"fields_id": uuid4(), "search_id": uuid4()}
    if statement is ADD:
        ids["import_id"] = uuid4()
    if "scored_on" in statement.order:
        ids["instrument"] = "athf_sf2"  # no rating scale
    kinds = {bind.key: bind.type.python_type for bind in binds_of(statement) if bind.key in statement.order}
    of_kind = {"after": 0} if kinds.get("after") is int else {}
    known = VALUES | ids | of_kind | ({"digest": b"d"} if kinds.get("digest") is bytes else {})
    return {name: known.get(name) for name in statement.order if name not in statement.constants}


def binds_of(statement: Statement) -> list[BindParameter[Any]]:
    return [part for part in visitors.iterate(statement.clause) if isinstance(part, BindParameter)]


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """SQLAlchemy's own connections, of the service's role and on behalf of the same organisation."""
    url = as_service(database_url).replace("postgresql://", "postgresql+asyncpg://", 1)
    here = {"server_settings": {"app.organisation": str(FIRST_ORGANISATION), "app.subject": ANYBODY}}
    made = create_async_engine(url, poolclass=NullPool, connect_args=here)
    yield made
    await made.dispose()


@pytest.mark.parametrize("statement", ALL, ids=[f"{number}" for number in range(len(ALL))])
async def test_a_statement_runs_and_agrees_with_sqlalchemy(
    statement: Statement, database: Database, engine: AsyncEngine, ids: dict[str, Any]
) -> None:
    values = values_for(statement, ids)
    if not statement.repeatable:
        with pytest.raises(_RolledBack):
            await run_and_roll_back(statement, database, values)
        return
    assert isinstance(statement.clause, Select)
    await seal_all(database)  # else the sealer may come between the two
    ours = [dict(row) for row in await statement.fetch_all(desk_of(database).database, **values)]
    async with engine.connect() as connection:
        rows = (await connection.execute(statement.clause, values)).mappings()
        theirs = [{name: plain(value) for name, value in row.items()} for row in rows]
    assert ours == theirs or statement is MOMENT, "only the time of day may differ"


def plain(value: Any) -> Any:  # noqa: ANN401 - any column's type
    """A number as the service reads it, which has no use for decimals."""
    return float(value) if isinstance(value, Decimal) else value


class _RolledBack(Exception):
    """What was written is taken back."""


async def run_and_roll_back(statement: Statement, database: Database, values: dict[str, Any]) -> None:
    async with desk_of(database).database.transaction() as inside:
        assert isinstance(inside, Transaction)
        await statement.fetch_all(inside, **values)
        raise _RolledBack


async def test_a_missing_value_is_noticed(database: Database) -> None:
    with pytest.raises(KeyError):
        await ALL[0].fetch_all(database)
