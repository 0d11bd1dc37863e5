"""Which medicine a resource is about."""

from typing import Any

import pytest

from clinical.medicines import formulary
from intake.medicines import entry_for
from registry.medications import resolve
from tests.intake.resources import RXNORM, SNOMED, concept, fates, faults, order, read, resource, trials, warnings

ATC, UNII, NDC = "http://www.whocc.no/atc", "http://fdasis.nlm.nih.gov", "http://hl7.org/fhir/sid/ndc"


def medicines(given: dict[str, Any]) -> list[str]:
    return [trial["medication"]["text"] for trial in trials(order(medicationCodeableConcept=given))]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (concept("36437"), ["sertraline"]),  # ingredient
        (concept("328670", "Sertraline 100 MG"), ["sertraline"]),  # component
        (concept("312941"), ["sertraline"]),  # clinical drug
        (concept("208149"), ["sertraline"]),  # branded drug
        (concept("N06AB06", system=ATC), ["sertraline"]),
        (concept("n06ab06", system=f"{ATC}/"), ["sertraline"]),
        (concept("36437", system=f"{RXNORM.replace('http', 'https')}|2024-09"), ["sertraline"]),
        (concept("36437", system="2.16.840.1.113883.6.88"), ["sertraline"]),
        (concept("QUC7NX6WMB", system=UNII), ["sertraline"]),
        (concept("372594008", system=SNOMED), ["sertraline"]),
        (concept("00049491066", "Sertraline 100 MG Oral Tablet [Zoloft]", system=NDC), ["sertraline"]),
        (concept("999999", "sertraline 50 MG Oral Tablet [Zoloft]"), ["sertraline"]),  # a product that is not known
        (concept(text="ZOLOFT tablet 50 mg Pfizer"), ["sertraline"]),
        (concept(text="24 HR venlafaxine 75 MG Extended Release Oral Capsule"), ["venlafaxine"]),
        (concept(text="Sertralina 50 mg comprimidos recubiertos"), ["sertraline"]),
        (concept(text="\u30bb\u30eb\u30c8\u30e9\u30ea\u30f3\u932025mg"), ["sertraline"]),
        (concept(text="\u30c7\u30e5\u30ed\u30ad\u30bb\u30c1\u30f3\u30ab\u30d7\u30bb\u30eb20mg"), ["duloxetine"]),
        (concept("", "fluoxetine 25 MG / olanzapine 6 MG Oral Capsule [Symbyax]"), ["fluoxetine", "olanzapine"]),
        (concept(text="Olanzapine 5 mg and Fluoxetina 20 mg"), ["fluoxetine", "olanzapine"]),
        (concept(text="perphenazine 4 MG / amitriptyline hydrochloride 25 MG Oral Tablet"), ["amitriptyline"]),
        (concept(text="naltrexone / bupropion"), ["bupropion"]),
        (concept(text="bupropion hydrochloride 150 MG Gel Capsule"), ["bupropion"]),
        (concept(text="Emsam 6 mg/24 hr topical patch"), ["selegiline (transdermal)"]),
        (concept("865206", "24 HR selegiline 0.25 MG/HR Transdermal System [Emsam]"), ["selegiline (transdermal)"]),
    ],
)
def test_a_medicine_is_known_by_its_code_or_by_its_text(given: dict[str, Any], expected: list[str]) -> None:
    assert medicines(given) == expected


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (concept("283406", "escitalopram 10 MG Oral Tablet"), "code_and_text_disagree"),
        (concept("36437", text="fluoxetine"), "code_and_text_disagree"),
        (concept(display="sertraline", text="fluoxetine"), "code_and_text_disagree"),
        ({"coding": [{"system": RXNORM, "code": "36437"}, {"system": ATC, "code": "N06AB03"}]}, "codes_disagree"),
        (concept("403970", "fluoxetine"), "code_and_text_disagree"),  # the product holds olanzapine, too
        (concept(text="selegiline"), "unclear_medicine"),
        (concept(text="Motipress"), "unclear_medicine"),
        (concept(text="Zoloft or Prozac"), "unclear_medicine"),
        (concept("1179052", "\u30ab\u30f3\u30c7\u30b5\u30eb\u30bf\u30f3", system="urn:hot7"), "unknown_name"),
        (concept(text="50 mg"), "unknown_name"),
        (concept("99999999"), "unknown_code"),
        (concept(text="Sertralin 50 mg Filmtabletten"), "near_name"),
        (concept("99999999", "fluoxetne 20 MG Oral Capsule"), "near_name"),
        (concept(text="allergy to (sertraline)"), "near_name"),  # named, and not taken
        (concept(text="sertraline level"), "near_name"),
        (concept("36437", text="sertraline " * 100), "unknown_name"),
        (concept("N06AX99", system=ATC), "unknown_code"),
        ({"coding": [{"system": RXNORM, "code": " "}]}, "no_medicine"),
        ({}, "no_medicine"),
        ("sertraline", "no_medicine"),
    ],
)
def test_a_medicine_that_cannot_be_known_is_no_trial_and_a_fault(given: object, reason: str) -> None:
    course = read(order(medicationCodeableConcept=given))
    assert course.medication_trials == []
    assert fates(course) == {"MedicationRequest/1": reason}
    assert [code for code, _ in faults(course)] == [reason]


