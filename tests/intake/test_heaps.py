"""Documents as heaps of resources, and heaps by patient."""

from typing import Any

from intake.bundles import Found, Heap, resources_in
from intake.course import of_patient
from intake.patients import ByPatient, by_patient
from tests.intake.resources import ON, concept, condition, fates, order, resource


def bundle(*entries: object, kind: str = "transaction") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(held: object, url: str | None = None) -> dict[str, Any]:
    return {"resource": held} if url is None else {"resource": held, "fullUrl": url}


def kinds(heap: Heap) -> list[str]:
    return [each.resource["resourceType"] for each in heap.found]


def faults(heap: Heap | ByPatient) -> list[tuple[str, str]]:
    return [(each.code.value, each.expression) for each in heap.faults]


def sorted_by_patient(*held: object) -> ByPatient:
    return by_patient(resources_in(list(held)).found)


def test_a_document_is_a_resource_a_list_or_bundles_within_bundles() -> None:
    patient, sick = resource("Patient", "p"), condition("c", "F32.1")
    assert resources_in(patient).found == [Found(patient, None)]
    assert kinds(resources_in([patient, sick])) == ["Patient", "Condition"]
    inner = bundle(entry(sick, "urn:uuid:c"), {"request": {"method": "DELETE"}})
    found = resources_in(bundle(entry(patient), entry(inner))).found
    assert found == [Found(patient, None), Found(sick, "urn:uuid:c")]
    assert resources_in({"resourceType": "Bundle"}) == Heap([], [])


def test_what_is_no_resource_is_a_fault_with_its_place() -> None:
    assert faults(resources_in("text")) == [("wrong_type", "")]
    assert faults(resources_in({})) == [("wrong_type", "")]
    assert faults(resources_in(bundle("x", entry(7), entry({"resourceType": 3})))) == [
        ("wrong_type", "Bundle.entry[0]"),
        ("wrong_type", "Bundle.entry[1].resource"),
        ("wrong_type", "Bundle.entry[2].resource"),
    ]
    assert faults(resources_in([{"resourceType": "Bundle", "entry": {}}])) == [("wrong_type", "[0].entry")]


def test_what_is_nested_too_deeply_is_a_fault_and_no_error() -> None:
    document: Any = resource("Patient", "p")
    for _ in range(20_000):
        document = bundle(entry(document))
    heap = resources_in(document)
    assert (heap.found, [fault.code.value for fault in heap.faults]) == ([], ["too_deep"])


def test_resources_are_sorted_by_patient_whatever_the_reference() -> None:
    ann = resource("Patient", "ann", identifier=[{"system": "urn:mrn", "value": "7"}])
    bob = {"resourceType": "Patient"}
    document = bundle(
        entry(ann, "https://example.org/fhir/Patient/ann"),
        entry(bob, "urn:uuid:b-1"),
        *(
            entry(condition(name, "F32.1", subject=subject))
            for name, subject in (
                ("1", {"reference": "Patient/ann"}),
                ("2", {"reference": "https://example.org/fhir/Patient/ann/_history/3"}),
                ("3", {"identifier": {"system": "urn:mrn", "value": "7"}}),
                ("4", {"reference": "urn:uuid:ann"}),
                ("5", {"reference": "urn:uuid:b-1"}),
            )
        ),
        entry(resource("Coverage", "6", beneficiary={"reference": "Patient/ann"})),
        entry(resource("Person", "7", individual={"reference": "Practitioner/x"})),
        entry(resource("Observation", "8", subject={"reference": "#p"})),
        entry(resource("Organization", "9")),
    )
    found = by_patient(resources_in(document).found)
    assert {each.reference: [held["id"] for held in each.resources] for each in found.patients} == {
        "Patient/ann": ["ann", "1", "2", "3", "4", "6"],
        "Patient/b-1": ["b-1", "5"],
    }
    assert [held["id"] for held in found.about_nobody] == ["7", "8", "9"]
    assert found.faults == []


def test_a_patient_who_was_not_given_has_a_heap_and_a_fault() -> None:
    found = sorted_by_patient(
        condition("1", "F32.1", subject={"reference": "Patient/x"}),
        condition("2", "F32.1", subject={"identifier": {"value": "7"}}),
    )
    assert [(each.reference, len(each.resources)) for each in found.patients] == [("Patient/x", 1), ("|7", 1)]
    assert faults(found) == [("dangling_reference", "Patient"), ("dangling_reference", "Patient")]


def test_a_medicine_goes_to_every_patient_who_takes_it() -> None:
    medicine = {"resourceType": "Medication", "code": concept("36437")}
    spare = resource("Medication", "spare")
    subjects = [
        order(
            name,
            subject={"reference": f"Patient/{name}"},
            medicationCodeableConcept=None,
            medicationReference={"reference": "urn:uuid:m"},
        )
        for name in ("a", "b")
    ]
    document = bundle(entry(medicine, "urn:uuid:m"), entry(spare), *map(entry, subjects))
    found = by_patient(resources_in(document).found)
    for each in found.patients:
        course = of_patient(each.resources, on=ON, aliases=each.aliases)
        assert len(course.medication_trials) == 1
        assert set(fates(course).values()) == {"used"}
    assert [held["id"] for held in found.about_nobody] == ["spare"]


def test_a_full_url_may_differ_from_the_id() -> None:
    medicine = resource("Medication", "real", code=concept("36437"))
    ordered = order(
        subject={"reference": "urn:uuid:p"},
        medicationCodeableConcept=None,
        medicationReference={"reference": "urn:uuid:other"},
    )
    document = bundle(
        entry(medicine, "urn:uuid:other"), entry(ordered), entry(resource("Patient", "ann"), "urn:uuid:p")
    )
    (found,) = by_patient(resources_in(document).found).patients
    assert found.reference == "Patient/ann"
    course = of_patient(found.resources, on=ON, aliases=found.aliases)
    assert set(fates(course).values()) == {"used"}
