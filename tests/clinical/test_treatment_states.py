"""What the record says of each family of options: which attempts belong to it, and what came of them."""

from datetime import date

import pytest

from clinical.care import Modality, OptionFamily, TreatmentKind
from clinical.history import DoseStep, Outcome, Rating
from clinical.treatments.words import OptionState, OrderGroup
from clinical.vocabulary import Indication, Response, Role, StopReason
from tests.clinical.treated import (
    SECOND,
    SNRI,
    SSRI,
    course,
    drug,
    failed,
    history,
    option,
    options,
    span,
)


@pytest.mark.parametrize(
    ("outcome", "stop", "state"),
    [
        (Outcome(Response.NONE), StopReason.LACK_OF_EFFICACY, OptionState.FAILED),
        (Outcome(Response.WORSE), StopReason.OTHER, OptionState.FAILED),
        (Outcome(Response.PARTIAL), StopReason.OTHER, OptionState.PARTLY_HELPED),
        (Outcome(Response.RESPONSE), StopReason.OTHER, OptionState.HELPED),
        (Outcome(Response.REMISSION), StopReason.REMISSION, OptionState.HELPED),
        (Outcome(improvement_percent=24.9), StopReason.OTHER, OptionState.FAILED),
        (Outcome(improvement_percent=25), StopReason.OTHER, OptionState.PARTLY_HELPED),
        (Outcome(improvement_percent=49.9), StopReason.OTHER, OptionState.PARTLY_HELPED),
        (Outcome(improvement_percent=50), StopReason.OTHER, OptionState.HELPED),
        (Outcome(), StopReason.UNKNOWN, OptionState.TRIED_OUTCOME_UNKNOWN),
        (Outcome(), StopReason.LOSS_OF_EFFECT, OptionState.HELPED),
        (Outcome(Response.NONE), StopReason.INTOLERANCE, OptionState.STOPPED_FOR_SIDE_EFFECTS),
    ],
)
def test_a_course_is_read_as_the_field_reads_it(outcome: Outcome, stop: StopReason, state: OptionState) -> None:
    found = option(history(course(Modality.CBT, 12, outcome=outcome, stop_reason=stop)), "psychotherapy")
    assert found.state is state
    assert found.attempts[0].sentence.startswith("Cognitive behavioural therapy (CBT), from 2025-04-01 to 2025-05-31: ")


def test_the_percentage_and_the_loss_of_effect_are_said() -> None:
    partly = course(Modality.CBT, 12, outcome=Outcome(improvement_percent=30))
    assert "it helped in part (30 % improvement)." in option(history(partly), "psychotherapy").sentence
    lost = course(Modality.CBT, 12, stop_reason=StopReason.LOSS_OF_EFFECT)
    assert "later lost its effect" in option(history(lost), "psychotherapy").sentence


def test_ratings_before_and_after_a_course_decide_where_nothing_is_stated() -> None:
    scores = tuple(Rating("phq9", span(day), total) for day, total in (("2025-03-30", 20), ("2025-05-30", 8)))
    found = option(history(course(Modality.ECT, 10))._replace(ratings=scores), "ect")
    assert found.state is OptionState.HELPED
    assert "60 % improvement" in found.sentence


def test_what_is_going_on_without_an_outcome_is_going_on() -> None:
    running = course(Modality.RTMS, 10, started="2025-06-01", ended=None, running=True)
    found = option(history(running), "magnetic_stimulation")
    assert (found.state, found.group) == (OptionState.GOING_ON, OrderGroup.GOING_ON)
    assert "still going on" in found.sentence


def test_no_response_yet_on_a_medicine_too_short_to_judge_is_no_failure() -> None:
    told = Outcome(Response.NONE, assessed_on=span("2025-06-19"))
    short = drug("venlafaxine", "2025-06-01", mg=225.0, outcome=told)
    assert option(history(SSRI, short), "switch_to_another_class").state is OptionState.GOING_ON
    long = drug("venlafaxine", "2025-01-01", mg=225.0, outcome=told)
    assert option(history(SSRI, long), "switch_to_another_class").state is OptionState.FAILED


