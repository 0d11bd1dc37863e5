"""docs/integrating/cds-hooks.md, run as it stands against a service that listens."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from main import create_app
from settings import Settings
from tests.conftest import ROOT
from tests.ops.serving import served

PAGE = (ROOT / "docs" / "integrating" / "cds-hooks.md").read_text("utf-8")
BLOCK = re.compile(r"^```sh ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(name, text) for name, text in BLOCK.findall(PAGE)]
PRINTED = "env -0"


def run(commands: list[str], folder: Path, **more: str) -> str:
    """What the commands print, one shell for all of them."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "no_proxy": "*", **more}
    whole = "\n".join(["set -euo pipefail", *commands])
    done = subprocess.run(  # noqa: S603 - the commands of our own page
        ["bash", "-c", whole],  # noqa: S607 - the shell of whoever copies it
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def named(name: str) -> list[str]:
    return [text for each, text in BLOCKS if each == name]


@pytest.mark.anyio
@pytest.mark.usefixtures("app")
async def test_every_command_of_the_page_works_as_it_stands(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(named("keys"), tmp_path)
    said = run([*named("settings"), PRINTED], tmp_path)
    told = dict(each.split("=", 1) for each in said.split("\0") if each.startswith("CDS_"))
    monkeypatch.setenv("CDS_CLIENTS", told["CDS_CLIENTS"])
    monkeypatch.chdir(tmp_path)
    clients = Settings().cds_clients
    monkeypatch.chdir(ROOT)
    where = {"cds_clients": tuple(each.model_copy(update={"jwks_file": tmp_path / each.jwks_file}) for each in clients)}
    port = free_port()
    chosen = settings.model_copy(update={**where, "public_url": f"http://127.0.0.1:{port}"})
    with served(chosen, create_app(chosen), port):
        printed = await asyncio.to_thread(run, named(""), tmp_path, BASE=chosen.address)
    assert "info 25 mg of sertraline a day is ordered; at least 50 mg is held adequate." in printed
    assert '{"received":1}' in printed
    assert printed.endswith('{"cards":[]}')
    assert [card["indicator"] for card in json.loads((tmp_path / "cards.json").read_text())["cards"]] == ["info"]
