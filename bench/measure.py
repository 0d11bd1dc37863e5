"""Short rounds, one after another in turn, so that whatever else the machine does falls on all alike."""

import urllib.request
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.hot_paths import READS, ROOT, HotPath
from bench.load import Aim, put
from bench.pgbench import script, transactions_per_second
from bench.processes import Server
from bench.records import INGREDIENTS, patient_id
from bench.stage import Stage
from settings import FIRST_ORGANISATION, Settings


class Plan(NamedTuple):
    """How long, how often, on how many connections."""

    rounds: int
    seconds: int
    connections: int


class Round(NamedTuple):
    """One round of one hot path: rates a second, and CPU microseconds of each server for a request."""

    service: float
    bare: float
    pgbench: float
    service_cpu: float
    bare_cpu: float


class Result(NamedTuple):
    """All rounds of one hot path. Ratios are made within a round before the median is taken."""

    path: HotPath
    rounds: list[Round]

    def middle(self, field: str) -> float:
        """The median of a field."""
        return median(float(getattr(each, field)) for each in self.rounds)

    @property
    def to_bare(self) -> float:
        """The service's rate as a part of the bare application's."""
        return median(each.service / each.bare for each in self.rounds)

    @property
    def to_pgbench(self) -> float:
        """The service's rate as a part of the database's own."""
        return median(each.service / each.pgbench for each in self.rounds)


class Contest(NamedTuple):
    """Who is measured, and on what."""

    stage: Stage
    service: Server
    bare: Server
    settings: Settings
    folder: Path

    def numbers(self, path: HotPath) -> tuple[int, int]:
        """Whom a path asks about: what is read is never written to."""
        read, written = self.stage.patients
        return (read + 1, read + written) if path.writes else (1, read)


def check(contest: Contest) -> None:
    """See that both servers answer each read with the five trials before anything is timed.

    Raises:
        SystemExit: one of them does not.
    """
    for path, server in product(READS, (contest.service, contest.bare)):
        address = f"http://127.0.0.1:{server.port}{ROOT}{patient_id(1)}{path.suffix}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            text = answer.read().decode()
        missing = [name for name in INGREDIENTS if name not in text]
        if missing:
            raise SystemExit(f"{path.name}: an answer lacks {', '.join(missing)}: {text[:200]}")


def _http(contest: Contest, server: Server, aim: Aim) -> tuple[float, float]:
    """The rate, and the CPU microseconds a request."""
    before = server.cpu_seconds()
    load = put(server.port, aim, contest.folder)
    return load.rate, (server.cpu_seconds() - before) / load.requests * 1e6


def measure(contest: Contest, path: HotPath, plan: Plan) -> Iterator[Round]:
    """Rounds of service, bare application, pgbench, after one that does not count."""
    aim = Aim(path, contest.numbers(path), plan.seconds, plan.connections)
    file = contest.folder / "statement.sql"
    file.write_text(script(path, aim.numbers, FIRST_ORGANISATION, contest.stage.server), "utf-8")
    for server in (contest.service, contest.bare):
        put(server.port, aim._replace(seconds=1), contest.folder)
    for _ in range(plan.rounds):
        service, service_cpu = _http(contest, contest.service, aim)
        bare, bare_cpu = _http(contest, contest.bare, aim)
        database = transactions_per_second(contest.stage.dsn, file, plan.connections, plan.seconds)
        yield Round(service, bare, database, service_cpu, bare_cpu)
