"""What each dimension and stage says where a fact is missing, vague or later than the day: bounds and a question."""

from typing import Any

import pytest

from clinical.background import ScoredInstrument
from clinical.dates import parse_partial_date
from clinical.history import ExternalScore, History
from clinical.library import library
from clinical.staging.illness import months_later
from clinical.staging.stage import scored_elsewhere, stage_all
from tests.clinical.asking import Json
from tests.clinical.staging import bounds, dimension, ect, facts_of, staged
from tests.clinical.trials import EPISODE, ON, day, history, rating, trial

ARIPIPRAZOLE = trial("aripiprazole", start=28, days=28, daily_dose_mg=10, role="augmentation")


def asked(answer: Any) -> list[str]:  # noqa: ANN401 - a Staged
    return [each.question for each in answer.missing if each.could_change]


# The illness


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ("2024-12-31", (1, 1)),
        ("2024-12-30", (2, 2)),
        ("2023-12-31", (2, 2)),
        ("2023-12-30", (3, 3)),
        ("2024-12", (1, 2)),
        ("2024", (1, 2)),
        ("2023", (2, 3)),
        (None, (1, 3)),
    ],
)
def test_the_months_of_the_episode_are_counted_by_the_calendar(onset: str | None, expected: tuple[int, int]) -> None:
    answer = staged("maudsley", history(trial(), episodes=({**EPISODE, "onset": onset},)))
    assert bounds(answer, "duration") == expected
    question = dimension(answer, "duration").question
    assert (question is None) == (expected[0] == expected[1])


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2024-01-31", 1, "2024-02-29"), ("2024-02-29", 12, "2025-02-28"), ("2024-12-15", 24, "2026-12-15")],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(start: str, months: int, end: str) -> None:
    assert months_later(parse_partial_date(start).first, months) == parse_partial_date(end).first


@pytest.mark.parametrize(
    ("episode", "expected", "says"),
    [
        ({"severity": "mild", "psychotic_features": None}, (2, 2), "recorded as mild."),
        ({"severity": "moderate", "psychotic_features": True}, (3, 3), "counts them only where it is severe"),
        ({"severity": "severe", "psychotic_features": None}, (4, 5), "is not recorded"),
        ({"severity": "severe", "psychotic_features": True}, (5, 5), "With psychotic"),
        ({"severity": "severe", "psychotic_features": False}, (4, 4), "Without psychotic"),
        ({"severity": None, "psychotic_features": False}, (1, 4), "not recorded"),
        ({"severity": None, "psychotic_features": None}, (1, 5), "not recorded"),
    ],
)
def test_severity_is_the_clinicians_word(episode: Json, expected: tuple[int, int], says: str) -> None:
    answer = staged("maudsley", history(trial(), episodes=({**EPISODE, **episode},)))
    assert bounds(answer, "severity") == expected
    assert says in dimension(answer, "severity").sentence


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ((rating(336, 16),), (3, 3)),
        ((rating(335, 16),), (1, 4)),
        ((rating(340, 16), rating(350, 8)), (2, 2)),
        ((rating(340, 25, instrument="madrs"),), (3, 3)),
        ((rating(350, 21), rating(350, 25, instrument="madrs")), (3, 4)),
        (({**rating(0, 16), "assessed_on": "2025-12"},), (1, 4)),
        (({**rating(0, 16), "assessed_on": "2025"},), (1, 4)),
        ((rating(350, 16, instrument="gad7"),), (1, 4)),
    ],
)
def test_without_a_word_the_latest_rating_of_four_weeks_says_how_severe(
    ratings: tuple[Json, ...], expected: tuple[int, int]
) -> None:
    body = history(trial(), ratings=ratings, episodes=({**EPISODE, "severity": None},))
    assert bounds(staged("maudsley", body, "2025-12-31"), "severity") == expected


def test_a_rating_from_before_the_episode_says_nothing_of_its_severity() -> None:
    for onset, expected in (("2025-12-20", (1, 4)), ("2025-12", (1, 4)), (None, (1, 4)), ("2025-12-01", (3, 3))):
        episode = {**EPISODE, "severity": None, "onset": onset}
        body = history(ratings=({**rating(0, 16), "assessed_on": "2025-12-15"},), episodes=(episode,))
        assert bounds(staged("dutch", body), "severity") == expected, onset


# What failed


