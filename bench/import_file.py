"""Makes a file of Bulk Data, the same for the same number: patients with diagnoses, orders, fills and ratings."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson

RESOURCES_OF_A_PATIENT = 40
DRUGS = (
    ("36437", "sertraline", 50),
    ("321988", "escitalopram", 10),
    ("39786", "venlafaxine", 75),
    ("72625", "duloxetine", 60),
    ("42347", "bupropion", 150),
    ("15996", "mirtazapine", 30),
)
RXNORM, LOINC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://loinc.org"
ICD, HOSPITAL = "http://hl7.org/fhir/sid/icd-10-cm", "urn:example:hospital"
OTHERS = ("E11.9", "I10", "J45.909", "M54.5")
DAYS_OF_A_MONTH = 28
KINDS = ("Patient", "Condition", "MedicationRequest", "MedicationDispense", "Observation")


def _day(random: Random, year: int) -> str:
    return f"{year}-{random.randint(1, 12):02}-{random.randint(1, DAYS_OF_A_MONTH):02}"


def _coded(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _patient(number: int, random: Random) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": HOSPITAL, "value": f"MRN-{number:08}"}],
        "name": [{"family": f"Family{number}", "given": [f"Given{random.randint(1, 999)}"]}],
        "gender": random.choice(("female", "male")),
        "birthDate": _day(random, random.randint(1940, 2005)),
    }


def _conditions(random: Random) -> Iterator[dict[str, Any]]:
    clinical = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
    for code, text in (("F33.1", "Major depressive disorder"), *((code, code) for code in random.sample(OTHERS, 2))):
        yield {
            "resourceType": "Condition",
            "clinicalStatus": clinical,
            "code": _coded(ICD, code, text),
            "onsetDateTime": _day(random, 2023),
        }


def _treated(random: Random, number: int) -> Iterator[dict[str, Any]]:
    """Two or three medicines one after the other: an order each, then a fill a month."""
    for course, (code, name, dose) in enumerate(random.sample(DRUGS, random.randint(2, 3))):
        medicine = _coded(RXNORM, code, name)
        yield {
            "resourceType": "MedicationRequest",
            "id": f"r{number}-{course}",
            "status": "completed",
            "intent": "order",
            "medicationCodeableConcept": medicine,
            "authoredOn": f"2024-{course * 4 + 1:02}-03",
            "dosageInstruction": [
                {
                    "text": f"{dose} mg once daily",
                    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": {"value": dose, "unit": "mg"}}],
                }
            ],
        }
        for month in range(4):
            yield {
                "resourceType": "MedicationDispense",
                "status": "completed",
                "medicationCodeableConcept": medicine,
                "authorizingPrescription": [{"reference": f"MedicationRequest/r{number}-{course}"}],
                "whenHandedOver": f"2024-{course * 4 + month + 1:02}-05",
                "daysSupply": {"value": 30, "unit": "d"},
                "quantity": {"value": 30, "unit": "TAB"},
            }


def _observed(random: Random, count: int) -> Iterator[dict[str, Any]]:
    """Every third a PHQ-9, the others what a chart has besides."""
    for number in range(count):
        phq = number % 3 == 0
        code = (LOINC, "44261-6", "PHQ-9 total score") if phq else (LOINC, "8480-6", "Systolic blood pressure")
        yield {
            "resourceType": "Observation",
            "status": "final",
            "code": _coded(*code),
            "effectiveDateTime": _day(random, 2024),
            "valueQuantity": {"value": random.randint(0, 27) if phq else random.randint(100, 160)},
        }


def resources_of(number: int) -> Iterator[dict[str, Any]]:
    """The 40 resources of one patient."""
    random = Random(number)  # noqa: S311 - the same for the same number is the point
    yield _patient(number, random)
    held = [*_conditions(random), *_treated(random, number)]
    held += _observed(random, RESOURCES_OF_A_PATIENT - 1 - len(held))
    for place, each in enumerate(held):
        yield {"id": f"{number}-{place}", **each, "subject": {"reference": f"Patient/p{number}"}}


def write(path: Path, resources: int, *, bundle: bool = False) -> int:
    """Write a file, sorted by kind as Bulk Data is, or one Bundle of the same; how many bytes it has."""
    patients = range(resources // RESOURCES_OF_A_PATIENT)
    before, between, after = (b'{"resource":', b"},\n", b"}") if bundle else (b"", b"\n", b"\n")
    with path.open("wb") as out:
        out.write(b'{"resourceType":"Bundle","type":"collection","entry":[' if bundle else b"")
        first = True
        for kind in KINDS:
            for each in (each for number in patients for each in resources_of(number) if each["resourceType"] == kind):
                out.write((b"" if first else between) + before + orjson.dumps(each))
                first = False
        out.write(after + (b"]}" if bundle else b""))
    return path.stat().st_size


def main() -> None:
    """Write the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--resources", type=int, default=1_000_000)
    asked = parser.parse_args()
    print(f"Wrote {write(asked.path, asked.resources)} bytes to {asked.path}.")


if __name__ == "__main__":
    main()
