"""Lines as courses: when they begin and end, what belongs together, who says so, and why."""

from datetime import date
from typing import Any

import pytest

from intake.given import Book, each_once
from intake.indications import warn_of_unread_reasons
from intake.medications import lines_of
from intake.references import Index
from tests.intake.resources import (
    ICD,
    SNOMED,
    concept,
    condition,
    dosage,
    fates,
    faults,
    fill,
    order,
    read,
    resource,
    statement,
    trials,
    warnings,
)


def spans(*resources: object, on: date = date(2025, 6, 1)) -> list[tuple[str | None, str | None]]:
    return [(trial["started"], trial["ended"]) for trial in trials(*resources, on=on)]


def test_orders_and_supplies_of_one_course_are_one_trial() -> None:
    said = statement("3", "2025-01", informationSource={"reference": "Patient/p"})
    course = read(order("1", status="stopped", authoredOn="2025-01-10"), fill("2", "2025-01-11"), said)
    (trial,) = course.medication_trials
    assert trial.entry["started"] == "2025-01-10"  # January, as the patient said, is no contradiction
    assert trial.entry["source"] == {"kind": "ehr", "reference": "MedicationRequest/1"}
    named = [each.reference for each in trial.provenance["/medication"]]
    assert sorted(named) == ["MedicationDispense/2", "MedicationRequest/1", "MedicationStatement/3"]


@pytest.mark.parametrize(("second", "courses"), [("2025-07-11", 1), ("2025-07-12", 2)])
def test_a_gap_of_more_than_26_weeks_begins_a_new_course(second: str, courses: int) -> None:
    orders = [order("1", "2025-01-10", status="completed"), order("2", second, status="completed")]
    assert len(spans(*orders, on=date(2026, 1, 1))) == courses


@pytest.mark.parametrize(("second", "courses"), [("2025-08-09", 1), ("2025-08-10", 2)])
def test_the_gap_is_counted_from_the_last_day_supplied(second: str, courses: int) -> None:
    assert len(spans(fill("1", "2025-01-10"), fill("2", second), on=date(2026, 1, 1))) == courses


@pytest.mark.parametrize(("second", "courses"), [("2025-02-08", 1), ("2025-02-09", 2)])
def test_more_than_a_pause_after_a_stated_end_begins_a_new_course(second: str, courses: int) -> None:
    found = spans(statement("1", "2025-01-01", "2025-01-31"), statement("2", second, "2025-05-01"))
    assert len(found) == courses
    assert found[-1][1] == "2025-05-01"


def test_an_order_in_force_without_an_end_is_renewed_however_late() -> None:
    assert spans(order("1", "2005-01-10"), order("2", "2025-05-10")) == [("2005-01-10", None)]
    assert spans(order("1", "2005-01-10"), order("2", "2006-05-10")) == [("2005-01-10", "unknown")]


def test_brand_and_release_form_are_one_medicine_and_two_medicines_are_two_trials() -> None:
    xr = concept(text="Effexor XR 75 mg capsule")
    ir = concept(text="venlafaxine 37.5 MG Oral Tablet")
    assert len(spans(order("1", medicationCodeableConcept=xr), order("2", medicationCodeableConcept=ir))) == 1
    both = read(order("1"), order("2", medicationCodeableConcept=xr))
    assert [made.key for made in both.medication_trials] == [
        "medication-trial/sertraline/MedicationRequest/1",
        "medication-trial/venlafaxine/MedicationRequest/2",
    ]


def bounded(start: str | None = None, end: str | None = None) -> list[dict[str, Any]]:
    period = {key: value for key, value in (("start", start), ("end", end)) if value}
    return [{"timing": {"repeat": {"boundsPeriod": period}}, "text": "as directed"}]


def lasting(days: int) -> list[dict[str, Any]]:
    return [{"timing": {"repeat": {"boundsDuration": {"value": days, "code": "d"}}}}]


