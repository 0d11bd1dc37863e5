"""What must hold whatever the resources are: nothing is raised, each is accounted for once, order does not matter."""

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any
from unittest.mock import Mock
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.bundles import Found, resources_in
from intake.course import of_patient
from intake.given import digest
from intake.made import Course
from intake.patients import by_patient
from models.assessment import AssessmentCreate
from models.episode import EpisodeCreate
from models.medication_trial import MedicationTrialCreate
from models.patient import PatientCreate
from models.treatment import TreatmentCreate
from registry.desk import Desk
from registry.episodes import episode_faults
from registry.medications import resolve
from registry.rating_faults import rating_faults
from registry.treatments import treatment_faults
from registry.trial_faults import absurd_doses, trial_faults
from tests.intake.resources import ON, concept, condition, dosage, fill, observation, order, resource, statement
from tests.intake.test_others import procedure, session
from tests.intake.test_ratings import FULL, answers, components, form

FEW = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
DESK = Desk(Mock(), UUID(int=0), ON)
CONTAINED = [{"resourceType": "Medication", "id": "m", "code": concept("36437")}]
POOL: tuple[dict[str, Any], ...] = (
    resource("Patient", "p", name=[{"family": "Other", "given": ["Ann"]}], birthDate="1984-03", gender="female"),
    order(
        "1",
        dosageInstruction=dosage(50, "mg"),
        reasonReference=[{"reference": "Condition/c"}],
        subject={"reference": "Patient/p"},
    ),
    order(
        "2",
        "2025-03-01",
        dosageInstruction=[*dosage(50, "mg"), *dosage(100, "mg")],
        status="stopped",
        statusReason=[{"text": "side effects"}],
    ),
    order("3", None, medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=CONTAINED),
    order(
        "4",
        "2024-02",
        medicationCodeableConcept=concept(text="fluoxetine 25 MG / olanzapine 6 MG Oral Capsule [Symbyax]"),
    ),
    order("5", medicationCodeableConcept=None, medicationReference={"reference": "Medication/n"}),
    resource("Medication", "n", code=concept("312941")),
    fill("6", "2025-01-01", dosageInstruction=dosage(1, "tablet")),
    fill("7", "2025-05-20", quantity={"value": 30}),
    statement(
        "8",
        "2025-01-05",
        "2025-02-20",
        informationSource={"reference": "Patient/p"},
        dosage=[{"text": "1 tablet daily"}],
    ),
    statement("9", None, effectiveDateTime="2025-01-20", dateAsserted="2025-01-21"),
    resource(
        "MedicationAdministration",
        "10",
        status="completed",
        medicationCodeableConcept=concept("36437"),
        effectivePeriod={"start": "2025-01-03", "end": "2025-01-04"},
        dosage={"dose": {"value": 50, "unit": "mg"}},
    ),
    observation("t", "44261-6", 15),
    *answers(*FULL),
    components(*FULL),
    form(*FULL, total=15),
    condition("c", "F33.2", onsetDateTime="2024-11", abatementDateTime="2025-04-01"),
    condition("d", "F31.4"),
    session("s", "2025-01-06"),
    procedure("u", "228557008", performedPeriod={"start": "2025-01-06", "end": "2025-03-06"}),
    resource("Encounter", "e"),
)
DAYS = st.sampled_from(
    ["2024", "2025-01", "2025-01-10", "2025-05-31T23:00:00+09:00", "2025-02-30", "2026-01-01", "", "unknown"]
)
WORDS = st.sampled_from(
    [
        "active",
        "stopped",
        "completed",
        "mg",
        "tablet",
        "36437",
        "4493",
        "44250-9",
        "F32.1",
        "#m",
        "Condition/c",
        "urn:uuid:p",
    ]
)
SCALARS = st.one_of(
    DAYS,
    WORDS,
    st.text(max_size=4),
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-(10**400), 10**400),
    st.integers(-3, 30),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
