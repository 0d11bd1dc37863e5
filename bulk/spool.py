"""Brings together what belongs together in bounded memory: parts on disk, sealed under a key that is nowhere else.

Each thing goes to the part that its key falls into; later one part at a time is read back whole.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BYTES_OF_A_PART = 12 * 1024 * 1024
BYTES_OF_A_BLOCK = 64 * 1024
MOST_PARTS = 512
HEAD = struct.Struct("<HHI")
LENGTH = struct.Struct("<I")
NONCE_BYTES = 12


class Spooled(NamedTuple):
    """One thing: whose it is, from which server its reference was, and its JSON."""

    key: str
    base: str
    raw: bytes


def parts_for(size: int) -> int:
    """How many parts a body of so many bytes needs, so that one part is small."""
    return min(MOST_PARTS, size // BYTES_OF_A_PART + 1)


class Part:
    """One file of sealed blocks."""

    def __init__(self, path: Path, sealer: AESGCM) -> None:
        """Make the file, which nobody else may read."""
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b", buffering=0)
        self._sealer, self._waiting, self._held = sealer, list[bytes](), 0

    def add(self, thing: Spooled) -> None:
        """Keep one thing, on disk when there are enough for a block."""
        key, base = thing.key.encode(), thing.base.encode()
        self._waiting += (HEAD.pack(len(key), len(base), len(thing.raw)), key, base, thing.raw)
        self._held += HEAD.size + len(key) + len(base) + len(thing.raw)
        if self._held >= BYTES_OF_A_BLOCK:
            self._flush()

    def _flush(self) -> None:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._sealer.encrypt(nonce, zlib.compress(b"".join(self._waiting), 1), None)
        self._file.write(LENGTH.pack(len(sealed)) + nonce + sealed)
        self._waiting, self._held = [], 0

    def read(self) -> Iterator[Spooled]:
        """All that it holds, in the order in which it came."""
        if self._waiting:
            self._flush()
        self._file.seek(0)
        while head := self._file.read(LENGTH.size):
            block = self._file.read(NONCE_BYTES + LENGTH.unpack(head)[0])
            yield from _things(zlib.decompress(self._sealer.decrypt(block[:NONCE_BYTES], block[NONCE_BYTES:], None)))
        self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        """It is no longer needed."""
        self._file.close()


def _things(block: bytes) -> Iterator[Spooled]:
    at = 0
    while at < len(block):
        key, base, raw = HEAD.unpack_from(block, at)
        at += HEAD.size
        yield Spooled(block[at : at + key].decode(), block[at + key : at + key + base].decode(),
                      block[at + key + base : at + key + base + raw])  # fmt: skip
        at += key + base + raw


class Spool:
    """All parts, and one more for what cannot be told whose it is until everything is here."""

    def __init__(self, folder: Path, parts: int) -> None:
        """Make the parts in a folder of one's own."""
        sealer = AESGCM(AESGCM.generate_key(256))
        self.parts = [Part(folder / f"{number}.part", sealer) for number in range(parts)]
        self.late = Part(folder / "late.part", sealer)

    def add(self, thing: Spooled) -> None:
        """Put it into the part of its key."""
        self.parts[zlib.crc32(thing.key.encode()) % len(self.parts)].add(thing)

    def close(self) -> None:
        """Close every file."""
        for part in (*self.parts, self.late):
            part.close()
