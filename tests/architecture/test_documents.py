"""What the documents say of the repository is so: files and tests exist; every setting, target and folder is there."""

import ast
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from settings import Settings
from tests.conftest import ROOT

SECURITY = (ROOT / "docs" / "security.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:[\w.-]+/)*[\w.-]+\.(?:py|md|txt|json|toml)|(?:[\w.-]+/)+|Dockerfile|Makefile")
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
NOT_KEPT = ("build/", "data/")
SCOPES = {"user/", "system/", "patient/"}
FEWEST_PROPERTIES = 30


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of a table but its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not set(line) <= set("|- ")][1:]


def paths_in(text: str) -> list[str]:
    """Files and folders of the repository that a text quotes."""
    quoted = [path for path in QUOTED.findall(text) if PATH.fullmatch(path)]
    return [path for path in quoted if not path.startswith(NOT_KEPT) and path not in SCOPES]


@cache
def names_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_"))


@pytest.mark.parametrize("name", ["docs/security.md", "README.md", "SECURITY.md"])
def test_every_file_that_is_named_exists(name: str) -> None:
    named = paths_in((ROOT / name).read_text("utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_every_file_that_a_late_decision_names_exists(path: Path) -> None:
    """From the ones on trust on; earlier ones may speak of what has been replaced since."""
    if path.name >= "0077":
        named = [name for name in paths_in(path.read_text("utf-8")) if "/" in name]
        assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_test_that_is_named_exists() -> None:
    named = TEST.findall(SECURITY)
    assert len(named) == SECURITY.count("::")
    assert [test for path, test in named if test not in names_of(ROOT / path)] == []


def test_every_property_has_a_file_and_a_test() -> None:
    listed = rows(section(SECURITY, "Properties, with file and test"))
    assert len(listed) >= FEWEST_PROPERTIES
    for name, how, files, tests in listed:
        assert how, name
        assert paths_in(files), name
        assert TEST.findall(tests), name


def test_the_tables_have_each_risk_and_each_safeguard() -> None:
    risks = [row[0].split()[0] for row in rows(section(SECURITY, "OWASP API Security Top 10 (2023)"))]
    assert risks == [f"API{number}" for number in range(1, 11)]
    chapters = {row[0].split()[0] for row in rows(section(SECURITY, "OWASP ASVS 5.0, level 2"))}
    assert chapters == {f"V{number}" for number in range(1, 18)}
    states = {row[3] for row in rows(section(SECURITY, "OWASP ASVS 5.0, level 2"))}
    assert states == {"met", "in part", "not met", "does not apply"}
    law = [row[0].split()[0] for row in rows(section(SECURITY, "45 CFR 164.312, technical safeguards"))]
    parts = ("(a)(1)", "(a)(2)(i)", "(a)(2)(ii)", "(a)(2)(iii)", "(a)(2)(iv)", "(b)", "(c)(1)", "(c)(2)", "(d)")
    assert law == [*parts, "(e)(1)", "(e)(2)(i)", "(e)(2)(ii)"]


def test_every_setting_is_in_the_readme_once() -> None:
    named = list(chain.from_iterable(QUOTED.findall(row[0]) for row in rows(section(README, "Settings"))))
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_every_default_in_the_readme_is_the_one_of_the_code() -> None:
    for row in rows(section(README, "Settings")):
        names, said = QUOTED.findall(row[0]), QUOTED.findall(row[1])
        for name, default in zip(names, said, strict=False) if len(said) == len(names) else ():
            value = str(Settings.model_fields[name.lower()].default).removesuffix(".0")
            assert value in {default.rstrip("/"), default.capitalize()}, name


def test_every_target_is_in_the_readme_once() -> None:
    made = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    listed = [QUOTED.findall(row[0])[0] for row in rows(section(README, "Targets"))]
    named = [name.removeprefix("make").strip() or "help" for name in listed]
    assert sorted(named) == sorted(made)


def test_every_folder_of_code_is_in_the_readme_once() -> None:
    named = list(chain.from_iterable(QUOTED.findall(row[0]) for row in rows(section(README, "Where to look"))))
    assert len(set(named)) == len(named)
    assert {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")} <= set(named)


def test_decisions_are_numbered_and_said_once() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(set(numbers)) == len(numbers)
    for path in DECISIONS:
        title = path.read_text("utf-8").splitlines()[0]
        assert re.match(rf"# 0*{int(path.name[:4])}\b", title), path.name


def test_a_decision_that_the_code_names_exists() -> None:
    code = [path for path in ROOT.glob("[a-z]*/**/*.py") if "node_modules" not in path.parts]
    named = set(chain.from_iterable(re.findall(r"docs/decisions/[\w-]+\.md", path.read_text("utf-8")) for path in code))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