@pytest.mark.parametrize(
    "given",
    [
        concept(text="doxepin 50 MG/ML Topical Cream [Zonalon]"),
        concept("1000091"),
        concept("3638", "Zonalon"),
        concept("1000048", "doxepin 10 MG Oral Capsule", "doxepin 5 % cream"),  # a capsule by its code
        concept("3638", "doxepin lotion"),
        concept(text="amitriptyline 2 % gel"),
        concept(text="amitriptyline 20 MG/ML Transdermal Solution"),
        concept(text="Emsam cream"),
        concept(text="\u30c7\u30e5\u30ed\u30ad\u30bb\u30c1\u30f3\u8edf\u818f"),
    ],
)
def test_what_is_put_on_the_skin_is_no_trial_of_what_is_swallowed(given: dict[str, Any]) -> None:
    course = read(order(medicationCodeableConcept=given))
    assert course.medication_trials == []
    assert [code for code, _ in faults(course)] == ["unclear_medicine"]
    assert "for the skin" in course.not_understood[0].sentence


@pytest.mark.parametrize(
    "given",
    [
        concept(text="hydrocortisone 10 MG/ML Topical Cream"),
        concept("617993", "Amoxicillin 120 MG/ML / clavulanate potassium 8.58 MG/ML Oral Suspension"),
        concept("C09AA05", system=ATC),
        concept(text="omeprazole 20 MG Delayed Release Oral Capsule"),
    ],
)
def test_another_medicine_is_set_aside(given: dict[str, Any]) -> None:
    course = read(order(medicationCodeableConcept=given))
    assert fates(course) == {"MedicationRequest/1": "other_medicine"}
    assert course.not_understood == []


def test_a_code_decides_where_the_text_beside_it_is_not_known() -> None:
    course = read(order(medicationCodeableConcept=concept("36437", "Altrulina 50")))
    assert course.medication_trials[0].entry["medication"] == {"text": "sertraline"}
    assert warnings(course) == [("text_not_known", "MedicationRequest.medicationCodeableConcept.coding[0].code")]


def test_a_product_of_several_medicines_says_what_else_it_holds() -> None:
    (trial,) = trials(order(medicationCodeableConcept=concept(text="Contrave")))
    assert trial["note"] == "Taken as a product that also holds naltrexone."


def by_reference(reference: object, *others: object, **more: object) -> Any:  # noqa: ANN401 - a course
    return read(order(medicationCodeableConcept=None, medicationReference=reference, **more), *others)


