"""What is said and placed first: danger, a first choice, what helped before; and what has nothing to be added to."""

from typing import Any

import pytest

from clinical.background import Symptom
from clinical.care import Laterality, Modality
from clinical.dates import parse_partial_date
from clinical.history import Episode, History, Observation, Outcome, Rating
from clinical.treatments.options import NOTHING_TAKEN, Option
from clinical.treatments.words import OptionState, OrderGroup, ReviewKind
from clinical.vocabulary import Indication, Polarity, Response, Role, SafetyLevel, Severity, StopReason, Verdict
from tests.clinical.treated import LIBRARY, SSRI, UNIPOLAR, course, drug, failed, history, option, options, span

HELPED = drug("sertraline", "2020-01-01", "2021-03-31", response=Response.REMISSION)
FAILED = failed("venlafaxine", "2025-04-01", "2025-06-01")
ANOTHER, WITHIN = "switch_to_another_class", "switch_within_class"


def members(found: Option) -> dict[str, Any]:
    return {each.id: each for each in found.members}


def ranks(facts: History) -> list[str]:
    return [each.family.slug.value for each in options(facts).options]


# What helped before


def test_a_medicine_that_helped_and_is_not_taken_now_puts_its_switch_among_what_helped() -> None:
    found = option(history(HELPED, FAILED), ANOTHER)
    assert (found.state, found.group) == (OptionState.HELPED, OrderGroup.HELPED)
    assert "Sertraline, from 2020-01-01 to 2021-03-31: it helped." in found.sentence
    assert "Venlafaxine, from 2025-04-01 to 2025-06-01: the depression did not respond." in found.sentence
    assert members(found)["SSRI"].state is OptionState.HELPED
    assert [each.name for each in found.attempts] == ["sertraline", "venlafaxine"]
    order = ranks(history(HELPED, FAILED))
    assert order.index(ANOTHER) < order.index("psychotherapy")


@pytest.mark.parametrize("response", [Response.NONE, Response.UNKNOWN, Response.PARTIAL])
def test_a_medicine_that_did_not_help_leaves_its_switch_where_it_was(response: Response) -> None:
    earlier = drug("sertraline", "2020-01-01", "2021-03-31", response=response)
    found = option(history(earlier, FAILED), ANOTHER)
    assert found.group is OrderGroup.FAILED
    assert [each.name for each in found.attempts] == ["venlafaxine"]


def test_a_medicine_that_helps_now_is_nothing_to_go_back_to() -> None:
    helping = drug("sertraline", "2025-01-01", outcome=Outcome(Response.RESPONSE, assessed_on=span("2025-06-01")))
    facts = history(HELPED, helping)
    assert option(facts, ANOTHER).state is OptionState.NOT_TRIED
    assert option(facts, WITHIN).state is OptionState.NOT_TRIED
    assert "sertraline" not in [each.name for each in members(option(facts, ANOTHER))["SSRI"].treatables]


def test_going_back_within_the_class_that_is_taken_is_a_switch_within_it() -> None:
    told = Outcome(Response.NONE, assessed_on=span("2025-06-01"))
    facts = history(HELPED, drug("escitalopram", "2025-01-01", mg=20.0, outcome=told))
    assert option(facts, WITHIN).group is OrderGroup.HELPED
    assert option(facts, ANOTHER).state is OptionState.NOT_TRIED


def test_going_back_from_another_class_that_is_taken_is_a_switch_to_another() -> None:
    told = Outcome(Response.NONE, assessed_on=span("2025-06-01"))
    facts = history(HELPED, drug("venlafaxine", "2025-01-01", outcome=told))
    assert option(facts, ANOTHER).group is OrderGroup.HELPED
    assert option(facts, WITHIN).group is OrderGroup.NOT_TRIED


def test_the_only_medicine_that_was_ever_taken_can_be_gone_back_to() -> None:
    for family in (ANOTHER, WITHIN):
        assert option(history(HELPED), family).group is OrderGroup.HELPED


def test_what_helped_before_and_is_now_being_switched_to_again_is_shown_once() -> None:
    switched = drug("venlafaxine", "2022-01-01", "2022-06-01", response=Response.RESPONSE)
    first = failed("sertraline", "2019-01-01", "2019-06-01")
    facts = history(first, switched, failed("mirtazapine", "2025-01-01", "2025-03-01", mg=30.0))
    assert [each.name for each in option(facts, ANOTHER).attempts] == ["venlafaxine", "mirtazapine"]


def test_a_class_of_one_medicine_that_helped_is_offered_again_with_its_cautions() -> None:
    facts = history(drug("vortioxetine", "2020-01-01", "2021-03-31", mg=20.0, response=Response.REMISSION), FAILED)
    found = members(option(facts, ANOTHER))["multimodal"]
    assert (found.tried, found.untried, found.spoken_against) == (("vortioxetine",), (), ())
    spoken = history(*facts.trials, drug("phenelzine", "2025-01-01", mg=60.0))
    assert members(option(spoken, ANOTHER))["multimodal"].spoken_against == ("vortioxetine",)


