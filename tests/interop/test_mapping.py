"""What we say in FHIR of the records of a patient."""

import json

import pytest

from models.assessment import AssessmentPublic
from models.contributing_factor import ContributingFactorPublic
from models.episode import EpisodePublic
from models.medication_trial import MedicationTrialPublic
from models.symptoms import SymptomRecordPublic
from models.treatment import TreatmentPublic
from ops.demo_people import people
from tests.factories import ECT, EPISODE, FACTOR, PATIENT, PHQ9, SCORE, SERTRALINE, SYMPTOMS, varied
from tests.interop.said import NOUNS, PATIENT_ID, Json, fhir_of, patient_fhir, resources_of, said_of
from tests.interop.validators import validated

OURS = "https://trialbook.example/fhir"


def codes(concept: Json) -> dict[str, str]:
    return {each["system"]: each["code"] for each in concept["coding"]}


def extension(resource: Json, name: str) -> Json:
    return next(each for each in resource["extension"] if each["url"] == f"{OURS}/StructureDefinition/{name}")


@pytest.mark.parametrize("person", people(), ids=lambda person: person.key)
def test_everything_said_of_an_invented_person_is_valid(person: object) -> None:
    for resource in resources_of(person):
        assert validated(resource) == [], json.dumps(resource, indent=1)
        assert json.loads(json.dumps(resource)) == resource


PUBLIC = {
    "episodes": EpisodePublic,
    "medication-trials": MedicationTrialPublic,
    "assessments": AssessmentPublic,
    "treatments": TreatmentPublic,
    "symptoms": SymptomRecordPublic,
    "contributing-factors": ContributingFactorPublic,
}


def test_what_the_json_edge_answers_is_the_same_in_fhir_as_what_the_registry_says() -> None:
    for person in people()[::3]:
        for kind, body in person.records(str(PATIENT_ID)):
            answer = PUBLIC[kind].model_validate(said_of(kind, body)).model_dump(mode="json", by_alias=True)
            assert NOUNS[kind][1](answer) == fhir_of(kind, body)


def test_a_trial_has_the_codes_of_its_medicine_its_dates_and_why_it_ended() -> None:
    said = fhir_of("medication-trials", SERTRALINE)
    medicine = said["medicationCodeableConcept"]
    assert codes(medicine) == {
        "http://www.nlm.nih.gov/research/umls/rxnorm": "36437",
        "http://www.whocc.no/atc": "N06AB06",
    }
    assert (medicine["text"], said["status"]) == ("Zoloft", "stopped")
    assert said["effectivePeriod"] == {"start": "2025-01-10", "end": "2025-03-28"}
    assert codes(said["statusReason"][0]) == {f"{OURS}/CodeSystem/stop-reason": "lack_of_efficacy"}
    assert codes(said["reasonCode"][0])["http://snomed.info/sct"] == "35489007"
    assert said["derivedFrom"] == [{"type": "MedicationRequest", "identifier": {"value": "MedicationRequest/123"}}]


def test_each_dose_is_so_many_mg_a_day_with_the_days_on_which_it_was_taken() -> None:
    first, second = fhir_of("medication-trials", SERTRALINE)["dosage"]
    assert first["timing"]["repeat"]["boundsPeriod"] == {"start": "2025-01-10", "end": "2025-01-23"}
    assert second["timing"]["repeat"]["boundsPeriod"] == {"start": "2025-01-24", "end": "2025-03-28"}
    dose, repeat = second["doseAndRate"][0]["doseQuantity"], second["timing"]["repeat"]
    assert (dose["value"], dose["code"], second["text"]) == (100, "mg", "100 mg a day, from 2025-01-24")
    assert (repeat["period"], repeat["periodUnit"]) == (1, "d")
    assert "frequency" not in repeat  # how often within the day is not recorded


def test_a_stop_on_a_day_that_nobody_knows_is_no_medicine_that_is_still_taken() -> None:
    said = fhir_of("medication-trials", {"medication": {"text": "sertraline"}, "started": "2024", "ended": "unknown"})
    assert said["status"] == "completed"
    assert "end" not in said["effectivePeriod"]
    assert said["effectivePeriod"]["_end"]["extension"][0]["valueCode"] == "unknown"
    assert fhir_of("medication-trials", {"medication": {"text": "sertraline"}})["status"] == "active"


def test_what_is_not_known_is_left_out_and_never_a_no() -> None:
    said = fhir_of("medication-trials", {"medication": {"text": "sertraline"}})
    assert set(said) == {
        *("resourceType", "id", "meta", "extension", "status", "medicationCodeableConcept", "subject"),
    }
    assert [each["valueCode"] for each in said["extension"]] == ["monotherapy"]
    bare = fhir_of("episodes", {})
    assert "extension" not in bare
    assert "verificationStatus" not in bare
    assert bare["code"] == {"text": "Depressive episode"}


def test_what_came_of_a_trial_is_an_extension_of_our_own() -> None:
    parts = extension(fhir_of("medication-trials", SERTRALINE), "outcome")["extension"]
    assert parts == [
        {"url": "response", "valueCode": "none"},
        {"url": "improvementPercent", "valueDecimal": 10},
        {"url": "assessedOn", "valueDateTime": "2025-03-28"},
        {"url": "basis", "valueCode": "scale"},
    ]


def test_an_end_that_may_lie_before_the_start_is_said_without_breaking_the_rule_of_periods() -> None:
    said = fhir_of("medication-trials", varied(SERTRALINE, ended="2025", outcome=None))
    assert said["effectivePeriod"]["start"] == "2025-01-10"
    assert said["effectivePeriod"]["_end"]["extension"][0]["valueDateTime"] == "2025"
    assert validated(said) == []


