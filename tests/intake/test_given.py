"""Each resource once: versions, copies, and what is none."""

from typing import Any

import pytest

from tests.intake.resources import fates, faults, order, read, resource


def dated(day: str | None, **more: object) -> dict[str, Any]:
    return order(meta={"lastUpdated": day}, **more)


def test_a_resource_that_is_given_twice_counts_once() -> None:
    assert read(order(), order()) == read(order())
    nameless = {key: value for key, value in order().items() if key != "id"}
    assert read(nameless, dict(nameless)) == read(nameless)
    assert read(nameless).accounted[0].reference.startswith("MedicationRequest/sha256-")


def test_of_several_versions_the_latest_is_read() -> None:
    old, new = dated("2025-01-01T00:00:00Z"), dated("2025-02-01T00:00:00Z", status="entered-in-error")
    assert fates(read(new, old)) == {"MedicationRequest/1": "entered_in_error"}
    assert read(old, new) == read(new, old)


def test_copies_that_differ_are_refused_where_nothing_says_which_is_the_latest() -> None:
    course = read(order(), order(status="stopped"))
    assert faults(course) == [("copies_differ", "MedicationRequest.meta.lastUpdated")]
    same_day = [dated("2025-01-01"), dated("2025-01-01", status="stopped")]
    assert read(*same_day).medication_trials == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2025-03-01T11:30:00+02:00", "2025-03-01T10:00:00Z"),
        ("2025-03-01T10:00:00Z", "2025-03-01T10:00:00.5Z"),
        ("2025-03-01T10:00:00.25Z", "2025-03-01T10:00:00.300Z"),
        ("2025-03-01T23:59:59-01:00", "2025-03-02T01:00:00Z"),
    ],
)
def test_of_several_versions_the_latest_instant_is_read_however_it_is_written(earlier: str, later: str) -> None:
    old, new = dated(earlier), dated(later, status="entered-in-error")
    assert fates(read(old, new)) == fates(read(new, old)) == {"MedicationRequest/1": "entered_in_error"}
    old, new = dated(earlier, status="entered-in-error"), dated(later)
    assert fates(read(old, new)) == fates(read(new, old)) == {"MedicationRequest/1": "used"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2025-03-01T12:00:00+02:00", "2025-03-01T10:00:00Z"),
        ("2025-03-01T10:00:00.50Z", "2025-03-01T10:00:00.5Z"),
        ("2025-03-01T10:00:00Z", "2025-03-02T10:00:00"),
        ("2025-03-01T10:00:00Z", "2025-03-02"),
        ("2025-03-01T10:00:00Z", "2025-02-30T10:00:00Z"),
        ("2025-03-01T10:00:00Z", "later"),
        ("2025-03-01T10:00:00Z", None),
        ("2025-03-01T10:00:00.1234567Z", "2025-03-01T10:00:00.1234568Z"),
    ],
)
def test_copies_of_one_instant_or_of_none_that_can_be_read_are_refused(one: str, other: str | None) -> None:
    course = read(dated(one), dated(other, status="stopped"))
    assert faults(course) == [("copies_differ", "MedicationRequest.meta.lastUpdated")]


def test_what_is_no_resource_is_refused() -> None:
    course = read({}, "text", None, {"resourceType": 7, "id": "x"})
    assert {code for code, _ in faults(course)} == {"wrong_type"}
    assert len(course.accounted) == 4


def test_other_kinds_are_set_aside_and_those_of_other_versions_refused() -> None:
    assert fates(read(resource("Encounter", "1"), resource("MedicationOrder", "2"))) == {
        "Encounter/1": "other_kind",
        "MedicationOrder/2": "not_r4",
    }


def test_content_that_cannot_be_written_still_has_a_name() -> None:
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep]
    course = read({"resourceType": "Encounter", "contained": deep})
    assert list(fates(course).values()) == ["other_kind"]
