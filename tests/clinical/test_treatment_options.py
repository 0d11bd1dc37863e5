"""The list of options: every family once, in an order that follows from the history, whatever is known of it."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.background import Certainty, ContributingFactor
from clinical.care import Laterality, Modality, OptionFamily
from clinical.history import Episode, History, Outcome
from clinical.treatments.options import Options, options_for
from clinical.treatments.words import OptionState, OrderGroup
from clinical.vocabulary import Polarity, Response, Role, Severity, StopReason, Verdict
from tests.clinical.treated import (
    DEFAULT,
    LIBRARY,
    ON,
    SECOND,
    SNRI,
    SSRI,
    UNIPOLAR,
    course,
    drug,
    factor,
    failed,
    history,
    option,
    options,
    span,
)


def places(found: Options) -> list[str]:
    return [each.family.slug.value for each in found.options]


def group(facts: History, family: str) -> OrderGroup:
    return option(facts, family).group


def test_without_a_history_the_list_is_that_of_the_data() -> None:
    found = options(history())
    ranks = [each.group for each in found.options]
    assert ranks == sorted(ranks, key=[each.slug for each in LIBRARY.treatments.order.groups].index)
    assert places(found)[0] == "review_of_diagnosis"
    assert all(each.state is OptionState.NOT_TRIED for each in found.options)
    assert group(history(), "dose_optimisation") is OrderGroup.NOT_NOW
    assert group(history(), "switch_within_class") is OrderGroup.NOT_NOW


def test_a_medicine_at_too_low_a_dose_puts_its_dose_first() -> None:
    facts = history(SSRI, drug("venlafaxine", "2025-01-01", mg=75.0))
    found = options(facts).options[0]
    assert found.family.slug is OptionFamily.DOSE_OPTIMISATION
    assert "Venlafaxine is taken now. The highest dose was 75 mg a day; at least 150 mg is asked." in found.sentence
    enough = history(SSRI, drug("venlafaxine", "2025-01-01", mg=150.0))
    assert group(enough, "dose_optimisation") is OrderGroup.NOT_TRIED


@pytest.mark.parametrize(("started", "first"), [("2025-05-25", True), ("2025-05-24", False)])
def test_a_medicine_taken_for_less_than_28_days_puts_time_first(started: str, first: bool) -> None:  # noqa: FBT001 - a table
    facts = history(SSRI, drug("venlafaxine", started, mg=225.0))
    assert (group(facts, "longer_trial") is OrderGroup.UNFINISHED) is first


def test_a_medicine_that_has_helped_asks_for_nothing_more() -> None:
    told = Outcome(Response.REMISSION, assessed_on=span("2025-06-19"))
    facts = history(drug("venlafaxine", "2025-06-01", mg=75.0, outcome=told))
    assert group(facts, "dose_optimisation") is not OrderGroup.UNFINISHED
    assert group(facts, "longer_trial") is not OrderGroup.UNFINISHED


def test_a_fair_failure_stands_after_an_unfair_one_and_that_after_what_was_never_tried() -> None:
    facts = history(
        course(Modality.CBT, 12, outcome=Outcome(Response.NONE)),
        course(Modality.RTMS, 19, outcome=Outcome(Response.NONE)),
        SSRI,
    )
    assert group(facts, "psychotherapy") is OrderGroup.FAILED
    assert group(facts, "magnetic_stimulation") is OrderGroup.NOT_FAIRLY_TRIED
    order = places(options(facts))
    assert order.index("lifestyle") < order.index("magnetic_stimulation") < order.index("psychotherapy")


def test_the_fairest_attempt_stands_for_the_family() -> None:
    facts = history(
        course(Modality.CBT, 12, outcome=Outcome(Response.NONE)),
        course(Modality.IPT, 3, outcome=Outcome(Response.NONE)),
    )
    found = option(facts, "psychotherapy")
    assert found.adequate is not None
    assert found.adequate.verdict is Verdict.MET
    assert found.group is OrderGroup.FAILED


@pytest.mark.parametrize(
    ("family", "failures", "later"),
    [
        ("magnetic_stimulation", 0, True),
        ("magnetic_stimulation", 1, False),
        ("rapid_acting", 1, True),
        ("rapid_acting", 2, False),
        ("vagus_nerve_stimulation", 3, True),
        ("vagus_nerve_stimulation", 4, False),
        ("deep_brain_stimulation", 4, True),
        ("clinical_trial", 4, True),
    ],
)
def test_sources_place_a_family_after_a_number_of_failures(family: str, failures: int, later: bool) -> None:  # noqa: FBT001 - a table
    more = (failed("mirtazapine", "2024-10-01", "2024-12-01", mg=30.0),)
    sure = [each._replace(stop_reason=StopReason.LACK_OF_EFFICACY) for each in (SSRI, SECOND, SNRI, *more)]
    facts = history(*sure[:failures])
    assert (group(facts, family) is OrderGroup.NOT_YET) is later


def test_a_failure_that_is_only_possible_leaves_the_place_open() -> None:
    possible = history(drug("sertraline", "2024-01-01", "2024-03-01"))
    assert group(possible, "magnetic_stimulation") is OrderGroup.NOT_TRIED


def test_what_is_contraindicated_stands_last_and_is_shown() -> None:
    facts = history(SSRI, factor(ContributingFactor.METAL_IMPLANT_IN_HEAD))
    assert places(options(facts))[-1] == "magnetic_stimulation"
    suspected = history(SSRI, factor(ContributingFactor.METAL_IMPLANT_IN_HEAD, Certainty.SUSPECTED))
    assert places(options(suspected))[-1] != "magnetic_stimulation"
    assert option(suspected, "magnetic_stimulation").cautions[0].verdict is Verdict.UNKNOWN


def test_what_is_being_given_is_never_put_last_for_a_contraindication() -> None:
    running = course(Modality.RTMS, 10, ended=None, running=True)
    facts = history(running, factor(ContributingFactor.METAL_IMPLANT_IN_HEAD))
    assert group(facts, "magnetic_stimulation") is OrderGroup.GOING_ON
    assert option(facts, "magnetic_stimulation").cautions


def test_one_member_that_is_contraindicated_does_not_put_the_family_last() -> None:
    facts = history(SSRI, factor(ContributingFactor.SEIZURE_DISORDER))
    found = option(facts, "switch_to_another_class")
    assert found.group is OrderGroup.NOT_TRIED
    assert next(each for each in found.members if each.id == "NDRI").contraindicated


def test_a_caution_names_a_whole_class_by_its_title() -> None:
    facts = history(SSRI, factor(ContributingFactor.CARDIOVASCULAR_DISEASE))
    found = next(each for each in option(facts, "switch_to_another_class").cautions if each.slug == "tca_heart")
    assert found.about == ("Tricyclic antidepressant",)


# What comes first


def kinds(facts: History) -> set[str]:
    return {each.kind.value for each in options(facts).review}


def test_a_diagnosis_that_is_bipolar_or_not_recorded_is_reviewed_first() -> None:
    assert "diagnosis" in kinds(history(episodes=()))
    assert "diagnosis" not in kinds(history())
    bipolar = Episode("b", span("2024"), None, Polarity.BIPOLAR, psychotic=False, severity=Severity.SEVERE)
    found = options(history(episodes=(bipolar,)))
    assert found.review[0].records == ("b",)
    assert found.options[0].group is OrderGroup.UNFINISHED


@pytest.mark.parametrize("certainty", list(Certainty))
def test_a_factor_is_looked_at_unless_it_was_refuted(certainty: Certainty) -> None:
    facts = history(factor(ContributingFactor.THYROID, certainty))
    assert ("factor" in kinds(facts)) is (certainty is not Certainty.REFUTED)
    asked = group(facts, "review_of_diagnosis") is OrderGroup.UNFINISHED
    assert asked is (certainty is not Certainty.REFUTED)


def test_a_failure_of_an_unfair_trial_is_looked_at_and_so_is_how_it_was_taken() -> None:
    short = failed("sertraline", "2024-01-01", "2024-01-27")
    assert "pseudo_resistance" in kinds(history(short))
    assert "pseudo_resistance" not in kinds(history(SSRI))
    assert "pseudo_resistance" in kinds(history(SSRI._replace(adherent=False)))
    assert "adherence" not in kinds(history(SSRI))
    assert "adherence" in kinds(history(SSRI._replace(adherent=None)))


def test_a_question_that_decides_is_looked_at() -> None:
    facts = history(SSRI, drug("venlafaxine", "2024-07-01", "2024-09-01", mg=225.0))
    assert "deciding_question" in kinds(facts)


# Properties

DRUGS = ["sertraline", "escitalopram", "venlafaxine", "mirtazapine", "phenelzine", "lithium", "esketamine", "bupropion"]
RESPONSES = [Response.NONE, Response.PARTIAL, Response.RESPONSE, Response.UNKNOWN]


@st.composite
def histories(draw: Any) -> History:  # noqa: ANN401 - hypothesis leaves it untyped
    """Up to four trials and three courses, as vague as they come."""
    pick = st.sampled_from
    facts: list[Any] = []
    for place in range(draw(st.integers(0, 4))):
        more = {"id": f"m{place}", "response": draw(pick(RESPONSES)), "role": draw(pick([*Role]))}
        more |= {"mg": draw(pick([None, 25.0, 100.0, 300.0])), "stop_reason": draw(pick([*StopReason]))}
        started, ended = draw(pick([None, "2024", "2024-03-01", "2025-06"])), draw(pick([None, "2025", "2025-06-15"]))
        facts.append(drug(draw(pick(DRUGS)), started, ended, **more))
    for place in range(draw(st.integers(0, 3))):
        outcome = Outcome(draw(pick(RESPONSES)))
        more = {"id": f"t{place}", "outcome": outcome, "laterality": draw(pick([*Laterality]))}
        more |= {"started": draw(pick([None, "2024", "2025-01-01"])), "ended": draw(pick(["2025", "2025-03-01"]))}
        facts.append(course(draw(pick([*Modality])), draw(pick([None, 1, 12, 30])), **more))
    for place in range(draw(st.integers(0, 2))):
        which, certainty = draw(pick([*ContributingFactor])), draw(pick([*Certainty]))
        facts.append(factor(which, certainty, draw(pick([None, "2024", "2025-06"])), f"f{place}"))
    return history(*facts, episodes=draw(pick([(), (UNIPOLAR,)])))


MANY = settings(max_examples=150, deadline=None, derandomize=True)


@MANY
@given(facts=histories(), definition=st.sampled_from(sorted(LIBRARY.definitions)))
def test_every_family_is_listed_exactly_once_whatever_the_history_and_the_definition(
    facts: History, definition: str
) -> None:
    found = options_for(LIBRARY.definitions[definition], facts, ON, LIBRARY)
    assert sorted(places(found)) == sorted(OptionFamily)
    assert all(each.sentence and each.order_sentence for each in found.options)


@MANY
@given(facts=histories(), seed=st.integers())
def test_the_order_of_the_records_never_matters(facts: History, seed: int) -> None:
    shuffled = [list(each) for each in facts]
    for records in shuffled:
        random.Random(seed).shuffle(records)  # noqa: S311 - no secret
    again = History(*map(tuple, shuffled))
    one, other = options_for(DEFAULT, again, ON, LIBRARY), options_for(DEFAULT, facts, ON, LIBRARY)
    assert (one.review, one.options, one.outside) == (other.review, other.options, other.outside)


@MANY
@given(facts=histories(), seed=st.integers())
def test_forgetting_a_fact_never_turns_what_was_tried_into_what_was_not(facts: History, seed: int) -> None:
    forget: list[dict[str, Any]] = [
        {"started": None},
        {"ended": None, "running": False},
        {"outcome": Outcome()},
        {"stop_reason": StopReason.UNKNOWN},
    ]
    chosen = random.Random(seed).choice(forget)  # noqa: S311 - no secret
    vaguer = facts._replace(treatments=tuple(each._replace(**chosen) for each in facts.treatments))
    of_treatments = [family.slug for family in LIBRARY.treatments.families.values() if not family.drugs]
    told, untold = states(facts), states(vaguer)
    for family in of_treatments:
        if told[family] is not OptionState.NOT_TRIED:
            assert untold[family] is not OptionState.NOT_TRIED
    vaguer = facts._replace(trials=tuple(each._replace(**chosen) for each in facts.trials))
    untold = states(vaguer)
    for family in ("augmentation", "rapid_acting", "switch_to_another_class"):
        if told[family] is OptionState.FAILED:
            assert untold[family] is not OptionState.NOT_TRIED


def states(facts: History) -> dict[str, OptionState]:
    """The state of every family."""
    return {each.family.slug: each.state for each in options(facts, ON).options}
