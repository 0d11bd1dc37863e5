"""The status and the stage in FHIR: the answer, its method, and every reason."""

from collections.abc import Iterator

import pytest

from interop.fhir import staging, trd_status
from tests.interop.examples import answers
from tests.interop.said import MOMENT, PATIENT_ID, Json

OURS = "https://trialbook.example/fhir"


def components(said: Json, name: str) -> list[Json]:
    return [each for each in said["component"] if each["code"]["coding"][0]["code"] == name]


def statuses(status: str) -> Iterator[tuple[Json, Json]]:
    for answer in answers():
        for said in answer["assessments"]:
            if said["status"] == status:
                yield said, trd_status.to_fhir(said, ["1", "2"])


def stages() -> list[tuple[Json, Json]]:
    return [pair for answer in answers() for pair in zip(answer["staging"], staging.all_to_fhir(answer), strict=True)]


@pytest.mark.parametrize(
    "status", ["treatment_resistant", "not_treatment_resistant", "indeterminate", "not_applicable"]
)
def test_every_status_is_a_value_and_none_is_absent(status: str) -> None:
    said, fhir = next(statuses(status))
    assert fhir["valueCodeableConcept"]["coding"][0]["code"] == status
    assert fhir["valueCodeableConcept"]["text"] == said["summary"]
    assert fhir["note"][0]["text"] == said["summary"]
    assert "dataAbsentReason" not in fhir
    assert "id" not in fhir


def test_the_definition_is_the_method_with_its_version_and_its_digest() -> None:
    said, fhir = next(statuses("treatment_resistant"))
    coding, used = fhir["method"]["coding"][0], said["definition"]
    assert (coding["system"], coding["code"]) == (f"{OURS}/CodeSystem/definition", used["id"])
    assert (coding["version"], fhir["method"]["text"]) == (used["version"], used["citation"])
    assert fhir["method"]["extension"][0]["valueString"] == used["digest"]
    assert (fhir["effectiveDateTime"], fhir["issued"]) == ("2026-11-27", "2026-11-27T09:30:00.123456Z")


def test_every_trial_is_named_with_whether_it_counts_and_why() -> None:
    said, fhir = next(statuses("treatment_resistant"))
    shown = components(fhir, "trial")
    assert len(shown) == len(said["trials"]) > 1
    for trial, each in zip(said["trials"], shown, strict=True):
        reference = each["extension"][0]["valueReference"]["reference"]
        assert reference == f"MedicationStatement/{trial['trial_id']}"
        assert each["valueCodeableConcept"]["coding"][0]["code"] == trial["counts"]
        assert len(each["interpretation"]) == len(trial["findings"])
    assert fhir["derivedFrom"] == [{"reference": "Observation/1"}, {"reference": "Observation/2"}]
    confirmed = components(fhir, "failed-confirmed")[0]
    assert confirmed["valueInteger"] == said["failed_medications"]["confirmed"]
    assert confirmed["interpretation"][0]["text"] == ", ".join(said["failed_medications"]["confirmed_names"])


def test_what_is_not_known_is_asked_and_safety_comes_first() -> None:
    said, fhir = next(statuses("indeterminate"))
    asked = [each["valueString"] for each in components(fhir, "missing-information")]
    assert asked == [each["question"] for each in said["missing_information"]]
    assert fhir["component"][0]["code"]["coding"][0]["code"] == "safety"
    assert fhir["component"][0]["valueCodeableConcept"]["text"] == said["safety"]["sentence"]


def test_a_score_is_a_number_a_stage_is_named_and_what_is_open_is_a_range() -> None:
    kinds = set()
    for said, fhir in stages():
        if said["score"] is not None:
            assert fhir["valueQuantity"]["value"] == said["score"]
        elif said["stage"] is not None:
            assert fhir["valueCodeableConcept"]["text"] == said["stage"]
        elif said["bounds"] is not None:
            assert fhir["valueRange"]["high"]["value"] == said["bounds"]["most"]
        else:
            applies = "unknown" if said["applicable"] != "not_met" else "not-applicable"
            assert fhir["dataAbsentReason"]["coding"][0]["code"] == applies
        kinds |= {name for name in fhir if name.startswith("value") or name == "dataAbsentReason"}
        assert len(components(fhir, "dimension")) == len(said["dimensions"])
    assert kinds == {"valueQuantity", "valueCodeableConcept", "valueRange", "dataAbsentReason"}


def test_an_unknown_dimension_is_a_range_and_never_zero() -> None:
    pairs = [(each, said) for said, _ in stages() for each in said["dimensions"] if each["points"] is None]
    assert pairs
    for dimension, said in pairs:
        fhir = staging.to_fhir(said, {**answers()[0], "patient_id": PATIENT_ID, "known_at": MOMENT})
        shown = next(each for each in components(fhir, "dimension") if each["code"]["text"] == dimension["title"])
        assert shown["valueRange"]["low"]["value"] == dimension["least"]


def test_a_stage_that_is_open_between_two_names_both() -> None:
    open_ones = [(said, fhir) for said, fhir in stages() if said["stage_bounds"] and said["stage"] is None]
    assert open_ones
    for said, fhir in open_ones:
        assert components(fhir, "stage-least")[0]["valueString"] == said["stage_bounds"]["least"]
