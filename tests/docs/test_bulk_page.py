"""The commands of docs/integrating/bulk.md are run as they stand."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from main import create_app
from ops.bootstrap import first_user
from settings import FIRST_ORGANISATION, Settings
from tests.conftest import ROOT, Maker, settings_for
from tests.ops.conftest import free_port
from tests.ops.serving import served

PAGE = (ROOT / "docs" / "integrating" / "bulk.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
USER, PASSWORD = "importer@test", "four brave snails climb"
MAKE = 'make() { cd "$HERE"; "$PYTHON" -m ops.import_file "$FOLDER/${2#FILE=}"; cd "$FOLDER"; }\n'
"""The environment is there already: the target does just this."""


@pytest.fixture
def url(make_database: Maker) -> str:
    return make_database()


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed here")
def test_the_commands_do_what_the_page_says(url: str, tmp_path: Path) -> None:

    asyncio.run(first_user(url, FIRST_ORGANISATION, USER, PASSWORD))
    free = free_port()
    address = (
        f"http://127.0.0.1:{free}"  # what is taken out is fetched at the address that the service gives for itself
    )
    own = {"run_imports": True, "public_url": address}
    settings = Settings.model_validate(settings_for(url).model_dump() | own)
    with served(settings, create_app(settings), free):
        form = {"grant_type": "password", "username": USER, "password": PASSWORD}
        token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
        variables = {"TRIALBOOK": address, "TRIALBOOK_URL": address, "TOKEN": token, "HERE": str(ROOT)}
        variables |= {
            "FOLDER": str(tmp_path),
            "PYTHON": sys.executable,
            "DEMO_USER": USER,
            "BOOTSTRAP_PASSWORD": PASSWORD,
        }
        done = subprocess.run(  # noqa: S603 - the page's own commands
            ["/bin/bash", "-euo", "pipefail", "-c", MAKE + "\n".join(BLOCKS)],
            env={**os.environ, **variables}, cwd=tmp_path, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads((tmp_path / "import.json").read_bytes())
    assert (said["state"], said["rejects"]) == ("done", {"unknown_patient": 1})
    created = {kind: each["created"] for kind, each in said["records"].items()}
    assert created == {"patients": 1, "episodes": 1, "medication_trials": 1, "assessments": 1, "treatments": 0}
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    kinds = [each["type"] for each in manifest["output"]]
    assert kinds == ["Patient", "Condition", "MedicationStatement", "Observation"]
    taken = [json.loads(line) for kind in kinds for line in (tmp_path / f"{kind}.ndjson").read_text().splitlines()]
    assert [each["resourceType"] for each in taken] == kinds
    assert "/$export-status/" in (tmp_path / "changes.txt").read_text()
    printed = done.stdout.decode()
    assert '"reference":"Observation/o2"' in printed
    assert "unknown_patient" in printed.partition("Rejects")[2]