CHANGES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), JSON), max_size=6)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON may be anything
    """Every place in a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


def changed(resources: list[dict[str, Any]], changes: list[tuple[int, int, bool, Any]]) -> list[dict[str, Any]]:
    """The resources with values replaced or removed wherever the changes say."""
    resources = deepcopy(resources)
    for which, where, removed, value in changes:
        target: Any = resources[which % len(resources)]
        paths = list(places(target))
        if not paths:
            continue
        *above, last = paths[where % len(paths)]
        for key in above:
            target = target[key]
        if removed:
            del target[last]
        else:
            target[last] = value
    return resources


def names(resources: list[dict[str, Any]]) -> set[str]:
    def name(each: dict[str, Any]) -> str:
        kind, own = each.get("resourceType"), each.get("id")
        kind = kind.strip() if isinstance(kind, str) else ""
        own = own.strip() if isinstance(own, str) else ""
        return f"{kind}/{own}" if kind and own else f"{kind or 'Resource'}/{digest(each)}"

    return {name(each) for each in resources}


def check_entries(course: Course) -> None:
    """Every record is taken by the JSON edge as it is, with no fault."""
    for made in course.medication_trials:
        trial = MedicationTrialCreate.model_validate(made.entry)
        ingredient = resolve(trial.medication.text, trial.medication.system, trial.medication.code).ingredient
        assert [*trial_faults(trial, DESK), *absurd_doses(ingredient, trial)] == []
    for made in course.assessments:
        assert rating_faults(AssessmentCreate.model_validate(made.entry), DESK) == []
    for made in course.episodes:
        assert episode_faults(EpisodeCreate.model_validate(made.entry), DESK) == []
    for made in course.treatments:
        assert treatment_faults(TreatmentCreate.model_validate(made.entry), DESK) == []
    if course.patient:
        PatientCreate.model_validate(course.patient.entry)


def check_keys(course: Course) -> None:
    """Every record has a key of its own, and every value that is said has a source among the resources."""
    made = [*course.medication_trials, *course.assessments, *course.episodes, *course.treatments]
    assert len({each.key for each in made}) == len(made)
    known = {each.reference for each in course.accounted}
    for each in made:
        assert {source.reference for sources in each.provenance.values() for source in sources} <= known


@given(CHANGES, st.randoms(use_true_random=False))
@FEW
def test_whatever_is_given_is_accounted_for_once_in_any_order(
    changes: list[tuple[int, int, bool, Any]], chance: Random
) -> None:
    resources = changed(list(POOL), changes)
    course = of_patient(resources, on=ON)
    assert [each.reference for each in course.accounted] == sorted(names(resources))
    refused = {each.reference for each in course.not_understood}
    assert refused <= {each.reference for each in course.accounted if each.outcome == "not_understood"}
    check_entries(course)
    check_keys(course)
    again = [*resources, *deepcopy(resources)]
    chance.shuffle(again)
    assert repr(of_patient(again, on=ON)) == repr(course)


@given(CHANGES, JSON)
@FEW
def test_any_document_is_sorted_without_an_error(changes: list[tuple[int, int, bool, Any]], document: Any) -> None:  # noqa: ANN401 - JSON may be anything
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": each, "fullUrl": f"urn:uuid:{at}"} for at, each in enumerate(POOL)],
    }
    (changed_bundle,) = changed([bundle], changes)
    for each in (changed_bundle, document):
        heap = resources_in(each)
        found = by_patient(heap.found)
        held = [*found.about_nobody, *(one for heap in found.patients for one in heap.resources)]
        assert len(held) >= len(heap.found)
        for one in found.patients:
            of_patient(one.resources, on=ON, aliases=one.aliases)


def test_references_that_go_round_in_a_circle_are_no_trouble() -> None:
    contained = {"resourceType": "Medication", "id": "m", "ingredient": [{"itemReference": {"reference": "#m"}}]}
    first = order("1", medicationCodeableConcept=None, medicationReference={"reference": "#m"}, contained=[contained])
    second = order(
        "2", basedOn=[{"reference": "MedicationRequest/2"}], reasonReference=[{"reference": "MedicationRequest/2"}]
    )
    round_about = resource("Patient", "p", link=[{"other": {"reference": "Patient/p"}}])
    found = by_patient([Found(each, None) for each in (first, second, round_about)])
    course = of_patient([first, second, round_about], on=ON)
    assert len(course.accounted) == 3
    assert len(found.patients) == 1
