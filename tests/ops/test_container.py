"""The image, read as text, since no engine is asked for to run the tests."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from ops.health import is_healthy
from tests.ops.conftest import ROOT

LINES = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
STAGES = [number for number, line in enumerate(LINES) if line.startswith("FROM ")]
LAST = LINES[STAGES[-1] :]
COMMANDS = ("serve", "worker", "protocol", "health", "migrate", "rotate_keys", "audit", "organisation")
"""What is run there, or named to the server by a text."""


def argument(instruction: str) -> str:
    return next(line.partition(" ")[2] for line in LAST if line.startswith(f"{instruction} "))


def test_there_are_two_stages_and_only_the_first_installs() -> None:
    assert len(STAGES) == 2
    assert "ops/install.py run" in "\n".join(LINES[: STAGES[1]])
    assert not re.search(r"pip install|apt-get|install\.py run", "\n".join(LAST))
    assert "python:3.13-slim" in LAST[0]


def test_the_last_stage_runs_without_rights_and_without_pip() -> None:
    assert argument("USER") == "10001"
    assert re.search(r"rm -rf .*site-packages/pip", "\n".join(LAST))


def test_the_health_check_asks_the_service_with_the_standard_library_alone() -> None:
    check = argument("HEALTHCHECK")
    assert json.loads(check.partition("CMD ")[2]) == [".venv/bin/python", "-m", "ops.health"]
    imported = set(re.findall(r"^import (\w+)", (ROOT / "ops" / "health.py").read_text(), re.MULTILINE))
    assert imported == {"os", "ssl", "sys", "urllib"}
    assert not is_healthy("9")


def test_it_migrates_and_serves_to_the_outside_and_refuses_to_do_so_without_secrets() -> None:
    assert json.loads(argument("CMD")) == [".venv/bin/python", "-m", "ops.serve"]
    assert {"ENVIRONMENT=production", "HOST=0.0.0.0"} <= set(argument("ENV").split())
    assert "SECRET_KEY=" not in "\n".join(LINES)


def test_everything_that_the_image_copies_is_let_through_and_exists() -> None:
    let_through = set((ROOT / ".dockerignore").read_text().splitlines())
    copied = [
        word for line in LINES if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    for name in copied:
        assert (ROOT / name).exists(), name
        assert {f"!{name}", f"!{Path(name).parts[0]}"} & let_through, name


def imported_by(module: Path) -> Iterator[Path]:
    """The files of ours that a file imports."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            path = ROOT.joinpath(*name.split("."))
            yield from (each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists())


def test_whatever_the_commands_import_is_copied() -> None:
    todo = [ROOT / "main.py", ROOT / "alembic" / "env.py", *(ROOT / "ops" / f"{name}.py" for name in COMMANDS)]
    needed: set[Path] = set()
    while todo:
        module = todo.pop()
        if module not in needed:
            needed.add(module)
            todo.extend(imported_by(module))
    tops = {module.relative_to(ROOT).parts[0] for module in needed}
    copied = {word for line in LAST if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]}
    assert {"main.py", "assembly.py", "access", "identity", "vault"} <= tops, "it is really looked"
    assert tops - copied == set()