def test_failures_that_are_not_settled_leave_bounds_and_ask() -> None:
    body = history(trial(), trial("venlafaxine", start=60), trial("mirtazapine", start=120, outcome=None))
    answer = staged("maudsley", body)
    assert bounds(answer, "failed_medications") == (1, 2)
    assert "Not settled: mirtazapine." in dimension(answer, "failed_medications").sentence
    assert any("respond to mirtazapine" in each for each in asked(answer))
    assert answer.score is None


def test_a_drug_tried_twice_and_two_drugs_taken_together_count_once() -> None:
    twice = history(trial(), trial(start=100))
    assert staged("mgh_s", twice).score == 1
    together = history(trial(), trial("venlafaxine", start=10))
    answer = staged("mgh_s", together)
    assert (bounds(answer, "failed_medications"), bounds(answer, "augmented")) == ((1, 1), (0.5, 0.5))


def test_a_combination_that_dates_leave_open_is_asked_about() -> None:
    one = trial(role="combination", ended="2025-03")
    other = trial("venlafaxine", start=65, role="combination")
    answer = staged("mgh_s", history(one, other))
    assert bounds(answer, "failed_medications") == (1, 2)
    assert bounds(answer, "augmented") == (0, 1)
    assert any("taken together" in each for each in asked(answer))


@pytest.mark.parametrize(
    ("doses", "expected"),
    [
        ([(50, 0), (100, 14)], (0.5, 0.5)),
        ([(25, 0), (50, 14)], (0, 0)),
        ([(25, 0), (100, 14)], (0.5, 0.5)),
        ([(200, 0), (100, 14)], (0, 0)),
        ([(100, 0)], (0, 0)),
        ([(100, 0), (None, 14)], (0, 0.5)),
        ([(None, 0), (100, 14)], (0, 0.5)),
    ],
)
def test_a_dose_is_optimised_when_it_was_raised_above_the_minimum(
    doses: list[tuple[int | None, int]], expected: tuple[float, float]
) -> None:
    steps = [{"daily_dose_mg": dose, "from": day(since)} for dose, since in doses]
    answer = staged("mgh_s", history(trial(days=84, doses=steps)))
    assert bounds(answer, "dose_optimised") == expected


def test_a_raise_that_may_lie_after_the_day_is_not_settled() -> None:
    steps = [{"daily_dose_mg": 50, "from": day(0)}, {"daily_dose_mg": 100, "from": "2025-03"}]
    body = history(trial(ended=None, doses=steps, outcome={"response": "none", "assessed_on": "2025-03-10"}))
    assert bounds(staged("mgh_s", body, "2025-03-15"), "dose_optimised") == (0, 0.5)
    assert bounds(staged("mgh_s", body, "2025-04-01"), "dose_optimised") == (0.5, 0.5)


def test_a_raise_of_a_drug_without_a_minimum_is_not_settled() -> None:
    steps = [{"daily_dose_mg": 20, "from": day(0)}, {"daily_dose_mg": 40, "from": day(14)}]
    answer = staged("mgh_s", history(trial("gepirone", doses=steps)))
    assert bounds(answer, "dose_optimised") == (0, 0.5)
    question = dimension(answer, "dose_optimised").question
    assert question is not None
    assert "gepirone" in question.words


def test_a_longer_trial_is_named_and_adds_nothing() -> None:
    answer = staged("mgh_s", history(trial(days=300)))
    extended = dimension(answer, "duration_extended")
    assert (extended.points, extended.evidence) == (0, "unverified")
    assert answer.score == 1


# Augmentation


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (ARIPIPRAZOLE, (1, 1)),
        ({**ARIPIPRAZOLE, "role": "monotherapy"}, (0, 1)),
        ({**ARIPIPRAZOLE, "role": "monotherapy", "started": None, "ended": day(50)}, (0, 1)),
        ({**ARIPIPRAZOLE, "role": "monotherapy", "started": day(200), "ended": day(230)}, (0, 0)),
        ({**ARIPIPRAZOLE, "indication": "other"}, (0, 0)),
        ({**ARIPIPRAZOLE, "started": "2024-01-01", "ended": "2024-02-01"}, (0, 0)),
        ({**ARIPIPRAZOLE, "started": "2024", "ended": "2024"}, (0, 1)),
        ({**ARIPIPRAZOLE, "started": "2026-01-05", "ended": None}, (0, 0)),
        ({**ARIPIPRAZOLE, "started": "2025-12", "ended": None}, (1, 1)),
    ],
)
def test_an_augmentation_is_what_was_added_in_the_episode(added: Json, expected: tuple[int, int]) -> None:
    answer = staged("maudsley", history(trial(), added))
    assert bounds(answer, "augmentation") == expected
    assert (dimension(answer, "augmentation").question is None) == (expected[0] == expected[1])