# Nothing to add to


@pytest.mark.parametrize("family", ["augmentation", "combination"])
def test_without_an_antidepressant_there_is_nothing_to_add_to(family: str) -> None:
    for facts in (history(), history(SSRI)):
        found = option(facts, family)
        assert found.group is OrderGroup.NOT_NOW
        assert found.sentence.startswith(NOTHING_TAKEN)
    assert option(history(SSRI), "dose_optimisation").sentence.startswith(NOTHING_TAKEN)


@pytest.mark.parametrize(
    ("taken", "empty"),
    [
        (drug("sertraline", "2025-01-01"), False),
        (drug("sertraline", "2025-01-01", "2025-06-20"), False),
        (drug("sertraline", "2025-01-01", "2025-06-19"), True),
        (drug("sertraline", "2025-01-01", "2025-06"), False),
        (drug("sertraline", "2025-01-01", "2025-05"), True),
        (drug("sertraline", "2025-01-01", running=False), False),
        (drug("sertraline", "2025-06-21"), True),
        (drug("duloxetine", "2025-01-01", mg=60.0, indication=Indication.OTHER), False),
        (drug("lithium", "2025-01-01"), True),
        (drug("st-johns-wort", "2025-01-01"), False),
    ],
)
def test_an_antidepressant_that_is_or_may_be_taken_can_be_added_to(taken: Any, empty: bool) -> None:  # noqa: ANN401, FBT001 - a trial and an answer
    assert (option(history(taken), "combination").group is OrderGroup.NOT_NOW) is empty


def test_what_was_added_before_is_still_said_where_there_is_nothing_to_add_to() -> None:
    lithium = drug("lithium", "2024-01-15", "2024-03-15", mg=900.0, response=Response.RESPONSE)
    found = option(history(SSRI, lithium), "augmentation")
    assert (found.state, found.group) == (OptionState.HELPED, OrderGroup.NOT_NOW)
    assert found.sentence.startswith(f"{NOTHING_TAKEN} Lithium, from 2024-01-15")
    running = history(SSRI, drug("lithium", "2025-06-01", mg=900.0))
    assert option(running, "augmentation").group is not OrderGroup.NOT_NOW


# Danger first


def episode(**more: Any) -> Episode:  # noqa: ANN401 - any field
    return UNIPOLAR._replace(**({"psychotic": True} | more))


def level_of(level: SafetyLevel) -> History:
    """A history in which one item of a scale asks for this level."""
    scale = next(each for each in LIBRARY.scales.values() if each.safety and level in each.safety.levels)
    assert scale.safety is not None
    items = [0] * len(scale.items.names)
    items[scale.safety.item - 1] = scale.safety.levels.index(level)
    rating = Rating(scale.slug, parse_partial_date("2025-06-18"), sum(items), tuple(items))
    return history()._replace(ratings=(rating,))


LEVELS = {level for scale in LIBRARY.scales.values() if scale.safety for level in scale.safety.levels}


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_suicidal_thoughts_are_said_first_and_severe_ones_make_ect_a_first_choice(level: SafetyLevel) -> None:
    found = options(level_of(level))
    thoughts = level is not SafetyLevel.NONE_REPORTED
    assert (bool(found.review) and found.review[0].kind is ReviewKind.SAFETY) is thoughts
    severe = level in (SafetyLevel.URGENT, SafetyLevel.EMERGENCY)
    ect = next(each for each in found.options if each.family.slug == "ect")
    assert (ect.group is OrderGroup.FIRST_CHOICE) is severe
    assert ("where suicidal thoughts are severe" in ect.order_sentence) is severe
    if severe:
        assert found.options[0] is ect
        assert level.value in found.review[0].sentence
        assert "2025-06-18" in found.review[0].sentence
        assert "Source: CANMAT 2023" in ect.order_sentence


def test_the_scales_have_a_level_on_each_side_of_severe() -> None:
    assert {SafetyLevel.NONE_REPORTED, SafetyLevel.REVIEW, SafetyLevel.URGENT} <= LEVELS


def test_a_symptom_record_of_suicidal_thoughts_is_said_first_and_is_not_called_severe() -> None:
    present = Observation("o", span("2025-06-01"), frozenset({Symptom.SUICIDAL_THOUGHTS}), frozenset())
    found = options(history()._replace(observations=(present,)))
    assert found.review[0].kind is ReviewKind.SAFETY
    assert OrderGroup.FIRST_CHOICE not in [each.group for each in found.options]


