"""Definitions that read prescriptions alone: what they count, what they say, and what must hold for every history."""

from datetime import date, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.evaluate import best_microseconds
from clinical.assess import assess
from clinical.data_file import LibraryFault
from clinical.dates import Span
from clinical.definition import Definition
from clinical.history import DoseStep, Episode, History, Trial
from clinical.library import HERE, library, load_definitions
from clinical.prescription_lines import Line, longest_line
from clinical.vocabulary import Polarity, Status
from tests.clinical.asking import Json, ask, count, questions
from tests.clinical.trials import EPISODE, ON, day, finding, history, trial, verdict

SLUGS = sorted(slug for slug, rule in library().definitions.items() if rule.prescriptions is not None)
THREE = ("sertraline", "venlafaxine", "mirtazapine")
OPPOSITE = {"treatment_resistant": "not_treatment_resistant", "not_treatment_resistant": "treatment_resistant"}
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
words = st.sampled_from
slugs = words(SLUGS)


def in_turn(*steps: tuple[str, int, int], **more: Any) -> tuple[Json, ...]:  # noqa: ANN401 - any JSON
    """Courses as (name, first day, length), each an adequate trial unless `more` says otherwise."""
    return tuple(trial(name, first, days, outcome={}, **more) for name, first, days in steps)


def three(**more: Any) -> tuple[Json, ...]:  # noqa: ANN401 - any JSON
    """Three different antidepressants, 60 days each, one after the other."""
    return in_turn(*((name, 60 * place, 60) for place, name in enumerate(THREE)), **more)


def other(kind: str, modality: str, started: str | None, ended: str | None) -> Json:
    """A treatment that is no medicine."""
    return {"kind": kind, "modality": modality, "started": started, "ended": ended}


def factor(name: str, certainty: str, noted_on: str | None = "2025-01-10") -> Json:
    """A contributing factor."""
    return {"category": "co_occurring_disorder", "factor": name, "certainty": certainty, "noted_on": noted_on}


def test_all_definitions_of_the_contract_that_read_prescriptions_are_there() -> None:
    named = {"cepeda_2018", "ohdsi_1009", "fabbri_2021", "kim_2020", "gronemann_2018", "lundberg_2023", "zhdanava_2021"}
    assert {*SLUGS} == named | {"cardinal_two_antidepressants"}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_says_that_it_is_a_proxy_and_that_response_was_not_looked_at(slug: str) -> None:
    for body in (history(*three()), history(), history(*three(), episodes=({**EPISODE, "polarity": "bipolar"},))):
        answer = ask(body, slug, ON)
        assert any("not meant for deciding about a person" in note for note in answer["notes"])
        assert "whether they worked was not looked at" in answer["summary"]