def test_an_augmentation_that_may_begin_after_the_day_is_not_settled() -> None:
    body = history(trial(), {**ARIPIPRAZOLE, "started": "2025-03", "ended": None})
    answer = staged("maudsley", body, "2025-03-15")
    assert bounds(answer, "augmentation") == (0, 1)
    assert "On which day was aripiprazole started?" in asked(answer)


def test_a_combination_is_no_augmentation_of_the_maudsley_method_and_the_note_says_so() -> None:
    body = history(trial(), trial("mirtazapine", start=10, role="combination"))
    answer = staged("maudsley", body)
    assert bounds(answer, "augmentation") == (0, 0)
    assert any("combination of antidepressants" in note for note in answer.notes)
    assert bounds(staged("dutch", body), "augmentation") == (1, 1)


ONE, TWO = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"augments": ONE}, (0.5, 0.5)),
        ({"augments": TWO}, (0.5, 0.5)),
        ({}, (0, 1)),
        ({"started": day(20), "ended": day(40)}, (0.5, 0.5)),
        ({"started": "2025-01", "ended": day(20)}, (0.5, 0.5)),
        ({"started": day(200), "ended": day(220)}, (0, 0)),
    ],
)
def test_an_augmentation_belongs_to_the_trial_that_it_names_or_else_to_the_only_one(
    more: Json, expected: tuple[float, float]
) -> None:
    trials = (trial(id=ONE), trial("venlafaxine", start=50, id=TWO))
    both = trial("aripiprazole", start=45, days=28, daily_dose_mg=10, role="augmentation", **more)
    answer = staged("mgh_s", history(*trials, both))
    assert bounds(answer, "augmented") == expected
    assert (dimension(answer, "augmented").question is None) == (expected[0] == expected[1])


def test_of_a_trial_whose_failure_is_open_the_half_point_is_open_too() -> None:
    answer = staged("mgh_s", history(trial(outcome=None), ARIPIPRAZOLE))
    assert bounds(answer, "augmented") == (0, 0.5)
    question = dimension(answer, "augmented").question
    assert question is not None
    assert question.field == "outcome.response"


# ECT and psychotherapy


@pytest.mark.parametrize(
    ("course", "used", "failed"),
    [
        (ect(), (1, 1), (3, 3)),
        (ect(outcome=None), (1, 1), (0, 3)),
        (ect(outcome={"response": "response"}), (1, 1), (0, 0)),
        (ect(stop_reason="intolerance"), (1, 1), (0, 0)),
        (ect(started="2024-01-01", ended="2024-02-01"), (0, 0), (0, 0)),
        (ect(started="2024-10-01", ended="2024-11"), (0, 1), (0, 3)),
        (ect(started="2024-10-01", ended="2024-11", episode_id=EPISODE["id"]), (1, 1), (3, 3)),
        (ect(started="2024-10-01", ended="2024-11", outcome={"response": "remission"}), (0, 1), (0, 0)),
        (ect(started="2026-01-01", ended=None), (0, 0), (0, 0)),
        (
            ect(started="2025-12-01", ended=None, outcome={"response": "none", "assessed_on": "2025-12-20"}),
            (1, 1),
            (3, 3),
        ),
    ],
)
def test_ect_counts_where_it_was_used_and_where_it_failed(
    course: Json, used: tuple[int, int], failed: tuple[int, int]
) -> None:
    episode = {**EPISODE, "onset": "2024-11-15"}
    body = {**history(trial(), episodes=(episode,)), "treatments": [course]}
    answer = staged("maudsley", body)
    assert bounds(answer, "ect") == used
    assert (dimension(answer, "ect").question is None) == (used[0] == used[1])
    assert bounds(staged("mgh_s", body), "failed_ect") == failed