def test_an_episode_keeps_its_partial_dates_and_its_code() -> None:
    said = fhir_of("episodes", varied(EPISODE, resolved="2025"))
    assert (said["onsetDateTime"], said["abatementDateTime"]) == ("2024-11", "2025")
    assert codes(said["code"]) == {"http://hl7.org/fhir/sid/icd-10": "F33.2"}
    assert said["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert said["severity"]["coding"][0]["code"] == "24484000"
    assert extension(said, "psychotic-features")["valueBoolean"] is False


def test_a_code_of_a_system_without_a_uri_is_kept_without_one() -> None:
    said = fhir_of("episodes", {"diagnosis": {"system": "house codes", "code": "D  1"}})
    assert said["code"] == {"coding": [{"code": "D 1"}], "text": "house codes D  1"}
    assert validated(said) == []


def test_what_was_entered_in_error_says_so() -> None:
    for kind, body in (("medication-trials", SERTRALINE), ("assessments", PHQ9), ("treatments", ECT)):
        assert fhir_of(kind, body, entered_in_error=True)["status"] == "entered-in-error"
    episode = fhir_of("episodes", EPISODE, entered_in_error=True)
    assert episode["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in episode
    assert patient_fhir(PATIENT, entered_in_error=True)["active"] is False


def test_a_rating_is_a_total_with_its_items() -> None:
    said = fhir_of("assessments", PHQ9)
    assert codes(said["code"]) == {"http://loinc.org": "44261-6", f"{OURS}/CodeSystem/scale": "phq9"}
    assert said["valueQuantity"] == {
        "value": 17,
        "unit": "{score}",
        "system": "http://unitsofmeasure.org",
        "code": "{score}",
    }
    items = said["component"][:9]
    assert [item["valueInteger"] for item in items] == PHQ9["items"]
    assert items[8]["code"]["coding"][0] == {"system": "http://loinc.org", "code": "44260-8"}
    assert said["component"][9]["valueCodeableConcept"]["coding"][0]["code"] == "review"
    assert said["performer"] == [{"reference": f"Patient/{PATIENT_ID}"}]


def test_a_question_without_an_answer_is_absent_and_not_zero() -> None:
    said = fhir_of("assessments", {"instrument": "phq9", "assessed_on": "2025", "items": [1, None, *[2] * 7]})
    assert "valueQuantity" not in said
    assert said["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert "valueInteger" not in said["component"][1]
    assert validated(said) == []


def test_a_symptom_nobody_asked_about_is_neither_present_nor_absent() -> None:
    said = fhir_of("symptoms", SYMPTOMS)
    found = {each["code"]["coding"][0]["code"]: each.get("valueBoolean") for each in said["component"]}
    assert (found["fatigue"], found["suicidal_thoughts"], found["persistent_sadness"]) == (True, False, None)


def test_a_factor_that_was_refuted_is_said_to_be_refuted() -> None:
    said = fhir_of("contributing-factors", varied(FACTOR, certainty="refuted"))
    assert codes(said["code"]) == {f"{OURS}/CodeSystem/factor": "anxiety"}
    assert codes(said["valueCodeableConcept"]) == {f"{OURS}/CodeSystem/certainty": "refuted"}
    assert said["effectiveDateTime"] == "2025"


def test_a_result_scored_elsewhere_is_a_number_with_who_scored_it() -> None:
    said = fhir_of("external-scores", SCORE)
    assert (said["valueQuantity"]["value"], said["performer"]) == (2, [{"display": "Nurse"}])
    assert "performer" not in fhir_of("external-scores", varied(SCORE, rater=None))


def test_a_course_of_treatment_is_a_procedure() -> None:
    said = fhir_of("treatments", ECT)
    assert (said["status"], said["performedPeriod"]) == ("completed", {"start": "2025-05-05", "end": "2025-06-13"})
    assert codes(said["code"]) == {"http://snomed.info/sct": "23835007", f"{OURS}/CodeSystem/treatment": "ect"}
    assert extension(said, "sessions")["valuePositiveInt"] == 12
    assert extension(said, "adequate-course")["extension"][0]["valueCode"] in {"met", "not_met", "unknown"}
    assert fhir_of("treatments", varied(ECT, stop_reason="intolerance"))["status"] == "stopped"
    going_on = varied(ECT, ended=None, stop_reason="unknown", outcome=None)
    assert fhir_of("treatments", going_on)["status"] == "in-progress"


def test_the_profile_of_us_core_is_claimed_only_where_it_is_kept() -> None:
    known = varied(PATIENT, identifiers=[{"system": "urn:oid:1.2.3", "value": "MRN-1"}])
    assert patient_fhir(known)["meta"]["profile"] == ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]
    assert "profile" not in patient_fhir(PATIENT)["meta"]
    for system in ("MRN of the ward", "no_uri"):
        said = patient_fhir(varied(PATIENT, identifiers=[{"system": system, "value": "1"}]))
        assert "profile" not in said["meta"]
        assert said["identifier"] == [{"value": "1", "assigner": {"display": system}}]
        assert validated(said) == []


def test_a_restricted_record_is_labelled_and_its_care_team_is_not_named() -> None:
    said = patient_fhir(varied(PATIENT, restricted_to=["0192f0c1-a7b8-7c1f-9a3c-00000000000a"]))
    assert said["meta"]["security"][0]["code"] == "R"
    assert "00000000000a" not in json.dumps(said)
