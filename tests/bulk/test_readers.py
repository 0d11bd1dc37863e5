"""Bodies are read part by part, whatever the parts; what is none is told, and nothing grows without bound."""

import tracemalloc
from collections.abc import Iterator
from itertools import chain

import orjson
import pytest

from bulk.found import MOST_BYTES_OF_A_LINE, Entry, Reject, Unreadable
from bulk.readers import DEEPEST_BODY, Document, Lines, Reader
from bulk.reading import reader_of, refuse_unreadable_start
from tests.bulk.records import Json, chart, ndjson, patient, rating

BUNDLE = orjson.dumps(
    {
        "type": "searchset",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": patient("1", weight=1.5)},
            {"request": {"method": "DELETE", "url": "Patient/9"}},
            "no entry",
            {"resource": {"resourceType": "Bundle", "entry": [{"resource": rating("2", "1", 5)}]}},
        ],
        "resourceType": "Bundle",
    }
)


def found(reader: Reader, body: bytes, at_once: int) -> list[Entry | Reject]:
    parts = (body[at : at + at_once] for at in range(0, len(body), at_once))
    return list(chain(chain.from_iterable(map(reader.feed, parts)), reader.end()))


@pytest.mark.parametrize("at_once", [1, 7, 100_000])
def test_lines_are_read_whatever_the_parts(at_once: int) -> None:
    body = b"\n".join([orjson.dumps(patient("1")), b"", b"{", BUNDLE.replace(b"\n", b" "), orjson.dumps(patient("2"))])
    said = [each.place for each in found(Lines(), body, at_once)]
    assert said == [
        *("line 1", "line 3", "line 4, entry[0]", "line 4, entry[1]", "line 4, entry[2]"),
        *("line 4, entry[3], entry[0]", "line 5"),
    ]


@pytest.mark.parametrize("at_once", [1, 7, 100_000])
def test_a_bundle_is_read_whatever_the_parts(at_once: int) -> None:
    entries = found(Document(), BUNDLE, at_once)
    assert [each.place for each in entries] == ["entry[0]", "entry[1]", "entry[2]", "entry[3], entry[0]"]
    first = entries[0]
    assert isinstance(first, Entry)
    assert (first.full_url, first.resource["weight"]) == ("urn:uuid:1", 1.5)
    assert [each.resource for each in entries[1:3] if isinstance(each, Entry)] == [{}, "no entry"]


@pytest.mark.parametrize("at_once", [1, 2, 100_000])
@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_a_mark_of_the_encoding_is_no_part_of_the_first_resource(form: str, at_once: int) -> None:
    body = b"\xef\xbb\xbf" + ndjson(patient("1"))
    refuse_unreadable_start(form, body, whole=True)
    [entry] = found(reader_of(form), body, at_once)
    assert isinstance(entry, Entry)
    assert entry.resource["id"] == "1"


def test_a_single_resource_is_a_body() -> None:
    [entry] = found(Document(), orjson.dumps(patient("1")), 10)
    assert isinstance(entry, Entry)
    assert entry.resource["id"] == "1"


def test_bundles_in_bundles_end_somewhere() -> None:
    nested: Json = patient("1")
    for _ in range(6):
        nested = {"resourceType": "Bundle", "entry": [{"resource": nested}]}
    [reject] = found(Lines(), ndjson(nested), 1000)
    assert isinstance(reject, Reject)
    assert reject.code == "nested_bundles"


@pytest.mark.parametrize(
    "body",
    [
        b"[1, 2]",
        b'{"resourceType": 5}',
        b'{"entry": [{"resource":',
        b'{"entry": [nonsense]}',
        b'{"resourceType": "Patient"} {"resourceType": "Patient"}',
        b'{"a": "\xff"}',
        b'{"a":' * 1500 + b"1" + b"}" * 1500,
        b'{"entry": [' + b"[" * (DEEPEST_BODY + 100),
        b'{"a":' * (DEEPEST_BODY + 100),
    ],
    ids=range(9),
)
def test_what_is_no_bundle_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Unreadable):
        found(Document(), body, 5000)


def test_an_entry_beyond_all_measure_is_refused_whole() -> None:
    with pytest.raises(Unreadable, match="streamed"):
        found(Document(), b'{"entry": [{"resource": "' + b"x" * (2 * MOST_BYTES_OF_A_LINE), MOST_BYTES_OF_A_LINE // 4)


def test_a_line_beyond_all_measure_is_one_reject() -> None:
    body = b'"' + b"x" * (3 * MOST_BYTES_OF_A_LINE) + b'"\n' + orjson.dumps(patient("1"))
    reject, entry = found(Lines(), body, MOST_BYTES_OF_A_LINE // 3)
    assert isinstance(reject, Reject)
    assert (reject.code, entry.place) == ("too_large", "line 2")


def test_many_values_in_few_bytes_are_too_many() -> None:
    bomb = b'{"x": [' + b"{}," * 1_100_000 + b"{}]}"
    [reject] = found(Lines(), bomb, 2**20)
    assert isinstance(reject, Reject)
    assert reject.code == "too_large"
    with pytest.raises(Unreadable, match="streamed"):
        found(Document(), b'{"entry": [{"resource": ' + bomb, 2**20)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("ndjson", b""),
        ("ndjson", b" \n"),
        ("ndjson", b"<xml/>"),
        ("ndjson", b"{}\n{}"),
        ("json", b"{}"),
        ("json", b"[]"),
        ("json", b'{"resourceType": "Bundle", "entry": []}'),
        ("zip", b"no archive"),
    ],
)
def test_nothing_is_refused_at_the_door(form: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        refuse_unreadable_start(form, body, whole=True)


def test_the_beginning_of_something_passes_the_door() -> None:
    refuse_unreadable_start("ndjson", b"\xef\xbb\xbf" + ndjson(patient("1")), whole=False)
    refuse_unreadable_start("ndjson", ndjson({}, patient("1")), whole=True)
    refuse_unreadable_start("json", BUNDLE, whole=True)
    refuse_unreadable_start("zip", b"PK\x03\x04", whole=True)


def parts_of_a_bundle(resources: int) -> Iterator[bytes]:
    yield b'{"resourceType": "Bundle", "entry": [{"resource": {}}'
    for number in range(resources // 6):
        yield b"".join(b',{"resource":' + orjson.dumps(each) + b"}" for each in chart(str(number)))
    yield b"]}"


def test_a_bundle_of_any_size_is_read_in_a_few_megabytes() -> None:
    reader, count = Document(), 0
    tracemalloc.start()
    for part in parts_of_a_bundle(6_000):
        count += sum(1 for _ in reader.feed(part))
    count += sum(1 for _ in reader.end())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 6_001
    assert peak < 1024 * 1024
