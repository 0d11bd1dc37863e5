"""Packages of npm that tests need: installed once, in the versions that a package.json of ours pins.

Where there is no npm, Debian's packages are installed if we may. Node is needed by tests and by nothing else.
"""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from ops.say import say

ROOT = Path(__file__).resolve().parent.parent
# No script of a package is run, and nothing but the packages is asked for.
INSTALL = ("install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
NONE = "Neither npm nor a way to install it: install Node.js and npm (on Debian: apt-get install npm)."


class Packages(NamedTuple):
    """What one package.json pins.

    Attributes:
        pins: the folder of ours with the package.json.
        folder: where it is installed.
        copied: the files of ours that go there, the package.json among them.
        how: what npm is told besides.
    """

    pins: Path
    folder: Path
    copied: tuple[str, ...]
    how: tuple[str, ...] = ()

    @property
    def stamp(self) -> Path:
        """The file that says what is installed."""
        return self.folder / ".installed"

    def wanted(self) -> str:
        """What the stamp must say: these pins, installed in this way."""
        return (self.pins / "package.json").read_text("utf-8") + "".join(f"{word}\n" for word in self.how)

    def is_installed(self) -> bool:
        """True when the folder holds these pins already."""
        named = json.loads((self.pins / "package.json").read_text("utf-8"))["dependencies"]
        there = all((self.folder / "node_modules" / name).is_dir() for name in named)
        return there and self.stamp.exists() and self.stamp.read_text("utf-8") == self.wanted()

    def ensure(self) -> None:
        """See that they are there in these versions. One at a time.

        Raises:
            SystemExit: npm is not to be had, or could not install them.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.is_installed():
                self._install()
            self._copy()
        finally:
            os.close(lock)

    def _install(self) -> None:
        """Fill the folder with what is pinned."""
        npm, pins = _npm(), self.pins.relative_to(ROOT)
        say(f"Installing what {pins}/package.json pins into {self.folder.relative_to(ROOT)} (once).")
        self._copy()
        run = subprocess.run([npm, *INSTALL, *self.how], cwd=self.folder, stdout=subprocess.DEVNULL, check=False)
        if run.returncode:
            raise SystemExit(f"npm could not install {pins} (exit code {run.returncode}); its reason is printed above.")
        self.stamp.write_text(self.wanted(), "utf-8")

    def _copy(self) -> None:
        """Put those files of ours there that are not, or are others."""
        for name in self.copied:
            ours, theirs = self.pins / name, self.folder / name
            if not theirs.exists() or theirs.read_bytes() != ours.read_bytes():
                shutil.copyfile(ours, theirs)


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
