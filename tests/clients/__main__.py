"""`make test-clients`: clients that nobody here wrote, unchanged, at a real service; a line for each operation.

Ends with exit code 1 where one failed. `lacks` is what a client has no way to do.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from drill.service import Service
from tests.clients import javascript, validated, with_fhirclient, with_fhirpy
from tests.clients.walk import FAILED, LACKS, OK, Said

Run = Callable[[str, str], Iterator[Said]]
RUNS: tuple[Run, ...] = (
    with_fhirpy.run,
    with_fhirclient.run,
    *(partial(javascript.run, script) for script in javascript.SCRIPTS),
    partial(javascript.run, javascript.CDS_VALIDATOR),
    validated.run,
)


def tell(line: str) -> None:
    """Print it at once: it may take a while until the next."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def walked(folder: Path) -> list[Said]:
    """Start a service, let every client walk, and print what each says."""
    found: list[Said] = []
    async with Service(folder) as service:
        base = f"http://127.0.0.1:{service.port}/fhir/R4"
        for run in RUNS:
            for said in await asyncio.to_thread(lambda run=run: list(run(base, service.token))):
                tell(said.line)
                found.append(said)
    return found


def main() -> None:
    """Walk, print, and fail if one failed."""
    with tempfile.TemporaryDirectory(prefix="trialbook-clients-", dir="/var/tmp") as folder:
        found = asyncio.run(walked(Path(folder)))
    counted = {result: sum(said.result == result for said in found) for result in (OK, LACKS, FAILED)}
    tell(", ".join(f"{number} {result}" for result, number in counted.items()))
    if counted[FAILED]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
