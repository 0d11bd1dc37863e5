"""Conditions as episodes, procedures as treatments, and the patient."""

from datetime import date
from typing import Any

import pytest

from tests.intake.resources import ICD, SNOMED, concept, condition, fates, faults, read, resource, warnings

ICD_9 = "http://hl7.org/fhir/sid/icd-9-cm"
ICD_10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
ICD_10_GM_OF_OLD = "http://fhir.de/CodeSystem/dimdi/icd-10-gm"


def episodes(*resources: object) -> list[dict[str, Any]]:
    return [made.entry for made in read(*resources).episodes]


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


@pytest.mark.parametrize(
    ("code", "system", "expected"),
    [
        ("F32.0", ICD, ("unipolar", "mild", None)),
        ("F32.1", ICD, ("unipolar", "moderate", None)),
        ("F33.2", ICD, ("unipolar", "severe", False)),
        ("F33.3", ICD, ("unipolar", "severe", True)),
        ("f322", ICD, ("unipolar", "severe", False)),
        ("F32.9", "http://hl7.org/fhir/sid/icd-10", ("unipolar", None, None)),
        ("F32.89", ICD, ("unipolar", None, None)),
        ("F32", ICD, ("unipolar", None, None)),
        ("F31.4", ICD, ("bipolar", None, None)),
        ("F30.1", ICD, ("bipolar", None, None)),
        ("370143000", SNOMED, ("unipolar", None, None)),
        ("15193003", SNOMED, ("unipolar", "severe", True)),
        ("13746004", SNOMED, ("bipolar", None, None)),
        ("F32.4", ICD, ("unipolar", None, None)),  # in partial remission: it goes on
        ("F33.41", ICD, ("unipolar", None, None)),
        ("F32.5", "http://hl7.org/fhir/sid/icd-10", ("unipolar", None, None)),  # no code of the WHO
        ("33135002", SNOMED, ("unipolar", None, None)),
        ("36474008", SNOMED, ("unipolar", "severe", False)),
        ("719592004", SNOMED, ("unipolar", None, None)),  # moderately severe is no word of ours
        ("66344007", SNOMED, ("unipolar", None, None)),
        ("83225003", SNOMED, ("bipolar", None, None)),
        ("371596008", SNOMED, ("bipolar", None, None)),
        ("46229002", SNOMED, ("bipolar", "severe", False)),
        ("F31.8", ICD_10_GM, ("bipolar", None, None)),
        ("F33.2", f"{ICD_10_GM}|2025", ("unipolar", "severe", False)),
        ("F31.8", ICD_10_GM_OF_OLD, ("bipolar", None, None)),
        ("296.50", ICD_9, ("bipolar", None, None)),
        ("296.7", "urn:oid:2.16.840.1.113883.6.103", ("bipolar", None, None)),
        ("296.89", ICD_9, ("bipolar", None, None)),
        ("296.20", ICD_9, ("unipolar", None, None)),
        ("29632", ICD_9, ("unipolar", "moderate", None)),
        ("296.33", ICD_9, ("unipolar", "severe", False)),
        ("296.34", ICD_9, ("unipolar", "severe", True)),
    ],
)
def test_a_diagnosis_is_read_by_its_code(code: str, system: str, expected: tuple[object, ...]) -> None:
    (episode,) = episodes(condition("1", code, system))
    assert (episode["polarity"], episode.get("severity"), episode.get("psychotic_features")) == expected


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (condition("1", "F32.81"), "other_condition"),  # premenstrual dysphoric disorder
        (condition("1", "F41.1"), "other_condition"),
        (condition("1", "F34.1"), "other_condition"),  # dysthymia
        (
            resource("Condition", "1", code=concept("F41.2", "Mixed anxiety and depressive disorder", None, ICD)),
            "other_condition",
        ),
        (condition("1", "250.00", ICD_9), "other_condition"),
        (condition("1", "V62.84", ICD_9), "other_condition"),
        (resource("Condition", "1", code={"text": "Hypertension"}), "other_condition"),
        (resource("Condition", "1", code={"text": "Kleptomania"}), "other_condition"),
        (
            resource("Condition", "1", code={"text": "Bipolar II disorder"}, verificationStatus=status("refuted")),
            "refuted",
        ),
        (condition("1", "F32.1", verificationStatus=status("refuted")), "refuted"),
        (condition("1", "F32.1", verificationStatus=status("entered-in-error")), "entered_in_error"),
        (condition("1", "F32.1", verificationStatus=status("provisional")), "not_confirmed"),
    ],
)
def test_what_is_no_episode_is_set_aside(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    assert fates(course) == {"Condition/1": reason}
    assert (course.episodes, course.not_understood) == ([], [])


def words(said: str) -> dict[str, Any]:
    return {"text": said}


def alone(code: str, system: str | None = None) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (words("Bipolar II disorder"), "may_be_bipolar"),
        (words("No history of bipolar disorder"), "may_be_bipolar"),
        (words("r/o manic episode"), "may_be_bipolar"),
        (words("hypo-manic"), "may_be_bipolar"),
        (words("Cyclothymia"), "may_be_bipolar"),
        (words("Bipolare affektive St\u00f6rung"), "may_be_bipolar"),
        (words("Trastorno man\u00edaco"), "may_be_bipolar"),
        (words("\u53cc\u6975\u6027\u969c\u5bb3"), "may_be_bipolar"),
        (words("\u8e81\u3046\u3064\u75c5"), "may_be_bipolar"),  # manic before depressive
        (concept("99999999", "Bipolar disorder caused by drug (disorder)", None, SNOMED), "may_be_bipolar"),
        (concept("F25.0", "Schizoaffective disorder, bipolar type", None, ICD), "may_be_bipolar"),
        (alone("F34.0", ICD), "may_be_bipolar"),
        (alone("F39", ICD), "may_be_bipolar"),
        (alone("F31.8A", ICD_10_GM), "may_be_bipolar"),
        (alone("F31.8", "urn:oid:1.2.3"), "may_be_bipolar"),
        (alone("296.82", ICD_9), "may_be_bipolar"),  # atypical depressive disorder, among the bipolar ones
        (alone("296.8", ICD_9), "may_be_bipolar"),
        (alone("296.1", "http://hl7.org/fhir/sid/icd-9"), "may_be_bipolar"),  # of the WHO: depressed type
        (words("Major depressive disorder"), "may_be_depression"),
        (words("not depressed"), "may_be_depression"),
        (words("\u3046\u3064\u75c5"), "may_be_depression"),
        (concept("35489007", "Depressive disorder (disorder)", None, SNOMED), "may_be_depression"),
        (alone("F32.2A", ICD_10_GM), "may_be_depression"),
        (alone("F3212345", ICD), "unknown_code"),
        (alone("36923009", ICD), "unknown_code"),
        (alone("44054006", SNOMED), "unknown_code"),
        (alone("311", ICD_9), "unknown_code"),
        (words("\u0433\u0440\u0438\u043f\u043f"), "unknown_code"),
        (None, "unknown_code"),
    ],
)
def test_what_may_be_a_disorder_of_mood_is_not_understood_and_never_set_aside(code: object, reason: str) -> None:
    for more in ({}, {"verificationStatus": status("provisional")}):
        course = read(resource("Condition", "1", code=code, **more))
        assert faults(course) == [(reason, "Condition.code")]
        assert course.episodes == []