@pytest.mark.parametrize(
    ("changes", "said", "group", "unsure"),
    [
        ({}, True, OrderGroup.FIRST_CHOICE, False),
        ({"severity": Severity.UNKNOWN}, True, OrderGroup.NOT_TRIED, True),
        ({"severity": Severity.MODERATE}, True, OrderGroup.NOT_TRIED, False),
        ({"psychotic": False}, False, OrderGroup.NOT_TRIED, False),
        ({"psychotic": None}, False, OrderGroup.NOT_TRIED, False),
        ({"resolved": span("2025-06")}, True, OrderGroup.NOT_TRIED, True),
        ({"resolved": span("2025-05")}, False, OrderGroup.NOT_TRIED, False),
    ],
)
def test_a_severe_episode_with_psychotic_features_is_said_first_and_makes_ect_a_first_choice(
    changes: dict[str, Any],
    said: bool,  # noqa: FBT001 - a table
    group: OrderGroup,
    unsure: bool,  # noqa: FBT001 - a table
) -> None:
    found = options(history(episodes=(episode(**changes),)))
    kinds = [each.kind for each in found.review]
    assert (ReviewKind.PSYCHOTIC_FEATURES in kinds[:1]) is said
    ect = next(each for each in found.options if each.family.slug == "ect")
    assert ect.group is group
    assert ("It may be a first choice here." in ect.order_sentence) is unsure
    assert ("severe illness with psychotic features" in ect.order_sentence) is (
        unsure or group is OrderGroup.FIRST_CHOICE
    )
    if said:
        assert found.review[0].records == (UNIPOLAR.id,)


def test_bipolar_depression_is_said_after_danger() -> None:
    facts = history(episodes=(episode(polarity=Polarity.BIPOLAR),))
    assert [each.kind for each in options(facts).review][:2] == [ReviewKind.PSYCHOTIC_FEATURES, ReviewKind.DIAGNOSIS]


@pytest.mark.parametrize(
    ("ect", "group"),
    [
        (course(Modality.ECT, 12, outcome=Outcome(Response.NONE), laterality=Laterality.BILATERAL), OrderGroup.FAILED),
        (course(Modality.ECT, 3, outcome=Outcome(Response.NONE)), OrderGroup.FIRST_CHOICE),
        (course(Modality.ECT, 12, outcome=Outcome(Response.RESPONSE)), OrderGroup.FIRST_CHOICE),
        (course(Modality.ECT, 3, stop_reason=StopReason.INTOLERANCE), OrderGroup.FIRST_CHOICE),
        (course(Modality.ECT, 3, started="2025-06-10", ended=None, running=True), OrderGroup.GOING_ON),
    ],
)
def test_a_first_choice_that_failed_fairly_or_goes_on_is_not_lifted(ect: Any, group: OrderGroup) -> None:  # noqa: ANN401 - a treatment
    found = option(history(ect, episodes=(episode(),)), "ect")
    assert found.group is group
    assert "ECT is a first choice" in found.order_sentence


# Medicines given in sessions


@pytest.mark.parametrize("what", ["ketamine", "esketamine", "brexanolone", "zuranolone"])
def test_a_medicine_given_in_sessions_is_not_judged_by_the_days_of_an_oral_one(what: str) -> None:
    short = failed(what, "2025-04-01", "2025-04-20", mg=84.0, adherent=None)
    found = options(history(short))
    attempt = next(each for each in found.options if each.family.slug == "rapid_acting").attempts[0]
    assert attempt.adequate.verdict is Verdict.UNKNOWN
    assert "28" not in attempt.adequate.sentence
    assert {each.kind for each in found.review}.isdisjoint({ReviewKind.PSEUDO_RESISTANCE, ReviewKind.ADHERENCE})
    assert option(history(short), "rapid_acting").group is OrderGroup.NOT_FAIRLY_TRIED


def test_the_number_of_sessions_is_asked_where_a_source_gives_one() -> None:
    attempt = option(history(failed("esketamine", "2025-04-01", "2025-04-20")), "rapid_acting").attempts[0]
    assert attempt.adequate.question is not None
    assert attempt.adequate.question.field == "sessions"
    assert "The number of sessions is not recorded." in attempt.adequate.sentence


def test_a_rapid_acting_medicine_that_is_taken_daily_is_judged_by_its_days() -> None:
    short = failed("dextromethorphan-bupropion", "2025-04-01", "2025-04-20", mg=210.0, adherent=None)
    kinds = {each.kind for each in options(history(short)).review}
    assert {ReviewKind.PSEUDO_RESISTANCE, ReviewKind.ADHERENCE} <= kinds


def test_esketamine_beside_an_antidepressant_is_no_unfinished_addition() -> None:
    beside = drug("esketamine", "2025-06-10", mg=84.0, role=Role.AUGMENTATION)
    facts = history(drug("sertraline", "2025-01-01"), beside)
    assert option(facts, "longer_trial").group is not OrderGroup.UNFINISHED
    assert "esketamine" not in [each.id for each in option(facts, "dose_optimisation").members]
    assert option(facts, "rapid_acting").group is OrderGroup.GOING_ON
