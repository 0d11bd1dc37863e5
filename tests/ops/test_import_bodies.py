"""What `make import` sends of files, folders and patterns."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import orjson
import pytest

from ops.import_bodies import JSON, NDJSON, ZIP, Body, NothingToImport, bodies_of
from ops.import_worker import sweep
from registry.import_runner import FOLDER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.ndjson").write_bytes(b'{"a": 1}')
    (tmp_path / "b" / "b.jsonl.gz").write_bytes(gzip.compress(b'{"b": 1}\n{"b": 2}\n'))
    (tmp_path / "c.json").write_bytes(b'{\n "c": 1\n}')
    (tmp_path / "d.json").write_bytes(b"{\nnonsense")
    (tmp_path / "large.json").write_bytes(orjson.dumps({"x": "x" * 9_000_000}))
    (tmp_path / "person.csv").write_bytes(b"person_id\n1\n")
    (tmp_path / "packed.zip").write_bytes(b"PK")
    (tmp_path / "readme.txt").write_bytes(b"no")
    return tmp_path


def sent(body: Body) -> bytes:
    return b"".join(body.parts())


def test_a_folder_is_sent_as_few_bodies(folder: Path) -> None:
    lines, document, packed, tables = bodies_of(str(folder))
    assert [each.kind for each in (lines, document, packed, tables)] == [NDJSON, JSON, ZIP, ZIP]
    assert sorted(line for line in sent(lines).split(b"\n") if line) == [
        *(b"{ nonsense", b'{"a": 1}', b'{"b": 1}', b'{"b": 2}', b'{"c":1}'),
    ]
    assert len(sent(document)) == document.size
    assert sent(packed) == b"PK"
    with zipfile.ZipFile(io.BytesIO(sent(tables))) as archive:
        assert archive.read("person.csv") == b"person_id\n1\n"


def test_a_pattern_is_what_it_matches(folder: Path) -> None:
    [body] = bodies_of(str(folder / "**" / "*.gz"))
    assert sent(body) == b'{"b": 1}\n{"b": 2}\n\n'


@pytest.mark.parametrize("name", ["none", "readme.txt", "*.xml"])
def test_nothing_is_said_to_be_nothing(folder: Path, name: str) -> None:
    with pytest.raises(NothingToImport, match="Nothing to import"):
        bodies_of(str(folder / name))


def test_what_a_killed_process_left_is_swept_and_what_is_of_a_living_one_stays(tmp_path: Path) -> None:
    for name in (f"{FOLDER}4194399-abc", f"{FOLDER}{os.getpid()}-abc", "trialbook-other", f"{FOLDER}x"):
        (tmp_path / name / "inside").mkdir(parents=True)
    sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"{FOLDER}{os.getpid()}-abc", "trialbook-other", f"{FOLDER}x"}
