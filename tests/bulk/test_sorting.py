"""Resources are put with the others of their patient, by whichever reference; what is nobody's is told."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bulk.found import DEEPEST, MOST_BYTES_OF_ONE, Entry, Reject
from bulk.patients import Person, gathered, person
from bulk.sorting import Sorter, split
from bulk.spool import Part, Spool, Spooled, parts_for
from tests.bulk.records import Json, fill, patient, rating

BASE = "https://ehr.example/fhir/"


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path, 3)
    yield made
    made.close()


def about(reference: object, name: str = "o") -> Json:
    return {"resourceType": "Observation", "id": name, "subject": reference}


def sort(spool: Spool, *entries: tuple[Any, str] | Json) -> tuple[dict[str, Person], list[Reject]]:
    sorter, rejects = Sorter(spool), []
    for number, each in enumerate(entries):
        resource, url = each if isinstance(each, tuple) else (each, "")
        reject = sorter.take(Entry(resource, f"entry[{number}]", url))
        rejects += [reject] if reject else []
    sorter.finish()
    people = (person(each, sorter.shared) for part in spool.parts for each in gathered(part))
    return {each.key: each for each in people}, rejects


def ids(found: Person) -> list[str]:
    return [each["id"] for each in found.resources]


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/p"},
        {"reference": "Patient/p/_history/3"},
        {"reference": f"{BASE}Patient/p"},
        {"reference": "urn:uuid:abc"},
        {"reference": "urn:uuid:p"},
        {"identifier": {"system": "urn:example:hospital", "value": "MRN-p"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("first", [True, False])
def test_a_patient_is_found_by_any_reference_before_or_after(spool: Spool, reference: Json, *, first: bool) -> None:
    named = (patient("p"), "urn:uuid:abc")
    people, rejects = sort(spool, *([named, about(reference)] if first else [about(reference), named]))
    assert rejects == []
    assert sorted(ids(people["Patient/p"])) == ["o", "p"]
    assert {orjson.dumps(each["subject"]) for each in people["Patient/p"].resources if "subject" in each} == {
        b'{"reference":"Patient/p"}'
    }


def test_a_full_url_names_what_has_no_id(spool: Spool) -> None:
    people, rejects = sort(spool, ({"resourceType": "Patient"}, "urn:uuid:x"), about({"reference": "urn:uuid:x"}))
    assert (ids(people["Patient/x"]), rejects) == (["x", "o"], [])


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("text", "not_a_resource"),
        ({}, "not_a_resource"),
        ({"resourceType": "1; DROP"}, "not_a_resource"),
        ({"resourceType": "Patient"}, "unnamed_patient"),
        (about(None), "no_patient"),
        (about("Patient/1"), "no_patient"),
        (about({"reference": "Group/1"}), "no_patient"),
        (about({"reference": "SomePatient/1"}), "no_patient"),
        (about({"identifier": {"value": "1"}}), "no_patient"),
        (about({"reference": "Patient/1"}) | {"note": "x" * MOST_BYTES_OF_ONE}, "too_large"),
    ],
)
def test_what_is_nobodys_is_told(spool: Spool, resource: object, code: str) -> None:
    people, rejects = sort(spool, (resource, ""))
    assert people == {}
    assert [(each.code, each.place) for each in rejects] == [(code, "entry[0]")]


def test_what_is_nested_too_deeply_is_told_and_what_is_only_wide_is_not(spool: Spool) -> None:
    deep: Any = "x"
    for _ in range(DEEPEST + 1):
        deep = [deep]
    wide = {"extension": [{"url": str(number)} for number in range(2 * DEEPEST)]}
    _, rejects = sort(spool, about({"reference": "Patient/1"}) | {"x": deep}, patient("1", **wide))
    assert [each.code for each in rejects] == ["too_deep"]


def test_the_patient_may_be_missing(spool: Spool) -> None:
    of_nobody = about({"reference": "Patient/9"})
    by_name = about({"identifier": {"system": "urn:a", "value": "1"}}, "named")
    people, _ = sort(spool, of_nobody, by_name)
    assert [each.code for each in people["Patient/9"].rejects] == ["unknown_patient"]
    named = people["|urn:a|1"]
    assert (named.identifier, ids(named), named.rejects) == ("|urn:a|1", ["named"], [])


@pytest.mark.parametrize(
    "other",
    [
        (patient("p", birthDate="1980-01-01"), ""),
        (patient("p", gender="male"), ""),
        (patient("p") | {"identifier": [{"system": "urn:other", "value": "2"}]}, ""),
        (patient("p"), "https://another.example/Patient/p"),
    ],
    ids=["born", "sex", "identifiers", "server"],
)
def test_two_persons_of_one_id_are_nobody(spool: Spool, other: tuple[Json, str]) -> None:
    one = (patient("p", birthDate="1990-01-01", gender="female"), f"{BASE}Patient/p")
    people, _ = sort(spool, one, other, rating("o", "p", 4))
    assert people["Patient/p"].resources == []
    assert {each.code for each in people["Patient/p"].rejects} == {"ambiguous_patient"}


def test_what_is_of_another_server_is_not_this_patients(spool: Spool) -> None:
    mine, theirs = about({"reference": f"{BASE}Patient/p"}), about({"reference": "https://b.example/Patient/p"}, "b")
    people, _ = sort(spool, (patient("p"), f"{BASE}Patient/p"), mine, theirs)
    assert ids(people["Patient/p"]) == ["p", "o"]
    assert [(each.reference, each.code) for each in people["Patient/p"].rejects] == [
        ("Observation/b", "unknown_patient")
    ]


@pytest.mark.parametrize(
    "reference", ["Medication/m", f"{BASE}Medication/m", "urn:uuid:m", "urn:uuid:other", "Medication/none"]
)
def test_medicines_go_with_whoever_refers_to_them(spool: Spool, reference: str) -> None:
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "sertraline"}}
    taken = {**fill("f", "p", "2025-01-01"), "medicationReference": {"reference": reference}}
    people, _ = sort(spool, (medicine, "urn:uuid:other"), patient("p"), taken, patient("q"))
    missing = reference.endswith("none")
    assert ids(people["Patient/p"]) == (["p", "f"] if missing else ["p", "f", "m"])
    assert ids(people["Patient/q"]) == ["q"]


def test_other_kinds_are_counted_and_set_aside(spool: Spool) -> None:
    sorter = Sorter(spool)
    assert sorter.take(Entry({"resourceType": "Claim", "id": "1"}, "")) is None
    assert (sorter.set_aside, sorter.kinds) == (1, {"Claim": 1})


def test_one_patient_has_a_bound(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bulk.patients.MOST_OF_A_PATIENT", 3)
    people, _ = sort(spool, patient("p"), *(rating(str(number), "p", 3) for number in range(5)))
    assert [each.code for each in people["Patient/p"].rejects] == ["too_much_of_one_patient"]


def test_what_lies_on_the_disk_cannot_be_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1)
    for number in range(3000):
        spool.add(Spooled("Patient/1", BASE, f"Doe {number}".encode()))
    part: Part = spool.parts[0]
    assert [thing.raw for thing in part.read()] == [f"Doe {number}".encode() for number in range(3000)]
    assert b"Doe" not in (tmp_path / "0.part").read_bytes()
    spool.add(Spooled("Patient/1", BASE, b"later"))
    assert len(list(part.read())) == 3001
    spool.close()
    gc.collect()


def test_parts_are_small_and_not_too_many() -> None:
    assert [parts_for(size) for size in (0, 13 * 1024**2, 1024**4)] == [1, 2, 512]


def test_only_patients_are_patients() -> None:
    assert split("Patient/1") == ("", "1")
    assert split(f"{BASE}Patient/1/_history/2") == (BASE, "1")
    assert split("ftp/Patient/1") == ("", "1")
    assert [split(each) for each in ("Patient/", "Group/1", "Patient/1/2", "APatient/1")] == [("", "")] * 4


def test_there_is_room_for_so_many_medicines_and_names(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bulk.sorting.MOST_BYTES_SHARED", 100)
    monkeypatch.setattr("bulk.sorting.MOST_ALIASES", 0)
    small, large = ({"resourceType": "Medication", "id": "x" * size} for size in (1, 100))
    named = about({"identifier": {"system": "urn:example:hospital", "value": "MRN-p"}})
    people, rejects = sort(spool, small, large, patient("p"), named)
    assert [each.code for each in rejects] == ["too_large"]
    assert sorted(people) == ["Patient/p", "|urn:example:hospital|MRN-p"]


def test_identifiers_without_a_value_name_nobody(spool: Spool) -> None:
    odd = [{"system": "urn:a"}, "text", {"value": "1"}]
    people, _ = sort(spool, patient("p") | {"identifier": odd}, about({"identifier": {"system": "urn:a"}}))
    assert ids(people["Patient/p"]) == ["p"]
