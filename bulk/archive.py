"""A ZIP archive: tables of the OMOP CDM, or files of FHIR. What is taken out is bounded, in a folder of ours.

`zipfile` makes an object of each file that is listed, empty ones too: how long the list is, is looked at before.
"""

import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from bulk.found import MEBIBYTE, Entry, Reject, Unreadable
from bulk.omop.rows import READERS
from bulk.omop.tables import CONCEPT, Cdm
from bulk.readers import Document, Lines, Reader

MOST_BYTES = 16 * 1024 * MEBIBYTE
MOST_FILES = 10_000
MOST_BYTES_OF_THE_LIST = 4 * MEBIBYTE
BYTES_AT_ONCE = MEBIBYTE
TABLES, LINES, DOCUMENT = (".csv", ".parquet"), (".ndjson", ".jsonl"), ".json"
NO_ARCHIVE = "The body is no ZIP archive that can be read. Send it whole, without a password."
TOO_LARGE = (
    f"The archive holds more than {MOST_BYTES} bytes or {MOST_FILES} files, folders included, or their names are too "
    "long. Send several."
)
NOTHING = (
    "The archive holds no table of the OMOP CDM that is read here ({}), and no .ndjson or .json. Name tables as the "
    "CDM does: person.csv."
)
NO_PERSONS = "The archive has tables of the OMOP CDM without `person`: nobody could be told apart. Send it along."

END, LOCATOR, END_64 = struct.Struct("<10xHL6x"), struct.Struct("<8xQ4x"), struct.Struct("<32xQQ8x")
"""The records at the end: how many files and bytes are listed; where the larger record is; the same by that one."""
MARK, MARK_OF_LOCATOR, MARK_64 = b"PK\5\6", b"PK\6\7", b"PK\6\6"
LONGEST_COMMENT = 65_536


class Archive:
    """One archive on the disk."""

    def __init__(self, path: Path, folder: Path, source: str) -> None:
        """`folder` is where its files are laid while they are read."""
        self._path, self._folder, self._source = path, folder, source

    def parts(self) -> Iterator[list[Entry | Reject]]:
        """All that is in it, part by part: tables first, then files of FHIR.

        Raises:
            Unreadable: it is no archive, or nothing in it is read here.
        """
        try:
            _refuse_long_list(self._path)
            with zipfile.ZipFile(self._path) as archive:
                yield from self._all_of(archive)
        except (zipfile.BadZipFile, RuntimeError, OSError) as error:
            raise Unreadable(NO_ARCHIVE) from error

    def _all_of(self, archive: zipfile.ZipFile) -> Iterator[list[Entry | Reject]]:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES:
            raise Unreadable(TOO_LARGE)
        tables = {_table(info): info for info in infos if _table(info)}
        fhir = [info for info in infos if PurePosixPath(info.filename.lower()).suffix in (*LINES, DOCUMENT)]
        if not fhir and not tables.keys() & READERS.keys():
            raise Unreadable(NOTHING.format(", ".join(READERS)))
        if tables.keys() & READERS.keys():
            yield from self._tables(archive, tables)
        for info in fhir:
            yield from _fhir(archive, info)

    def _tables(self, archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> Iterator[list[Entry | Reject]]:
        if "person" not in infos:
            raise Unreadable(NO_PERSONS)
        files = {name: self._laid(archive, name, info) for name, info in infos.items()}
        for rows in Cdm(files, self._folder, self._source).entries():
            yield list(rows)

    def _laid(self, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Path:
        """A table as a file. Its name is ours, whatever the archive says; no more than it says is unpacked."""
        path = self._folder / f"{name}{PurePosixPath(info.filename.lower()).suffix}"
        with archive.open(info) as packed, path.open("wb") as out:
            while part := packed.read(BYTES_AT_ONCE):
                out.write(part)
        return path


def _refuse_long_list(path: Path) -> None:
    """Look at the end of the archive alone.

    Raises:
        Unreadable: it lists more than is read here.
    """
    with path.open("rb") as file:
        if any(files > MOST_FILES or size > MOST_BYTES_OF_THE_LIST for files, size in _listed(file)):
            raise Unreadable(TOO_LARGE)


def _listed(file: BinaryIO) -> Iterator[tuple[int, ...]]:
    """How many files are listed in how many bytes, by each record that one version of `zipfile` or another goes by."""
    size = file.seek(0, os.SEEK_END)
    begins = file.seek(max(0, size - END.size - LONGEST_COMMENT))
    tail = file.read()
    plain = tail[-END.size :].startswith(MARK) and tail.endswith(b"\0\0")
    end = begins + (len(tail) - END.size if plain else tail.rfind(MARK))
    larger = end - LOCATOR.size - END_64.size
    located = _said(file, LOCATOR, MARK_OF_LOCATOR, end - LOCATOR.size)
    beside = _said(file, END_64, MARK_64, larger) if located else ()
    yield from filter(None, [beside or _said(file, END, MARK, end)])
    for place in located:
        yield from filter(None, [_said(file, END_64, MARK_64, min(place, size))])


def _said(file: BinaryIO, record: struct.Struct, mark: bytes, place: int) -> tuple[int, ...]:
    """What a record says; nothing if it is not there."""
    file.seek(max(0, place))
    held = file.read(record.size)
    return record.unpack(held) if place >= 0 and held.startswith(mark) and len(held) == record.size else ()


def _table(info: zipfile.ZipInfo) -> str:
    """The table of the CDM that a file is; empty if it is none that is read."""
    path = PurePosixPath(info.filename.lower())
    return path.stem if path.suffix in TABLES and (path.stem in READERS or path.stem == CONCEPT) else ""


def _fhir(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[list[Entry | Reject]]:
    """A file of FHIR. One that cannot be read stops the import: the others might belong to the same patients."""
    name = f"{info.filename[-100:]}: "
    is_document = PurePosixPath(info.filename.lower()).suffix == DOCUMENT
    reader: Reader = Document(name) if is_document else Lines(name)
    with archive.open(info) as packed:
        while part := packed.read(BYTES_AT_ONCE):
            yield list(reader.feed(part))
    yield list(reader.end())
