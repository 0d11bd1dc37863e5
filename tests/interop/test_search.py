"""Searches on resources of ours and on such as were sent."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.fhir.search import LISTED, MOST_LISTED, SearchRefused, read_search
from interop.fhir.search_parameters import parameters_of
from tests.factories import ECT, EPISODE, PATIENT, PHQ9, SERTRALINE, varied
from tests.interop.said import PATIENT_ID, Json, fhir_of, patient_fhir

BASE = "https://clinic.example/fhir/R4"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TRIAL = fhir_of("medication-trials", SERTRALINE)
SENT_PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "active": True,
    "name": [{"family": "Núñez Ortega", "given": ["María", "José"]}, {"use": "maiden", "family": "Pérez"}],
    "gender": "female",
    "birthDate": "1984-03-09",
    "identifier": [{"system": "urn:oid:1.2", "value": "A-1"}, {"value": "B-2"}],
}
REQUEST = {
    "resourceType": "MedicationRequest",
    "id": "r",
    "status": "active",
    "intent": "order",
    "subject": {"reference": f"{BASE}/Patient/p/_history/3"},
    "medicationReference": {"reference": "Medication/m", "identifier": {"system": "urn:x", "value": "7"}},
    "authoredOn": "2025-02-01T10:30:00+02:00",
}


def found(resource: Json, *pairs: tuple[str, str], base: str = "") -> bool:
    return read_search(resource["resourceType"], pairs, base=base).matches(resource)


@pytest.mark.parametrize(
    ("name", "value", "is_found"),
    [
        ("code", f"{RXNORM}|36437", True),
        ("code", "36437", True),
        ("code", f"{RXNORM}|", True),
        ("code", "|36437", False),
        ("code", "http://snomed.info/sct|36437", False),
        ("code", "1,n06ab06", True),
        ("code:not", "36437", False),
        ("code:not", "1,2", True),
        ("category:not", "x", True),
        ("category:missing", "true", True),
        ("code:missing", "false", True),
        ("code:missing", "true", False),
        ("status", "stopped", True),
        ("status", "http://hl7.org/fhir/CodeSystem/medication-statement-status|stopped", True),
        ("status", "http://hl7.org/fhir/other|stopped", False),
        ("_id", TRIAL["id"], True),
        ("patient", str(PATIENT_ID), True),
        ("patient", f"Patient/{PATIENT_ID}", True),
        ("subject:Patient", str(PATIENT_ID), True),
        ("subject:Group", str(PATIENT_ID), False),
        ("patient", f"{BASE}/Patient/{PATIENT_ID}", True),
        ("patient", f"https://elsewhere.example/Patient/{PATIENT_ID}", False),
        ("patient", "Patient/1", False),
        ("_lastUpdated", "2026-11-27", True),
        ("_lastUpdated", "gt2026-11-27T09:30:00Z", False),
        ("_lastUpdated", "ge2026-11-27T09:30:00.123Z", True),
    ],
)
def test_a_trial_is_found_by_what_it_says(name: str, value: str, *, is_found: bool) -> None:
    assert found(TRIAL, (name, value), base=f"{BASE}/") is is_found


# The trial went from 2025-01-10 to 2025-03-28.
@pytest.mark.parametrize(
    ("value", "is_found"),
    [
        ("2025", True),
        ("eq2025-01", False),
        ("ne2025-01", True),
        ("gt2025-03-27", True),
        ("gt2025-03-28", False),
        ("ge2025-03-28", False),
        ("ge2025", True),
        ("lt2025-01-10", False),
        ("lt2025-01-11", True),
        ("le2025", True),
        ("sa2025-01-09", True),
        ("sa2025-01-10", False),
        ("eb2025-03-29", True),
        ("eb2025-03", False),
        ("ap2025-04", True),
        ("ap2025-06", False),
        ("ap0001", False),
        ("ap9999", False),
    ],
)
def test_a_stretch_of_time_is_compared_as_a_stretch(value: str, *, is_found: bool) -> None:
    assert found(TRIAL, ("effective", value)) is is_found


def test_a_partial_date_is_the_stretch_that_it_spans() -> None:
    episode = fhir_of("episodes", EPISODE)  # since 2024-11
    assert found(episode, ("onset-date", "2024"))
    assert not found(episode, ("onset-date", "2024-11-15"))
    assert found(episode, ("onset-date", "ap2024-11-15"))
    assert not found(episode, ("abatement-date", "ge1900"))
    assert found(episode, ("abatement-date:missing", "true"))


def test_an_end_that_is_open_or_imprecise_is_read_so() -> None:
    taken = fhir_of("medication-trials", varied(SERTRALINE, ended=None, stop_reason=None, outcome=None))
    assert found(taken, ("effective", "gt2200"))
    vague = fhir_of("medication-trials", varied(SERTRALINE, ended="2025-01", outcome=None, doses=[]))
    assert not found(vague, ("effective", "gt2025-01"))
    unknown = fhir_of("medication-trials", {"medication": {"text": "sertraline"}, "ended": "unknown"})
    assert not found(unknown, ("effective", "ge1900"))


def test_times_are_compared_across_zones() -> None:
    assert found(REQUEST, ("authoredon", "2025-02-01T08:30Z"))
    assert found(REQUEST, ("authoredon", "2025-02-01T03:30:00-05:00"))
    assert found(REQUEST, ("authoredon", "2025-02-01T10:30:00 02:00"))  # a + that was not escaped
    assert not found(REQUEST, ("authoredon", "2025-02-01T08:31Z"))
    assert not found({**REQUEST, "authoredOn": 7}, ("authoredon", "ge1900"))
    assert not found({**REQUEST, "authoredOn": "soon"}, ("authoredon", "ge1900"))


@pytest.mark.parametrize(
    ("name", "value", "is_found"),
    [
        ("name", "nunez", True),
        ("name", "ortega", True),
        ("name", "tega", False),
        ("name:contains", "TEGA", True),
        ("name:exact", "María", True),
        ("name:exact", "maría", False),
        ("family", "pere", True),
        ("family", "maria", False),
        ("given", "jose", True),
        ("gender", "http://hl7.org/fhir/administrative-gender|female", True),
        ("birthdate", "1984-03", True),
        ("active", "true", True),
        ("active", "false", False),
        ("birthdate", "lt1984", False),
        ("identifier", "urn:oid:1.2|A-1", True),
        ("identifier", "urn:oid:1.2|", True),
        ("identifier", "|B-2", True),
        ("identifier", "|A-1", False),
        ("name", "x\\,y,nunez", True),
    ],
)
def test_a_patient_that_was_sent_is_found_by_what_was_sent(name: str, value: str, *, is_found: bool) -> None:
    assert found(SENT_PATIENT, (name, value)) is is_found


def test_a_patient_of_ours_is_found_by_a_word_of_the_name() -> None:
    ours = patient_fhir(varied(PATIENT, display_name="Amara Lindqvist"))
    assert found(ours, ("name", "lind"), ("gender", "female"))
    assert not found(ours, ("name", "lind"), ("gender", "male"))


def test_a_reference_of_another_address_or_to_a_version_is_followed() -> None:
    assert found(REQUEST, ("patient", "p"), ("medication", "m"), ("medication:identifier", "urn:x|7"))
    assert found(REQUEST, ("medication", "Medication/m"))
    assert not found(REQUEST, ("medication:identifier", "urn:x|8"))
    assert found(REQUEST, ("patient", f"{BASE}/Patient/p"))
    assert not found({**REQUEST, "subject": {"display": "p"}}, ("patient", "p"))


def test_ratings_and_treatments_are_found_by_what_us_core_asks_for() -> None:
    rating = fhir_of("assessments", PHQ9)
    assert found(rating, ("category", "survey"), ("code", "http://loinc.org|44261-6"), ("date", "ge2025-02"))
    assert found(rating, ("combo-code", "44260-8"))
    assert not found(rating, ("code", "44260-8"))
    assert found(fhir_of("treatments", ECT), ("code", "ect"), ("date", "sa2025-05-04"), ("status", "completed"))
    assert found({"resourceType": "Patient", "active": True}, ("identifier:missing", "true"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("colour", "red", "no search parameter of this name"),
        ("patient.name", "x", "no search parameter of this name"),
        ("code:in", "x", "`:in` is not served"),
        ("effective:exact", "2025", "`:exact` is not served"),
        ("effective", "xx2025", "no prefix"),
        ("effective", "2025-13", "no such day"),
        ("effective", "0000", "no such day"),
        ("effective", "yesterday", "no prefix"),
        ("effective", "5 May", "no date"),
        ("code", "", "no value"),
        ("code:missing", "perhaps", "true or false"),
        ("_count", "-1", "number"),
        ("_sort", "colour", "cannot be ordered"),
        ("_sort", "patient", "cannot be ordered"),
        ("_include", "*", "Type:parameter"),
        ("_include", "MedicationStatement:code", "no reference"),
        ("_include", "Patient:link", "no reference"),
        ("_include", "Observation:subject", "starts from"),
        ("_include:iterate", "MedicationStatement:patient", "`:iterate`"),
        ("_revinclude", "MedicationDispense:prescription", "does not lead to"),
        ("_has", "x", "no search parameter"),
    ],
)
def test_what_is_not_served_is_refused_by_name_or_passed_over_when_that_is_asked(
    name: str, value: str, says: str
) -> None:
    with pytest.raises(SearchRefused) as refused:
        read_search("MedicationStatement", [(name, value), ("status", "stopped")])
    fault = refused.value.faults[0]
    assert refused.value.status == 400
    assert fault.pointer == f"#query/{name}"
    assert says in fault.message
    lenient = read_search("MedicationStatement", [(name, value), ("status", "stopped")], lenient=True)
    assert lenient.passed_over[0].startswith(f"{name}: ")
    assert lenient.matches(TRIAL)


PIECES = st.sampled_from(
    ("code", "effective", ":", ",", "|", "\\", "not", "missing", "ge", "2025", "-13", "T", "é", "٢", "%")
)
PHRASES = st.lists(PIECES, max_size=6).map("".join)


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from((*parameters_of("MedicationStatement"), "_sort", "_include")) | PHRASES, PHRASES)
    )
)
def test_whatever_is_asked_is_answered_or_refused(pairs: list[tuple[str, str]]) -> None:
    with suppress(SearchRefused):
        read_search("MedicationStatement", pairs).matches(TRIAL)
    read_search("MedicationStatement", pairs, lenient=True).matches(TRIAL)


def test_an_unknown_parameter_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(SearchRefused) as refused:
        read_search("Patient", [("surname", "x")])
    assert "family" in refused.value.faults[0].suggestions


def test_includes_are_read_into_the_elements_to_follow() -> None:
    search = read_search(
        "MedicationRequest",
        [("_include", "MedicationRequest:medication"), ("_revinclude", "Provenance:target:MedicationRequest")],
    )
    forwards, backwards = search.includes
    assert (forwards.reverse, forwards.paths, forwards.target) == (False, ("medicationReference",), None)
    assert (backwards.kind, backwards.paths, backwards.target) == ("Provenance", ("target",), "MedicationRequest")


def test_a_page_has_a_bound_and_whoever_fetches_is_told_what_narrows_it_down() -> None:
    pairs = [("_count", "5000"), ("patient", "p"), ("code:not", "x"), ("_format", "json"), ("_pretty", "true")]
    search = read_search("Condition", pairs)
    assert (search.at_most, search.asked("patient", "subject")) == (MOST_LISTED, ("p",))
    assert search.asked("code") is None
    assert read_search("Condition", [("patient", "Patient/p/_history/2,q")]).ids("patient") == ("p", "q")
    assert search.ids("_id") is None
    assert read_search("Condition", []).at_most == LISTED


def test_what_is_found_is_ordered_and_what_has_no_value_comes_last() -> None:
    early, late = ({"id": "1", "onsetDateTime": "2020"}, {"id": "2", "onsetDateTime": "2021-05"})
    none = {"id": "0", "code": {"text": "x"}}
    listed = [early, none, late]
    for sort, expected in (
        ("-onset-date", [late, early, none]),
        ("onset-date,_id", [early, late, none]),
        ("_id", [none, early, late]),
        ("-_id", [late, early, none]),
        ("onset-date,-_id", [early, late, none]),
    ):
        asked = read_search("Condition", [("_sort", sort)])
        assert sorted(listed, key=lambda each: asked.rank(asked.keys(each))) == expected
    unsorted = read_search("Condition", [])
    assert unsorted.rank(unsorted.keys(early)) == ()