@pytest.mark.parametrize("said", ["Bipolar II disorder, depressed", "Major depression, never manic"])
def test_a_depression_by_its_code_that_words_call_bipolar_is_neither(said: str) -> None:
    course = read(resource("Condition", "1", code={**alone("F33.2", ICD), "text": said}))
    assert faults(course) == [("codes_disagree", "Condition.code")]
    assert course.episodes == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, (None, None)),
        ({"onsetDateTime": "2024-11", "recordedDate": "2025-01-01"}, ("2024-11", None)),
        ({"onsetPeriod": {"start": "2024", "end": "2025"}}, ("2024", None)),
        ({"onsetAge": {"value": 40}}, (None, None)),
        ({"onsetDateTime": "2024-11-02", "abatementDateTime": "2025-02-03"}, ("2024-11-02", "2025-02-03")),
        ({"abatementPeriod": {"start": "2025-01", "end": "2025-03"}}, (None, "2025-03")),
        ({"onsetDateTime": "2024-11-02", "abatementDateTime": "2026-01-01"}, ("2024-11-02", None)),
        ({"clinicalStatus": status("resolved"), "abatementDateTime": "2025-02-03"}, (None, "2025-02-03")),
    ],
)
def test_onset_and_end(more: dict[str, Any], expected: tuple[str | None, str | None]) -> None:
    (episode,) = episodes(condition("1", "F32.1", **more))
    assert (episode["onset"], episode["resolved"]) == expected


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (condition("1", "F32.1", clinicalStatus=status("resolved")), "end_not_said"),
        (condition("1", "F32.1", abatementString="last year"), "end_not_said"),
        (condition("1", "F32.5"), "end_not_said"),
        (condition("1", "F33.42"), "end_not_said"),
        (condition("1", "F33.4"), "end_not_said"),
        (condition("1", "46244001", SNOMED), "end_not_said"),
        (condition("1", "296.35", ICD_9), "end_not_said"),  # in partial or unspecified remission
        (condition("1", "296.36", ICD_9), "end_not_said"),
        (condition("1", "F32.1", onsetDateTime="2026"), "future_date"),
        (condition("1", "F32.1", onsetDateTime="a year ago"), "unreadable_date"),
        (condition("1", "F32.1", abatementDateTime="x"), "unreadable_date"),
        (condition("1", "F32.1", onsetDateTime="2025-02", abatementDateTime="2025-01"), "ends_before_start"),
        (
            resource("Condition", "1", code={"coding": [{"system": ICD, "code": code} for code in ("F32.1", "F31.9")]}),
            "codes_disagree",
        ),
    ],
)
def test_an_episode_that_cannot_be_read_is_a_fault(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    assert [code for code, _ in faults(course)] == [reason]
    assert course.episodes == []


def test_a_bipolar_disorder_in_remission_is_kept_and_said() -> None:
    course = read(condition("1", "12969000", SNOMED))
    assert course.episodes[0].entry["polarity"] == "bipolar"
    assert warnings(course) == [("end_not_said", "Condition.abatement[x]")]


def test_records_of_one_diagnosis_and_onset_are_one_episode() -> None:
    same = [
        condition(name, "F32.1", onsetDateTime="2024-11", abatementDateTime=end)
        for name, end in (("1", "2025-01"), ("2", "2025-02"))
    ]
    (made,) = read(*same).episodes
    assert made.entry["resolved"] == "2025-02"
    assert made.key == "episode/Condition/1"
    assert [each.reference for each in made.provenance["/polarity"]] == ["Condition/1", "Condition/2"]
    lasting = condition("3", "F32.1", onsetDateTime="2024-11")
    assert episodes(*same, lasting)[0]["resolved"] is None
    assert len(episodes(*same, condition("4", "F33.1", onsetDateTime="2024-11"))) == 2


SEVERITY = {"severe": "24484000", "moderate": "6736007"}


@pytest.mark.parametrize(
    ("code", "beside", "expected"),
    [
        ("F32.9", "severe", "severe"),
        ("F32.2", "severe", "severe"),
        ("F32.2", "moderate", None),
        ("F32.2", None, "severe"),
        ("F32.9", None, None),
    ],
)
def test_the_severity_is_that_of_the_code_or_beside_it(code: str, beside: str | None, expected: str | None) -> None:
    element = {"coding": [{"system": SNOMED, "code": SEVERITY[beside]}]} if beside else {"text": "bad"}
    course = read(condition("1", code, severity=element))
    assert course.episodes[0].entry.get("severity") == expected
    disagree = [("severities_disagree", "Condition.severity")]
    assert warnings(course) == (disagree if (code, beside) == ("F32.2", "moderate") else [])


def test_records_that_differ_on_the_severity_leave_it_open() -> None:
    same = [condition(beside, "F32.9", severity={"coding": [{"code": SEVERITY[beside]}]}) for beside in SEVERITY]
    assert "severity" not in episodes(*same)[0]


def test_the_more_telling_code_of_one_concept_is_taken() -> None:
    codings = [{"system": SNOMED, "code": "370143000"}, {"system": ICD, "code": "F33.2"}]
    (episode,) = episodes(resource("Condition", "1", code={"coding": codings, "text": "x" * 300}))
    assert episode["severity"] == "severe"
    assert episode["diagnosis"] == {"system": "icd10cm", "code": "F33.2", "text": "x" * 200}


PCS = "http://www.cms.gov/Medicare/Coding/ICD10"


def procedure(name: str, code: str, system: str = SNOMED, **more: object) -> dict[str, Any]:
    return resource(
        "Procedure", name, **{"status": "completed", "code": {"coding": [{"system": system, "code": code}]}, **more}
    )


def session(name: str, day: str | None, code: str = "23835007", system: str = SNOMED) -> dict[str, Any]:
    return procedure(name, code, system, performedDateTime=day)


def treatments(*resources: object, on: date = date(2025, 6, 1)) -> list[dict[str, Any]]:
    return [made.entry for made in read(*resources, on=on).treatments]


def test_sessions_that_follow_each_other_are_a_course() -> None:
    days = ["2025-01-06", "2025-01-08", "2025-01-08T14:00:00Z", "2025-01-10"]
    assert treatments(*[session(str(at), day) for at, day in enumerate(days)]) == [
        {"kind": "neuromodulation", "modality": "ect", "sessions": 3, "started": "2025-01-06", "ended": "unknown"}
    ]


@pytest.mark.parametrize(("second", "courses"), [("2025-07-07", 1), ("2025-07-08", 2)])
def test_sessions_after_26_weeks_are_another_course(second: str, courses: int) -> None:
    found = treatments(session("1", "2025-01-06"), session("2", second), on=date(2026, 3, 1))
    assert len(found) == courses
    assert found[-1]["ended"] == second


def test_a_period_is_a_course_of_unknown_sessions() -> None:
    period = procedure("1", "228557008", performedPeriod={"start": "2025-01-06", "end": "2025-03-06"})
    assert treatments(period) == [
        {"kind": "psychotherapy", "modality": "cbt", "started": "2025-01-06", "ended": "2025-03-06"}
    ]
    one_day = procedure(
        "1", "23835007", performedPeriod={"start": "2025-01-06T10:00:00Z", "end": "2025-01-06T11:00:00Z"}
    )
    assert treatments(one_day)[0]["sessions"] == 1
    open_ended = procedure("1", "75516001", performedPeriod={"start": "2025-01-06"})
    assert treatments(open_ended) == [
        {
            "kind": "psychotherapy",
            "modality": "other_psychotherapy",
            "started": "2025-01-06",
            "ended": "unknown",
            "note": "Psychotherapy; the record does not say which kind.",
        }
    ]
    assert treatments(procedure("1", "23835007"))[0]["started"] is None


def test_electrodes_on_one_side_or_both() -> None:
    assert treatments(session("1", "2025-01-06", "GZB2ZZZ", PCS))[0]["laterality"] == "bilateral"
    assert "laterality" not in treatments(session("1", "2025-01-06", "GZB4ZZZ", PCS))[0]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (session("1", "2025-01-06", "171207006"), "other_procedure"),
        (resource("Procedure", "1", status="completed", code={"text": "ECT"}), "other_procedure"),
        (procedure("1", "23835007", status="not-done"), "not_done"),
        (procedure("1", "23835007", status="preparation"), "not_yet_taken"),
        (procedure("1", "23835007", status="unknown"), "unknown_status"),
        (session("1", "2025-07-01"), "future_date"),
        (procedure("1", "23835007", performedPeriod={"start": "2025-02", "end": "2025-01"}), "ends_before_start"),
    ],
)
def test_a_procedure_that_is_no_treatment(given: dict[str, Any], reason: str) -> None:
    course = read(given)
    assert fates(course) == {"Procedure/1": reason}
    assert course.treatments == []


