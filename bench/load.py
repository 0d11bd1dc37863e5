"""HTTP load on a fixed number of connections: wrk where there is one, else a small generator of our own."""

import asyncio
import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson

from bench.hot_paths import ROOT, HotPath
from bench.processes import Server
from bench.records import PATIENT_ID, patient_id

FIRST_ERROR = 400
SCRIPT = """
local first, last, suffix = {first}, {last}, "{suffix}"
wrk.method = "{method}"
wrk.headers["Content-Type"] = "application/json"
{headers}
wrk.body = {body}
math.randomseed(os.time())
request = function()
  local id = string.format("{id}", math.random(first, last))
  return wrk.format(nil, "{root}" .. id .. suffix)
end
done = function(summary, latency)
  local e = summary.errors
  local wrong = e.status + e.connect + e.read + e.write + e.timeout
  io.write(string.format("DONE %d %d %d\\n", summary.requests, summary.duration, wrong))
end
"""
DONE = re.compile(r"^DONE (\d+) (\d+) (\d+)$", re.MULTILINE)


class Load(NamedTuple):
    """What came of one round."""

    requests: int
    seconds: float
    wrong: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class Aim(NamedTuple):
    """What to ask for, of which patients (first and last number), for how long, on how many connections."""

    path: HotPath
    numbers: tuple[int, int]
    seconds: int
    connections: int


@cache
def wrk() -> str | None:
    """Where wrk is; Debian's package is installed if this is root on a machine with apt."""
    found, apt = shutil.which("wrk"), shutil.which("apt-get")
    if found or apt is None or os.geteuid() != 0:
        return found
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "wrk")):
        subprocess.run([apt, *words], env=quiet, capture_output=True, check=False)  # noqa: S603 - the system's installer
    return shutil.which("wrk")


def put(server: Server, aim: Aim, folder: Path) -> Load:
    """Ask as fast as the answers come.

    Raises:
        SystemExit: an answer was an error: a rate of errors is no rate.
    """
    program = wrk()
    load = asyncio.run(_own(server, aim)) if program is None else _by_wrk(program, server, aim, folder)
    if load.wrong or not load.requests:
        raise SystemExit(f"{aim.path.name}: {load.wrong} of {load.requests} answers were errors.")
    return load


def _by_wrk(program: str, server: Server, aim: Aim, folder: Path) -> Load:
    path, (first, last) = aim.path, aim.numbers
    body = "nil" if path.body is None else f"[==[{orjson.dumps(path.body).decode()}]==]"
    name = PATIENT_ID.replace("{:012x}", "%012x")
    file = folder / "load.lua"
    filled = {"first": first, "last": last, "suffix": path.suffix, "method": path.method, "body": body, "id": name}
    headers = "\n".join(f'wrk.headers["{key}"] = "{value}"' for key, value in server.headers.items())
    file.write_text(SCRIPT.format(**filled, root=ROOT, headers=headers), "utf-8")
    options = ["-t1", f"-c{aim.connections}", f"-d{aim.seconds}s", "-s", str(file)]
    done = subprocess.run(  # noqa: S603 - a load generator, aimed at this machine
        [program, *options, f"http://127.0.0.1:{server.port}"], capture_output=True, text=True, check=True
    )
    found = DONE.search(done.stdout)
    if found is None:
        raise SystemExit(f"wrk said nothing of use:\n{done.stdout}")
    requests, microseconds, wrong = map(int, found.groups())
    return Load(requests, microseconds / 1e6, wrong)


async def _own(server: Server, aim: Aim) -> Load:
    """As many connections, each with one request under way."""
    started = time.monotonic()
    clients = [_client(server.port, _asker(aim, server.headers), started + aim.seconds) for _ in range(aim.connections)]
    counts = await asyncio.gather(*clients)
    seconds = time.monotonic() - started
    return Load(sum(right + wrong for right, wrong in counts), seconds, sum(wrong for _, wrong in counts))


def _asker(aim: Aim, headers: Mapping[str, str]) -> Callable[[], bytes]:
    """Makes requests about patients chosen at random."""
    path, body = aim.path, b"" if aim.path.body is None else orjson.dumps(aim.path.body)
    end = f"{path.suffix} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    more = "".join(f"\r\n{key}: {value}" for key, value in headers.items())
    rest = f"{end}{more}\r\n\r\n".encode() + body

    def ask() -> bytes:
        return f"{path.method} {ROOT}{patient_id(random.randint(*aim.numbers))}".encode() + rest  # noqa: S311 - a load

    return ask


async def _client(port: int, ask: Callable[[], bytes], until: float) -> tuple[int, int]:
    """Ask over one connection until the time is over; how many answers were right, and how many wrong."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    right = wrong = 0
    while time.monotonic() < until:
        writer.write(ask())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        if int(head.split(b" ", 2)[1]) < FIRST_ERROR:
            right += 1
        else:
            wrong += 1
    writer.close()
    await writer.wait_closed()
    return right, wrong
