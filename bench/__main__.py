"""`make bench`: each hot path with and without what makes it trustworthy, beside a bare application and pgbench.

All in one run on one machine, in turn. What is taken away is authentication, row-level security and the audit.

`--quick` looks whether it works, in less than a minute; `--write` keeps the result in docs/measurements.md.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.evaluate import CASES, evaluation
from bench.hooks import CALLS, measured
from bench.hot_paths import HOT_PATHS
from bench.load import wrk
from bench.measure import Contest, Plan, Result, check, measure
from bench.processes import served
from bench.records import Patients
from bench.report import Findings, keep, show
from bench.stage import Stage, stage
from clinical.library import library
from models.evaluation import DEFAULT_DEFINITION
from ops.say import say
from settings import read_settings

FULL, QUICK = Plan(rounds=6, seconds=2, connections=8), Plan(rounds=2, seconds=1, connections=8)
MANY, FEW = Patients(read=2000, written=2000), Patients(read=300, written=300)
SECONDS_TO_SETTLE = 1


@contextmanager
def _contest(at: Stage, folder: Path) -> Iterator[Contest]:
    """Start all servers. Each worker has a pool; the bare one sees all rows, so it needs the open copy."""
    with (
        served("ops.serve", at.service.environment, folder, signs_in=True) as service,
        served("bench.unaudited", at.unaudited.environment, folder, signs_in=True) as unaudited,
        served("bench.open", {"DATABASE_URL": at.open.owner}, folder) as without,
        served("bench.bare", {"DATABASE_URL": at.open.owner}, folder) as bare,
    ):
        yield Contest(at, service, unaudited, without, bare, folder)


def _everything(at: Stage, folder: Path, plan: Plan, busy: float) -> Findings:
    """Start all servers, weigh the service while it is idle, then run the rounds."""
    with _contest(at, folder) as contest:
        service = contest.service
        time.sleep(SECONDS_TO_SETTLE)
        idle = service.memory()
        check(contest)
        results = []
        for path in HOT_PATHS:
            say(f"Measuring: {path.name}.")
            results.append(Result(path, list(measure(contest, path, plan))))
        say("Measuring: calls of CDS Hooks.")
        rule = library().definitions[DEFAULT_DEFINITION]
        return Findings(
            at=datetime.now(UTC),
            plan=plan,
            generator=f"wrk ({wrk()})" if wrk() else "a generator of our own, in Python",
            server=at.server,
            patients=at.patients,
            idle=idle,
            loaded=service.memory(),
            evaluations={case: evaluation(rule, failed, rated=rated) for case, (failed, rated) in CASES.items()},
            busy_before=busy,
            results=results,
            hooks="; ".join(str(measured(service, chart)) for chart in CALLS),
        )


def main() -> None:
    """Measure, print, and keep if asked."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few short rounds: does it work?")
    parser.add_argument("--write", action="store_true", help="append to docs/measurements.md")
    asked = parser.parse_args()
    busy, settings = os.getloadavg()[0], read_settings()
    plan, patients = (QUICK, FEW) if asked.quick else (FULL, MANY)
    with tempfile.TemporaryDirectory(prefix="trialbook-bench-") as folder, stage(settings, patients) as at:
        found = _everything(at, Path(folder), plan, busy)
    show(found)
    if asked.write:
        keep(found)


if __name__ == "__main__":
    main()
