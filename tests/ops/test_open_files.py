"""As many connections as the machine has files for."""

import resource
from collections.abc import Iterator

import pytest

from ops.edge import OTHER_FILES, connections_that_fit, spare
from settings import Settings

Limits = tuple[int, int]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def settings(most: int) -> Settings:
    return Settings(environment="test", max_connections=most, database_pool_size=8)


def test_more_files_are_asked_for_where_the_machine_allows_them() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (400, hard))
    assert connections_that_fit(settings(500)) == 500
    needed = 500 + spare(500) + OTHER_FILES + 8
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (needed, hard)
    assert connections_that_fit(settings(100)) == 100
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (needed, hard), "never fewer than before"


def test_where_it_does_not_fewer_are_taken_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    allowed: list[Limits] = []
    monkeypatch.setattr("resource.getrlimit", lambda _: (256, 1024))
    monkeypatch.setattr("resource.setrlimit", lambda _, limits: allowed.append(limits))
    fits = connections_that_fit(settings(1000))
    assert allowed == [(1024, 1024)]
    assert fits + spare(fits) + OTHER_FILES + 8 <= 1024
    assert fits > 600
    said = capsys.readouterr()
    assert f"MAX_CONNECTIONS is taken as {fits}, not 1000" in said.out + said.err