def supply(days: object, repeats: object = None, unit: str = "d") -> dict[str, Any]:
    return {"expectedSupplyDuration": {"value": days, "unit": unit}, "numberOfRepeatsAllowed": repeats}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([order()], ("2025-01-10", None)),
        ([order("1", "2024-12-01")], ("2024-12-01", None)),  # 182 days ago
        ([order("1", "2024-11-30")], ("2024-11-30", "unknown")),
        ([order(dispenseRequest=supply(143))], ("2025-01-10", None)),
        ([order(dispenseRequest=supply(142))], ("2025-01-10", "unknown")),  # may have run out yesterday
        ([order(dispenseRequest=supply(30, 4))], ("2025-01-10", None)),
        ([order(dispenseRequest=supply(30, -4))], ("2025-01-10", "unknown")),
        ([order(dispenseRequest=supply(0))], ("2025-01-10", None)),
        ([order(dispenseRequest=supply(5, unit="years"))], ("2025-01-10", None)),
        ([order(dispenseRequest=supply(10**9))], ("2025-01-10", None)),
        ([order(dosageInstruction=lasting(143))], ("2025-01-10", None)),
        ([order(dosageInstruction=lasting(142), dispenseRequest=supply(300))], ("2025-01-10", "unknown")),
        ([order(dosageInstruction=bounded("2025-01-12", "2025-06-01"))], ("2025-01-12", None)),
        ([order(dosageInstruction=bounded("2025-01-12", "2025-05-31"))], ("2025-01-12", "unknown")),
        (
            [order(dosageInstruction=bounded("2025-01-12", "2025-05-31"), status="completed")],
            ("2025-01-12", "2025-05-31"),
        ),
        ([order(dosageInstruction=bounded(None, "2025-01-01"), status="completed")], ("2025-01-10", "unknown")),
        ([order(dosageInstruction=bounded("soon"))], ("2025-01-10", None)),
        ([order(status="stopped")], ("2025-01-10", "unknown")),
        ([order(status="on-hold")], ("2025-01-10", "unknown")),
        ([order("1", None)], (None, "unknown")),
        ([order(intent="plan", reportedBoolean=True)], ("2025-01-10", None)),
        ([order("1"), order("2", "2025-02-10", status="stopped")], ("2025-01-10", "unknown")),
        ([order("1", status="stopped"), order("2", "2025-02-10")], ("2025-01-10", None)),
        ([order("1", status="stopped"), fill("2", "2025-05-20")], ("2025-01-10", "unknown")),
        ([order("1", "2025-05-01"), fill("2", "2025-05-20")], ("2025-05-01", None)),
        ([fill("1", "2025-05-03")], ("2025-05-03", None)),
        ([fill("1", "2025-05-02")], ("2025-05-02", "unknown")),  # the supply ended yesterday; a refill may come
        ([fill("1", "2024-11-01")], ("2024-11-01", "2024-11-30")),  # 183 days ago
        ([fill("1", "2024-11-02")], ("2024-11-02", "unknown")),
        ([fill("1", None)], (None, "unknown")),
        ([fill("1", None, whenPrepared="2025-05-30")], ("2025-05-30", None)),
        ([fill("1", "2024-11-01", None)], ("2024-11-01", "unknown")),
        ([fill("1", "2024-11-01", 0)], ("2024-11-01", "unknown")),
        ([fill("1", "2024-10-01"), fill("2", "2024-10-01"), fill("3", "2024-10-31")], ("2024-10-01", "2024-11-29")),
        ([statement("1", "2025-01-10")], ("2025-01-10", None)),
        ([statement("1", "2025-01-10", dateAsserted="2025-02-01")], ("2025-01-10", None)),
        ([statement("1", "2020-01-10", dateAsserted="2020-02-01")], ("2020-01-10", "unknown")),
        ([statement("1", "2025-01-10", "2025-03")], ("2025-01-10", "2025-03")),
        ([statement("1", "2025-01-10", "2025-12-31", status="active")], ("2025-01-10", None)),
        ([statement("1", "2025-01-10", status="stopped")], ("2025-01-10", "unknown")),
        ([statement("1", None, effectiveDateTime="2025-05-01")], (None, None)),
        ([statement("1", None, effectiveDateTime="2025-05-01"), order("2", "2025-05-10")], (None, None)),
        ([statement("1", None, effectiveDateTime="2025-05-10"), order("2", "2025-05-01")], ("2025-05-01", None)),
        ([statement("1", "2025-01-10", "2025-03-01"), order("2", "2025-02-01")], ("2025-01-10", "2025-03-01")),
        ([statement("1", "2025-01-10", "2025-03-01"), order("2", "2025-03-05")], ("2025-01-10", None)),
        ([statement("1", None, "2025-03-01"), order("2", "2025-03-05")], (None, None)),
        ([statement("1", "2024"), order("2", "2024-12-20")], ("2024-12-20", None)),
        (
            [order("1", dosageInstruction=bounded(None, "2025-03-10"), status="completed"), order("2", "2025-03-08")],
            ("2025-01-10", None),  # the end of an order that was renewed is no end
        ),
        (
            [
                order(day[5:], day, dosageInstruction=bounded(day, end), status="completed")
                for day, end in (("2025-01-10", "2025-03-10"), ("2025-03-01", "2025-03-09"))
            ],
            ("2025-01-10", "2025-03-10"),
        ),
    ],
)
def test_start_and_end_are_what_is_said_and_else_unknown(resources: list[object], expected: tuple[str, str]) -> None:
    assert spans(*resources) == [expected]


