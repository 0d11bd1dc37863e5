"""How a command signs in to a service that runs: by the environment, else by asking whoever sits at the terminal."""

import os
import sys
from getpass import getpass
from typing import NamedTuple

import httpx

FIRST_USER = "clinician@localhost"
HOW = (
    "The service answers only those who sign in. Say the password of {}: make {} BOOTSTRAP_PASSWORD=... (and "
    "DEMO_USER=... for somebody else). `make run` printed it once, when it made the first user."
)


class CannotSignIn(SystemExit):
    """Nobody is signed in. The message says what to do."""


class SignIn(NamedTuple):
    """Who signs in."""

    username: str
    password: str


def person(command: str) -> SignIn:
    """Who signs in for `make COMMAND`: of the environment, else of the terminal.

    Raises:
        CannotSignIn: no password is known, and there is no terminal to ask on.
    """
    username = os.environ.get("DEMO_USER") or os.environ.get("BOOTSTRAP_USER") or FIRST_USER
    password = os.environ.get("BOOTSTRAP_PASSWORD")
    if not password and sys.stdin.isatty():
        password = getpass(f"Password of {username}: ")
    if not password:
        raise CannotSignIn(HOW.format(username, command))
    return SignIn(username, password)


def token_of(http: httpx.Client, who: SignIn) -> str:
    """An access token of the service that the client reaches.

    Raises:
        CannotSignIn: the service refuses; the message says why.
        httpx.TransportError: nothing answers there.
    """
    form = {"grant_type": "password", "username": who.username, "password": who.password}
    answer = http.post("/oauth/token", data=form)
    if not answer.is_success:
        said = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        why = said.get("error_description") or said.get("detail") or answer.status_code
        raise CannotSignIn(f"{who.username} could not sign in: {why}")
    return str(answer.json()["access_token"])


def sign_in(http: httpx.Client, who: SignIn) -> None:
    """Let the client send a token with each request from now on.

    Raises:
        CannotSignIn, httpx.TransportError: as for `token_of`.
    """
    http.headers["Authorization"] = f"Bearer {token_of(http, who)}"
