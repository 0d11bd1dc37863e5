"""The statuses of a diagnosis: FHIR's own codes decide, and what contradicts them makes them unknown."""

from typing import Any

import pytest

from tests.intake.resources import condition, fates, read, warnings

HL7 = "http://terminology.hl7.org/CodeSystem/condition-"
LOCAL = {"system": "urn:epic", "code": "7"}


def own(code: str, of: str = "ver-status", **more: str) -> dict[str, str]:
    return {"system": HL7 + of, "code": code, **more}


def codes(*codings: dict[str, str], **more: str) -> dict[str, Any]:
    return {"coding": list(codings), **more}


def fate(code: str = "F31.4", **more: object) -> str:
    return fates(read(condition("1", code, **more)))["Condition/1"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (codes(LOCAL, own("refuted")), "refuted"),
        (codes({**LOCAL, "code": "confirmed"}, own("refuted")), "refuted"),
        (codes(LOCAL, own("confirmed")), "used"),
        (codes(own("unconfirmed"), own("provisional")), "not_confirmed"),
        (codes({"system": "http://hl7.org/fhir/condition-ver-status|3.0.2", "code": "refuted"}), "refuted"),
        (codes({**LOCAL, "display": "Confirmed"}), "used"),
        ({"text": "Refuted"}, "refuted"),
        ({"text": "Entered in error"}, "entered_in_error"),
        ("entered-in-error", "entered_in_error"),
        ("confirmed", "used"),
        ({}, "used"),
        (codes({"system": own("confirmed")["system"]}), "unknown_status"),
    ],
)
def test_a_status_is_the_one_of_fhirs_own_system(status: object, expected: str) -> None:
    assert fate(verificationStatus=status) == expected


@pytest.mark.parametrize(
    "status",
    [
        codes(own("confirmed"), own("refuted")),
        codes(own("confirmed"), text="Refuted"),
        codes(own("confirmed"), {**LOCAL, "display": "Entered in Error"}),
        codes(own("probable", display="Confirmed")),
        codes(LOCAL),
        {"text": "ruled out"},
        "excluded",
        ["confirmed"],
    ],
)
def test_a_diagnosis_of_which_nobody_knows_whether_it_stands_is_no_episode(status: object) -> None:
    assert fate(verificationStatus=status) == "unknown_status"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (codes(LOCAL, own("resolved", "clinical")), "end_not_said"),
        (codes(own("inactive", "clinical"), own("resolved", "clinical")), "end_not_said"),
        ({"text": "Resolved"}, "end_not_said"),
        ("resolved", "end_not_said"),
        (codes(LOCAL, own("active", "clinical")), "used"),
        (codes(own("active", "clinical"), own("resolved", "clinical")), "unknown_status"),
        (codes(LOCAL), "unknown_status"),
    ],
)
def test_whether_a_depression_is_over_is_what_fhirs_own_system_says(status: object, expected: str) -> None:
    assert fate("F32.1", clinicalStatus=status) == expected


def test_a_bipolar_disorder_of_unknown_status_is_kept_and_said() -> None:
    course = read(condition("1", "F31.4", clinicalStatus=codes(LOCAL)))
    assert len(course.episodes) == 1
    assert warnings(course) == [("unknown_status", "Condition.clinicalStatus")]
