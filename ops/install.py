"""Make the environment in .venv from hashed pins, once for each version of the pins. Needs python3 and pip, no more.

Runs on the machine's own Python, so as to be able to say kindly that it is too old: standard library only, nothing of
ours, and no syntax that Python 3.7 cannot read. Debian's python3 comes without ensurepip, hence an environment
without pip, filled by the machine's pip.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / os.environ.get("VENV", ".venv")
PYTHON = VENV / "bin" / "python"
PROMISED = ("--require-hashes", "--no-deps")
QUIETLY = ("-qq", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore")


def say(sentence: str) -> None:
    """Tell whoever waits."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def check_python() -> None:
    """Refuse a Python that the libraries do not support."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        raise SystemExit(
            f"Trialbook needs Python 3.11 or newer; {sys.executable} is {found}. "
            "If the machine has another, name it: make run PYTHON=python3.12"
        )


def check_pip() -> None:
    """Refuse when pip is missing, or too old to fill another environment."""
    asked = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    if asked.returncode:
        raise SystemExit(f"Trialbook needs pip for {sys.executable} (on Debian: apt-get install python3-pip).")
    version = asked.stdout.split()[1]
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PIP:
        raise SystemExit(f"Trialbook needs pip 22.3 or newer, this is {version}: python3 -m pip install --upgrade pip")


def version_inside() -> str:
    """The Python version of the environment; empty when there is none that works."""
    if not PYTHON.exists():
        return ""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=False)
    version = asked.stdout.strip()
    return version if (VENV / "lib" / f"python{version}").is_dir() else ""


def wanted(requirements: Path) -> str:
    """What the stamp must say: these pins, installed for this Python, at this place."""
    return hashlib.sha256(requirements.read_bytes() + version_inside().encode() + bytes(VENV)).hexdigest()


def is_done(stamp: Path, requirements: Path) -> bool:
    """True when the environment holds these pins already."""
    return stamp.exists() and bool(version_inside()) and stamp.read_text() == wanted(requirements)


def install(requirements: Path) -> None:
    """Make the environment if there is none, and fill it. Every archive must have the hash that is written down."""
    started = time.monotonic()
    check_python()
    check_pip()
    if not version_inside():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", VENV], check=True)
    say(f"Installing what {requirements.relative_to(ROOT)} pins into .venv (once).")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(PYTHON),
        "install",
        *QUIETLY,
        *PROMISED,
        "-r",
        str(requirements),
    ]
    code = subprocess.run(pip, check=False).returncode
    if code:
        raise SystemExit(f"pip could not install the pinned libraries (exit code {code}); its reason is printed above.")
    say(f"Installed in {time.monotonic() - started:.0f} s.")


def main() -> None:
    """Bring .venv to the pins of requirements/<name>.txt, unless it is there already. One at a time."""
    requirements = ROOT / "requirements" / f"{sys.argv[1]}.txt"
    stamp = VENV / f".installed-{sys.argv[1]}"
    if is_done(stamp, requirements):
        return
    fcntl.flock(os.open(requirements.parent, os.O_RDONLY), fcntl.LOCK_EX)  # let go when this process ends
    if not is_done(stamp, requirements):
        install(requirements)
        stamp.write_text(wanted(requirements))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("Interrupted; the next start installs again.") from None
