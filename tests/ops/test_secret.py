"""Secrets that nobody set are made once, whoever starts at the same time."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from ops import secret
from ops.secret import kept_secret, with_kept_secrets
from settings import Settings


def test_of_many_starts_at_once_one_makes_the_secret_and_all_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(1000))
    monkeypatch.setattr(secret.os, "getpid", lambda: next(numbers))  # each start is a process of its own
    with ThreadPoolExecutor(16) as starts:
        found = set(starts.map(lambda _: kept_secret(tmp_path, "encryption-key"), range(64)))
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["encryption-key"]


def test_each_secret_is_kept_for_its_owner_alone_and_told_to_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "ENCRYPTION_KEY"):
        monkeypatch.setenv(name, "")
    settings = with_kept_secrets(Settings(data_dir=tmp_path))
    assert settings.secret_key
    assert settings.encryption_key
    assert settings.secret_key != settings.encryption_key
    assert os.environ["ENCRYPTION_KEY"] == settings.encryption_key.get_secret_value()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert with_kept_secrets(Settings(data_dir=tmp_path)).encryption_key == settings.encryption_key


def test_a_secret_that_was_set_is_not_made(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path, secret_key=SecretStr("a"), encryption_key=SecretStr("b"))
    assert with_kept_secrets(given) == given
    assert list(tmp_path.iterdir()) == []
