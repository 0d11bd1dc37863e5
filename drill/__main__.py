"""`make drill`: a real service with two workers under load, killed again and again; every promise is counted.

Ends with a sentence and exit code 1 at the first promise that is not kept. `--write` keeps the figures in
docs/measurements.md.
"""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from drill.crashes import crashes
from drill.creating import creating
from drill.creating_fhir import creating_fhir
from drill.failed import PromiseBroken
from drill.progress import Steps, bars
from drill.repeats import repeats
from drill.report import Findings, keep, show
from drill.service import Service

REQUESTS, KEYS, KILLS, ROUNDS, AT_ONCE = 1000, 100, 50, 100, 64


async def drill(folder: Path, kills: int, rounds: int) -> Findings:
    """All drills, one after another on the same service.

    Raises:
        PromiseBroken: see the drills.
    """
    with bars() as progress:
        async with Service(folder) as service:
            return Findings(
                datetime.now(UTC),
                await repeats(service, REQUESTS, KEYS, Steps(progress, "The same keys again", REQUESTS)),
                await crashes(service, kills, Steps(progress, "Killed under load", kills)),
                await creating(service, rounds, AT_ONCE, Steps(progress, "Created if absent", rounds)),
                await creating_fhir(service, rounds, AT_ONCE, Steps(progress, "The same by FHIR", rounds)),
            )


def first_of(broken: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first of several things that went wrong at once."""
    first = broken.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


def main() -> None:
    """Drill, print, and keep if asked."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", action="store_true", help="append to docs/measurements.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trialbook-drill-", dir="/var/tmp") as folder:
        try:
            found = asyncio.run(drill(Path(folder), asked.kills, asked.rounds))
        except* PromiseBroken as broken:
            raise SystemExit(f"A promise was not kept: {first_of(broken)}") from None
    show(found)
    if asked.write:
        keep(found)


if __name__ == "__main__":
    main()
