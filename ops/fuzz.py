"""`make fuzz`: schemathesis against a service that runs, with every check, good and bad data, and stateful links."""

import argparse
import os
import subprocess
import sys
import time

import httpx

from ops.say import say
from ops.signing_in import CannotSignIn, SignIn, person, token_of
from settings import read_settings

OWN_ID = "FUZZ_OWN_ID"
"""Where the hooks of tests/fuzz find the user who asks."""
LONGEST_ROUND = 600
"""Seconds: less than a token lives (ACCESS_TOKEN_SECONDS)."""


def fresh_token(address: str, who: SignIn) -> str:
    """A token for one round.

    Raises:
        CannotSignIn: the service does not answer, or does not know the password.
    """
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as http:
        try:
            return token_of(http, who)
        except httpx.TransportError as error:
            raise CannotSignIn(f"No service answers at {address} ({error}). Start it with `make run` first.") from None


def own_id(address: str, token: str) -> str:
    """Who asks: what is tried at random must not take this user's own password or roles away."""
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as http:
        me = http.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
        return str(me.json()["subject"])


def one_round(address: str, seed: int, seconds: int, token: str) -> int:
    """One run of schemathesis; its exit code."""
    environment = {**os.environ, OWN_ID: own_id(address, token)}
    options = ["--checks=all", "--mode=all", f"--seed={seed}", f"--max-time={seconds}", "--continue-on-failure"]
    options += ["-H", f"Authorization: Bearer {token}"]
    return subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", *options],
        env=environment,
        check=False,
    ).returncode


def main() -> None:
    """Run rounds with new seeds until the time is over, or one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes: float = parser.parse_args().minutes
    settings, who = read_settings(), person("fuzz")
    address = f"http://{settings.host}:{settings.port}"
    deadline = time.monotonic() + 60 * minutes
    seed = 0
    while (left := deadline - time.monotonic()) > 1:
        seed += 1
        if code := one_round(address, seed, int(min(left, LONGEST_ROUND)), fresh_token(address, who)):
            raise SystemExit(code)
    say(f"{seed} rounds in {minutes:g} minutes: no failure.")


if __name__ == "__main__":
    main()
