"""Who can sign in on an empty database, what is printed of it, and that another organisation sees nothing of it."""

import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from ops.signing_in import FIRST_USER, CannotSignIn, SignIn
from tests.conftest import Maker, as_service
from tests.ops.conftest import PATIENCE, Start, ended, free_port, signed_in

if TYPE_CHECKING:
    import subprocess

PRINTED = re.compile(r"user (\S+), password (\S+) \(shown this once\)")
ADDED = re.compile(r"Sign in as (\S+) with (\S+) \(shown once\)")
STRONG = "a stormy night of tests"


def stopped(service: "subprocess.Popen[str]") -> str:
    """Ask it to stop; what it said."""
    service.send_signal(signal.SIGTERM)
    code, said = ended(service)
    assert code == 0, said
    return said


def test_on_an_empty_database_a_password_is_made_that_signs_in_and_is_printed_once(run: Start) -> None:
    port = free_port()
    said = stopped(run(port, BOOTSTRAP_PASSWORD=""))
    ((username, password),) = PRINTED.findall(said)
    assert (username, len(password) >= 20) == (FIRST_USER, True)
    assert said.count(password) == 1
    again = run(port, BOOTSTRAP_PASSWORD="")
    with pytest.raises(CannotSignIn):
        signed_in(port, SignIn(username, f"{password}x"))
    me = httpx.get(f"http://127.0.0.1:{port}/v1/me", headers=signed_in(port, SignIn(username, password)), timeout=10)
    assert (me.status_code, me.json()["roles"]) == (200, ["administrator", "clinician"])
    said = stopped(again)
    assert password not in said
    assert not PRINTED.search(said)


def test_a_password_that_was_given_signs_in_and_is_not_printed(run: Start, folder: Path) -> None:
    port = free_port()
    service = run(port, BOOTSTRAP_USER="Head@Clinic.example", BOOTSTRAP_PASSWORD=STRONG)
    assert signed_in(port, SignIn("head@clinic.example", STRONG))
    said = stopped(service)
    assert "Sign in as head@clinic.example at /docs" in said
    assert STRONG not in said
    assert "password" not in said
    assert STRONG not in (folder / "data" / "postgres.log").read_text()


@pytest.mark.parametrize("weak", ["tiny-secret", "password1234", "clinician@localhost", "aaaaaaaaaaaaaaaa"])
def test_production_refuses_a_weak_password(start: Start, folder: Path, make_database: Maker, weak: str) -> None:
    url = make_database()
    code, said = ended(
        start(
            *("-m", "ops.serve"),
            ENVIRONMENT="production",
            PORT=str(free_port()),
            DATA_DIR=str(folder / "data"),
            DATABASE_URL=as_service(url),
            DATABASE_OWNER_URL=url,
            SECRET_KEY="0123456789abcdefghijklmnopqrstuv",  # noqa: S106 - of tests
            ENCRYPTION_KEY="vutsrqponmlkjihgfedcba9876543210",
            PUBLIC_URL="https://trialbook.example",
            BOOTSTRAP_PASSWORD=weak,
        )
    )
    assert code == 1, said
    assert "BOOTSTRAP_PASSWORD is refused: The password" in said
    assert weak not in said


def test_one_more_organisation_sees_nothing_of_the_first(run: Start, start: Start, folder: Path) -> None:
    port = free_port()
    patients, about = f"http://127.0.0.1:{port}/v1/patients", {"identifiers": [{"system": "urn:mrn", "value": "1"}]}
    service = run(port)
    made = httpx.post(patients, json=about, headers=signed_in(port), timeout=10).json()["id"]
    stopped(service)
    adding = start("-m", "ops.organisation", "Another clinic", "Admin@Another.example", DATA_DIR=str(folder / "data"))
    _, said = adding.communicate(timeout=PATIENCE)
    ((username, password),) = ADDED.findall(said)
    assert (adding.returncode, username) == (0, "admin@another.example")
    run(port)
    theirs, ours = signed_in(port, SignIn(username, password)), signed_in(port)
    with httpx.Client(headers=theirs, timeout=10) as http:
        assert http.get(patients).json()["items"] == []
        assert http.get(patients, params={"identifier": "urn:mrn|1"}).json()["items"] == []
        assert http.get(f"{patients}/{made}").status_code == 404
        assert http.post(patients, json=about).status_code == 201
        assert [each["username"] for each in http.get(f"http://127.0.0.1:{port}/v1/users").json()["items"]] == [
            username
        ]
    seen = httpx.get(patients, headers=ours, timeout=10).json()["items"]
    assert [each["id"] for each in seen] == [made]
