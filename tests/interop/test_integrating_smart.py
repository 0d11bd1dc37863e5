"""docs/integrating/smart.md, run as it stands; and a library of others, unchanged, through a whole launch."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fhirclient.client import FHIRClient

from tests.conftest import ROOT, Maker
from tests.interop.launching import CONSENT, SIGN_IN, page_in, patients_in
from tests.interop.loopback import SECONDS, WHO, serving

PAGE = ROOT / "docs" / "integrating" / "smart.md"
BLOCK = re.compile(r"^```(sh|python) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPENS = re.compile(r"^Open this in a browser: (\S+)$")
BACK = "http://localhost:3000/back"


@pytest.fixture(scope="module")
def served(make_database: Maker) -> Iterator[str]:
    with serving(make_database()) as address:
        yield address


@pytest.fixture
def person(served: str) -> Iterator[httpx.Client]:
    """A browser and whoever sits before it."""
    with httpx.Client(base_url=served, trust_env=False, timeout=SECONDS) as http:
        yield http


@pytest.fixture
def administrator(served: str, person: httpx.Client) -> Iterator[httpx.Client]:
    form = {"grant_type": "password", "username": WHO.username, "password": WHO.password}
    headers = {"Authorization": f"Bearer {person.post('/oauth/token', data=form).json()['access_token']}"}
    with httpx.Client(base_url=served, trust_env=False, timeout=SECONDS, headers=headers) as http:
        yield http


def let_in(person: httpx.Client, address: str, patient: str) -> str:
    """Open the address, sign in, pick the patient, let the app in: where the person is sent back to."""
    assert person.get(address).status_code == 200
    form = dict(parse_qsl(urlsplit(address).query)) | {"username": WHO.username, "password": WHO.password}
    question = person.post(SIGN_IN, data=form)
    assert patient in patients_in(question)
    led = person.post(CONSENT, data={"page": page_in(question), "answer": "allow", "patient": patient})
    assert led.status_code == 303
    return led.headers["Location"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(served: str) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "BASE": served,
        "APP_PORT": str(free_port()),
        "BOOTSTRAP_USER": WHO.username,
        "BOOTSTRAP_PASSWORD": WHO.password,
        "no_proxy": "*",
    }


def test_every_command_of_the_page_works_as_it_stands(
    served: str, person: httpx.Client, administrator: httpx.Client, tmp_path: Path
) -> None:
    patient = administrator.post("/v1/patients", json={"display_name": "A person of the page"}).json()["id"]
    commands = ["set -euo pipefail"]
    for kind, name, text in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "sh":
            commands.append(text)
        else:
            (tmp_path / name).write_text(text, "utf-8")
    script = tmp_path / "all.sh"
    script.write_text("\n".join(commands), "utf-8")
    with subprocess.Popen(  # noqa: S603 - the page's own commands
        ["/bin/bash", script], cwd=tmp_path, env=environment(served), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if opened := OPENS.match(line):
                httpx.get(let_in(person, opened[1], patient), trust_env=False)
    assert running.returncode == 0, said
    assert f"Let in for patient {patient}, with launch/patient patient/*.rs offline_access." in said
    assert "A person of the page" in said
    assert '"client_id": ' in said
    assert '{"active":false}' in said
    assert "The machine has system/Patient.rs for 300 seconds and sees 1 patients." in said
    assert json.loads((tmp_path / "token.json").read_text("utf-8"))["need_patient_banner"] is True


def test_the_fhirclient_library_launches_as_it_is(
    served: str, person: httpx.Client, administrator: httpx.Client
) -> None:
    """It is told where to sign in as it tells itself from a capability statement; all else it does."""
    patient = administrator.post("/v1/patients", json={"display_name": "A person of a library"}).json()["id"]
    app = {"name": "A library", "scope": "patient/*.cruds online_access", "redirect_uris": [BACK]}
    client_id = administrator.post("/v1/clients", json=app).json()["id"]
    smart = person.get("/.well-known/smart-configuration").json()
    auth = {
        "app_id": client_id,
        "aud": f"{served}/fhir/R4/",
        "redirect_uri": BACK,
        "authorize_uri": smart["authorization_endpoint"],
        "token_uri": smart["token_endpoint"],
    }
    server = {"base_uri": f"{served}/fhir/R4/", "auth_type": "oauth2", "auth": auth}
    scope = "launch/patient patient/*.read online_access"
    library = FHIRClient(state={"app_id": client_id, "scope": scope, "redirect": BACK, "server": server})
    library.server.session.trust_env = False
    library.handle_callback(let_in(person, library.authorize_url, patient))
    assert library.patient_id == patient
    assert library.ready
    headers = library.server.auth.signed_headers(None)
    assert person.get(f"/v1/patients/{patient}", headers=headers).json()["display_name"] == "A person of a library"
    assert library.reauthorize() is True
    fresh = library.server.auth.signed_headers(None)
    assert person.get(f"/v1/patients/{patient}", headers=fresh).status_code == 200
