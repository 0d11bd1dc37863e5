"""Somebody says that a medicine was not taken, which another says was."""

from typing import Any

import pytest

from tests.intake.resources import concept, fates, read, resource, statement, warnings

STATED = statement("o", "2025-01-10", "2025-03-28")
SAID = [("not_taken", "MedicationStatement.status")]


def denial(start: str | None, end: str | None = None, **more: object) -> dict[str, Any]:
    period = {name: day for name, day in (("start", start), ("end", end)) if day}
    said: dict[str, Any] = {"status": "not-taken", "medicationCodeableConcept": concept("36437")}
    return resource("MedicationStatement", "no", **{**said, "effectivePeriod": period, **more})


@pytest.mark.parametrize(
    "denied",
    [
        denial("2025-01-10", "2025-03-28"),
        denial("2025"),
        denial("2025-01-01", status="active", taken="n"),
        denial("2025-01-01", status="active", wasNotTaken=True),
    ],
)
def test_what_is_denied_of_all_days_of_a_course_was_not_taken_as_prescribed(denied: dict[str, Any]) -> None:
    course = read(STATED, denied)
    (trial,) = course.medication_trials
    assert trial.entry["adherence"] == {"adequate": False}
    assert trial.provenance["/adherence"][0].reference == "MedicationStatement/no"
    assert (fates(course)["MedicationStatement/no"], warnings(course)) == ("used", SAID)


@pytest.mark.parametrize(
    "denied", [denial("2025-02-10"), denial("2024", "2025-01-20"), denial("2025-02-01", "2025-02-03")]
)
def test_what_is_denied_of_some_days_is_said_alone(denied: dict[str, Any]) -> None:
    course = read(STATED, denied)
    assert "adherence" not in course.medication_trials[0].entry
    assert warnings(course) == SAID


@pytest.mark.parametrize(
    "denied",
    [
        denial("2025-03-29"),
        denial(None, "2025-12-31"),
        denial("2024", "2025-01-09"),
        denial("2025-01-10", medicationCodeableConcept=concept("4493")),
        denial("2025-01-10", medicationCodeableConcept={"text": "a herb"}),
    ],
)
def test_what_is_denied_of_something_else_is_set_aside(denied: dict[str, Any]) -> None:
    course = read(STATED, denied)
    assert "adherence" not in course.medication_trials[0].entry
    assert (fates(course)["MedicationStatement/no"], warnings(course)) == ("not_taken", [])


def test_a_single_day_on_which_it_was_not_taken_is_said() -> None:
    day = denial(None, effectiveDateTime="2025-02-01", effectivePeriod=None)
    assert warnings(read(STATED, day)) == SAID
    undated = statement("s", None, effectivePeriod=None, status="completed")
    assert warnings(read(undated, day)) == []


def test_two_who_say_the_opposite_leave_adherence_unknown() -> None:
    yes = {"url": "medicationAdherence", "valueCodeableConcept": {"coding": [{"code": "1156699004"}]}}
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medication-adherence"
    taken = {**STATED, "extension": [{"url": url, "extension": [yes]}]}
    course = read(taken, denial("2025"))
    assert "adherence" not in course.medication_trials[0].entry


def test_a_denial_that_may_mean_something_else_is_not_understood() -> None:
    course = read(STATED, denial("2025", modifierExtension=[{"url": "urn:x", "valueBoolean": True}]))
    assert "adherence" not in course.medication_trials[0].entry