def test_lines_without_a_date_join_the_one_course_there_is_and_else_stand_alone() -> None:
    undated = order("9", None, status="completed")
    assert spans(order("1"), undated) == [("2025-01-10", None)]
    two = [order("1", "2020-01-10", status="completed"), order("2", status="completed")]
    assert spans(*two, undated)[-1] == (None, "unknown")


def test_what_is_administered_begins_on_its_first_day() -> None:
    given = {"status": "completed", "medicationCodeableConcept": concept("36437")}
    day = resource("MedicationAdministration", "1", effectiveDateTime="2025-05-02T23:30:00-08:00", **given)
    days = resource(
        "MedicationAdministration", "2", effectivePeriod={"start": "2025-05-01", "end": "2025-05-03"}, **given
    )
    assert spans(day, days) == [("2025-05-01", "unknown")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (order(status="draft"), "draft"),
        (order(status="cancelled"), "cancelled"),
        (order(status="entered-in-error"), "entered_in_error"),
        (order(intent="proposal"), "not_an_order"),
        (order(intent="plan"), "not_an_order"),
        (order(doNotPerform=True), "not_to_be_done"),
        (order("1", "2025-05-25", dosageInstruction=bounded("2025-06-25")), "not_yet_taken"),
        (order(status="draft", intent=None), "draft"),
        (fill("1", "2025-05-01", quantity={"value": 0}), "nothing_dispensed"),
        (fill("1", "2025-05-01", quantity={"value": -30}), "reversal"),
        (fill("1", "2025-05-01", -30), "reversal"),
        (fill("1", "2025-05-01", status="preparation"), "not_handed_over"),
        (fill("1", "2025-05-01", status="declined"), "cancelled"),
        (fill("1", "2025-05-01", status="stopped"), "not_completed"),
        (statement("1", "2025-05-01", status="not-taken"), "not_taken"),
        (statement("1", "2025-05-01", status="intended"), "not_yet_taken"),
        (resource("MedicationAdministration", "1", status="not-done"), "not_done"),
    ],
)
def test_what_was_not_taken_is_set_aside(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    assert list(fates(course).values()) == [reason]
    assert (course.medication_trials, course.not_understood) == ([], [])


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (order(status="unknown"), ("unknown_status", "MedicationRequest.status")),
        (order(status=None), ("unknown_status", "MedicationRequest.status")),
        (order(status=["active"]), ("unknown_status", "MedicationRequest.status")),
        (order(intent=None), ("unknown_intent", "MedicationRequest.intent")),
        (order(intent=["order"]), ("unknown_intent", "MedicationRequest.intent")),
        (order("1", "10 January"), ("unreadable_date", "MedicationRequest.authoredOn")),
        (order("1", "2025-02-30"), ("unreadable_date", "MedicationRequest.authoredOn")),
        (order("1", "1899-02-03"), ("unreadable_date", "MedicationRequest.authoredOn")),
        (order("1", 20250110), ("unreadable_date", "MedicationRequest.authoredOn")),  # type: ignore[arg-type]
        (order("1", "2025-06-02"), ("future_date", "MedicationRequest.authoredOn")),
        (fill("1", "2026"), ("future_date", "MedicationDispense.whenHandedOver")),
        (statement("1", "2025-05-02", "2025-05-01"), ("ends_before_start", "MedicationStatement.effectivePeriod.end")),
        (statement("1", "2025-05-02", "x"), ("unreadable_date", "MedicationStatement.effectivePeriod.end")),
    ],
)
def test_what_cannot_be_read_is_a_fault(given: dict[str, Any], fault: tuple[str, str]) -> None:
    course = read(given)
    assert faults(course) == [fault]
    assert list(fates(course).values()) == [fault[0]]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (order(), "ehr"),
        (order(reportedBoolean=True), "patient"),
        (order(reportedReference={"reference": "RelatedPerson/r"}), "patient"),
        (order(reportedReference={"reference": "Practitioner/r"}), "clinician"),
        (fill("1", "2025-05-01"), "claims"),
        (statement("1", "2025-05-01"), "ehr"),
        (
            statement(
                "1",
                "2025-05-01",
                informationSource={"reference": "#p"},
                contained=[{"id": "p", "resourceType": "Patient"}],
            ),
            "patient",
        ),
        (statement("1", "2025-05-01", informationSource={"type": "PractitionerRole"}), "clinician"),
        (statement("1", "2025-05-01", informationSource={"reference": "Organization/o"}), "ehr"),
    ],
)
def test_who_says_so(given: dict[str, Any], kind: str) -> None:
    assert [trial["source"]["kind"] for trial in trials(given)] == [kind]


