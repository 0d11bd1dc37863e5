"""The commands that the owner of the tables runs: beside the service, or on nothing at all."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from ops.signing_in import SignIn
from tests.conftest import Maker
from tests.ops.conftest import PATIENCE, ROOT, Start, environment, free_port, query, signed_in

ADDED = re.compile(r"Organisation (\S+) \((.+)\).* Sign in as (\S+) with (\S+) \(shown once\)")
LINE = re.compile(r"make audit-verify ORGANISATION=(\S+) ANCHOR=(\S+)")
FIRST = "0" * 64


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A Makefile of the same targets that installs nothing."""
    copy = tmp_path / "Makefile"
    text = (ROOT / "Makefile").read_text("utf-8")
    copy.write_text(re.sub(r"(\n[\w-]+-environment:\n)\t.*", r"\1\t@true", text), "utf-8")
    return copy


def run_make(makefile: Path, *words: str, **ours: str) -> "subprocess.CompletedProcess[str]":
    """Run one target in the project's folder."""
    command = ["make", "--silent", "-f", str(makefile), *words]
    given = environment(**ours)
    return subprocess.run(  # noqa: S603 - our own targets
        command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@pytest.mark.parametrize(
    "words",
    [
        ("audit-verify",),
        ("audit-export",),
        ("organisation", "NAME=A clinic", "ADMIN=admin"),
        ("administrator", f"ORGANISATION={uuid4()}", "ADMIN=admin"),
    ],
)
def test_where_there_is_no_database_none_is_made(made: Path, folder: Path, words: tuple[str, ...]) -> None:
    done = run_make(made, *words, DATA_DIR=str(folder / "data"))
    assert done.returncode != 0
    assert f"There is no database in {folder / 'data'}: start it once with `make run`" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "data" / "postgres-18").exists()


def test_a_database_that_is_empty_or_away_is_said_in_a_sentence(made: Path, server_url: Callable[[str], str]) -> None:
    empty = run_make(made, "audit-verify", DATABASE_URL=server_url("postgres"))
    assert "has not all tables yet" in empty.stderr
    away = run_make(made, "audit-verify", DATABASE_URL="postgresql://me:hidden@127.0.0.1:9/book")
    assert "No database answers at 127.0.0.1:9" in away.stderr
    assert "hidden" not in away.stderr
    assert "Traceback" not in empty.stderr + away.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("organisation", "ADMIN=admin"),
        ("organisation", "NAME=   ", "ADMIN=admin"),
        ("organisation", f"NAME={'x' * 201}", "ADMIN=admin"),
        ("organisation", "NAME=A clinic"),
        ("organisation", "NAME=A clinic", "ADMIN=two words"),
        ("organisation", "NAME=A clinic", f"ADMIN={'x' * 201}"),
        ("administrator", "ADMIN=admin"),
        ("administrator", "ORGANISATION=first", "ADMIN=admin"),
        ("administrator", f"ORGANISATION={uuid4()}", "ADMIN=admin"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    made: Path, make_database: Maker, words: tuple[str, ...]
) -> None:
    url = make_database()
    before = query(url, "SELECT count(*) FROM organisations")
    done = run_make(made, *words, DATABASE_URL=url)
    assert done.returncode != 0
    assert re.search(r"^(NAME|ADMIN|ORGANISATION) is |^There is no organisation ", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert query(url, "SELECT count(*) FROM organisations") == before


def test_beside_the_running_service_one_adds_and_restores_and_verifies(made: Path, run: Start, folder: Path) -> None:
    port, data = free_port(), str(folder / "data")
    run(port)
    done = run_make(made, "organisation", 'NAME=St. "Mary" & co', "ADMIN=Admin@Another.example", DATA_DIR=data)
    ((organisation, name, username, password),) = ADDED.findall(done.stderr)
    assert (done.returncode, name, username) == (0, 'St. "Mary" & co', "admin@another.example")
    words = ("administrator", f"ORGANISATION={organisation}", "ADMIN=rescue@another.example")
    restored = run_make(made, *words, DATA_DIR=data)
    ((_, _, rescuer, secret),) = ADDED.findall(restored.stderr)
    for who in (SignIn(username, password), SignIn(rescuer, secret)):
        me = httpx.get(f"http://127.0.0.1:{port}/v1/me", headers=signed_in(port, who), timeout=10).json()
        assert (me["organisation_id"], me["roles"]) == (organisation, ["administrator", "clinician"])
    again = run_make(made, *words, DATA_DIR=data)
    assert (again.returncode != 0, "Traceback" in again.stderr) == (True, False)
    assert "A user of this name exists already." in again.stderr
    expect_anchors(made, organisation, data)
    lines = folder / "some" / "where" / "audit.ndjson"
    done = run_make(made, "audit-export", f"FILE={lines}", f"ORGANISATION={organisation}", DATA_DIR=data)
    assert done.returncode == 0, done.stderr
    assert lines.read_text("utf-8").count('"resourceType":"AuditEvent"') > 1


def expect_anchors(made: Path, second: str, data: str) -> None:
    """Each head is good with the organisation it is of, and with none; not with another, and not if it is none."""

    def verify(*words: str) -> tuple[int, str]:
        done = run_make(made, "audit-verify", *words, DATA_DIR=data)
        assert "Traceback" not in done.stderr
        return int(done.returncode != 0), done.stdout + done.stderr

    code, said = verify()
    heads = dict(LINE.findall(said))
    for _ in range(20):  # what was done last is sealed within a second
        if len(heads) == 2:
            break
        code, said = verify()
        heads = dict(LINE.findall(said))
    assert (code, len(heads), second in heads) == (0, 2, True), said
    first = next(each for each in heads if each != second)
    for organisation, head in heads.items():
        assert verify(f"ORGANISATION={organisation}", f"ANCHOR={head}")[0] == 0
        code, said = verify(f"ANCHOR={head}")
        assert (code, "what was sealed until then is unchanged" in said) == (0, True), said
    for words, sentence in (
        ((f"ORGANISATION={first}", f"ANCHOR=1:{FIRST}"), "The head of seal 1 is not the one that was kept elsewhere."),
        ((f"ANCHOR=1:{FIRST}",), "kept elsewhere, in any organisation."),
        ((f"ORGANISATION={second}", f"ANCHOR=99999:{FIRST}"), "There is no seal 99999."),
        ((f"ANCHOR=99999:{FIRST}",), "There is no seal 99999 in any organisation."),
        (("ANCHOR=1",), "an anchor is the number of a seal, a colon and its head of 64 hexadecimal digits"),
        ((f"ANCHOR=0:{FIRST}",), "an anchor is the number of a seal"),
        (("ORGANISATION=second",), "an organisation is named by its id"),
        ((f"ORGANISATION={uuid4()}",), "There is no organisation "),
    ):
        code, said = verify(*words)
        assert (code, sentence in said) == (1, True), said
