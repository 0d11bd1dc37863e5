"""Which processes belong to a database, found by the name that each of them carries on its command line.

The name is visible to every user on Linux, while the working directory of another user's process is not,
so that this works in a container without extra rights.
"""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from ops.say import say

SECONDS_BETWEEN_NEWS = 5.0


def cluster_name(cluster: Path) -> str:
    """The name that PostgreSQL puts on every process of this cluster."""
    return f"trialbook-{hashlib.sha256(bytes(cluster)).hexdigest()[:12]}"


def is_alive(process: psutil.Process) -> bool:
    """True while it runs. A zombie is over, whoever forgot to reap it; a recycled id is another process."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _belongs(process: psutil.Process, name: str) -> bool:
    """True when the process is PostgreSQL and carries the name."""
    with suppress(psutil.Error):
        return process.name().startswith("postgres") and name in " ".join(process.cmdline()) and is_alive(process)
    return False


def running_postmaster(cluster: Path) -> psutil.Process | None:
    """The postmaster that the cluster's pid file names, if that really is one and not a recycled process id."""
    try:
        first_line = (cluster / "postmaster.pid").read_text().partition("\n")[0]
        process = psutil.Process(int(first_line))
    except (FileNotFoundError, ValueError, psutil.Error):
        return None
    return process if _belongs(process, cluster_name(cluster)) else None


def orphans(cluster: Path) -> list[psutil.Process]:
    """Processes of the cluster that outlived their postmaster. Call it only when there is none."""
    name = cluster_name(cluster)
    return [process for process in psutil.process_iter() if _belongs(process, name)]


def wait_until(done: Callable[[], bool], news: str, *, at_most: float | None = None) -> bool:
    """Ask again and again, with a line of news every few seconds; without `at_most`, for ever.

    Returns:
        True when it was done, False when the time was over.
    """
    started = time.monotonic()
    told = started
    while not done():
        now = time.monotonic()
        if at_most is not None and now - started > at_most:
            return False
        if now - told >= SECONDS_BETWEEN_NEWS:
            say(f"{news} ({now - started:.0f} s so far)")
            told = now
        time.sleep(0.05)
    return True
