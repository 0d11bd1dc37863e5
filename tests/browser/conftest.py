"""A real Chromium at a real server with a real PostgreSQL; every address but the server's is out of reach."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Route, sync_playwright
from uvicorn import Config, Server

from main import create_app
from ops.bootstrap import first_user
from ops.browser import on_this_machine
from ops.signing_in import SignIn, token_of
from settings import FIRST_ORGANISATION
from tests.conftest import settings_for

SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "build" / "screenshots"
FLAGS = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
SECONDS = 30
SECONDS_OF_A_MODULE = 3600
WHO = SignIn("clinician@localhost", "a stormy night of tests")
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser and one server for all of them."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("browser"))


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of the application while it is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(SECONDS)


@pytest.fixture(scope="module")
def served(make_database: Callable[[], str]) -> Iterator[str]:
    """The address of a service with a database of its own and one user."""
    dsn = make_database()
    asyncio.run(first_user(dsn, FIRST_ORGANISATION, *WHO))
    settings = settings_for(dsn).model_copy(update={"access_token_seconds": SECONDS_OF_A_MODULE})
    with serving(create_app(settings)) as address:
        yield address


@pytest.fixture(scope="module")
def signed_in(served: str) -> dict[str, str]:
    """The header of whoever signed in."""
    with httpx.Client(base_url=served, trust_env=False, timeout=SECONDS) as http:
        return {"Authorization": f"Bearer {token_of(http, WHO)}"}


@pytest.fixture
def http(served: str, signed_in: dict[str, str]) -> Iterator[httpx.Client]:
    """A client that is no browser, signed in."""
    with httpx.Client(base_url=served, trust_env=False, timeout=30, headers=signed_in) as client:
        yield client


@pytest.fixture(scope="module")
def browser(served: str) -> Iterator[Browser]:
    """Started after the database was made and ended with the module: while it lives, no other loop can run here."""
    assert served
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=on_this_machine(), args=FLAGS)
        yield launched
        launched.close()


class Docs:
    """The page at /docs as a person uses it, and a record of what it did besides."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(SECONDS * 1000)
        page.context.route("**/*", self._guard)
        page.on("request", self._note)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));"
        )

    def _is_outside(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.url

    def _guard(self, route: Route) -> None:
        if self._is_outside(route.request.url):
            route.abort()
        else:
            route.continue_()

    def _note(self, request: Request) -> None:
        if self._is_outside(request.url):
            self.outside.append(request.url)

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser itself reports every answer of 4xx; the refusals that a test asks for are no fault of the page.
        if message.type in {"error", "warning"} and not REFUSAL.match(message.text):
            self.complaints.append(message.text)

    def open(self, address: str = "/docs") -> None:
        self.page.goto(self.url + address)
        self.page.locator("body.ready .opblock-tag").first.wait_for()

    def operation(self, operation_id: str) -> Locator:
        return self.page.locator(f"[id^='operations-'][id$='-{operation_id}']")

    def step(self, words: str, operation_id: str) -> Locator:
        """Follow a step of the introduction to its operation."""
        self.page.locator(".steps").get_by_role("link", name=words).click()
        opened = self.operation(operation_id)
        opened.get_by_role("button", name="Execute").wait_for()
        return opened

    def execute(self, operation: Locator) -> str:
        """Press Execute and read the body of the answer."""
        with self.page.expect_response(lambda answer: "/v1/" in answer.url) as heard:
            operation.get_by_role("button", name="Execute").click()
        status = str(heard.value.status)
        operation.locator(".live-responses-table .response-col_status", has_text=status).wait_for()
        return operation.locator(".live-responses-table .highlight-code pre").first.inner_text()

    def type_body(self, operation: Locator, text: str, typed: str = "") -> None:
        """Clear the field and paste the text, but type one word of it key by key."""
        before, _, after = text.partition(typed) if typed else (text, "", "")
        field = operation.locator("textarea")
        field.click()
        field.press("Control+a")
        self.page.keyboard.insert_text(before)
        field.press_sequentially(typed)
        self.page.keyboard.insert_text(after)

    def picture(self, name: str, of: Locator | None = None) -> None:
        """For people to look at: of one operation, or of what is on the screen."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (of or self.page).screenshot(path=SCREENSHOTS / f"{name}.png")


def _docs(
    browser: Browser, served: str, width: int, scale: float = 1, headers: dict[str, str] | None = None
) -> Iterator[Docs]:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, device_scale_factor=scale, extra_http_headers=headers
    )
    docs = Docs(context.new_page(), served)
    yield docs
    context.close()
    assert docs.outside == []
    assert docs.complaints == []


@pytest.fixture
def nobody(browser: Browser, served: str) -> Iterator[Docs]:
    """On a desk, and not signed in."""
    yield from _docs(browser, served, 1280)


@pytest.fixture
def docs(browser: Browser, served: str, signed_in: dict[str, str]) -> Iterator[Docs]:
    """On a desk."""
    yield from _docs(browser, served, 1280, headers=signed_in)


@pytest.fixture
def narrow_docs(browser: Browser, served: str, signed_in: dict[str, str]) -> Iterator[Docs]:
    """On a telephone."""
    yield from _docs(browser, served, 390, headers=signed_in)


@pytest.fixture
def enlarged_docs(browser: Browser, served: str, signed_in: dict[str, str]) -> Iterator[Docs]:
    """Zoomed to 200 % on a desk: half as many CSS pixels, each twice as large."""
    yield from _docs(browser, served, 640, 2, signed_in)
