"""What `make import` sends: files, folders and globs as the fewest bodies, each read while it is sent."""

import gzip
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from glob import glob
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

NDJSON, JSON, ZIP = "application/fhir+ndjson", "application/fhir+json", "application/zip"
LINES, DOCUMENT, TABLES, ARCHIVE = (".ndjson", ".jsonl"), ".json", (".csv", ".parquet"), ".zip"
MOST_BYTES_OF_A_LINE = 8 * 1024 * 1024
"""Up to which a JSON document is sent as one line among others; larger ones are imports of their own."""
BYTES_AT_ONCE = 256 * 1024
NO_FILES = "Nothing to import at {}: name a file, a folder or a pattern with .ndjson, .json, .zip, .csv or .parquet."


class NothingToImport(SystemExit):
    """There are no files. The message says which there could be."""


class Body(NamedTuple):
    """One import: its media type, and the files that it is made of."""

    kind: str
    files: tuple[Path, ...]

    def parts(self) -> Iterator[bytes]:
        """The bytes of it, a part at a time."""
        if self.kind == ZIP and self.files[0].suffix != ARCHIVE:
            yield from _zipped(self.files)
            return
        for path in self.files:
            yield from _lines_of(path) if self.kind == NDJSON else _bytes_of(path)

    @property
    def size(self) -> int:
        """Bytes on the disk: about what is sent, more where files are compressed."""
        return sum(path.stat().st_size for path in self.files)


def bodies_of(named: str) -> list[Body]:
    """The bodies that a file, a folder or a pattern is sent as.

    Raises:
        NothingToImport: it names no file that is read.
    """
    found = sorted(Path(name) for name in glob(named, recursive=True))  # noqa: PTH207 - a pattern may be absolute
    files = [inner for path in found for inner in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    lines = tuple(path for path in files if kind_of(path) in LINES or (kind_of(path) == DOCUMENT and _is_small(path)))
    bodies = [Body(NDJSON, lines)] if lines else []
    bodies += [Body(JSON, (path,)) for path in files if kind_of(path) == DOCUMENT and not _is_small(path)]
    bodies += [Body(ZIP, (path,)) for path in files if kind_of(path) == ARCHIVE]
    tables = tuple(path for path in files if kind_of(path) in TABLES)
    bodies += [Body(ZIP, tables)] if tables else []
    if not bodies:
        raise NothingToImport(NO_FILES.format(named))
    return bodies


def kind_of(path: Path) -> str:
    """The ending that says what a file is, whether it is compressed or not."""
    return Path(path.name.removesuffix(".gz")).suffix.lower() if path.is_file() else ""


def _is_small(path: Path) -> bool:
    """Whether a document fits in one line. How large a compressed one is shows when it is opened."""
    with opened(path) as file:
        return len(file.read(MOST_BYTES_OF_A_LINE + 1)) <= MOST_BYTES_OF_A_LINE


def opened(path: Path) -> BinaryIO:
    """The file, decompressed."""
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # reads alike


def _bytes_of(path: Path) -> Iterator[bytes]:
    with opened(path) as file:
        while part := file.read(BYTES_AT_ONCE):
            yield part


def _lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file; a small document as one line. A document that is no JSON stays, to be told as a reject."""
    if kind_of(path) != DOCUMENT:
        yield from _bytes_of(path)
        yield b"\n"
        return
    whole = b"".join(_bytes_of(path))
    try:
        yield orjson.dumps(orjson.loads(whole)) + b"\n"
    except orjson.JSONDecodeError:
        yield whole.replace(b"\n", b" ") + b"\n"


def _zipped(files: tuple[Path, ...]) -> Iterator[bytes]:
    """Tables as one archive."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in files:
                archive.write(path, path.name)
        file.seek(0)
        while part := file.read(BYTES_AT_ONCE):
            yield part
