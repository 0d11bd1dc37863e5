"""What the tests of running it share: a short folder, one statement, a process that can be killed."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import psutil
import pytest

from ops.processes import orphans

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
OURS = {"DATABASE_URL", "SECRET_KEY", "ENVIRONMENT", "HOST", "PORT", "WORKERS", "DATA_DIR", "DATABASE_POOL_SIZE"}


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
    return {name: value for name, value in os.environ.items() if name not in OURS} | ours


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
