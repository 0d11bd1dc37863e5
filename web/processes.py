"""The processes that serve: which of them live, and what the system says of each.

Asked when somebody looks, so that a worker that was killed is gone from the numbers at once.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

WORKER = "worker"


def mark_dead(directory: Path, pid: int) -> None:
    """Take back what a worker said of itself; what it counted stays counted."""
    mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]


def _is_a_sibling(pid: int) -> bool:
    """True while it runs under our own supervisor: a process id that was given to another program is not a worker."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return bool(process.ppid() == os.getppid() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def living(directory: Path | None) -> list[int]:
    """The process ids of all workers that live; those that do not are marked as dead."""
    if directory is None:
        return [os.getpid()]
    seen = {int(file.stem.rpartition("_")[2]) for file in directory.glob("gauge_live*.db")} | {os.getpid()}
    alive = {pid for pid in seen if pid == os.getpid() or _is_a_sibling(pid)}
    for pid in seen - alive:
        mark_dead(directory, pid)
    return sorted(alive)


class Surroundings(Collector):
    """What is not counted but seen: the version, how many workers there are, and what each of them takes."""

    def __init__(self, version: str, directory: Path | None) -> None:
        """Nothing is looked at yet."""
        self._version, self._directory = version, directory

    def collect(self) -> Iterator[Metric]:
        """The build, the workers, then memory, processor time and files of each (where there is a /proc)."""
        alive = living(self._directory)
        build = GaugeMetricFamily("trialbook_build_info", "What runs here: always 1.", labels=("version", "python"))
        build.add_metric((self._version, platform.python_version()), 1)
        yield build
        yield GaugeMetricFamily("trialbook_workers", "Processes that serve.", value=len(alive))
        yield from _of_each(alive)


def _of_each(pids: list[int]) -> list[Metric]:
    """The usual numbers of a process, labelled by its process id."""
    families: dict[str, Metric] = {}
    for pid in pids:
        for found in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
            family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
            for sample in found.samples:
                family.add_sample(sample.name, {WORKER: str(pid)}, sample.value)
    return list(families.values())
