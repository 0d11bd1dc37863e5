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
from settings import FIRST_ORGANISATION


class Plan(NamedTuple):
    """How long, how often, on how many connections."""

    rounds: int
    seconds: int
    connections: int


class Round(NamedTuple):
    """One round of one hot path: rates a second, and CPU microseconds of each server for a request."""

    service: float
    unaudited: float
    open: float
    bare: float
    pgbench: float
    service_cpu: float
    unaudited_cpu: float
    open_cpu: float
    bare_cpu: float


class Result(NamedTuple):
    """All rounds of one hot path. Ratios are made within a round before the median is taken."""

    path: HotPath
    rounds: list[Round]

    def middle(self, field: str) -> float:
        """The median of a field."""
        return median(float(getattr(each, field)) for each in self.rounds)

    @property
    def to_open(self) -> float:
        """The service's rate as a part of its rate without authentication, row-level security and audit."""
        return median(each.service / each.open for each in self.rounds)

    @property
    def to_unaudited(self) -> float:
        """The service's rate as a part of its rate without the audit alone."""
        return median(each.service / each.unaudited for each in self.rounds)

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
    unaudited: Server
    open: Server
    bare: Server
    folder: Path

    @property
    def servers(self) -> tuple[Server, ...]:
        """All that answer HTTP, in the order in which they are asked."""
        return (self.service, self.unaudited, self.open, self.bare)

    def numbers(self, path: HotPath) -> tuple[int, int]:
        """Whom a path asks about: what is read is never written to."""
        read, written = self.stage.patients
        return (read + 1, read + written) if path.writes else (1, read)


def check(contest: Contest) -> None:
    """See that all servers answer each read with the five trials before anything is timed.

    Raises:
        SystemExit: one of them does not.
    """
    for path, server in product(READS, contest.servers):
        address = f"http://127.0.0.1:{server.port}{ROOT}{patient_id(1)}{path.suffix}"
        asked = urllib.request.Request(address, headers=server.headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - of this machine
            text = answer.read().decode()
        missing = [name for name in INGREDIENTS if name not in text]
        if missing:
            raise SystemExit(f"{path.name}: an answer lacks {', '.join(missing)}: {text[:200]}")


def _http(contest: Contest, server: Server, aim: Aim) -> tuple[float, float]:
    """The rate, and the CPU microseconds a request."""
    before = server.cpu_seconds()
    load = put(server, aim, contest.folder)
    return load.rate, (server.cpu_seconds() - before) / load.requests * 1e6


def measure(contest: Contest, path: HotPath, plan: Plan) -> Iterator[Round]:
    """Rounds of the service whole, in parts and bare, then pgbench, after one that does not count."""
    aim = Aim(path, contest.numbers(path), plan.seconds, plan.connections)
    file = contest.folder / "statement.sql"
    file.write_text(script(path, aim.numbers, FIRST_ORGANISATION, contest.stage.server), "utf-8")
    for server in contest.servers:
        put(server, aim._replace(seconds=1), contest.folder)
    for _ in range(plan.rounds):
        found = [_http(contest, server, aim) for server in contest.servers]
        database = transactions_per_second(contest.stage.open.owner, file, plan.connections, plan.seconds)
        (service, unaudited, without, bare), costs = [rate for rate, _ in found], [cost for _, cost in found]
        yield Round(service, unaudited, without, bare, database, *costs)
