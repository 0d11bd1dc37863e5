"""What we say in FHIR passes three validators, and each of them finds faults that the others do not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from interop.fhir import bundle
from interop.fhir.canonical import BASE as OURS
from interop.fhir.own_codes import systems
from interop.fhir.own_extensions import EXTENSIONS, Extension, Part
from tests.factories import EPISODE, PATIENT, PHQ9, SERTRALINE
from tests.interop.examples import BASE, every_example
from tests.interop.said import Json, fhir_of, patient_fhir
from tests.interop.validators import faults_by_all

pytestmark = pytest.mark.xdist_group("fhir_validators")
P, C = patient_fhir(PATIENT), fhir_of("episodes", EPISODE)
M, RATING = fhir_of("medication-trials", SERTRALINE), fhir_of("assessments", PHQ9)
GONE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "gone"}]}
BROKEN: dict[str, tuple[set[str], Json]] = {
    "a day that does not exist": ({"models"}, {**P, "birthDate": "1984-02-30"}),
    "two values": ({"models"}, {**RATING, "valueString": "x"}),
    "an id with a space": ({"models"}, {**P, "id": "a b"}),
    "an active condition that has ended": ({"medplum"}, {**C, "abatementDateTime": "2025"}),
    "a value and a reason for having none": ({"medplum"}, {**RATING, "dataAbsentReason": {"text": "x"}}),
    "null": ({"medplum"}, {**RATING, "issued": None}),
    "a condition in a bundle": ({"medplum"}, bundle.searchset(BASE, [{**C, "abatementDateTime": "2025"}], {})),
    "a code that the value set lacks": ({"fhir"}, {**P, "gender": "f"}),
    "a status that there is not": ({"fhir"}, {**M, "status": "finished"}),
    "a coded status that there is not": ({"fhir"}, {**C, "clinicalStatus": GONE}),
    "a reference to another type": ({"fhir"}, {**C, "subject": {"reference": "Medication/1"}}),
    "a number as text": ({"medplum", "fhir"}, {**RATING, "valueQuantity": {"value": "17"}}),
    "an element that there is not": ({"models", "medplum", "fhir"}, {**C, "colour": "red"}),
    "nobody": ({"models", "medplum", "fhir"}, {name: C[name] for name in C if name != "subject"}),
    "no resource": ({"models", "medplum", "fhir"}, {"resourceType": "Nothing"}),
}


def test_everything_that_we_say_passes_all_validators() -> None:
    examples = every_example()
    assert len(examples) > 500
    for resource, faults in zip(examples, faults_by_all(examples), strict=True):
        assert faults == {"models": [], "medplum": [], "fhir": []}, json.dumps(resource)[:2000]


def test_each_validator_finds_what_it_is_there_for() -> None:
    found = faults_by_all(resource for _, resource in BROKEN.values())
    for (name, (expected, _)), faults in zip(BROKEN.items(), found, strict=True):
        assert {each for each, listed in faults.items() if listed} == expected, name


def test_whoever_claims_a_profile_of_us_core_has_what_it_asks_for() -> None:
    """The must-haves of US Core 7: no validator at hand knows them."""
    needs = {
        "us-core-patient": {"identifier", "name", "gender"},
        "us-core-condition-problems-health-concerns": {"category", "code", "subject"},
        "us-core-procedure": {"status", "code", "subject", "performedPeriod"},
        "us-core-observation-screening-assessment": {"status", "category", "code", "subject", "effectiveDateTime"},
    }
    claimed = set()
    for resource in every_example():
        for profile in resource.get("meta", {}).get("profile", []):
            name = profile.rpartition("/")[2]
            claimed.add(name)
            assert needs[name] <= resource.keys()
            assert all({"system", "value"} <= each.keys() for each in resource.get("identifier", []))
            assert len(resource.get("effectiveDateTime", "2025-03-28")) == 10  # us-core-1: to the day at least
    assert claimed == needs.keys()


def elements(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    """A value and everything within it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from elements(each)


def test_nothing_that_we_say_is_empty() -> None:
    """The rule that no validator checks in full: an element has a value or something within."""
    for resource in every_example():
        assert not [each for each in elements(resource) if each in (None, "", [], {})]


def test_no_period_that_we_say_may_end_before_it_starts() -> None:
    for resource in every_example():
        for each in elements(resource):
            if isinstance(each, dict) and {"start", "end"} <= each.keys():
                shorter = min(len(each["start"]), len(each["end"]))
                assert each["start"] == each["end"] or each["start"][:shorter] < each["end"][:shorter]


def test_every_code_of_ours_is_in_its_code_system_with_the_same_words() -> None:
    known = {name: dict(system.codes) for name, system in systems().items()}
    used = set()
    for resource in every_example():
        for each in elements(resource):
            if isinstance(each, dict) and "code" in each and str(each.get("system", "")).startswith(OURS):
                name = each["system"].removeprefix(f"{OURS}/CodeSystem/")
                used.add(name)
                assert known[name][each["code"]] == each["display"]
    assert known.keys() - used == {"basis", "laterality", "polarity", "role", "source-kind"}  # codes of extensions


def test_every_extension_of_ours_is_defined_with_its_values() -> None:
    known = {name: dict(system.codes) for name, system in systems().items()}
    used = set()
    for resource in every_example():
        for each in elements(resource):
            if is_extension_of_ours(each):
                name = each["url"].rpartition("/")[2]
                used.add(name)
                for said, part in values_of(each, EXTENSIONS[name]):
                    assert part is not None
                    value = said[f"value{part.kind[0].upper()}{part.kind[1:]}"]
                    assert part.codes is None or value in known[part.codes]
    assert used == set(EXTENSIONS)


def is_extension_of_ours(each: Any) -> bool:  # noqa: ANN401 - any JSON
    url = str(each.get("url", "")) if isinstance(each, dict) and "resourceType" not in each else ""
    return url.startswith(f"{OURS}/StructureDefinition/")


def values_of(said: Json, made: Extension) -> list[tuple[Json, Part | None]]:
    """What has a value in an extension, with what is defined of it."""
    return [(part, made.parts[part["url"]]) for part in said.get("extension", [])] or [(said, made.value)]
