"""A Chromium for the browser tests: the machine's own, else Debian's package where we may, else Playwright's."""

import os
import shutil
import subprocess
import sys

from ops.say import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def on_this_machine() -> str | None:
    """The path of a Chromium that is installed, or that CHROMIUM names."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def _install_debian_package() -> bool:
    """Install Debian's package, if this is root on a machine with apt."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", "chromium")):
        if subprocess.run([apt, *words], env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            return False
    return on_this_machine() is not None


def _install_with_playwright() -> bool:
    """Let Playwright download its own; it keeps it in its own cache and finds it there by itself."""
    return not subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


def main() -> None:
    """See that there is one, by the first way that works, and say which it was."""
    if path := on_this_machine():
        say(f"Browser: {path}.")
    elif _install_debian_package():
        say(f"Browser: installed Debian's package, {on_this_machine()}.")
    elif _install_with_playwright():
        say("Browser: downloaded by Playwright.")
    else:
        raise SystemExit("No Chromium: install one, or name one: make test CHROMIUM=/path/to/chromium")


if __name__ == "__main__":
    main()
