"""`make bench`: each hot path beside a bare ASGI application and beside pgbench, in one run on one machine.

`--quick` looks whether it works, in less than a minute; `--write` keeps the result in docs/measurements.md.
"""

import argparse
import os
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from bench.evaluate import CASES, evaluation
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
from settings import Settings, read_settings

FULL, QUICK = Plan(rounds=6, seconds=2, connections=8), Plan(rounds=2, seconds=1, connections=8)
MANY, FEW = Patients(read=2000, written=2000), Patients(read=300, written=300)
SECONDS_TO_SETTLE = 1


def _everything(settings: Settings, at: Stage, folder: Path, plan: Plan, busy: float) -> Findings:
    """Start both servers, weigh the service while it is idle, then run the rounds."""
    with served("ops.serve", at.dsn, folder) as service, served("bench.bare", at.dsn, folder) as bare:
        contest = Contest(at, service, bare, settings, folder)
        urllib.request.urlopen(f"http://127.0.0.1:{service.port}/readyz", timeout=10).close()
        time.sleep(SECONDS_TO_SETTLE)
        idle = service.memory()
        check(contest)
        results = []
        for path in HOT_PATHS:
            say(f"Measuring: {path.name}.")
            results.append(Result(path, list(measure(contest, path, plan))))
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
        found = _everything(settings, at, Path(folder), plan, busy)
    show(found)
    if asked.write:
        keep(found)


if __name__ == "__main__":
    main()
