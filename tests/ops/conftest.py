"""What the tests of running it share: a short folder, one statement, a process that can be killed."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import psutil
import pytest

from ops.processes import orphans
from ops.signing_in import FIRST_USER, SignIn, token_of
from settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
WHO = SignIn(FIRST_USER, "a stormy night of tests")
OURS = {name.upper() for name in Settings.model_fields}
# Nobody empties the pipe before the end of a test: a line for each of many requests would fill it and stop the service.
QUIET = {"LOG_LEVEL": "warning"}


def query(url: str, statement: str) -> Any:  # noqa: ANN401 - whatever the database says
    """Run one statement and return its first value."""

    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


Answer = TypeVar("Answer")


def wait_for(what: Callable[[], Answer], seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true, quickly enough to catch a process that lives for milliseconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.002)
    raise AssertionError(f"still waiting after {seconds} s")


def environment(**ours: str) -> dict[str, str]:
    """The environment of this process with none of the service's variables but these."""
    return {name: value for name, value in os.environ.items() if name not in OURS} | QUIET | ours


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an account without rights can reach, unlike pytest's own; nothing of it outlives the test."""
    made = Path(tempfile.mkdtemp(prefix="trialbook-test-"))
    made.chmod(0o755)
    yield made
    for cluster in made.rglob("postgres-18"):
        for left in orphans(cluster):
            with suppress(psutil.Error):
                left.kill()
    shutil.rmtree(made, ignore_errors=True)


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python process in the project's folder; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **ours: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment(**ours),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_up(port: int) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=10).is_success
    return False


def signed_in(port: int, who: SignIn = WHO) -> dict[str, str]:
    """The header of whoever signed in at the service on this port."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as http:
        return {"Authorization": f"Bearer {token_of(http, who)}"}


@pytest.fixture
def run(start: Start, folder: Path) -> Start:
    """Start the service on the test's data directory and wait until it answers. Its first user has a known password."""

    def start_and_wait(port: int, **more: str) -> "subprocess.Popen[str]":
        ours = {"PORT": str(port), "DATA_DIR": str(folder / "data"), "BOOTSTRAP_PASSWORD": WHO.password} | more
        service = start("-m", "ops.serve", **ours)
        wait_for(lambda: is_up(port) or service.poll() is not None)
        return service

    return start_and_wait


def ended(service: "subprocess.Popen[str]") -> tuple[int, str]:
    _, said = service.communicate(timeout=30)
    return service.returncode, said


def spawned(supervisor: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        children = psutil.Process(supervisor).children()
        return [child for child in children if "multiprocessing.spawn" in " ".join(child.cmdline())]
    return []
