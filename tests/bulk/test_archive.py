"""An archive that lists too much is refused by its end, before its list is read."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from bulk import archive as module
from bulk.archive import MARK, MARK_64, MOST_FILES, TOO_LARGE, Archive
from bulk.found import Unreadable
from tests.bulk.records import ndjson, patient

FILE = {"patients.ndjson": ndjson(patient("1"))}
PLACE_OF_NUMBER, PLACE_OF_SIZE, PLACE_OF_NUMBER_64, PLACE_OF_SIZE_64 = 10, 12, 32, 40


def zipped(files: dict[str, bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.comment = comment
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def larger(monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], comment: bytes = b"") -> bytes:
    """The same with the larger record at its end (ZIP64), which zipfile writes for so many files."""
    with monkeypatch.context() as patched:
        patched.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 0)
        body = zipped(files, comment)
    assert MARK_64 in body
    return body


def claiming(body: bytes, mark: bytes, place: int, form: str, value: int) -> bytes:
    changed, at = bytearray(body), body.rindex(mark)
    struct.pack_into(form, changed, at + place, value)
    return bytes(changed)


def resources(folder: Path, body: bytes) -> int:
    path = folder / "body.zip"
    path.write_bytes(body)
    return sum(len(part) for part in Archive(path, folder, "").parts())


@pytest.fixture
def unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens an archive here fails."""

    def opened(*given: object) -> None:
        raise AssertionError(given)

    monkeypatch.setattr(module.zipfile, "ZipFile", opened)


def refused_unopened(folder: Path, body: bytes, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("unopened")
    with pytest.raises(Unreadable) as refused:
        resources(folder, body)
    assert str(refused.value) == TOO_LARGE


@pytest.mark.parametrize("comment", [b"", b"of the sender"])
def test_an_end_that_says_too_many_files_is_enough(
    tmp_path: Path, request: pytest.FixtureRequest, comment: bytes
) -> None:
    body = zipped(FILE, comment)
    assert resources(tmp_path, claiming(body, MARK, PLACE_OF_NUMBER, "<H", MOST_FILES)) == 1
    refused_unopened(tmp_path, claiming(body, MARK, PLACE_OF_NUMBER, "<H", MOST_FILES + 1), request)


@pytest.mark.parametrize("comment", [b"", b"of the sender"])
def test_so_is_a_larger_record(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, comment: bytes
) -> None:
    body = larger(monkeypatch, FILE, comment)
    assert resources(tmp_path, claiming(body, MARK_64, PLACE_OF_NUMBER_64, "<Q", MOST_FILES)) == 1
    refused_unopened(tmp_path, claiming(body, MARK_64, PLACE_OF_NUMBER_64, "<Q", 5_000_000), request)


def test_so_is_a_larger_record_that_stands_apart(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = claiming(larger(monkeypatch, FILE), MARK_64, PLACE_OF_NUMBER_64, "<Q", 5_000_000)
    at = many.rindex(MARK_64) + module.END_64.size
    refused_unopened(tmp_path, many[:at] + b"more of this record" + many[at:], request)


def test_one_file_more_than_allowed_is_refused_and_folders_count(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folders = {f"{number}/": b"" for number in range(MOST_FILES - 1)}
    assert resources(tmp_path, zipped({**folders, **FILE})) == 1
    refused_unopened(tmp_path, zipped({**folders, "one_more/": b"", **FILE}), request)


def test_a_list_that_is_longer_than_its_number_says_is_refused_by_its_size(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES_OF_THE_LIST", 1_000)
    body = claiming(zipped({**FILE, **{f"{number}": b"" for number in range(50)}}), MARK, PLACE_OF_NUMBER, "<H", 1)
    refused_unopened(tmp_path, body, request)


@pytest.mark.parametrize(
    "body",
    [
        b"PK",
        b"PK\5\6",
        b"PK\5\6" + b"\0" * 17,
        b"x" * 70_000,
        b"PK\6\7" + b"\xff" * 16 + b"PK\5\6" + b"\0" * 18,
        b"PK\6\6" + b"\0" * 52 + b"PK\6\7" + b"\xff" * 16 + b"PK\5\6" + b"\0" * 18,
    ],
    ids=range(6),
)
def test_an_end_that_is_none_is_no_archive(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(Unreadable, match="no ZIP archive"):
        resources(tmp_path, body)


def test_limits_are_those_that_are_said() -> None:
    assert str(MOST_FILES) in TOO_LARGE
    assert claiming(zipped(FILE), MARK, PLACE_OF_SIZE, "<L", 1) != zipped(FILE)
