"""Authorize in Swagger UI, as the first user of a new installation does it: with nothing put in place of anything."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from main import create_app, now
from ops.bootstrap import FirstUser, bootstrap
from registry.sign_in import SIGN_IN_FAILED
from tests.browser.conftest import Docs, serving
from tests.conftest import settings_for

WRONG = "not the password of anybody"


class Clock:
    """The clock of the service, which a test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def dsn(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture(scope="module")
def user(dsn: str) -> FirstUser:
    """The user that `make run` makes and whose password it prints."""
    made = bootstrap(dsn, settings_for(dsn))
    assert made is not None
    assert made.made is not None
    return made


@pytest.fixture(scope="module")
def served(dsn: str, user: FirstUser, clock: Clock) -> Iterator[str]:
    assert user.username
    with serving(create_app(settings_for(dsn), clock)) as address:
        yield address


def authorize(docs: Docs, name: str, password: str) -> Locator:
    """Fill in Swagger UI's own dialog and press its button."""
    docs.page.locator(".scheme-container .btn.authorize").click()
    dialog = docs.page.locator(".modal-ux")
    dialog.get_by_label("username:").fill(name)
    dialog.get_by_label("password:").fill(password)
    dialog.locator(".btn.authorize").click()
    return dialog


def test_the_printed_user_signs_in_works_and_is_told_when_the_session_has_expired(
    nobody: Docs, user: FirstUser, clock: Clock
) -> None:
    nobody.open()
    expect(authorize(nobody, user.username, user.made or "")).to_have_count(0)
    operation = nobody.step("Find or add the patient", "create_patient")
    assert json.loads(nobody.execute(operation))["version"] == 1
    clock.ahead = timedelta(minutes=16)
    said = json.loads(nobody.execute(operation))
    assert (said["status"], said["type"]) == (401, "/problems/token-expired")
    words = operation.locator(".in-words").inner_text()
    assert "Your session has expired." in words
    assert "Press Authorize" in words
    nobody.picture("authorize-expired", operation)
    lock = nobody.page.locator(".scheme-container .btn.authorize")
    expect(lock).to_have_class("btn authorize unlocked")
    expect(authorize(nobody, user.username, user.made or "")).to_have_count(0)
    found = nobody.step("Find the medicine", "find_medications")
    assert json.loads(nobody.execute(found))["items"]


def test_a_wrong_password_is_said_in_the_dialog(nobody: Docs, user: FirstUser) -> None:
    nobody.open()
    dialog = authorize(nobody, user.username, WRONG)
    expect(dialog.locator(".errors")).to_contain_text(SIGN_IN_FAILED)
    nobody.picture("authorize-refused")
    dialog.get_by_label("password:").fill(user.made or "")
    dialog.get_by_label("password:").press("Enter")
    expect(dialog).to_have_count(0)
