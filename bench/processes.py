"""Servers under measurement, and what Linux says of their processes."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
USERNAME, PASSWORD = "measured@localhost", "mountain-lake-47-evening"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10
KIBIBYTES_IN_MEBIBYTE = 1024


class Memory(NamedTuple):
    """Resident and proportional set size in MiB: the second divides shared pages among those who share them."""

    rss: float
    pss: float


class Server(NamedTuple):
    """A process that answers HTTP on a port of this machine."""

    pid: int
    port: int
    token: str = ""
    """What opens it; none is needed if it is empty."""

    @property
    def headers(self) -> dict[str, str]:
        """What is sent with each request."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def cpu_seconds(self) -> float:
        """CPU time used so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> Memory:
        """What it holds now."""
        sizes = {}
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]:
            name, _, size = line.partition(":")
            sizes[name] = int(size.split()[0]) / KIBIBYTES_IN_MEBIBYTE
        return Memory(sizes["Rss"], sizes["Pss"])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(module: str, where: Mapping[str, str], folder: Path, *, signs_in: bool = False) -> Iterator[Server]:
    """Run `python -m module` as a server on the database until the block ends.

    Raises:
        SystemExit: it does not come up.
    """
    port = free_port()
    environment = {
        **os.environ,
        **where,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "BOOTSTRAP_USER": USERNAME,
        "BOOTSTRAP_PASSWORD": PASSWORD,
        "ACCESS_TOKEN_SECONDS": "86400",
        "RATE_LIMIT": "0",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": "1",
        "DATA_DIR": str(folder),
    }
    log = folder / f"{module}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        if not _answers(process, port):
            raise SystemExit(f"{module} does not start:\n{log.read_text('utf-8')}")
        yield Server(process.pid, port, signed_in(port) if signs_in else "")
    finally:
        _stop(process)


def signed_in(port: int) -> str:
    """An access token of the first user."""
    form = urllib.parse.urlencode({"grant_type": "password", "username": USERNAME, "password": PASSWORD}).encode()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/oauth/token", form)
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - the same
        return str(json.loads(answer.read())["access_token"])


def _answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Wait until it takes connections. False: it ended, or the time did."""
    until = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end; make it end when it does not."""
    process.terminate()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
