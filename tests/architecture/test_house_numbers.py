"""The house numbers: how long a file and a function may be, and how they are doing on the whole."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import ROOT

LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 250, 30, 8
INNER = ("access", "bulk", "clinical", "intake", "models", "registry", "report", "identity", "vault")
FOLDERS = (*INNER, "web", "api", "interop", "ops", "alembic")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))] + [
    ROOT / "assembly.py",
    ROOT / "main.py",
    ROOT / "settings.py",
    ROOT / "settings_hooks.py",
    ROOT / "settings_kinds.py",
]


def functions_in(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the function without its docstring and decorators."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_the_house(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < LONGEST_FILE
    if "versions" in path.parts:
        return  # a generated migration lists tables in one function
    too_long = {node.name: lines_of(node) for node in functions_in(path) if lines_of(node) >= LONGEST_FUNCTION}
    assert too_long == {}


def test_the_typical_function_is_short() -> None:
    lengths = [lines_of(node) for path in FILES if "versions" not in path.parts for node in functions_in(path)]
    assert median(lengths) < MEDIAN_FUNCTION


def test_nothing_is_left_to_be_done_later() -> None:
    words = tuple("".join(parts) for parts in (("TO", "DO"), ("FIX", "ME"), ("XX", "X")))
    marked = [str(path) for path in FILES if any(word in path.read_text("utf-8") for word in words)]
    assert marked == []
