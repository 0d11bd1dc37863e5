"""Tables of the OMOP CDM as FHIR resources: with the codes that are said, and none that is guessed."""

import io
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bulk.archive import Archive
from bulk.found import Entry, Unreadable
from bulk.omop.coding import concept
from tests.bulk.records import Json, ndjson, patient

PERSON = "person_id,gender_concept_id,gender_source_value,year_of_birth,month_of_birth,day_of_birth,person_source_value"
PERSONS = f"{PERSON}\n1,8532,,1980,3,,A1\n2,0,M,1970,12,31,\n3,0,,,,,\n"
CONCEPTS = (
    "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_code\n739138\tsertraline\tDrug\tRxNorm\t36437\n"
    "440383\tDepressive disorder\tCondition\tSNOMED\t35489007\n35207845\tMDD\tCondition\tICD10CM\tF33.1\n"
    "5\tOurs\tDrug\tRxNorm Extension\tOMOP1\n"
)
DRUGS = (
    "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_type_concept_id,"
    "days_supply,quantity,sig,stop_reason,drug_source_value\n"
    "1,1,739138,2025-01-05,2025-02-03,32825,30,30,1 daily,,x\n"
    "2,1,739138,2025-02-05 00:00:00,2025-03-03,32838,30,,50 mg daily,,x\n"
    "3,2,5,2025-01-05,,32817,,,,no effect,sertraline 50 mg\n"
    "4,2,0,2025-01-05,2025-02-01,32869,,,,,00093-7198-56\n"
)
ERAS = "drug_era_id,person_id,drug_concept_id,drug_era_start_date,drug_era_end_date\n1,1,739138,2025-01-05,2025-03-03\n"
CONDITIONS = (
    "CONDITION_OCCURRENCE_ID,PERSON_ID,CONDITION_CONCEPT_ID,CONDITION_SOURCE_CONCEPT_ID,CONDITION_START_DATE,"
    "CONDITION_END_DATE,CONDITION_SOURCE_VALUE\n"
    "1,1,440383,35207845,2024-11-01,,x\n2,1,440383,0,2024-11-02,2024-11-02,F33.1\n3,1,440383,,2024-01-01,2024-05-01,\n"
)
MEASURED = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,measurement_source_value\n"
    "1,1,0,2025-03-01,17,44261-6\n2,1,0,2025-03-02,none,44261-5\n"
)
PROCEDURES = "procedure_occurrence_id,person_id,procedure_date,procedure_source_value\n1,1,2025-03-01,ECT\n"
RXNORM, SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"


def archive(**files: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "."), content)
    return out.getvalue()


def read(folder: Path, body: bytes, source: str = "") -> list[Json]:
    path = folder / "body.zip"
    path.write_bytes(body)
    found = [each for part in Archive(path, folder, source).parts() for each in part]
    return [each.resource for each in found if isinstance(each, Entry)]


def by_id(resources: list[Json]) -> dict[str, Json]:
    return {each["id"]: each for each in resources}


def test_persons_are_patients_as_far_as_is_said(tmp_path: Path) -> None:
    body = archive(person__csv=PERSONS, concept__csv=CONCEPTS)
    assert read(tmp_path, body, "urn:clinic") == [
        {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1980-03",
         "identifier": [{"system": "urn:clinic", "value": "A1"}]},
        {"resourceType": "Patient", "id": "2", "gender": "male", "birthDate": "1970-12-31"},
        {"resourceType": "Patient", "id": "3"},
    ]  # fmt: skip


def test_exposures_are_fills_orders_and_statements(tmp_path: Path) -> None:
    files = {"person__csv": PERSONS, "drug_exposure__csv": DRUGS, "concept__csv": CONCEPTS, "drug_era__csv": ERAS}
    found = by_id(read(tmp_path, archive(**files)))
    named = {"coding": [{"system": RXNORM, "code": "36437", "display": "sertraline"}], "text": "sertraline"}
    of_one = {"subject": {"reference": "Patient/1"}, "status": "completed", "medicationCodeableConcept": named}
    assert found["drug-exposure-1"] == {
        "resourceType": "MedicationDispense",
        "id": "drug-exposure-1",
        **of_one,
        "whenHandedOver": "2025-01-05",
        "daysSupply": {"value": 30},
        "quantity": {"value": 30},
        "dosageInstruction": [{"text": "1 daily"}],
    }
    bounds = {"boundsPeriod": {"start": "2025-02-05", "end": "2025-03-03"}}
    assert found["drug-exposure-2"] == {
        "resourceType": "MedicationRequest",
        "id": "drug-exposure-2",
        "intent": "order",
        **of_one,
        "authoredOn": "2025-02-05",
        "dosageInstruction": [{"text": "50 mg daily", "timing": {"repeat": bounds}}],
        "dispenseRequest": {"expectedSupplyDuration": days(30)},
    }
    stated = found["drug-exposure-3"]
    assert (stated["effectivePeriod"], stated["statusReason"]) == ({"start": "2025-01-05"}, [{"text": "no effect"}])
    assert stated["medicationCodeableConcept"] == {"text": "sertraline 50 mg"}
    assert found["drug-exposure-4"]["resourceType"] == "MedicationStatement"
    assert found["drug-exposure-4"]["medicationCodeableConcept"]["coding"][0]["code"] == "00093-7198-56"
    assert "drug-era-1" not in found