def test_the_summary_names_the_medicines_in_order() -> None:
    answer = ask(history(*three()), "kim_2020", ON)
    assert answer["summary"] == (
        "Three different antidepressants followed one another: sertraline, venlafaxine and mirtazapine. "
        "Prescriptions alone; whether they worked was not looked at."
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_what_came_of_a_trial_decides_nothing_and_is_shown_as_a_caution(slug: str) -> None:
    remitted = {"outcome": {"response": "remission", "improvement_percent": 100}, "stop_reason": "remission"}
    without, known = (
        ask(history(*each), slug, ON) for each in (three(), tuple({**one, **remitted} for one in three()))
    )
    assert count(known) == count(without)
    assert finding(known, "failure")["asked"] is False
    assert verdict(known, "failure") == "not_met"
    assert not any(each["criterion"] == "failure" for one in without["trials"] for each in one["findings"])


@pytest.mark.parametrize("slug", SLUGS)
def test_what_a_medicine_was_for_decides_nothing_and_is_shown_as_a_caution(slug: str) -> None:
    answer = ask(history(*three(indication="other")), slug, ON)
    assert answer["status"] == "treatment_resistant"
    assert finding(answer, "indication")["asked"] is False
    assert "other_indication" in answer["pseudo_resistance_reasons"]


@pytest.mark.parametrize(("lasted", "said"), [(27, False), (28, True), (29, False)])
def test_a_course_on_which_the_source_contradicts_itself_is_remarked_on(lasted: int, said: bool) -> None:  # noqa: FBT001 - a table
    body = history(*in_turn(("sertraline", 0, 60), ("venlafaxine", 60, 60), ("mirtazapine", 120, lasted)))
    answer = ask(body, "kim_2020", ON)
    assert ("Panel 1" in finding(answer, "duration", 2)["sentence"]) is said
    assert (answer["status"] == "treatment_resistant") is (lasted > 28)


def test_the_numbers_of_a_gap_are_shown_on_both_sides_of_the_threshold() -> None:
    for gap, status in ((98, "treatment_resistant"), (99, "not_treatment_resistant")):
        body = history(*in_turn(("sertraline", 0, 42), ("venlafaxine", 42, 42), ("mirtazapine", 83 + gap, 42)))
        answer = ask(body, "fabbri_2021", ON)
        found = finding(answer, "sequence", 2)
        assert answer["status"] == status
        assert (found["observed"], found["required"], found["margin"]) == (gap, 98, 98 - gap)


def test_a_course_is_left_out_for_the_reason_that_bars_it() -> None:
    together = in_turn(("sertraline", 0, 60), ("venlafaxine", 10, 60))
    assert finding(ask(history(*together), "fabbri_2021", ON), "sequence", 1)["sentence"] == (
        "Taken together with sertraline for 50 days; where one follows the other, none may be."
    )
    assert "at most 14 may be" in finding(ask(history(*together), "kim_2020", ON), "sequence", 1)["sentence"]
    twice = in_turn(("sertraline", 0, 60), ("venlafaxine", 60, 60), ("sertraline", 120, 60))
    assert "counted once already" in finding(ask(history(*twice), "kim_2020", ON), "sequence", 2)["sentence"]
    late = in_turn(("sertraline", 0, 60), ("venlafaxine", 60, 60), ("mirtazapine", 330, 60))
    answer = ask(history(*late), "gronemann_2018", "2026-03-01")
    assert "not begun in the time in which a shift counts" in finding(answer, "sequence", 2)["sentence"]
    longer = in_turn(
        ("sertraline", 0, 60),
        ("venlafaxine", 0, 60),
        ("mirtazapine", 60, 60),
        ("bupropion", 120, 60),
    )
    answer = ask(history(*longer), "kim_2020", ON)
    assert count(answer) == ("treatment_resistant", 3, 0)
    assert verdict(answer, "sequence", 1) == "not_met"


def test_of_several_lines_the_longest_counts_and_the_others_are_said_to_be_shorter() -> None:
    steps = (("bupropion", 0, 42), ("sertraline", 200, 42), ("venlafaxine", 243, 42))
    answer = ask(history(*in_turn(*steps)), "fabbri_2021", ON)
    assert answer["failed_medications"]["confirmed_names"] == ["sertraline", "venlafaxine"]
    assert "159 days lie between it and sertraline" in finding(answer, "sequence", 0)["sentence"]
    parted = (("sertraline", 0, 42), ("venlafaxine", 43, 42), ("mirtazapine", 43, 60), ("duloxetine", 180, 42))
    shown = finding(ask(history(*in_turn(*parted)), "fabbri_2021", ON), "sequence", 2)
    assert shown["verdict"] == "not_met"
    assert shown["sentence"].endswith(".")


def test_two_lines_of_one_length_are_said_to_be_just_that() -> None:
    steps = (("sertraline", 0, 42), ("venlafaxine", 60, 42), ("mirtazapine", 60, 42), ("bupropion", 240, 42))
    answer = ask(history(*in_turn(*steps)), "fabbri_2021", ON)
    assert answer["failed_medications"]["confirmed"] == 2


@pytest.mark.parametrize(
    ("slug", "field", "steps"),
    [
        ("fabbri_2021", "ended", [{"ended": "2025-03"}, {"started": "2025-03-02"}, {}]),
        ("fabbri_2021", "started", [{}, {"started": "2025-03"}, {}]),
        ("cepeda_2018", "ended", [{"started": "2024-05-01", "ended": "2024"}, {}, {}]),
        (
            "cardinal_two_antidepressants",
            "ended",
            [{"ended": "2025-03"}, {"started": "2025-03-10"}, {"started": "2025-03-10"}],
        ),
        ("ohdsi_1009", "started", [{}, {"started": "2025"}, {"started": "2025"}]),
        ("kim_2020", "started", [{}, {}, {"started": None}]),
    ],
)
def test_an_open_answer_asks_for_the_date_that_would_settle_it(slug: str, field: str, steps: list[Json]) -> None:
    trials = [{**each, **change} for each, change in zip(three(), steps, strict=True)]
    answer = ask(history(*trials), slug, ON)
    assert answer["status"] == "indeterminate", answer["summary"]
    assert field in {each["field"] for each in questions(answer)}
    assert answer["summary"].endswith("?")


def test_a_course_still_running_is_asked_about_without_its_outcome() -> None:
    running = {**trial("mirtazapine", 120, outcome={}), "ended": None}
    answer = ask(history(*three()[:2], running), "kim_2020", "2025-05-20")
    assert count(answer) == ("indeterminate", 2, 1)
    assert questions(answer)[0]["question"] == "Is mirtazapine still taken on 2025-05-29?"
    assert verdict(answer, "sequence", 2) == "met"
    assert ask(history(*three()[:2], running), "kim_2020", "2025-05-29")["status"] == "treatment_resistant"


def test_a_start_that_may_lie_after_the_day_is_no_start_yet() -> None:
    later = {**trial("mirtazapine", outcome={}), "started": "2025-06", "ended": None, "daily_dose_mg": None}
    for slug in ("cepeda_2018", "lundberg_2023"):
        answer = ask(history(*three()[:2], later), slug, "2025-06-15")
        assert count(answer) == ("indeterminate", 2, 1)
        assert verdict(answer, "started", 2) == "unknown"
        assert ask(history(*three()[:2], later), slug, "2025-06-30")["status"] == "treatment_resistant"


def test_a_course_of_which_only_the_end_is_known_had_begun() -> None:
    ended = {**trial("mirtazapine", outcome={}), "started": None, "ended": day(170), "daily_dose_mg": None}
    answer = ask(history(*three()[:2], ended), "cepeda_2018", ON)
    assert answer["status"] == "treatment_resistant"
    assert all(each["criterion"] != "started" for each in answer["trials"][2]["findings"])


def test_a_dated_dose_says_that_a_course_had_begun() -> None:
    doses = [{"daily_dose_mg": 15, "from": None}, {"daily_dose_mg": 30, "from": day(130)}]
    begun = {**trial("mirtazapine", doses=doses, outcome={}), "started": "2025", "ended": None}
    answer = ask(history(*three()[:2], begun), "cepeda_2018", "2025-06-30")
    assert answer["status"] == "treatment_resistant"


def test_a_medicine_that_sources_disagree_on_leaves_the_answer_open() -> None:
    body = history(*three()[:2], trial("St John's wort", 120, 60, outcome={}))
    answer = ask(body, "kim_2020", ON)
    assert count(answer) == ("indeterminate", 2, 1)
    assert "medication" in {each["field"] for each in questions(answer)}


def test_one_that_follows_a_medicine_that_sources_disagree_on_asks_about_that_one() -> None:
    body = history(
        trial("St John's wort", 0, 60, outcome={}), *in_turn(("sertraline", 60, 60), ("venlafaxine", 120, 60))
    )
    answer = ask(body, "kim_2020", ON)
    assert count(answer) == ("indeterminate", 2, 1)
    assert questions(answer)[0]["trial_id"] == "/history/medication_trials/0"


def test_an_era_whose_last_medicine_is_disputed_is_open_under_a_rule_without_its_own_list() -> None:
    rule = library().definitions["ohdsi_1009"]
    assert rule.prescriptions is not None
    bare = rule.prescriptions.model_copy(update={"antidepressants": ()})
    open_rule = rule.model_copy(update={"prescriptions": bare})
    spans = [Span(each, each) for each in (739000, 739100, 739200, 739260)]
    trials = tuple(
        Trial(name, name, name, spans[place], spans[place + 1], running=False)
        for place, name in enumerate(("sertraline", "venlafaxine", "st-johns-wort"))
    )
    episode = Episode("e", spans[0], None, Polarity.UNIPOLAR, psychotic=False)
    answer = assess(open_rule, History((episode,), trials), 739300, library())
    assert answer.status is Status.INDETERMINATE
    assert answer.possible_names == ("st-johns-wort",)
    assert next(each.field for each in answer.missing if each.could_change_status) == "medication"


def test_without_a_section_on_the_diagnosis_none_is_asked() -> None:
    rule = library().definitions["ohdsi_1009"]
    assert rule.prescriptions is not None
    unasked = rule.model_copy(update={"prescriptions": rule.prescriptions.model_copy(update={"diagnosis": None})})
    spans = [Span(each, each) for each in (739000, 739100, 739200, 739260)]
    trials = tuple(
        Trial(name, name, name, spans[place], spans[place + 1], running=False) for place, name in enumerate(THREE)
    )
    answer = assess(unasked, History((), trials), 739300, library())
    assert answer.status is Status.RESISTANT
    assert all(each.criterion != "diagnosis" for each in answer.patient)
    assert assess(rule, History((), trials), 739300, library()).status is Status.INDETERMINATE


def test_ect_may_be_the_step_that_decides_and_its_date_is_asked_for() -> None:
    body = {**history(*three()[:2]), "treatments": [other("neuromodulation", "ect", "2025", "2025")]}
    answer = ask(body, "kim_2020", ON)
    assert count(answer) == ("indeterminate", 2, 1)
    assert answer["failed_medications"]["possible_names"] == ["electroconvulsive therapy"]
    assert any(each["field"].startswith("treatments.") for each in questions(answer))
    assert "Electroconvulsive therapy counts here as a treatment of its own." in answer["notes"]


def test_ect_that_may_not_have_begun_is_asked_about() -> None:
    body = {**history(*three()[:2]), "treatments": [other("neuromodulation", "ect", "2025-06", None)]}
    answer = ask(body, "kim_2020", "2025-06-10")
    assert count(answer) == ("indeterminate", 2, 1)
    assert questions(answer)[0]["question"] == "On which day was electroconvulsive therapy begun?"
    assert ask(body, "kim_2020", "2025-05-31")["status"] == "not_treatment_resistant"
    vague = {**history(*three()[:2]), "treatments": [other("neuromodulation", "ect", "2025-01-05", "2025")]}
    assert any(
        "did electroconvulsive therapy end" in each["question"] for each in questions(ask(vague, "kim_2020", ON))
    )


def test_psychotherapy_and_an_antipsychotic_given_alone_count_nowhere() -> None:
    body = {
        **history(trial("olanzapine", 0, 60, outcome={})),
        "treatments": [other("psychotherapy", "cbt", "2025-01-01", "2025-06-01")],
    }
    for slug in SLUGS:
        assert count(ask(body, slug, ON)) == ("not_treatment_resistant", 0, 0)


def test_an_antipsychotic_of_an_unknown_time_leaves_the_answer_open() -> None:
    vague = {**trial("olanzapine", outcome={}), "started": "2024-06-01", "ended": "2024-12", "daily_dose_mg": None}
    assert count(ask(history(*three()[:1], vague), "cepeda_2018", "2025-12-15")) == ("indeterminate", 1, 1)
    assert count(ask(history(*three()[:1], vague), "cepeda_2018", "2025-11-30")) == ("treatment_resistant", 2, 0)
    assert count(ask(history(*three()[:1], vague), "cepeda_2018", "2026-01-01")) == ("not_treatment_resistant", 1, 0)
    begun = {**vague, "started": "2025", "ended": "2025"}
    answer = ask(history(*three()[1:2], begun), "ohdsi_1009", ON)
    assert answer["status"] == "indeterminate"
    assert "started" in {each["field"] for each in questions(answer)}


def test_an_agent_is_named_in_the_summary_with_what_it_was_given_besides() -> None:
    answer = ask(history(*three()[:1], trial("olanzapine", 60, 30, outcome={})), "cepeda_2018", ON)
    assert answer["summary"].startswith("An antipsychotic (olanzapine) was given besides sertraline. ")
    answer = ask(history(*three()[:2], trial("esketamine", 130, 30, outcome={}, daily_dose_mg=None)), "ohdsi_1009", ON)
    assert answer["summary"].startswith("Esketamine was given besides sertraline and venlafaxine. ")


@pytest.mark.parametrize(
    ("notes", "status", "found"),
    [
        ([], "treatment_resistant", "unknown"),
        ([factor("dementia", "suspected")], "treatment_resistant", "unknown"),
        ([factor("dementia", "confirmed")], "not_applicable", "not_met"),
        ([factor("dementia", "confirmed", None)], "not_applicable", "not_met"),
        ([factor("dementia", "confirmed", "2026-02")], "treatment_resistant", "unknown"),
        ([factor("dementia", "confirmed", "2025"), factor("dementia", "refuted", "2025")], "not_applicable", "not_met"),
        (
            [factor("dementia", "confirmed", "2025-01"), factor("dementia", "refuted", "2025-03")],
            "treatment_resistant",
            "unknown",
        ),
        (
            [factor(each, "refuted") for each in ("dementia", "bipolar_spectrum", "psychotic_disorder")],
            "treatment_resistant",
            "met",
        ),
        ([factor("anxiety", "confirmed")], "treatment_resistant", "unknown"),
    ],
)
def test_a_disorder_leaves_the_patient_out_only_when_it_is_confirmed(
    notes: list[Json], status: str, found: str
) -> None:
    for slug in ("cepeda_2018", "ohdsi_1009"):
        answer = ask({**history(*three()), "contributing_factors": notes}, slug, ON)
        assert answer["status"] == status
        said = next(each for each in answer["patient_findings"] if each["criterion"] == "excluded_disorder")
        assert said["verdict"] == found
        asked = any(each["field"] == "contributing_factors" for each in questions(answer))
        assert asked is (found == "unknown")


@pytest.mark.parametrize(("noted", "status"), [("2025-12-31", "not_applicable"), ("2026-01-01", "treatment_resistant")])
def test_a_disorder_noted_after_the_day_does_not_exist(noted: str, status: str) -> None:
    body = {**history(*three()), "contributing_factors": [factor("dementia", "confirmed", noted)]}
    assert ask(body, "cepeda_2018", ON)["status"] == status


def test_a_disorder_of_a_year_that_the_day_parts_is_only_a_caution() -> None:
    body = {**history(*three()), "contributing_factors": [factor("dementia", "confirmed", "2025")]}
    assert ask(body, "cepeda_2018", "2025-08-01")["status"] == "treatment_resistant"


def test_psychotic_features_of_an_earlier_episode_exclude_too() -> None:
    earlier = {"onset": "2020-01-01", "resolved": "2020-06-01", "polarity": "unipolar", "psychotic_features": True}
    assert ask(history(*three(), episodes=(earlier, EPISODE)), "cepeda_2018", ON)["status"] == "not_applicable"
    silent = {**EPISODE, "psychotic_features": None}
    answer = ask(history(*three(), episodes=(silent,)), "cepeda_2018", ON)
    assert answer["status"] == "treatment_resistant"
    assert "episodes.psychotic_features" in {each["field"] for each in questions(answer)}


@pytest.mark.parametrize(
    ("episodes", "status"),
    [
        ((), "indeterminate"),
        ((EPISODE,), "treatment_resistant"),
        (({**EPISODE, "onset": None},), "indeterminate"),
        (({**EPISODE, "onset": "2025"},), "indeterminate"),
        (({**EPISODE, "onset": day(120)},), "treatment_resistant"),
        (({**EPISODE, "onset": day(121)},), "not_treatment_resistant"),
        (({**EPISODE, "onset": "2023-01-01", "resolved": "2024"},), "indeterminate"),
        (({**EPISODE, "onset": "2023-01-01", "resolved": "2024-05-01"},), "treatment_resistant"),
        (({**EPISODE, "onset": "2023-01-01", "resolved": "2024-04-30"},), "not_treatment_resistant"),
    ],
)
def test_depression_must_be_recorded_in_the_year_before_the_last_start(episodes: tuple[Json, ...], status: str) -> None:
    answer = ask(history(*three(), episodes=episodes), "ohdsi_1009", ON)  # the third was begun on 1 May 2025
    assert answer["status"] == status, answer["summary"]
    if status == "indeterminate":
        assert "episodes.onset" in {each["field"] for each in questions(answer)}


def test_a_later_start_may_be_the_one_with_a_diagnosis() -> None:
    trials = in_turn(*((name, 60 * place, 60) for place, name in enumerate((*THREE, "bupropion"))))
    later = {**EPISODE, "onset": day(150)}
    answer = ask(history(*trials, episodes=(later,)), "ohdsi_1009", ON)
    assert count(answer) == ("treatment_resistant", 4, 0)
    vague = {**trials[3], "started": "2025"}
    assert ask(history(*trials[:3], vague, episodes=(later,)), "ohdsi_1009", ON)["status"] == "indeterminate"


@pytest.mark.parametrize(
    ("onset", "status"),
    [
        (None, "indeterminate"),
        ("2025", "indeterminate"),
        ("2024-11-01", "treatment_resistant"),
        ("2024-05-01", "treatment_resistant"),  # 365 days before the second shift
        ("2024-04-30", "not_treatment_resistant"),
    ],
)
def test_shifts_are_counted_from_the_onset_of_the_episode(onset: str | None, status: str) -> None:
    answer = ask(history(*three(), episodes=({**EPISODE, "onset": onset},)), "gronemann_2018", ON)
    assert answer["status"] == status, answer["summary"]


def test_without_an_episode_shifts_are_open_and_after_all_resolved_there_are_none() -> None:
    answer = ask(history(*three(), episodes=()), "gronemann_2018", ON)
    assert count(answer) == ("indeterminate", 0, 3)
    assert questions(answer)[0]["question"] == "When did the current depressive episode begin?"
    resolved = {**EPISODE, "resolved": "2025-08-01"}
    assert count(ask(history(*three(), episodes=(resolved,)), "gronemann_2018", ON)) == (
        "not_treatment_resistant",
        0,
        0,
    )


def test_a_vague_start_of_a_shift_asks_for_that_start() -> None:
    trials = (*three()[:2], {**three()[2], "started": "2025"})
    answer = ask(history(*trials, episodes=({**EPISODE, "onset": "2024-11-15"},)), "gronemann_2018", ON)
    assert count(answer)[0] == "indeterminate"
    assert "/history/medication_trials/2" in {each["trial_id"] for each in questions(answer)}


def test_dose_and_time_are_not_asked_of_the_third_course() -> None:
    short = in_turn(("sertraline", 0, 42), ("venlafaxine", 42, 42), ("mirtazapine", 84, 3))
    low = ({**short[2], "daily_dose_mg": 7.5},)
    answer = ask(history(*short[:2], *low), "zhdanava_2021", ON)
    assert count(answer) == ("treatment_resistant", 3, 0)
    last = answer["trials"][2]
    assert not [each for each in last["findings"] if each["asked"] and each["criterion"] in ("dose", "duration")]
    assert verdict(answer, "dose", 2) == "not_met"


def test_an_unknown_dose_of_the_second_course_is_asked_for() -> None:
    first, second, third = three()
    answer = ask(history(first, {**second, "daily_dose_mg": None}, third), "zhdanava_2021", ON)
    assert count(answer) == ("indeterminate", 2, 1)
    assert "What daily dose of venlafaxine was reached?" in answer["summary"]


def test_what_was_added_can_only_be_the_last_course() -> None:
    added = {**trial("lithium", 30, 60, outcome={}, role="augmentation"), "daily_dose_mg": None}
    answer = ask(history(*three()[:1], added), "zhdanava_2021", ON)
    assert answer["failed_medications"]["confirmed_names"] == ["sertraline", "lithium"]
    assert answer["summary"].startswith("Two different treatments followed one another")
    later = in_turn(("venlafaxine", 120, 60))
    answer = ask(history(*three()[:1], added, *later), "zhdanava_2021", ON)
    assert answer["status"] == "not_treatment_resistant"


def test_an_antidepressant_that_was_added_is_an_antidepressant_for_prescriptions() -> None:
    added = trial("bupropion", 130, 40, outcome={}, role="augmentation")
    assert ask(history(*three()[:2], added), "kim_2020", ON)["status"] == "treatment_resistant"


def test_close_kin_are_noted_here_too() -> None:
    trials = in_turn(("citalopram", 0, 60), ("escitalopram", 60, 60))
    assert any("enantiomer" in note for note in ask(history(*trials), "cardinal_two_antidepressants", ON)["notes"])


def test_the_shorter_course_that_would_change_the_answer_is_named() -> None:
    exact = in_turn(("sertraline", 0, 42), ("venlafaxine", 42, 42), ("mirtazapine", 84, 42))
    changes = ask(history(*exact), "fabbri_2021", ON)["what_would_change_it"]
    assert "Had mirtazapine been taken 1 day less" in " ".join(each["sentence"] for each in changes)


# What must hold for every history.

SPAN = st.tuples(st.integers(0, 330), st.integers(1, 120))
KNOWN = words(["day", "day", "day", "month", "year", "not at all"])


def vague(number: int, how: str) -> str | None:
    """A day as precisely as it is known."""
    text = day(number)
    return {"day": text, "month": text[:7], "year": text[:4]}.get(how)


@st.composite
def courses(draw: Any, drugs: Any, known: Any = KNOWN) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """A course of one of the medicines."""
    first, days = draw(SPAN)
    started, ended = vague(first, draw(known)), vague(first + days - 1, draw(known))
    return {
        "medication": {"text": draw(drugs)},
        "started": started,
        "ended": ended or "unknown",
        "daily_dose_mg": draw(words([None, 25, 225])),
        "role": draw(words(["monotherapy", "monotherapy", "augmentation"])),
    }


@st.composite
def histories(draw: Any, known: Any = KNOWN) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """Everything that these definitions read."""
    drugs = words([*THREE, "sertraline", "bupropion", "aripiprazole", "St John's wort", "esketamine"])
    onset = vague(draw(st.integers(-400, 200)), draw(known))
    ect_first, ect_days = draw(SPAN)
    ect = other("neuromodulation", "ect", vague(ect_first, draw(known)), vague(ect_first + ect_days, draw(known)))
    ect["ended"] = ect["ended"] or "unknown"
    return {
        "episodes": [{**EPISODE, "onset": onset}] * draw(words([0, 1, 1, 1])),
        "medication_trials": draw(st.lists(courses(drugs, known), max_size=6)),
        "treatments": [ect] * draw(words([0, 1])),
        "contributing_factors": [factor("dementia", "suspected")] * draw(words([0, 1])),
    }


def what_counts(answer: Json) -> dict[str, Any]:
    """What may not depend on the order of the records."""
    return {
        "count": count(answer),
        "summary": answer["failed_medications"]["confirmed_names"],
        "judged": sorted((each["medication"], each["counts"]) for each in answer["trials"]),
        "patient": answer["patient_findings"],
    }


@FEW
@given(histories(), slugs, st.randoms(use_true_random=False))
def test_the_order_of_the_records_never_matters(body: Json, slug: str, random: Any) -> None:  # noqa: ANN401 - a Random
    shuffled = {key: random.sample(rows, len(rows)) for key, rows in body.items()}
    assert what_counts(ask(shuffled, slug, ON)) == what_counts(ask(body, slug, ON))


@FEW
@given(histories(), slugs, words(["2025-03-15", "2025-08-01", ON]))
def test_an_open_answer_always_says_what_to_ask(body: Json, slug: str, on: str) -> None:
    answer = ask(body, slug, on)
    assert (answer["status"] != "indeterminate") or questions(answer)
    for each in answer["trials"]:
        asked = {one["verdict"] for one in each["findings"] if one["asked"]}
        assert each["counts"] == ("no" if "not_met" in asked else "unknown" if "unknown" in asked else "yes")


def forgotten(draw: Any, row: Json, *fields: str) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """The record with some of its dates less well known, the end never so badly that it might be running."""
    changed = dict(row)
    for field in fields:
        rest = draw(words([10, 10, 7, 4, 0]))
        if row[field] is not None:
            changed[field] = row[field][:rest] or ("unknown" if field == "ended" else None)
    return changed


@settings(FEW, max_examples=400)
@given(st.data(), slugs, words(["2025-03-15", "2025-08-01", ON]))
def test_forgetting_dates_never_gives_the_opposite_answer(data: Any, slug: str, on: str) -> None:  # noqa: ANN401 - hypothesis
    exact = data.draw(histories(st.just("day")))
    dim = {
        **exact,
        "episodes": [forgotten(data.draw, each, "onset") for each in exact["episodes"]],
        "medication_trials": [forgotten(data.draw, each, "started", "ended") for each in exact["medication_trials"]],
        "treatments": [forgotten(data.draw, each, "started", "ended") for each in exact["treatments"]],
    }
    before, after = ask(exact, slug, on)["status"], ask(dim, slug, on)["status"]
    assert after != OPPOSITE.get(before), (before, after)


@settings(FEW, max_examples=200)
@given(st.data(), slugs)
def test_forgetting_what_is_known_of_a_course_never_gives_the_opposite_answer(data: Any, slug: str) -> None:  # noqa: ANN401 - hypothesis
    exact = data.draw(histories(st.just("day")))
    dim = {**exact, "medication_trials": [{**each, "daily_dose_mg": None} for each in exact["medication_trials"]]}
    bare = {**exact, "episodes": []}
    before = ask(exact, slug, ON)["status"]
    for less in (dim, bare):
        assert ask(less, slug, ON)["status"] != OPPOSITE.get(before)


Span_ = tuple[str, int, int]
PLAIN = st.lists(
    st.tuples(words(["sertraline", "venlafaxine", "mirtazapine", "bupropion"]), *([st.integers(0, 300)] * 2)),
    max_size=6,
)


def plain_courses(rows: list[Span_]) -> tuple[Json, ...]:
    """Courses of known days: (name, first day, days beyond the first)."""
    return tuple(trial(name, first, beyond % 90 + 1, outcome={}) for name, first, beyond in rows)


def by_hand(rows: list[Span_], least: int, overlap: int, gap: int) -> int:
    """The longest line, by trying every order of every choice: another way to the same number."""
    fit = [(name, first, first + beyond % 90) for name, first, beyond in rows if beyond % 90 + 1 >= least]
    best = 0
    for size in range(len(fit) + 1):
        for line in permutations(fit, size):
            apart = all(
                later[1] > earlier[1] and 1 - overlap <= later[1] - earlier[2] <= gap
                for earlier, later in pairwise(line)
            )
            if apart and len({each[0] for each in line}) == size:
                best = max(best, size)
    return best


@settings(FEW, max_examples=150)
@given(PLAIN)
def test_the_longest_line_is_the_one_found_by_trying_every_order(rows: list[Span_]) -> None:
    body = history(*plain_courses(rows))
    for slug, numbers in {"fabbri_2021": (42, 0, 98), "kim_2020": (29, 14, 9999)}.items():
        assert count(ask(body, slug, "2026-12-31"))[1:] == (by_hand(rows, *numbers), 0)


def eras_by_hand(rows: list[Span_]) -> bool:
    """The JSON of the source, read day by day."""
    eras = [(name, first, first + beyond % 90) for name, first, beyond in rows]
    for today in sorted({first for _, first, _ in eras}):
        lately = [each for each in eras if each[1] <= today and each[2] >= today - 365]
        before = {name for name, first, _ in lately if first < today}
        if len({name for name, _, _ in lately}) >= 3 and len(before) >= 2:
            return True
    return False


@settings(FEW, max_examples=300)
@given(st.lists(st.tuples(words(THREE), st.integers(0, 600), st.integers(0, 89)), max_size=6))
def test_the_eras_come_out_as_the_source_reads_them_day_by_day(rows: list[Span_]) -> None:
    answer = ask(history(*plain_courses(rows)), "ohdsi_1009", "2026-11-22")
    assert (answer["status"] == "treatment_resistant") is eras_by_hand(rows)


# The search for a line is bounded, and doubt stays doubt beyond the bound.


def test_a_search_that_is_given_up_counts_every_medicine_as_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinical.prescription_lines.MOST_STEPS", 0)
    trials = [{**each, "started": "2025", "ended": "2025"} for each in three()]
    answer = ask(history(*trials), "kim_2020", "2026-03-01")
    assert count(answer) == ("indeterminate", 1, 2) or count(answer) == ("indeterminate", 0, 3)
    assert questions(answer)
    exact = ask(history(*three()), "kim_2020", ON)
    assert exact["status"] == "indeterminate"
    assert questions(exact)


def test_a_line_that_is_long_enough_is_not_sought_much_further() -> None:
    keys = [str(place % 40) for place in range(200)]

    def after(place: int) -> range:
        return range(place + 1, 200)

    assert longest_line(range(200), keys, after, 40) == Line(tuple(range(40)), settled=True)
    short = longest_line(range(200), keys, lambda place: [each for each in after(place) if each % 3], 3)
    assert short.settled
    assert len(short.places) >= 3


def many(slug: str) -> tuple[Definition, History]:
    """200 courses of 20 medicines of which only the year is known."""
    medicines = [each for each in library().formulary.medicines.values() if each.antidepressant == "met"][:20]
    years = [Span(date(2018 + n, 1, 1).toordinal(), date(2018 + n, 12, 31).toordinal()) for n in range(8)]
    trials = tuple(
        Trial(
            str(n),
            medicines[n * 7 % 20].id,
            medicines[n * 7 % 20].name,
            years[n % 8],
            years[n % 8],
            running=False,
            doses=(DoseStep(100, years[n % 8]),),
        )
        for n in range(200)
    )
    onset = date(2019, 3, 1).toordinal()
    episode = Episode("e", Span(onset, onset), None, Polarity.UNIPOLAR, psychotic=False)
    return library().definitions[slug], History((episode,), trials)


@pytest.mark.parametrize("slug", SLUGS)
def test_two_hundred_vague_courses_are_counted_in_time(slug: str) -> None:
    rule, told = many(slug)
    on = (date(2025, 12, 31) + timedelta(days=0)).toordinal()
    ratios = []
    for _ in range(3):
        loop = best_microseconds(lambda: sum(each & 1 for each in range(100)), rounds=15)
        ratios.append(best_microseconds(lambda: assess(rule, told, on, library()), rounds=2, calls=1) / loop)
    assert min(ratios) <= 9000  # about 30 ms where a loop over a hundred numbers takes 4 microseconds


# A misspelt or contradictory section stops the start.

WINDOW = '[prescriptions.window]\ndays = 3\nbefore = "the_day"\n'
OURS = 'evidence = "local"\nsource = "x"\n\n'


@pytest.mark.parametrize(
    ("slug", "old", "new", "said"),
    [
        ("kim_2020", "overlap_at_most_days", "overlap_at_moost_days", "no such key; misspelt?"),
        ("kim_2020", "[prescriptions.succession]", "[prescriptions.window]", "key `prescriptions.window"),
        ("cepeda_2018", '"olanzapine"', '"olanzapin"', "no medicine of the formulary is called 'olanzapin'"),
        ("ohdsi_1009", '"agomelatine"', '"agomelatin"', "no medicine of the formulary is called 'agomelatin'"),
        ("kim_2020", "[required]", f"[failure]\nimprovement_below_percent = 50\n{OURS}[required]", "key `failure`"),
        ("kim_2020", "[required]", f"[adherence]\ntaken_fraction_at_least = 0.8\n{OURS}[required]", "key `adherence`"),
        ("kim_2020", "[required]\n", "[required]\ndifferent_classes = true\n", "key `required.different_classes`"),
        ("ohdsi_1009", 'before = "the_last_start"', 'before = "the_day"', "diagnosis needs a window"),
        (
            "kim_2020",
            "[prescriptions.succession]\noverlap_at_most_days = 14\n",
            f"{WINDOW}{OURS}[prescriptions.succession]\noverlap_at_most_days = 14\n",
            "give either window or succession",
        ),
        (
            "cepeda_2018",
            "[prescriptions.window]",
            f"[prescriptions.shifts]\nwithin_days = 3\n{OURS}[prescriptions.window]",
            "shifts need a succession",
        ),
        (
            "kim_2020",
            "[prescriptions.succession]",
            f"[prescriptions.diagnosis]\nwithin_days = 3\n{OURS}[prescriptions.succession]",
            "shortcuts and diagnosis need a window",
        ),
    ],
)
def test_a_spoilt_section_is_refused_with_its_key(tmp_path: Path, slug: str, old: str, new: str, said: str) -> None:
    text = (HERE / "definitions" / f"{slug}.toml").read_text("utf-8")
    assert old in text
    (tmp_path / f"{slug}.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(LibraryFault) as refusal:
        load_definitions(tmp_path)
    assert said in str(refusal.value)
