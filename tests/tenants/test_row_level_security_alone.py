"""Without the application's own filter of organisations the database alone keeps them apart, statement by statement."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from models.database import Database
from registry.patient_search import WITH_RECORDS
from registry.statements import ALL
from tests.tenants.asked import Asked, Outcome, content_of
from tests.tenants.conftest import Places
from tests.tenants.named import FILTER, NAMED, WITHOUT_FILTER, Named
from tests.tenants.sown import values_for

pytestmark = pytest.mark.anyio
each_statement = pytest.mark.parametrize("named", NAMED, ids=[named.name for named in NAMED])
FOR_ALL = {"registry.audit_sealer.WAITING", "registry.import_jobs.WAITING"}
"""They look for whom there is something to be done: numbers and ids alone."""
SETS_IT_ITSELF = {"registry.audit_events.RECORD", "registry.audit_sealer.SEAL"}


class Tried(NamedTuple):
    """Every database on which a statement is tried, `protected` both directly and through PgBouncer."""

    places: Places
    protected: tuple[Asked, Asked]
    alone: Asked
    unprotected: Asked


@pytest.fixture(scope="module")
async def tried(places: Places) -> AsyncIterator[Tried]:
    content = await content_of(places)
    async with AsyncExitStack() as stack:

        async def asked(url: str, *, pooled: bool = False) -> Asked:
            return Asked(await stack.enter_async_context(Database(url, 3, pooled=pooled)), places, content)

        protected = (await asked(places.both), await asked(places.pooled, pooled=True))
        yield Tried(places, protected, await asked(places.alone), await asked(places.unprotected))


def aimed(named: Named, places: Places, organisation: UUID) -> dict[str, Any]:
    """The other organisation's records, asked for on behalf of this one."""
    given = {"organisation_id": organisation} if "organisation_id" in named.statement.order else {}
    return given | values_for(named, places.theirs)


def test_every_statement_is_tried() -> None:
    """Those of several kinds at once are made when they are first asked for, of parts that are tried one by one."""
    known = {named.statement for named in NAMED}
    of_several_kinds = {statement for kinds, statement in WITH_RECORDS.items() if len(kinds) > 1}
    assert set(ALL) - of_several_kinds <= known <= set(ALL)
    assert {named.name for named in NAMED if not FILTER.search(named.statement.sql)} == WITHOUT_FILTER.keys()


@each_statement
async def test_without_its_filter_a_statement_meets_nothing_of_another_organisation(
    named: Named, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, before = aimed(named, tried.places, tried.places.ours), await tried.protected[0].content()
    monkeypatch.setattr(named.statement, "sql", named.unfiltered)
    had_they_never_been = (await tried.alone.outcome(named, values)).rows
    for asked in tried.protected:
        found = await asked.outcome(named, values)
        assert found.content == before
        assert found.rows == had_they_never_been or named.name in FOR_ALL
    if named.name not in WITHOUT_FILTER:
        seen = await tried.unprotected.outcome(named, values)
        assert seen != Outcome(had_they_never_been, before), "it meets nothing more anyway: nothing is tested"


@each_statement
async def test_a_statement_that_is_given_another_organisation_meets_nothing_of_it(named: Named, tried: Tried) -> None:
    if "organisation_id" not in named.statement.order or named.name in SETS_IT_ITSELF:
        return
    values = aimed(named, tried.places, tried.places.theirs.organisation)
    before = await tried.protected[0].content()
    had_they_never_been = (await tried.alone.outcome(named, values)).rows
    for asked in tried.protected:
        found = await asked.outcome(named, values)
        assert found.content == before
        assert found.rows in (had_they_never_been, "InsufficientPrivilegeError")