def days(number: int) -> Json:
    return {"value": number, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("2025-01-05,32817,,", None),
        ("2025-02-03,32817,30,", None),
        ("2025-02-04,32817,30,", None),
        ("2025-02-02,32817,30,", "2025-02-02"),
        ("2025-02-03,32817,,", "2025-02-03"),
        ("2025-02-03,32838,30,5", None),
        ("2025-07-03,32838,30,5", None),
        ("2025-05-01,32838,30,5", "2025-05-01"),
        ("some day,32838,30,5", "some day"),
    ],
)
def test_an_end_that_is_the_start_or_the_supply_was_seen_by_nobody(tmp_path: Path, said: str, seen: str | None) -> None:
    header = "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date"
    drugs = f"{header},drug_type_concept_id,days_supply,refills\n1,1,739138,2025-01-05,{said}\n"
    body = archive(person__csv=PERSONS, concept__csv=CONCEPTS, drug_exposure__csv=drugs)
    found = by_id(read(tmp_path, body))["drug-exposure-1"]
    ordered = found["resourceType"] == "MedicationRequest"
    period = found["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] if ordered else found["effectivePeriod"]
    assert period == {"start": "2025-01-05", **({"end": seen} if seen else {})}
    if ordered:
        assert found["dispenseRequest"] == {"expectedSupplyDuration": days(30), "numberOfRepeatsAllowed": 5}


def test_eras_count_where_there_are_no_exposures(tmp_path: Path) -> None:
    found = by_id(read(tmp_path, archive(person__csv=PERSONS, concept__csv=CONCEPTS, drug_era__csv=ERAS)))
    assert found["drug-era-1"]["effectivePeriod"] == {"start": "2025-01-05", "end": "2025-03-03"}


def test_the_day_of_a_visit_is_neither_onset_nor_end(tmp_path: Path) -> None:
    files = {"person__csv": PERSONS, "condition_occurrence__csv": CONDITIONS, "concept__csv": CONCEPTS}
    found = by_id(read(tmp_path, archive(**files)))
    first, second, third = (found[f"condition-occurrence-{number}"] for number in (1, 2, 3))
    assert [each["code"] for each in first["code"]["coding"]] == ["35489007", "F33.1"]
    assert (first["onsetDateTime"], "abatementDateTime" in first) == ("2024-11-01", False)
    assert second["code"]["coding"][1] == {"system": "http://hl7.org/fhir/sid/icd-10", "code": "F33.1"}
    assert ("onsetDateTime" in second, second["recordedDate"]) == (False, "2024-11-02")
    assert (third["onsetDateTime"], third["abatementDateTime"]) == ("2024-01-01", "2024-05-01")


def test_measurements_without_concepts_have_codes_by_their_form_alone(tmp_path: Path) -> None:
    files = {"person__csv": PERSONS, "measurement__csv": MEASURED, "procedure_occurrence__csv": PROCEDURES}
    found = by_id(read(tmp_path, archive(**files)))
    good, bad = found["measurement-1"], found["measurement-2"]
    assert good["code"] == {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]}
    assert good["valueQuantity"] == {"value": 17}
    assert (bad["code"], "valueQuantity" in bad) == ({"text": "44261-5"}, False)
    assert found["procedure-occurrence-1"]["code"] == {"text": "ECT"}


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    csv, parquet = tmp_path / "p.csv", tmp_path / "p.parquet"
    csv.write_text(PERSONS)
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{csv}')) TO '{parquet}'")  # noqa: S608 - a path of the test
    folder = tmp_path / "read"
    folder.mkdir()
    found = by_id(read(folder, archive(**{"export/PERSON.parquet": parquet.read_bytes()})))
    assert (found["1"]["birthDate"], found["2"]["birthDate"]) == ("1980-03", "1970-12-31")


def test_files_of_fhir_in_an_archive_are_read(tmp_path: Path) -> None:
    bundle = ndjson({"resourceType": "Bundle", "entry": [{"resource": patient("b")}]})
    found = read(tmp_path, archive(a__ndjson=ndjson(patient("a")), b__json=bundle, readme__txt="x"))
    assert sorted(by_id(found)) == ["a", "b"]


@pytest.mark.parametrize(
    "body",
    [
        b"PK no archive",
        archive(readme__txt="nothing"),
        archive(drug_exposure__csv=DRUGS),
        archive(person__csv="id\n1\n"),
        archive(person__csv=PERSONS, drug_exposure__csv="drug_exposure_id,person_id\n1,1\n"),
        archive(person__parquet=b"PAR1 nonsense"),
        archive(a__json=b"[]"),
    ],
    ids=range(7),
)
def test_what_cannot_be_read_is_refused_whole(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, body)


def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bulk.archive.MOST_BYTES", 100)
    with pytest.raises(Unreadable, match="more than"):
        read(tmp_path, archive(person__csv=PERSONS))


@pytest.mark.parametrize(
    ("domain", "said", "system"),
    [
        ("condition", "F33.1", "http://hl7.org/fhir/sid/icd-10"),
        ("condition", "F33", None),
        ("measurement", "F33.1", None),
        ("measurement", "8480-6", "http://loinc.org"),
        ("measurement", "PHQ9", None),
        ("drug", "00093719856", "http://hl7.org/fhir/sid/ndc"),
        ("drug", "36437", None),
        ("procedure", "90870", None),
    ],
)
def test_a_source_value_is_a_code_only_by_a_form_that_nothing_else_has(
    domain: str, said: str, system: str | None
) -> None:
    row: dict[str, Any] = dict.fromkeys(
        f"{which}_{part}" for which in ("standard", "source") for part in ("code", "vocabulary", "name")
    )
    found = concept({**row, "source_value": said}, domain)
    assert found == ({"coding": [{"system": system, "code": said}]} if system else {"text": said})
    assert concept({**row, "source_value": None}, domain) == {}