def test_the_best_source_is_named() -> None:
    (trial,) = trials(fill("1", "2025-01-10"), order("2", "2025-01-12"))
    assert trial["source"] == {"kind": "ehr", "reference": "MedicationRequest/2"}
    (trial,) = trials(order("1" * 300))
    assert trial["source"] == {"kind": "ehr"}


ANXIETY = condition("a", "F41.1")
DEPRESSION = condition("d", "F32.1", onsetDateTime="2024-12")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"reasonReference": [{"reference": "Condition/d"}]}, "depression"),
        ({"reasonReference": [{"reference": "Condition/a"}]}, "other"),
        ({"reasonReference": [{"reference": "Condition/d"}, {"reference": "Condition/a"}]}, "depression"),
        ({"reasonReference": [{"reference": "Condition/x"}, {"reference": "MedicationRequest/1"}]}, None),
        ({"reasonCode": [concept("370143000", system=SNOMED)]}, "depression"),
        ({"reasonCode": [concept("21897009", system=SNOMED)]}, "other"),
        ({"reasonCode": [concept("73211009", system=SNOMED)]}, None),  # a code that is not known here
        ({"reasonCode": [concept("F31.3", system=ICD)]}, None),  # bipolar depression: neither is plainly meant
        ({"reasonCode": [concept("F39", system=ICD)]}, None),
        ({"reasonCode": [concept("Z79.899", system=ICD)]}, None),
        ({"reasonCode": [{"coding": [{"system": ICD, "code": "F32.1"}, {"system": ICD, "code": "G47.00"}]}]}, None),
        ({"reasonCode": [{"text": "Depression"}]}, "depression"),
        ({"reasonCode": [{"text": "Insomnia"}]}, "other"),
        ({"reasonCode": [{"text": "depression", "coding": [{"display": "insomnia"}]}]}, None),
        ({"reasonCode": [{"text": "no depression"}]}, None),
        ({"reasonCode": [concept("203082005", "Fibromyalgia (disorder)", system=SNOMED)]}, "other"),
        ({"reasonCode": [concept("1", "Depressive disorder (finding)", system=SNOMED)]}, "depression"),
        ({"reasonCode": [concept("1", "Depression (morphologic abnormality)", system=SNOMED)]}, None),
        ({"reasonCode": [concept("1", "No depression (situation)", system=SNOMED)]}, None),
        ({"reasonCode": [concept("296.33", system="http://hl7.org/fhir/sid/icd-9-cm")]}, "depression"),
        ({"dosageInstruction": [{"text": "50 mg at bedtime for sleep"}]}, "other"),
        ({"dosageInstruction": [{"patientInstruction": "For depression and for sleep"}]}, "depression"),
        ({"dosageInstruction": [{"asNeededCodeableConcept": {"text": "insomnia"}}]}, "other"),
        ({"dosageInstruction": [{"asNeededCodeableConcept": {"text": "whenever"}}]}, None),
    ],
)
def test_the_indication_is_what_a_resource_says(more: dict[str, Any], expected: str | None) -> None:
    trazodone = order(medicationCodeableConcept=concept(text="trazodone 50 MG Oral Tablet"), **more)
    (trial,) = trials(trazodone, ANXIETY, DEPRESSION)
    assert trial.get("indication") == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"reasonCode": [concept("203082005", "Fibromyalgia (disorder)", system=SNOMED)]}, []),
        ({"reasonReference": [{"reference": "Condition/a"}]}, []),
        ({"reasonCode": [concept("203082005", system=SNOMED)]}, ["MedicationRequest.reasonCode"]),
        ({"reasonCode": [{"text": "as discussed"}]}, ["MedicationRequest.reasonCode"]),
        ({"reasonCode": [{"text": "as discussed"}, {"text": "pain"}]}, []),
        ({"reasonReference": [{"reference": "Condition/x"}]}, ["MedicationRequest.reasonReference"]),
    ],
)
def test_a_reason_that_is_given_and_cannot_be_read_is_said(more: dict[str, Any], expected: list[str]) -> None:
    book = Book()
    givens = each_once([order(**more), ANXIETY], book)
    index = Index(givens, {})
    course = lines_of([each for each in givens if each.kind != "Condition"], index, date(2025, 6, 1).toordinal(), book)
    warn_of_unread_reasons(course, index, book)
    assert [(each.code.value, each.expression) for each in book.warnings] == [("unread_reason", at) for at in expected]