def test_a_patient() -> None:
    names = [
        {"use": "old", "text": "Before"},
        {"use": "usual", "given": ["Ann", 7], "family": "Other"},
        {"use": "official", "text": " "},
    ]
    identifiers = [
        {"system": "urn:a", "value": "1"},
        {"system": "urn:a", "value": "1"},
        {"value": "2"},
        {"system": "urn:b"},
        {"use": "old", "system": "urn:c", "value": "3"},
        {"system": "urn:d", "value": "x" * 201},
        {"system": "urn:e", "value": "\x00"},
    ]
    course = read(resource("Patient", "p", name=names, identifier=identifiers, gender="female", birthDate="1984-03"))
    assert course.patient
    assert course.patient.entry == {
        "identifiers": [{"system": "urn:a", "value": "1"}],
        "display_name": "Ann Other",
        "birth_date": "1984-03",
        "sex": "female",
    }
    assert course.patient.key == "patient/Patient/p"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (resource("Patient", "p"), {"identifiers": []}),
        (resource("Patient", "p", gender="x", name="Ann", birthDate="?"), {"identifiers": []}),
        (
            resource("Patient", "p", name={"family": "Other", "given": "Ann"}),
            {"identifiers": [], "display_name": "Ann Other"},
        ),
        (
            resource("Patient", "p", name=[{"text": "\ud800"}, {"text": "Ann"}]),
            {"identifiers": [], "display_name": "Ann"},
        ),
    ],
)
def test_a_patient_of_whom_little_is_said(given: dict[str, Any], expected: dict[str, Any]) -> None:
    course = read(given)
    assert course.patient
    assert course.patient.entry == expected
    assert len(course.warnings) == ("birthDate" in given)


def test_of_two_patients_none_is_meant() -> None:
    course = read(resource("Patient", "p"), resource("Patient", "q"))
    assert course.patient is None
    assert set(fates(course).values()) == {"another_patient"}
