"""Reads a body part by part: NDJSON, or one JSON document that may be far larger than memory."""

from collections.abc import Iterator
from typing import Any, Protocol

import ijson
import orjson

from bulk.found import MOST_BYTES_OF_A_LINE, MOST_VALUES_AT_ONCE, Entry, Reject, Unreadable, Why

Found = Iterator[Entry | Reject]
DEEPEST_BUNDLE = 3
DEEPEST_BODY = 4_000
"""Levels from which on a streamed body is refused: the parser's work grows with them."""
BOM = b"\xef\xbb\xbf"
"""The mark with which some systems begin a text in UTF-8; it says nothing."""
OPENING, CLOSING = b"{[", b"}]"
NOT_A_BUNDLE = (
    "The body is neither a Bundle nor a resource that can be read. Send one FHIR Bundle, or one resource a line as "
    "application/fhir+ndjson."
)
TOO_DEEP_A_BODY = f"The body is nested deeper than {DEEPEST_BODY} levels, which no Bundle needs."
TOO_LARGE_AN_ENTRY = f"Something in the Bundle is larger than {MOST_BYTES_OF_A_LINE} bytes, so it cannot be streamed."


class Reader(Protocol):
    """Takes a body part by part and gives what it finds."""

    def feed(self, part: bytes) -> Found:
        """The next part."""

    def end(self) -> Found:
        """There is no more.

        Raises:
            Unreadable: it was nothing that can be read.
        """


def unbundled(entry: Entry, depth: int = 0) -> Found:
    """The resources in a Bundle, of whatever kind; anything else as it is."""
    if not isinstance(entry.resource, dict) or entry.resource.get("resourceType") != "Bundle":
        yield entry
        return
    if depth == DEEPEST_BUNDLE:
        yield Reject.of("Bundle", Why.NESTED_BUNDLES, entry.place)
        return
    entries = entry.resource.get("entry")
    for number, each in enumerate(entries if isinstance(entries, list) else ()):
        yield from unbundled(entry_of(each, f"{entry.place}, entry[{number}]"), depth + 1)


def entry_of(value: Any, place: str) -> Entry:  # noqa: ANN401 - any JSON
    """An entry of a Bundle. One that holds no resource (a request to delete, a response) has an empty one."""
    if not isinstance(value, dict):
        return Entry(value, place)
    url = value.get("fullUrl")
    return Entry(value.get("resource", {}), place, url if isinstance(url, str) else "")


class Lines:
    """NDJSON: each line is a resource or a Bundle."""

    def __init__(self, name: str = "") -> None:
        """Nothing is here yet."""
        self._name, self._number, self._rest, self._skipping = name, 0, b"", False

    def feed(self, part: bytes) -> Found:
        """The lines that end in this part."""
        lines = (self._rest + part).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            yield from self._line(line)
        if len(self._rest) > MOST_BYTES_OF_A_LINE:
            self._rest, self._skipping = b"", True

    def end(self) -> Found:
        """The last line, if it does not end with a line break."""
        if self._rest or self._skipping:
            yield from self._line(self._rest)

    def _line(self, line: bytes) -> Found:
        self._number += 1
        place = f"{self._name}line {self._number}"
        if self._skipping or len(line) > MOST_BYTES_OF_A_LINE or line.count(b",") > MOST_VALUES_AT_ONCE:
            self._skipping = False
            yield Reject.of("", Why.TOO_LARGE, place)
            return
        if self._number == 1:
            line = line.removeprefix(BOM)
        if line := line.strip():
            try:
                found = Entry(orjson.loads(line), place, raw=line)
            except orjson.JSONDecodeError:
                yield Reject.of("", Why.NOT_JSON, place)
            else:
                yield from unbundled(found)


class Document:
    """One JSON document: a Bundle, streamed entry by entry, or a single resource."""

    def __init__(self, name: str = "") -> None:
        """Nothing is here yet."""
        self._name, self._number, self._since, self._level, self._values = name, 0, 0, 0, 0
        self._whole: list[bytes] = []
        self._held = 0
        self._begun, self._beginning = False, b""
        self._items = ijson.sendable_list()
        self._parser = ijson.items_coro(self._items, "entry.item", use_float=True)

    def feed(self, part: bytes) -> Found:
        """The entries that end in this part.

        Raises:
            Unreadable: it is not JSON, or something in it is beyond all measure.
        """
        if not (part := self._without_mark(part)):
            return  # to the parser, nothing is the end
        self._keep(part)
        self._measure(part)
        try:
            self._parser.send(part)
        except (ijson.JSONError, RecursionError, StopIteration, UnicodeDecodeError) as error:
            raise Unreadable(f"{self._name}{NOT_A_BUNDLE}") from error
        if self._items:
            self._since = self._values = 0
        yield from self._found()

    def _without_mark(self, part: bytes) -> bytes:
        """The part, without the mark at the beginning of the body; nothing while that may still be coming in."""
        if self._begun:
            return part
        self._beginning += part
        self._begun = len(self._beginning) >= len(BOM)
        return self._beginning.removeprefix(BOM) if self._begun else b""

    def _found(self) -> Found:
        found, self._items[:] = list(self._items), []
        for item in found:
            place, self._number = f"{self._name}entry[{self._number}]", self._number + 1
            yield from unbundled(entry_of(item, place), 1)

    def _keep(self, part: bytes) -> None:
        """Keep a small body: it may be a single resource."""
        self._held += len(part)
        if self._number or self._held > MOST_BYTES_OF_A_LINE:
            self._whole = []
        else:
            self._whole.append(part)

    def _measure(self, part: bytes) -> None:
        self._since, self._values = self._since + len(part), self._values + part.count(b",")
        self._level += sum(part.count(OPENING[at : at + 1]) - part.count(CLOSING[at : at + 1]) for at in (0, 1))
        if self._level > DEEPEST_BODY:
            raise Unreadable(f"{self._name}{TOO_DEEP_A_BODY}")
        if self._since > MOST_BYTES_OF_A_LINE + len(part) or self._values > MOST_VALUES_AT_ONCE:
            raise Unreadable(f"{self._name}{TOO_LARGE_AN_ENTRY}")

    def end(self) -> Found:
        """The last entries; or the one resource that the body is.

        Raises:
            Unreadable: it is neither.
        """
        try:
            self._parser.close()
        except (ijson.JSONError, StopIteration) as error:
            raise Unreadable(f"{self._name}{NOT_A_BUNDLE}") from error
        yield from self._found()
        if not self._number:
            yield from self._single()

    def _single(self) -> Found:
        try:
            value = orjson.loads(b"".join(self._whole))
        except orjson.JSONDecodeError as error:
            raise Unreadable(f"{self._name}{NOT_A_BUNDLE}") from error
        if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
            raise Unreadable(f"{self._name}{NOT_A_BUNDLE}")
        yield from unbundled(Entry(value, f"{self._name}the body"))