REASONS = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ([{"text": "Lack of efficacy"}], "lack_of_efficacy"),
        ([{"text": "Side effects"}], "intolerance"),
        ([{"text": "no side effects"}], None),
        ([{"coding": [{"system": REASONS, "code": "preg"}]}], "pregnancy"),
        ([{"coding": [{"system": REASONS, "code": "altchoice"}]}], None),
        ([{"coding": [{"display": "Drug interaction"}]}], "interaction"),
        ([{"text": "ineffective"}, {"text": "side effects"}], None),
        ("side effects", None),
    ],
)
def test_the_reason_for_stopping_is_what_is_plainly_said(reason: object, expected: str | None) -> None:
    (trial,) = trials(order(status="stopped", statusReason=reason))
    assert trial.get("stop_reason") == expected


def test_what_goes_on_has_no_reason_for_stopping() -> None:
    (trial,) = trials(order(statusReason=[{"text": "side effects"}]))
    assert "stop_reason" not in trial
    (trial,) = trials(order("1", status="stopped", statusReason=[{"text": "side effects"}]), order("2", "2025-05-01"))
    assert "stop_reason" not in trial


def stopped(name: str, day: str | None, words: str | None = None, **more: object) -> dict[str, Any]:
    return order(name, day, status="stopped", statusReason=[{"text": words}] if words else None, **more)


def ending(name: str, start: str, end: str, words: str | None = None) -> dict[str, Any]:
    return statement(name, start, end, statusReason=[{"text": words}] if words else None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([stopped("1", "2025-01-10", "side effects"), stopped("2", "2025-03-10")], None),
        ([stopped("1", "2025-01-10", "side effects"), stopped("2", "2025-03-10", "ineffective")], "lack_of_efficacy"),
        ([stopped("1", "2025-01-10"), stopped("2", "2025-03-10", "ineffective")], "lack_of_efficacy"),
        ([stopped("1", "2025-01-10", "ineffective"), fill("2", "2025-01-11")], "lack_of_efficacy"),
        ([stopped("1", "2025-01-10", "ineffective"), stopped("2", "2025-01-10")], "lack_of_efficacy"),
        ([stopped("1", "2025-01-10", "ineffective"), stopped("2", "2025-01-10", "cost")], None),
        ([stopped("1", "2025-01-10", "ineffective"), order("2", status="on-hold")], None),
        ([stopped("1", "2025-01-10", "ineffective"), order("2", None, status="completed")], None),
        ([ending("1", "2025-01-10", "2025-03-01", "ineffective"), stopped("2", "2025-02-01")], "lack_of_efficacy"),
        ([ending("1", "2025-01-10", "2025-03-01", "ineffective"), ending("2", "2025-02-01", "2025-03-10")], None),
        ([ending("1", "2025-01-10", "2025-03-01", "ineffective"), fill("2", "2025-03-05")], None),
    ],
)
def test_the_reason_is_that_of_the_last_that_ended_if_nothing_follows(lines: list[object], expected: str) -> None:
    (trial,) = trials(*lines)
    assert trial.get("stop_reason") == expected


def adherence(code: str, url: str = "us-core-medication-adherence") -> list[dict[str, Any]]:
    part = {"url": "medicationAdherence", "valueCodeableConcept": concept(code, system=SNOMED)}
    return [
        {"url": f"http://hl7.org/fhir/us/core/StructureDefinition/{url}", "extension": [{"url": "dateAsserted"}, part]}
    ]


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ([adherence("1156699004")], {"adequate": True}),
        ([adherence("702565001")], {"adequate": False}),
        ([adherence("1156699004"), adherence("702565001")], None),
        ([adherence("1")], None),
        ([adherence("1156699004", "another")], None),
    ],
)
def test_adherence_is_what_was_reported(extensions: list[object], expected: object) -> None:
    orders = [order(str(at), extension=each) for at, each in enumerate(extensions)]
    (trial,) = trials(*orders)
    assert trial.get("adherence") == expected


def test_a_dose_of_trazodone_at_night_says_nothing_of_its_purpose() -> None:
    night = order(
        medicationCodeableConcept=concept(text="trazodone 50 MG Oral Tablet"), dosageInstruction=dosage(1, "tablet")
    )
    (trial,) = trials(night)
    assert "indication" not in trial
    assert warnings(read(night)) == []
