"""`make fuzz`: schemathesis against a service that runs, with every check, good and bad data, and stateful links."""

import argparse
import subprocess
import sys
import time

from ops.say import say
from settings import read_settings


def one_round(address: str, seed: int, seconds: int) -> int:
    """One run of schemathesis; its exit code."""
    options = ["--checks=all", "--mode=all", f"--seed={seed}", f"--max-time={seconds}", "--continue-on-failure"]
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", *options], check=False
    ).returncode


def main() -> None:
    """Run rounds with new seeds until the time is over, or one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes: float = parser.parse_args().minutes
    settings = read_settings()
    address = f"http://{settings.host}:{settings.port}"
    deadline = time.monotonic() + 60 * minutes
    seed = 0
    while (left := deadline - time.monotonic()) > 1:
        seed += 1
        if code := one_round(address, seed, int(left)):
            raise SystemExit(code)
    say(f"{seed} rounds in {minutes:g} minutes: no failure.")


if __name__ == "__main__":
    main()