def test_no_record_of_ect_means_that_none_was_used_and_says_so() -> None:
    answer = staged("maudsley", history(trial()))
    assert dimension(answer, "ect").sentence == "None recorded."
    assert dimension(answer, "augmentation").sentence == "None recorded."


def test_failed_courses_of_structured_psychotherapy_are_counted_and_supportive_ones_are_not() -> None:
    def therapy(modality: str, **more: Any) -> Json:  # noqa: ANN401 - any JSON
        return {**ect(), "kind": "psychotherapy", "modality": modality, "laterality": None, **more}

    body = {**history(trial()), "treatments": [therapy("cbt"), therapy("counselling")]}
    assert bounds(staged("dutch", body), "psychotherapy") == (1, 1)
    body["treatments"].append(therapy("problem_solving", outcome=None))
    answer = staged("dutch", body)
    assert bounds(answer, "psychotherapy") == (1, 2)
    assert "Failed courses: CBT. Not settled: problem solving." in dimension(answer, "psychotherapy").sentence


# Contributing factors


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ([], (0, 1)),
        ([("confirmed", None)], (1, 1)),
        ([("refuted", None)], (0, 0)),
        ([("suspected", "2025-01")], (0, 1)),
        ([("suspected", "2025-01"), ("confirmed", "2025-06")], (1, 1)),
        ([("confirmed", "2025-01"), ("refuted", "2025-06")], (0, 0)),
        ([("confirmed", "2025"), ("refuted", "2025-06")], (0, 1)),
        ([("confirmed", None), ("refuted", "2025-06")], (0, 1)),
        ([("confirmed", "2026-02")], (0, 1)),
        ([("refuted", "2025-06"), ("confirmed", "2026-02")], (0, 0)),
    ],
)
def test_the_latest_record_of_a_factor_decides(
    recorded: list[tuple[str, str | None]], expected: tuple[int, int]
) -> None:
    rows = [
        {"category": "co_occurring_disorder", "factor": "anxiety", "certainty": certainty, "noted_on": noted_on}
        for certainty, noted_on in recorded
    ]
    for ordered in (rows, rows[::-1]):
        answer = staged("dutch", {**history(), "contributing_factors": ordered})
        assert bounds(answer, "anxiety") == expected


def test_a_factor_noted_in_the_year_of_the_day_may_be_later() -> None:
    row = {"category": "co_occurring_disorder", "factor": "anxiety", "certainty": "confirmed", "noted_on": "2025"}
    assert bounds(staged("dutch", {**history(), "contributing_factors": [row]}, "2025-06-01"), "anxiety") == (0, 1)


def test_impairment_without_a_degree_is_a_range() -> None:
    row = {"category": "environmental", "factor": "functional_impairment", "certainty": "confirmed"}
    answer = staged("dutch", {**history(), "contributing_factors": [row]})
    assert bounds(answer, "functional_impairment") == (1, 3)
    assert "The degree is not recorded." in dimension(answer, "functional_impairment").sentence


# Whether a method applies


def test_a_resolved_episode_is_not_staged() -> None:
    resolved = {**EPISODE, "resolved": "2025-10-01"}
    for answer in stage_all(facts_of(history(trial(), episodes=(resolved,))), parse_partial_date(ON).first, library()):
        assert (answer.applicable, answer.score, answer.stage, answer.bounds) == ("not_met", None, None, None)
        assert "had resolved" in answer.sentence
        assert answer.thresholds == ()


def test_an_episode_that_may_have_resolved_leaves_open_whether_the_method_applies() -> None:
    perhaps = {**EPISODE, "resolved": "2025-12"}
    body = history(trial(), trial("venlafaxine", start=60), episodes=(perhaps,))
    answer = staged("thase_rush", body, "2025-12-15")
    assert (answer.applicable, answer.stage) == ("unknown", None)
    assert answer.sentence.startswith("Whether the episode had resolved")
    assert answer.stage_bounds == ("0", "II")
    answer = staged("mgh_s", body, "2025-12-15")
    assert {each.verdict for each in answer.thresholds if each.name == "brightmind"} == {"unknown"}


def test_where_no_episode_is_recorded_bounds_are_given_and_the_episode_is_asked_for() -> None:
    answer = staged("thase_rush", history(trial(), episodes=()))
    assert (answer.applicable, answer.stage_bounds) == ("unknown", ("0", "I"))
    assert "No depressive episode is recorded." in answer.sentence
    assert any("episode begin" in each for each in asked(answer))