def test_what_began_later_does_not_exist() -> None:
    later = history(course(Modality.CBT, 12, started="2025-07-01", ended=None, running=True))
    assert option(later, "psychotherapy").state is OptionState.NOT_TRIED


def test_an_end_whose_day_is_unknown_is_said_so() -> None:
    vague = course(Modality.CBT, 12, started=None, ended=None)
    assert (
        "begun on a day not recorded, stopped on a day not recorded" in option(history(vague), "psychotherapy").sentence
    )


# Families


def test_a_second_of_the_class_is_a_switch_within_and_another_class_is_a_switch_to_it() -> None:
    facts = history(SSRI, SECOND, SNRI)
    assert [each.name for each in option(facts, "switch_within_class").attempts] == ["escitalopram"]
    assert [each.name for each in option(facts, "switch_to_another_class").attempts] == ["venlafaxine"]


def test_the_first_antidepressant_is_no_switch_and_a_repeat_goes_with_its_first_time() -> None:
    assert option(history(SSRI), "switch_to_another_class").state is OptionState.NOT_TRIED
    again = drug("venlafaxine", "2024-10-01", "2024-12-01", mg=225.0, response=Response.RESPONSE)
    found = option(history(SSRI, SNRI, again), "switch_to_another_class")
    assert len(found.attempts) == 2
    assert found.state is OptionState.HELPED


def test_the_classes_say_what_was_tried_and_what_is_left() -> None:
    classes = {each.id: each for each in option(history(SSRI, SNRI), "switch_to_another_class").members}
    assert classes["SSRI"].state is OptionState.FAILED
    assert classes["SSRI"].tried == ("sertraline",)
    assert "sertraline" not in classes["SSRI"].untried
    assert classes["TCA"].state is OptionState.NOT_TRIED
    assert "viloxazine" not in classes["NRI"].untried
    within = {each.id: each.state for each in option(history(SSRI, SNRI), "switch_within_class").members}
    assert within == {"SSRI": OptionState.NOT_TRIED, "SNRI": OptionState.NOT_TRIED}


def test_a_class_of_which_nothing_is_left_is_not_offered() -> None:
    tried = failed("vortioxetine", "2024-10-01", "2024-12-01", mg=20.0)
    assert "multimodal" not in [each.id for each in option(history(SSRI, tried), "switch_to_another_class").members]


@pytest.mark.parametrize(("days", "state"), [(14, OptionState.NOT_TRIED), (15, OptionState.FAILED)])
def test_two_together_for_more_than_14_days_are_a_combination(days: int, state: OptionState) -> None:
    last = date(2024, 2, 15 + days - 1).isoformat()
    first = failed("sertraline", "2024-01-01", last)
    second = failed("mirtazapine", "2024-02-15", "2024-04-15", mg=30.0)
    found = option(history(first, second), "combination")
    assert found.state is state
    if state is OptionState.FAILED:
        assert found.attempts[0].name == "sertraline with mirtazapine"


def test_two_that_may_have_been_together_are_a_combination_of_unknown_outcome() -> None:
    first = failed("sertraline", "2024-01-01", "2024-03", role=Role.COMBINATION)
    second = failed("mirtazapine", "2024-02-25", "2024-04-15", mg=30.0)
    found = option(history(first, second), "combination")
    assert found.state is OptionState.TRIED_OUTCOME_UNKNOWN
    assert "may have been taken together" in found.sentence


def test_one_recorded_as_a_combination_alone_is_taken_at_its_word() -> None:
    assert option(
        history(failed("sertraline", "2024-01-01", "2024-03-01", role=Role.COMBINATION)), "combination"
    ).attempts


