"""What may mean something else is not read, and what earlier versions of FHIR deny is not taken."""

from typing import Any

import pytest

from clinical.library import scales
from tests.intake.resources import (
    LOINC,
    condition,
    dosage,
    fates,
    faults,
    fill,
    observation,
    order,
    read,
    resource,
    statement,
    warnings,
)
from tests.intake.test_others import procedure
from tests.intake.test_ratings import FULL, coded, form

MODIFIER = [{"url": "urn:x", "valueBoolean": True}]
GIVEN = resource("MedicationAdministration", "1", status="completed", medicationCodeableConcept={"text": "sertraline"})
ABSENT = {"dataAbsentReason": {"text": "unknown"}}
ONCE = {"valueCodeableConcept": {"coding": [{"code": "LA6569-3"}]}}
PHQ9 = "44261-6"


@pytest.mark.parametrize(
    "given",
    [
        order(),
        fill("1", "2025-05-01"),
        statement("1", "2025-05-01"),
        GIVEN,
        observation("1", PHQ9, 12),
        condition("1", "F31.4"),
        procedure("1", "23835007"),
        form(*FULL),
    ],
)
@pytest.mark.parametrize("more", [{"modifierExtension": MODIFIER}, {"implicitRules": "urn:rules"}])
def test_what_may_mean_something_else_is_not_understood(given: dict[str, Any], more: dict[str, Any]) -> None:
    course = read({**given, **more})
    assert faults(course) == [("changed_meaning", f"{given['resourceType']}.{next(iter(more))}")]
    assert not any((course.medication_trials, course.assessments, course.episodes, course.treatments))


@pytest.mark.parametrize(
    "instructions",
    [
        dosage(50, "mg", modifierExtension=MODIFIER),
        dosage(50, "mg", timing={"code": {"text": "QD"}, "modifierExtension": MODIFIER}),
    ],
)
def test_a_dosage_that_may_mean_something_else_gives_no_dose(instructions: list[dict[str, Any]]) -> None:
    course = read(order(dosageInstruction=instructions))
    assert "doses" not in course.medication_trials[0].entry
    assert warnings(course) == [("changed_meaning", "MedicationRequest.dosageInstruction[0]")]
    once = {"dose": {"value": 50, "unit": "mg"}, "modifierExtension": MODIFIER}
    course = read({**GIVEN, "dosage": once})
    assert "doses" not in course.medication_trials[0].entry
    assert warnings(course) == [("changed_meaning", "MedicationAdministration.dosage")]


def test_an_item_or_a_component_that_may_mean_something_else_is_not_read() -> None:
    items = scales()["phq9"].loinc_items
    code = {"coding": [{"system": LOINC, "code": items[0]}]}
    component = {"code": code, "valueInteger": 1, "modifierExtension": MODIFIER}
    assert fates(read(observation("1", PHQ9, 12, component=[component]))) == {"Observation/1": "changed_meaning"}
    item = {"linkId": items[0], "answer": [coded("LA6569-3")], "modifierExtension": MODIFIER}
    assert [code for code, _ in faults(read(form(item=[item])))] == ["changed_meaning"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (statement("1", "2025-05-01", taken="n"), "not_taken"),
        (statement("1", "2025-05-01", taken="unk"), "unknown_status"),
        (statement("1", "2025-05-01", taken="y"), "used"),
        (statement("1", "2025-05-01", wasNotTaken=True), "not_taken"),
        (statement("1", "2025-05-01", wasNotTaken=False), "used"),
        ({**GIVEN, "notGiven": True}, "not_done"),
        ({**GIVEN, "wasNotGiven": True}, "not_done"),
        (fill("1", "2025-05-01", notDone=True), "not_done"),
        (procedure("1", "23835007", notDone=True), "not_done"),
        (procedure("1", "23835007", notPerformed=True), "not_done"),
    ],
)
def test_what_earlier_versions_deny_did_not_happen(given: dict[str, Any], reason: str) -> None:
    assert list(fates(read(given)).values()) == [reason]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (observation("1", PHQ9, 12, focus=[{"reference": "RelatedPerson/1"}]), "of_another"),
        (observation("1", PHQ9, 12, **ABSENT), "no_value"),
        (
            observation("1", "44250-9", {**ONCE, **ABSENT}),
            "no_value",
        ),
        (observation("1", PHQ9, {"valueQuantity": {"value": 12, "unit": "%"}}), "not_a_score"),
        (observation("1", PHQ9, {"valueQuantity": {"value": 12, "unit": "score", "code": "mg"}}), "not_a_score"),
        (observation("1", PHQ9, {"valueQuantity": {"value": 12, "unit": "points", "code": "{score}"}}), "used"),
        (observation("1", PHQ9, {"valueQuantity": {"value": 12, "unit": "1"}}), "used"),
    ],
)
def test_a_value_of_another_or_of_another_kind_is_no_score(given: dict[str, Any], reason: str) -> None:
    assert fates(read(given)) == {"Observation/1": reason}
