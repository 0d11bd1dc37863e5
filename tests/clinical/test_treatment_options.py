"""The list of options: every family once, in an order that follows from the history, whatever is known of it."""

import random
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.background import Certainty, ContributingFactor
from clinical.care import Laterality, Modality, OptionFamily, TreatmentKind
from clinical.data_file import LibraryFault
from clinical.history import DoseStep, Episode, History, Outcome, Rating
from clinical.treatments import catalogue
from clinical.treatments.catalogue import load_treatments
from clinical.treatments.options import Options, options_for
from clinical.treatments.words import OptionState, OrderGroup
from clinical.vocabulary import Indication, Polarity, Response, Role, Severity, StopReason, Verdict
from tests.clinical.treated import (
    DEFAULT,
    LIBRARY,
    ON,
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

SSRI = failed("sertraline", "2024-01-01", "2024-03-01")
SECOND = failed("escitalopram", "2024-04-01", "2024-06-01")
SNRI = failed("venlafaxine", "2024-07-01", "2024-09-01", mg=225.0)


def places(found: Options) -> list[str]:
    return [each.family.slug.value for each in found.options]


def group(facts: History, family: str) -> OrderGroup:
    return option(facts, family).group


# States


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


# Order


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
    for family in of_treatments:
        if option(facts, family).state is not OptionState.NOT_TRIED:
            assert option(vaguer, family).state is not OptionState.NOT_TRIED
    vaguer = facts._replace(trials=tuple(each._replace(**chosen) for each in facts.trials))
    for family in ("augmentation", "rapid_acting", "switch_to_another_class"):
        if option(facts, family).state is OptionState.FAILED:
            assert option(vaguer, family).state is not OptionState.NOT_TRIED


# The data


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("families/ect.toml", 'title = "Elec', 'titel = "Elec', "titel"),
        ("families/ect.toml", "sessions_at_least = 6\n", "", "sessions_at_least"),
        ("families/ect.toml", 'modality = "ect"', 'modality = "cbt"', "given twice"),
        ("families/augmentation.toml", "canmat_2023_adjunct", "nowhere", "dose_table"),
        ("families/longer_trial.toml", "days_at_least = 56", "sessions_at_least = 5", "drug_course"),
        ("cautions.toml", '"MAOI"', '"MAIO"', "MAIO"),
        ("cautions.toml", '"fluoxetine"', '"prozac"', "prozac"),
        ("cautions.toml", 'group = "SSRI"', 'group = "SSR"', "SSR"),
        ("cautions.toml", "bipolar = true", "bipolar = false", "exactly one condition"),
        ("classes.toml", 'group = "TCA"', 'group = "TAC"', "TAC"),
        ("order.toml", '"helped", ', "", "name each of"),
        ("order.toml", 'slug = "helped"', 'slug = "failed"', "name each of"),
    ],
)
def test_a_fault_in_the_data_names_the_file_and_the_key(
    tmp_path: Path, file: str, old: str, new: str, fault: str
) -> None:
    folder = copytree(Path(catalogue.__file__).parent, tmp_path / "treatments")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(LibraryFault, match=fault):
        load_treatments(LIBRARY.formulary, folder)


def test_a_family_without_a_file_stops_the_start(tmp_path: Path) -> None:
    folder = copytree(Path(catalogue.__file__).parent, tmp_path / "treatments")
    (folder / "families/ect.toml").unlink()
    with pytest.raises(LibraryFault, match="no file for ect"):
        load_treatments(LIBRARY.formulary, folder)
