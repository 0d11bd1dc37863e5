"""docs/integrating/fhir.md, run as it stands."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.interop.test_integrating_smart import BLOCK, environment

pytestmark = pytest.mark.xdist_group("clients")
PAGE = ROOT / "docs" / "integrating" / "fhir.md"
SECONDS = 60


def test_every_command_of_the_page_works_as_it_stands(service: str, tmp_path: Path) -> None:
    commands = ["set -euo pipefail"]
    for kind, name, text in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "sh":
            commands.append(text)
        else:
            (tmp_path / name).write_text(text, "utf-8")
    script = tmp_path / "all.sh"
    script.write_text("\n".join(commands), "utf-8")
    ran = subprocess.run(  # noqa: S603 - the page's own commands
        ["/bin/bash", script], cwd=tmp_path, env=environment(service), capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout.splitlines()
    assert (said[0], said[2]) == ("Patient", "sertraline")
    assert said[5:9] == ["2025-01-08: 20", "2025-03-26: 18", "2", "fhirpy finds [20, 18]."]
    assert said[9] == "2"
    assert "was changed" in said[10]
    assert said[11:15] == ["200", "201", "201", "treatment_resistant"]
    assert said[15].startswith("Two different antidepressants failed")
    assert said[17] == "6"
    assert "herb" not in said[18]
    assert "no search parameter of this name" in said[19]
