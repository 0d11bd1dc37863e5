"""Spectral with its OWASP ruleset, for the test of the OpenAPI document: installed by npm into build/node, once."""

import json
import subprocess
from pathlib import Path
from typing import Any

from ops.npm import ROOT, Packages
from ops.say import say

SPECTRAL = Packages(ROOT / "tests" / "spectral", ROOT / "build" / "node", ("package.json", ".spectral.yaml"))
PROGRAM = SPECTRAL.folder / "node_modules" / ".bin" / "spectral"
RULES = SPECTRAL.folder / ".spectral.yaml"
SECONDS = 180


def found(document: Path) -> list[dict[str, Any]]:
    """What the rules find in an OpenAPI document: `code`, `message`, `path`, and `severity`, of which 0 is an error.

    Raises:
        RuntimeError: it did not run through.
    """
    words: list[str | Path] = [
        PROGRAM,
        "lint",
        document,
        "--ruleset",
        RULES,
        "--format",
        "json",
        "--quiet",
        "--fail-severity",
        "error",
    ]
    run = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    if run.returncode not in {0, 1}:
        raise RuntimeError(f"Spectral ended with {run.returncode}: {run.stderr or run.stdout}")
    faults: list[dict[str, Any]] = json.loads(run.stdout or "[]")
    return faults


def main() -> None:
    """See that Spectral is there in these versions."""
    SPECTRAL.ensure()
    say(f"OpenAPI rules: {PROGRAM.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