def test_additions_rapid_acting_medicines_and_treatments_go_to_their_families() -> None:
    facts = history(
        SSRI,
        failed("lithium", "2024-02-01", "2024-03-20", mg=900.0),
        failed("mirtazapine", "2024-02-01", "2024-03-20", mg=30.0, role=Role.AUGMENTATION),
        failed("esketamine", "2024-05-01", "2024-06-20", mg=None),
        course(Modality.ESKETAMINE, 8),
        course(Modality.DBS),
        course(Modality.TDCS, 30),
        course(Modality.VNS),
        course(Modality.DIET),
        course(Modality.PSILOCYBIN, 1, kind=TreatmentKind.CLINICAL_TRIAL),
    )
    names = {each.family.slug: [one.name for one in each.attempts] for each in options(facts).options}
    assert sorted(names[OptionFamily.AUGMENTATION]) == ["lithium", "mirtazapine"]
    assert names[OptionFamily.RAPID_ACTING] == ["esketamine", "Esketamine nasal spray"]
    assert len(names[OptionFamily.CLINICAL_TRIAL]) == 1
    for family in ("deep_brain_stimulation", "transcranial_direct_current", "vagus_nerve_stimulation", "lifestyle"):
        assert len(names[OptionFamily(family)]) == 1
    members = {each.id: each for each in option(facts, "rapid_acting").members}
    assert len(members["esketamine"].attempts) == 2


def test_a_treatment_within_a_clinical_trial_is_of_both_families_and_an_unnamed_one_of_the_trial() -> None:
    facts = history(
        course(Modality.RTMS, 20, kind=TreatmentKind.CLINICAL_TRIAL),
        course(Modality.OTHER, kind=TreatmentKind.CLINICAL_TRIAL),
    )
    assert len(option(facts, "magnetic_stimulation").attempts) == 1
    assert len(option(facts, "clinical_trial").attempts) == 2


def test_what_belongs_to_no_family_is_shown_beside() -> None:
    found = options(history(course(Modality.OTHER_NEUROMODULATION, 5)))
    assert [each.name for each in found.outside] == ["Another stimulation; say which in `note`"]
    assert options(history(SSRI)).outside == ()


def test_a_medicine_given_for_something_else_is_no_attempt() -> None:
    other = drug("quetiapine", "2024-01-01", "2024-03-01", mg=50.0, indication=Indication.OTHER)
    assert option(history(other), "augmentation").state is OptionState.NOT_TRIED


def raised(*doses: float | None) -> tuple[DoseStep, ...]:
    return tuple(DoseStep(dose, span(f"2024-01-{place + 1:02}")) for place, dose in enumerate(doses))


@pytest.mark.parametrize(
    ("doses", "tried"),
    [((50.0, 100.0), True), ((25.0, 50.0), False), ((100.0, 50.0), False), ((50.0,), False), ((None, 100.0), False)],
)
def test_a_dose_raised_above_the_least_adequate_one_was_optimised(doses: tuple[float | None, ...], tried: bool) -> None:  # noqa: FBT001 - a table
    facts = history(failed("sertraline", "2024-01-01", "2024-03-01", doses=raised(*doses)))
    assert bool(option(facts, "dose_optimisation").attempts) is tried


@pytest.mark.parametrize(("ended", "tried"), [("2024-02-24", False), ("2024-02-25", True)])
def test_eight_weeks_are_a_longer_trial(ended: str, tried: bool) -> None:  # noqa: FBT001 - a table
    assert bool(option(history(failed("sertraline", "2024-01-01", ended)), "longer_trial").attempts) is tried


def test_a_trial_that_may_have_lasted_eight_weeks_is_of_unknown_outcome() -> None:
    facts = history(failed("sertraline", "2024-01", "2024-03"))
    assert option(facts, "longer_trial").state is OptionState.TRIED_OUTCOME_UNKNOWN
    helped = history(drug("sertraline", "2024-01", "2024-03", response=Response.RESPONSE))
    assert option(helped, "longer_trial").state is OptionState.HELPED
