"""A PostgreSQL of one's own: looked at before it is used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import database
from ops.database import DatabaseUnusable, ensure_database, place
from ops.migrate import migrate
from ops.postgres import EmbeddedPostgres
from tests.ops.conftest import query


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(folder / "data", durable=False) as running:
        yield running


def test_a_database_that_is_missing_is_created_and_migrated_and_a_second_time_changes_nothing(
    server: EmbeddedPostgres,
) -> None:
    fresh = server.url(database="fresh-book")
    for _ in range(2):
        ensure_database(fresh)
        migrate(fresh)
    assert query(fresh, "SELECT count(*) FROM alembic_version") == 1


def test_a_server_that_refuses_us_is_said_in_one_sentence(server: EmbeddedPostgres) -> None:
    with pytest.raises(DatabaseUnusable, match=r"the local socket refuses: role .nobody-here. does not exist"):
        ensure_database(server.url(user="nobody-here"))


def test_a_server_that_is_too_old_is_refused(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST_SERVER", 99)
    with pytest.raises(DatabaseUnusable, match=r"PostgreSQL 99 or newer is needed; the local socket runs 18"):
        ensure_database(server.url())


def test_a_server_that_never_answers_is_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SECONDS_TO_WAIT", 0.5)
    monkeypatch.setattr(database, "SECONDS_BETWEEN_TRIES", 0.1)
    with pytest.raises(DatabaseUnusable, match=r"No database answers at 127\.0\.0\.1:9"):
        ensure_database("postgresql://someone:hidden-word@127.0.0.1:9/book")


def test_a_place_never_holds_a_user_or_a_password() -> None:
    assert place("postgresql://someone:hidden-word@db/book") == "db:5432"
