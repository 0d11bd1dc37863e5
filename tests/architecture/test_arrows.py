"""The house: who may import whom, and who may write a query."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import REGISTERED
from main import create_app
from tests.conftest import ROOT, settings_for

LAYERS = ("clinical", "models", "registry", "web", "api", "main")
"""From the innermost to the outermost; a layer may import those before it."""
PURE = frozenset({"identity", "access"})
"""Who is asking, and what they may do: known to every layer but the rules."""
ALLOWED = {layer: frozenset(LAYERS[: number + 1]) | PURE for number, layer in enumerate(LAYERS)} | {
    "clinical": frozenset({"clinical"}),
    "vault": frozenset({"vault"}),
    "intake": frozenset({"intake", "clinical"}),
    "bulk": frozenset({"bulk", "clinical"}),
    "registry": frozenset({"bulk", "clinical", "intake", "models", "registry", "vault", *PURE}),
    "report": frozenset({"clinical", "report"}),
    "identity": frozenset({"identity"}),
    "access": frozenset({"access", "identity", "clinical"}),
    "api": frozenset({*LAYERS[: LAYERS.index("api") + 1], *PURE, "report"}),
    "interop": frozenset({"clinical", "intake", "models", "registry", "web", "interop", *PURE}),
    "settings": frozenset({"settings", "settings_hooks", "settings_kinds"}),
    "settings_hooks": frozenset({"settings_hooks", "settings_kinds"}),
    "settings_kinds": frozenset({"settings_kinds"}),
    "assembly": frozenset({*LAYERS[: LAYERS.index("api") + 1], *PURE, "settings", "assembly", "vault"}),
    "main": frozenset({*LAYERS, *PURE, "intake", "interop", "report", "settings", "assembly"}),
}
PROGRAMS = frozenset({"ops", "tests", "bench", "drill"})
SETTINGS = frozenset({"settings", "settings_hooks", "settings_kinds"})
OURS = frozenset({*LAYERS, *PURE, *PROGRAMS, *SETTINGS, "bulk", "intake", "interop", "report", "vault", "assembly"})
CORE_NEEDS = frozenset({"pydantic", "pydantic_core"})
IDENTITY_NEEDS = frozenset({"argon2", "cryptography", "httpx", "joserfc"})
CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns"})
WRITES_QUERIES = frozenset({"select", "insert", "update", "delete", "text", "bindparam", "func"})


def files_of(layer: str) -> Iterator[Path]:
    folder = ROOT / layer
    yield from sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{layer}.py"]


def imports_in(path: Path) -> Iterator[tuple[str, str]]:
    """Each import as (module, name)."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            yield from ((node.module or "", alias.name) for alias in node.names)


EVERY_FILE = [(layer, path) for layer in ALLOWED for path in files_of(layer)]
each_file = pytest.mark.parametrize(
    ("layer", "path"), EVERY_FILE, ids=[str(path.relative_to(ROOT)) for _, path in EVERY_FILE]
)


@each_file
def test_a_layer_imports_only_those_within(layer: str, path: Path) -> None:
    ours = {module.split(".")[0] for module, _ in imports_in(path)} & OURS
    assert ours <= ALLOWED[layer]


@pytest.mark.parametrize("path", list(files_of("clinical")), ids=lambda path: path.name)
def test_the_rules_need_only_python_and_pydantic(path: Path) -> None:
    foreign = {module.split(".")[0] for module, _ in imports_in(path)} - set(sys.stdlib_module_names)
    assert foreign <= CORE_NEEDS | {"clinical"}


@pytest.mark.parametrize("path", list(files_of("intake")), ids=lambda path: path.name)
def test_the_intake_needs_only_python(path: Path) -> None:
    foreign = {module.split(".")[0] for module, _ in imports_in(path)} - set(sys.stdlib_module_names)
    assert foreign <= {"clinical", "intake"}


@pytest.mark.parametrize("path", list(files_of("intake")), ids=lambda path: path.name)
def test_the_intake_is_told_the_day(path: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & CLOCKS


@pytest.mark.parametrize("path", list(files_of("vault")), ids=lambda path: path.name)
def test_the_vault_needs_only_python_and_cryptography(path: Path) -> None:
    foreign = {module.split(".")[0] for module, _ in imports_in(path)} - set(sys.stdlib_module_names)
    assert foreign <= {"cryptography", "vault"}


@each_file
def test_only_the_registry_writes_queries(layer: str, path: Path) -> None:
    """Models may name columns, constraints and defaults; nobody but the registry may ask."""
    if layer == "registry":
        return
    asked = {name for module, name in imports_in(path) if module.split(".")[0] in {"sqlalchemy", "sqlmodel"}}
    permitted = {"text"} if layer == "models" else set()
    assert not asked & WRITES_QUERIES - permitted


@pytest.mark.parametrize("path", [*files_of("web"), *files_of("api"), *files_of("interop")], ids=lambda path: path.name)
def test_an_edge_knows_no_database_library(path: Path) -> None:
    libraries = {module.split(".")[0] for module, _ in imports_in(path)}
    assert not libraries & {"sqlalchemy", "sqlmodel", "asyncpg"}


@pytest.mark.parametrize("path", list(files_of("report")), ids=lambda path: path.name)
def test_the_report_knows_neither_the_database_nor_the_web(path: Path) -> None:
    libraries = {module.split(".")[0] for module, _ in imports_in(path)}
    assert not libraries & {"sqlalchemy", "sqlmodel", "asyncpg", "fastapi", "starlette", "httpx"}


@pytest.mark.parametrize("path", list(files_of("identity")), ids=lambda path: path.name)
def test_identity_knows_neither_a_database_nor_a_web_framework(path: Path) -> None:
    foreign = {module.split(".")[0] for module, _ in imports_in(path)} - set(sys.stdlib_module_names)
    assert foreign <= IDENTITY_NEEDS | {"identity"}


@pytest.mark.parametrize("path", list(files_of("identity")), ids=lambda path: path.name)
def test_identity_is_told_the_time(path: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & CLOCKS


def test_no_router_is_forgotten() -> None:
    with_routers = {
        path.stem
        for path in files_of("api")
        if any(line.startswith("router = ") for line in path.read_text().splitlines())
    }
    registered = {sys.modules[route.endpoint.__module__].__name__ for router in REGISTERED for route in router.routes}
    assert {f"api.{stem}" for stem in with_routers} == registered


def test_every_operation_of_every_router_is_served() -> None:
    app = create_app(settings_for("postgresql://nobody@localhost/nothing"))
    served = {(route.path, method) for route in app.router.routes for method in getattr(route, "methods", ())}
    for router in REGISTERED:
        for route in router.routes:
            assert {(route.path, method) for method in route.methods} <= served


def test_no_import_goes_in_a_circle() -> None:
    graph = {module_of(path): inner_of(path) for _, path in EVERY_FILE}
    while graph:
        free = {module for module, needs in graph.items() if not needs & graph.keys()}
        assert free, f"a circle among {sorted(graph)}"
        graph = {module: needs for module, needs in graph.items() if module not in free}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def inner_of(path: Path) -> set[str]:
    """The modules of ours that a file imports, a package's own parts aside."""
    own = module_of(path)
    named = {candidate for module, name in imports_in(path) for candidate in (module, f"{module}.{name}")}
    known = {module_of(other) for _, other in EVERY_FILE}
    return {module for module in named & known if module != own and (not own.startswith(f"{module}.") or not module)}
