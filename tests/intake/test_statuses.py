"""The statuses of a diagnosis: FHIR's own codes decide, and what contradicts them makes them unknown."""

from typing import Any

import pytest

from tests.intake.resources import condition, fates, faults, read, resource, warnings

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


@pytest.mark.parametrize("status", ["provisional", "differential", "unconfirmed"])
def test_a_bipolar_disorder_that_is_not_confirmed_is_said_and_a_depression_is_set_aside(status: str) -> None:
    bipolar = read(condition("1", "F31.81", verificationStatus=codes(own(status))))
    assert faults(bipolar) == [("not_confirmed", "Condition.verificationStatus")]
    assert "excludes" in bipolar.not_understood[0].sentence
    assert bipolar.episodes == []
    depression = read(condition("1", "F32.1", verificationStatus=codes(own(status))))
    assert (fates(depression), faults(depression)) == ({"Condition/1": "not_confirmed"}, [])


def german(code: str, mark: dict[str, Any], **more: object) -> dict[str, Any]:
    extension = {"url": "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit", **mark}
    coding = {"system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "code": code, "extension": [extension]}
    return resource("Condition", "1", code={"coding": [coding]}, **more)


def certainty(code: str) -> dict[str, Any]:
    return {
        "valueCoding": {"system": "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT", "code": code}
    }


@pytest.mark.parametrize(
    ("code", "mark", "status", "expected"),
    [
        ("F32.1", certainty("G"), None, "used"),
        ("F32.1", certainty("A"), None, "refuted"),
        ("F32.1", {"valueCode": "V"}, None, "not_confirmed"),
        ("F32.1", certainty("Z"), None, "end_not_said"),
        ("F31.8", certainty("Z"), None, "used"),
        ("F31.8", certainty("V"), codes(own("provisional")), "not_confirmed"),
        ("F31.8", certainty("A"), codes(own("confirmed")), "unknown_status"),
        ("F31.8", certainty("X"), None, "unknown_status"),
        ("F31.8", {}, None, "unknown_status"),
        ("F31.8", certainty("G"), "refuted", "refuted"),
    ],
)
def test_the_german_mark_of_certainty_is_one_more_word_for_the_status(
    code: str, mark: dict[str, Any], status: object, expected: str
) -> None:
    assert fates(read(german(code, mark, verificationStatus=status))) == {"Condition/1": expected}
