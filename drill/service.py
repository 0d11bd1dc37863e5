"""A real service as `make run` starts it, with several workers, that can be killed at once and started again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.processes import PASSWORD, ROOT, USERNAME, free_port, signed_in
from drill.failed import PromiseBroken

WORKERS = 2
SECONDS_TO_START, SECONDS_TO_STOP = 90.0, 30.0
OF_ANOTHER = {"DATABASE_URL", "DATABASE_OWNER_URL", "SECRET_KEY", "ENVIRONMENT", "PUBLIC_URL"}


class Service:
    """One service on one data directory and one port, through all its lives."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is started yet."""
        self.port, self._folder = free_port(), folder
        self._process: subprocess.Popen[bytes] | None = None
        self.token = ""

    async def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            PromiseBroken: it does not start; the message holds what it said.
        """
        log = self._folder / "service.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - our own module; it comes back at once
                [sys.executable, "-m", "ops.serve"],
                cwd=ROOT,
                env=self._environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        until = time.monotonic() + SECONDS_TO_START
        while not await self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise PromiseBroken(f"The service does not start:\n{log.read_text('utf-8')[-3000:]}")
            await asyncio.sleep(0.05)
        self.token = self.token or await asyncio.to_thread(signed_in, self.port)

    def kill(self, *, database: bool) -> None:
        """Kill -9 the supervisor and all workers at once, and the database as well if told so."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        if database:
            with suppress(OSError, ValueError):
                named = (self._folder / "data/postgres-18/postmaster.pid").read_text("utf-8")
                os.kill(int(named.partition("\n")[0]), signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Ask it to end, the database with it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(SECONDS_TO_STOP)
            self._process = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Stop, in order: what a drill left in pieces is put together first, so that no database outlives it."""
        if self._process is None or self._process.poll() is not None:
            await self.start()
        await asyncio.to_thread(self.stop)

    def _environment(self) -> dict[str, str]:
        mine = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WORKERS": str(WORKERS),
            "DATA_DIR": str(self._folder / "data"),
            "BOOTSTRAP_USER": USERNAME,
            "BOOTSTRAP_PASSWORD": PASSWORD,
            "ACCESS_TOKEN_SECONDS": "86400",
            "RATE_LIMIT": "0",
        }
        return {name: value for name, value in os.environ.items() if name not in OF_ANOTHER} | mine

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), 10)
            writer.close()
        except (OSError, TimeoutError):
            return False
        return b" 200 " in line
