"""Every threshold from both sides: percent, days, gaps, windows, overlaps, remission between episodes."""

import pytest

from tests.clinical.asking import ask, count, questions
from tests.clinical.trials import EPISODE, ON, day, finding, history, judged, rating, trial, verdict

PERCENTS = [
    ("sforzini_2022", 24.9, "met"),
    ("sforzini_2022", 25, "not_met"),
    ("transform_atrq", 25, "met"),
    ("transform_atrq", 25.1, "not_met"),
    ("rybak_2021", 49.9, "met"),
    ("rybak_2021", 50, "not_met"),
    ("two_failed_medications", 49.9, "met"),
    ("two_failed_medications", 50, "not_met"),
    ("two_failed_medications", -20, "met"),
]


@pytest.mark.parametrize(("definition", "percent", "expected"), PERCENTS)
def test_a_stated_percentage_is_compared_exactly(definition: str, percent: float, expected: str) -> None:
    one = trial(outcome={"improvement_percent": percent})
    assert verdict(judged(one, definition), "failure") == expected


@pytest.mark.parametrize(
    ("definition", "baseline", "endpoint", "expected"),
    [
        ("sforzini_2022", 20, 15, "not_met"),
        ("sforzini_2022", 20, 16, "met"),
        ("transform_atrq", 20, 15, "met"),
        ("transform_atrq", 20, 14, "not_met"),
        ("rybak_2021", 20, 10, "not_met"),
        ("rybak_2021", 21, 11, "met"),
        ("rybak_2021", 20, 24, "met"),
        ("rybak_2021", 7, 4, "not_met"),
        ("rybak_2021", 0, 5, "unknown"),
    ],
)
def test_a_measured_improvement_is_compared_in_integers(
    definition: str, baseline: int, endpoint: int, expected: str
) -> None:
    ratings = (rating(0, baseline), rating(55, endpoint))
    assert verdict(judged(trial(outcome=None), definition, ratings=ratings), "failure") == expected


WORDS = [
    ("none", "met", "met", "met"),
    ("worse", "met", "met", "met"),
    ("partial", "not_met", "unknown", "met"),
    ("response", "not_met", "not_met", "not_met"),
    ("remission", "not_met", "not_met", "not_met"),
    ("unknown", "unknown", "unknown", "unknown"),
]


@pytest.mark.parametrize(("word", "below_25", "at_most_25", "below_50"), WORDS)
def test_a_judged_word_is_read_as_its_range(word: str, below_25: str, at_most_25: str, below_50: str) -> None:
    one = trial(outcome={"response": word})
    definitions = ("sforzini_2022", "transform_atrq", "rybak_2021")
    assert [verdict(judged(one, each), "failure") for each in definitions] == [below_25, at_most_25, below_50]


@pytest.mark.parametrize(
    ("definition", "days", "expected"),
    [
        ("sforzini_2022", 28, "met"),
        ("sforzini_2022", 27, "not_met"),
        ("transform_atrq", 42, "met"),
        ("transform_atrq", 41, "not_met"),
        ("mgh_atrq", 42, "met"),
        ("mgh_atrq", 41, "not_met"),
    ],
)
def test_the_minimum_duration_is_inclusive(definition: str, days: int, expected: str) -> None:
    answer = judged(trial(days=days), definition)
    assert verdict(answer, "duration") == expected
    assert finding(answer, "duration")["observed"] == days


def test_a_trial_inside_the_published_range_of_weeks_is_noted() -> None:
    assert "within the range" in finding(judged(trial(days=35)), "duration")["sentence"]
    assert "within the range" not in finding(judged(trial(days=42)), "duration")["sentence"]


@pytest.mark.parametrize(("gap", "observed"), [(7, 40), (8, 20)])
def test_a_pause_of_seven_days_is_bridged_and_does_not_count_itself(gap: int, observed: int) -> None:
    steps = [(100, 0), (25, 20), (100, 20 + gap)]
    doses = [{"daily_dose_mg": mg, "from": day(since)} for mg, since in steps]
    answer = judged(trial(days=40 + gap, doses=doses))
    assert finding(answer, "duration")["observed"] == observed


