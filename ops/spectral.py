"""Spectral with its OWASP ruleset, for the test of the OpenAPI document: installed by npm into build/node, once.

Where there is no npm, Debian's packages are installed if we may. Node is needed by this test and by nothing else.
"""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ops.say import say

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "tests" / "spectral"
FOLDER = ROOT / "build" / "node"
PROGRAM = FOLDER / "node_modules" / ".bin" / "spectral"
STAMP = FOLDER / ".installed"
RULES = FOLDER / ".spectral.yaml"
COPIED = ("package.json", ".spectral.yaml")
# No script of a package is run, and nothing but the packages is asked for.
INSTALL = ("install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
SECONDS = 180
NONE = "Neither npm nor a way to install it: install Node.js and npm (on Debian: apt-get install npm)."


def wanted() -> str:
    """What the stamp must say: these pins and these rules."""
    return "".join((PINS / name).read_text("utf-8") for name in COPIED)


def is_installed() -> bool:
    """True when build/node holds these pins already."""
    return PROGRAM.exists() and STAMP.exists() and STAMP.read_text("utf-8") == wanted()


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


def _npm() -> str:
    """The npm of this machine, else Debian's package, where this is root on a machine with apt."""
    if path := shutil.which("npm"):
        return path
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise SystemExit(NONE)
    say("Installing Debian's npm.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "npm")):
        subprocess.run([apt, *words], env=quiet, stdout=subprocess.DEVNULL, check=False)
    if path := shutil.which("npm"):
        return path
    raise SystemExit(NONE)


def _install() -> None:
    """Fill build/node with what tests/spectral/package.json pins."""
    npm = _npm()
    say("Installing what tests/spectral/package.json pins into build/node (once).")
    for name in COPIED:
        shutil.copyfile(PINS / name, FOLDER / name)
    if code := subprocess.run([npm, *INSTALL], cwd=FOLDER, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(f"npm could not install Spectral (exit code {code}); its reason is printed above.")
    STAMP.write_text(wanted(), "utf-8")


def main() -> None:
    """See that Spectral is there in these versions. One at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed():
            _install()
    finally:
        os.close(lock)
    say(f"OpenAPI rules: {PROGRAM.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
