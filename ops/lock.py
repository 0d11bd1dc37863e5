"""`make lock`: pin the newest versions that pyproject.toml allows, with the hash of every archive, for every platform.

The files name no package index, so that they serve on any machine, whatever mirror it uses.
"""

import shutil
import subprocess
from pathlib import Path

from ops.say import say

ROOT = Path(__file__).resolve().parent.parent
WAYS = ("--universal", "--generate-hashes", "--python-version=3.11", "--no-header", "--no-annotate", "--quiet")
NO_INDEX = ("--no-emit-index-url", "--no-emit-find-links")
BESIDE_RUN = "--constraint=requirements/run.txt"
PINNED = {
    "run": (),
    "test": ("--group=pyproject.toml:test", BESIDE_RUN),
    "audit": ("--group=pyproject.toml:audit", BESIDE_RUN),
}


def lock(uv: str, name: str, more: tuple[str, ...]) -> None:
    """Write requirements/<name>.txt.

    Raises:
        SystemExit: the versions asked for do not go together; uv has printed why.
    """
    out = f"requirements/{name}.txt"
    command = [uv, "pip", "compile", *WAYS, *NO_INDEX, "--upgrade", *more, "pyproject.toml", "-o", out]
    if code := subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(code)
    say(f"Wrote {out}.")


def main() -> None:
    """Pin what it takes to run first, then what it takes to test beside exactly that."""
    uv = shutil.which("uv")
    if uv is None:
        raise SystemExit("`make lock` needs uv: python3 -m pip install uv")
    for name, more in PINNED.items():
        lock(uv, name, more)


if __name__ == "__main__":
    main()