def test_a_medicine_is_found_where_it_is_referred_to() -> None:
    held = {"resourceType": "Medication", "id": "m", "code": concept("36437")}
    for reference, others, more in (
        ("#m", [], {"contained": [{"id": "x"}, held]}),
        ("Medication/m", [held], {}),
        ("https://example.org/fhir/Medication/m/_history/2", [held], {}),
        ("urn:uuid:m", [held], {}),
    ):
        course = by_reference({"reference": reference}, *others, **more)
        assert course.medication_trials[0].entry["medication"] == {"text": "sertraline"}
        assert set(fates(course).values()) == {"used"}
        where = course.medication_trials[0].provenance["/medication"][0].path
        assert where == "medicationReference.resolve().code.coding[0].code"


def test_a_medicine_is_found_by_its_identifier() -> None:
    held = resource("Medication", "m", code=concept("36437"), identifier=[{"system": "urn:s", "value": "7"}])
    course = by_reference({"identifier": {"system": "urn:s", "value": "7"}}, held)
    assert len(course.medication_trials) == 1
    more = order(
        "2", medicationCodeableConcept=None, medicationReference={"identifier": {"system": "urn:s", "value": "7"}}
    )
    assert len(by_reference({"identifier": {"system": "urn:s", "value": "7"}}, held, more, order("3")).accounted) == 4
    assert faults(by_reference({"identifier": {"system": "urn:s", "value": "8"}}, held)) == [
        ("dangling_reference", "MedicationRequest.medicationReference")
    ]


def test_a_medication_without_a_known_code_is_read_by_its_ingredients() -> None:
    parts = [{"itemCodeableConcept": concept("4493")}, {"itemCodeableConcept": concept(text="aspirin")}]
    held = resource("Medication", "m", ingredient=parts)
    course = by_reference({"reference": "Medication/m"}, held)
    assert course.medication_trials[0].entry["medication"] == {"text": "fluoxetine"}
    other = resource("Medication", "m", code=concept("99999999"), ingredient=parts[1:])
    assert fates(by_reference({"reference": "Medication/m"}, other)) == {
        "MedicationRequest/1": "other_medicine",
        "Medication/m": "other_medicine",
    }
    assert faults(by_reference({"reference": "Medication/m"}, resource("Medication", "m")))[0][0] == "no_medicine"


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        ({"status": "entered-in-error"}, "entered_in_error", "status"),
        ({"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}, "changed_meaning", "modifierExtension"),
        ({"implicitRules": "urn:rules"}, "changed_meaning", "implicitRules"),
        (
            {"ingredient": [{"itemCodeableConcept": concept("4493"), "modifierExtension": [{"url": "urn:x"}]}]},
            "changed_meaning",
            "modifierExtension",
        ),
    ],
)
def test_a_medication_that_is_an_error_or_may_mean_something_else_is_no_medicine(
    more: dict[str, Any], code: str, where: str
) -> None:
    held = resource("Medication", "m", code=concept("36437"), **more)
    course = by_reference({"reference": "Medication/m"}, held)
    assert faults(course) == [(code, f"MedicationRequest.medicationReference.resolve().{where}")]
    assert course.medication_trials == []


def test_a_dangling_reference_is_a_fault_unless_its_display_names_the_medicine() -> None:
    assert faults(by_reference({"reference": "Medication/m", "display": "tablets"})) == [
        ("dangling_reference", "MedicationRequest.medicationReference")
    ]
    assert faults(by_reference({"reference": "#m"}, contained=[{"id": "n"}]))[0][0] == "dangling_reference"
    assert len(by_reference({"reference": "Medication/m", "display": "Zoloft 50 mg"}).medication_trials) == 1
    assert faults(by_reference(None)) == [("no_medicine", "MedicationRequest.medication[x]")]


def test_a_medication_that_nobody_refers_to_is_set_aside() -> None:
    assert fates(read(resource("Medication", "m", code=concept("36437")))) == {"Medication/m": "not_referred_to"}


def test_every_medicine_is_recorded_under_a_name_that_is_taken() -> None:
    known = sorted(formulary().medicines)
    assert [resolve(entry_for(each)["text"], None, None).ingredient for each in known] == known