def test_days_before_the_minimum_dose_do_not_count() -> None:
    doses = [{"daily_dose_mg": 25, "from": day(0)}, {"daily_dose_mg": 50, "from": day(20)}]
    answer = judged(trial(days=40, doses=doses))
    assert (finding(answer, "duration")["observed"], verdict(answer, "duration")) == (20, "not_met")


def test_the_highest_dose_decides_and_its_margin_is_shown() -> None:
    doses = [{"daily_dose_mg": 25, "from": day(0)}, {"daily_dose_mg": 49.9, "from": day(7)}]
    found = finding(judged(trial(doses=doses)), "dose")
    assert (found["verdict"], found["observed"], found["required"]) == ("not_met", 49.9, 50)
    assert found["margin"] < 0


@pytest.mark.parametrize(("overlap", "credited"), [(14, 2), (15, 1)])
def test_more_than_fourteen_days_together_are_a_combination_credited_once(overlap: int, credited: int) -> None:
    answer = ask(history(trial(), trial("venlafaxine", start=56 - overlap)), "rybak_2021", ON)
    assert count(answer)[1:] == (credited, 0)


@pytest.mark.parametrize(
    ("baseline_day", "expected"), [(-15, "unknown"), (-14, "met"), (0, "met"), (7, "met"), (8, "unknown")]
)
def test_the_baseline_is_from_two_weeks_before_to_one_week_after_the_start(baseline_day: int, expected: str) -> None:
    answer = judged(trial(outcome=None), ratings=(rating(baseline_day, 20), rating(50, 18)))
    assert verdict(answer, "failure") == expected


@pytest.mark.parametrize(("endpoint_day", "expected"), [(26, "unknown"), (27, "met"), (55, "met"), (56, "unknown")])
def test_the_endpoint_is_after_the_minimum_duration_and_on_the_trial(endpoint_day: int, expected: str) -> None:
    answer = judged(trial(outcome=None), ratings=(rating(0, 20), rating(endpoint_day, 18)))
    assert verdict(answer, "failure") == expected


@pytest.mark.parametrize(("endpoint_day", "expected"), [(42, "met"), (43, "unknown")])
def test_no_endpoint_is_taken_after_the_next_treatment_started(endpoint_day: int, expected: str) -> None:
    both = (trial(outcome=None), trial("venlafaxine", start=42, outcome=None))
    answer = ask(history(*both, ratings=(rating(0, 20), rating(endpoint_day, 18))), "rybak_2021", ON)
    assert verdict(answer, "failure") == expected


def test_a_medicine_for_something_else_is_not_the_next_treatment() -> None:
    sleep = trial("trazodone", start=14, daily_dose_mg=50, indication="other")
    answer = ask(history(trial(outcome=None), sleep, ratings=(rating(0, 20), rating(50, 18))), "rybak_2021", ON)
    assert verdict(answer, "failure") == "met"


@pytest.mark.parametrize(("remission", "confirmed"), [(59, 2), (60, 1)])
def test_two_months_of_remission_part_two_episodes(remission: int, confirmed: int) -> None:
    earlier = {**EPISODE, "id": None, "resolved": day(60)}
    later = {**EPISODE, "onset": day(60 + remission)}
    body = history(trial(), trial("venlafaxine", start=130), episodes=(earlier, later))
    assert count(ask(body, "fda_label", ON))[1] == confirmed


@pytest.mark.parametrize(("fraction", "expected"), [(0.8, "met"), (0.79, "not_met")])
def test_the_fraction_taken_is_used_where_nobody_judged(fraction: float, expected: str) -> None:
    assert verdict(judged(trial(adherence={"taken_fraction": fraction}), "fda_label"), "adherence") == expected


@pytest.mark.parametrize(
    ("age", "total", "status"),
    [(28, 16, "treatment_resistant"), (29, 16, "indeterminate"), (0, 9, "not_treatment_resistant")],
)
def test_the_latest_rating_of_four_weeks_says_the_severity(age: int, total: int, status: str) -> None:
    episode = {**EPISODE, "severity": None}
    both = (trial(), trial("venlafaxine", start=56))
    body = history(*both, ratings=(rating(364 - age, total),), episodes=(episode,))
    answer = ask(body, "eu_smpc_esketamine", ON)
    assert answer["status"] == status
    if status == "indeterminate":
        assert questions(answer)[0]["field"] == "episodes.severity"