def test_polarity_that_nobody_recorded_is_asked_and_taken_as_unipolar() -> None:
    answer = staged("mgh_s", history(trial(), episodes=({**EPISODE, "polarity": "unknown"},)))
    assert (answer.applicable, answer.score) == ("met", 1)
    assert "Has there ever been mania or hypomania?" in asked(answer)
    assert any("taken as unipolar" in note for note in answer.notes)


# Ladders


def test_classes_of_one_combination_do_not_climb_two_steps() -> None:
    together = history(trial(), trial("venlafaxine", start=5), trial("amitriptyline", start=100))
    assert staged("thase_rush", together).stage == "II"
    apart = history(trial(), trial("venlafaxine", start=50), trial("amitriptyline", start=110))
    assert staged("thase_rush", apart).stage == "III"


def test_of_two_tricyclics_the_one_that_was_not_combined_climbs() -> None:
    first = (trial(), trial("amitriptyline", start=5), trial("venlafaxine", start=70))
    assert staged("thase_rush", history(*first)).stage == "II"
    assert staged("thase_rush", history(*first, trial("imipramine", start=140))).stage == "III"


def test_a_tricyclic_and_an_mao_inhibitor_taken_together_are_no_two_steps() -> None:
    first = (trial(), trial("venlafaxine", start=60), trial("amitriptyline", start=120))
    assert staged("thase_rush", history(*first, trial("moclobemide", start=125, daily_dose_mg=600))).stage == "III"
    assert staged("thase_rush", history(*first, trial("moclobemide", start=180, daily_dose_mg=600))).stage == "IV"


def test_a_medicine_of_no_class_may_be_of_any() -> None:
    answer = staged("thase_rush", history(trial(), trial("tianeptine", start=60, daily_dose_mg=37.5)))
    assert answer.stage_bounds == ("I", "II")
    assert dimension(answer, "classes").question is None


def test_the_other_reading_is_given_only_where_it_is_known() -> None:
    answer = staged("thase_rush", history(trial(), trial("amitriptyline", start=60, outcome=None)))
    assert (answer.stage_bounds, answer.alternative_reading) == (("I", "II"), None)


def test_ect_whose_side_nobody_recorded_is_asked_about() -> None:
    body = {**history(trial()), "treatments": [ect(laterality="unknown")]}
    answer = staged("thase_rush", body)
    assert dimension(answer, "bilateral_ect").points is None
    assert ("Was the ECT bilateral or unilateral?", False) in [
        (each.question, each.could_change) for each in answer.missing
    ]


def test_days_on_failed_trials_count_once_and_from_the_onset() -> None:
    episode = {**EPISODE, "onset": "2025-01-11"}
    body = history(trial(days=60), trial("venlafaxine", start=50, days=50), episodes=(episode,))
    assert bounds(staged("european", body), "days") == (90, 90)
    vague = history(trial(started="2025-01", ended=day(99)), trial("venlafaxine", start=100, outcome=None))
    assert bounds(staged("european", vague), "days") == (70, 156)


def test_a_trial_of_which_nobody_recorded_the_start_has_days_from_the_onset_at_most() -> None:
    body = history(trial(started=None, ended=day(99)))
    assert bounds(staged("european", body), "days")[1] == 161
    none = history(trial(started=None, ended=day(99)), episodes=())
    assert bounds(staged("european", none), "days") == (0, 1)


def test_the_list_of_open_questions_has_each_once_and_what_is_settled_changes_nothing() -> None:
    answer = staged("european", history(trial(), trial("sertraline", start=100, outcome=None)))
    assert answer.stage == "A"
    questions = [(each.trial_id, each.question) for each in answer.missing]
    assert len(set(questions)) == len(questions)
    assert [each.could_change for each in answer.missing] == [False] * len(questions)


# Results scored elsewhere


def test_results_scored_elsewhere_are_shown_latest_first_and_never_before_their_day() -> None:
    scores = tuple(
        ExternalScore(key, ScoredInstrument.ATHF_SF2, parse_partial_date(text), 3, None)
        for key, text in (("a", "2025-03"), ("b", "2025-06-01"), ("c", "2026-01"))
    )
    on = parse_partial_date(ON).first
    assert [each.id for each in scored_elsewhere(History(scores=scores), on)] == ["b", "a"]
