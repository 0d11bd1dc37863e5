"""Validators and clients of FHIR that run on Node, for tests: installed by npm into build/clients, once.

Medplum checks structure and invariants by the definitions of R4 that it brings along; `fhir` checks every code of a
required value set. Neither asks another service.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any, NamedTuple

from ops.npm import NONE, ROOT, Packages
from ops.say import say

SCRIPT = "validate.mjs"
PINS = ROOT / "tests" / "clients"
OURS = ("package.json", *sorted(path.name for path in PINS.glob("*.mjs")))
# What a client would have for phones and browsers is ten times what it needs on Node.
LEAN = ("--omit=optional", "--legacy-peer-deps")
VALIDATORS = Packages(PINS, ROOT / "build" / "clients", OURS, LEAN)
SECONDS = 180


class Faults(NamedTuple):
    """What each validator finds in one resource."""

    medplum: list[str]
    fhir: list[str]


def faults_of(resources: Iterable[dict[str, Any]]) -> list[Faults]:
    """What both find in each resource, in one run of Node.

    Raises:
        RuntimeError: it did not run through.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError(NONE)
    lines = "".join(f"{json.dumps(resource)}\n" for resource in resources)
    words = [node, SCRIPT]
    run = subprocess.run(
        words, cwd=VALIDATORS.folder, input=lines, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if run.returncode:
        raise RuntimeError(f"The validators ended with {run.returncode}: {run.stderr[-2000:]}")
    return [Faults(**json.loads(line)) for line in run.stdout.splitlines()]


def main() -> None:
    """See that they are there in these versions."""
    VALIDATORS.ensure()
    say(f"Validators and clients of FHIR: {VALIDATORS.folder.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
