"""What our own names say is read back as it was recorded."""

import pytest

from interop.fhir.own_fields import own_fields
from ops.demo_people import Person, people
from tests.factories import SCORE, SERTRALINE, varied
from tests.interop.said import NOUNS, Json, fhir_of, said_of

UNSAID = (None, "unknown", [], {})
READ = {
    "episodes": ("polarity", "psychotic_features", "severity"),
    "medication-trials": ("episode_id", "role", "augments", "indication", "stop_reason", "source"),
    "assessments": ("instrument", "items"),
    "treatments": ("episode_id", "kind", "modality", "sessions", "laterality", "stop_reason"),
    "symptoms": ("observed_on", "present", "absent", "note"),
    "contributing-factors": ("category", "factor", "certainty", "noted_on", "note"),
}


def stated(value: object) -> object:
    """A value without what only says that nothing is known."""
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if each not in UNSAID and each is not False} or None
    return None if value in UNSAID else value


@pytest.mark.parametrize("person", people(), ids=lambda person: person.key)
def test_everything_that_our_names_say_of_an_invented_person_is_read_back(person: Person) -> None:
    patient_id = "0192f0c1-a7b8-7c1f-9a3c-000000000001"
    for kind, body in person.records(patient_id):
        said, read = said_of(kind, body), own_fields(fhir_of(kind, body))
        for name in READ[kind]:
            recorded = str(said[name]) if name in {"episode_id", "augments"} and said[name] else said[name]
            assert stated(read.get(name)) == stated(recorded), name
        if "outcome" in said:
            assert stated(read.get("outcome", {})) == stated(said["outcome"])
        NOUNS[kind][0].entry.model_validate({**body, **read})


def test_a_score_is_read_back_in_whole() -> None:
    body = varied(SCORE, note="as sent")
    assert own_fields(fhir_of("external-scores", body)) == body


@pytest.mark.parametrize("ended", ["unknown", "2025"])
def test_an_end_that_stands_beside_the_end_is_read_back(ended: str) -> None:
    assert own_fields(fhir_of("medication-trials", varied(SERTRALINE, ended=ended, outcome=None)))["ended"] == ended
    assert "ended" not in own_fields(fhir_of("medication-trials", SERTRALINE))


def test_a_resource_of_somebody_else_says_nothing_in_our_words() -> None:
    theirs: list[Json] = [
        {"resourceType": "Condition", "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}},
        {"resourceType": "MedicationStatement", "reasonReference": [{"reference": "Condition/1"}, {"display": "x"}]},
        {"resourceType": "Procedure", "extension": [{"url": "urn:x", "valueCode": "x"}]},
        {"resourceType": "Observation", "code": {"text": "x"}, "component": [{"code": {"text": "y"}}]},
        {"resourceType": "Observation", "component": "x", "note": 7, "code": {"coding": ["x"]}},
        {"resourceType": "MedicationStatement", "extension": ["x"], "derivedFrom": "x", "effectivePeriod": {"_end": 7}},
        {"resourceType": "Condition", "severity": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}},
        {"resourceType": "Encounter"},
        {},
    ]
    assert [own_fields(each) for each in theirs] == [{}] * len(theirs)


def test_a_source_and_an_augmented_trial_are_read_back() -> None:
    other = "0192f0c1-a7b8-7c1f-9a3c-00000000000b"
    body = varied(SERTRALINE, role="augmentation", augments=other)
    read = own_fields(fhir_of("medication-trials", body))
    assert (read["role"], read["augments"]) == ("augmentation", other)
    assert read["source"] == {"kind": "ehr", "reference": "MedicationRequest/123"}
    assert read["adherence"] == {"adequate": True, "taken_fraction": 0.9}
    broken = {**fhir_of("medication-trials", body), "extension": [{"url": "x"}]}
    assert "role" not in own_fields(broken)
