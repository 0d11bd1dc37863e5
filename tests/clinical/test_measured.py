"""What ratings say of a trial: two scales, early responses, relapse, remission, vague dates, what was stated beside."""

import pytest

from tests.clinical.asking import Json, ask, questions
from tests.clinical.trials import ON, day, finding, history, judged, rating, trial, verdict

NO_OUTCOME: Json = {"outcome": None}


def failure(*ratings: Json, definition: str = "rybak_2021", **more: object) -> Json:
    return finding(judged(trial(**{**NO_OUTCOME, **more}), definition, ratings=ratings), "failure")


def test_what_is_measured_decides_and_what_was_stated_is_shown() -> None:
    found = failure(rating(0, 20), rating(50, 18), outcome={"improvement_percent": 60})
    assert (found["verdict"], found["observed"]) == ("met", 10)
    assert "But: Stated improvement 60 %" in found["sentence"]
    assert "The measured one decides." in found["sentence"]


def test_a_stated_percentage_decides_before_a_judged_word_and_both_are_shown() -> None:
    found = failure(outcome={"improvement_percent": 30, "response": "response"})
    assert found["verdict"] == "met"
    assert "But: it was judged “response”" in found["sentence"]
    assert "judged" not in failure(outcome={"improvement_percent": 30, "response": "partial"})["sentence"]


def test_a_better_rating_on_the_way_is_a_response_even_if_it_was_lost() -> None:
    found = failure(rating(0, 20), rating(20, 8), rating(50, 19))
    assert found["verdict"] == "not_met"
    assert "The best rating on the trial was 8 (60 %)" in found["sentence"]


def test_a_response_before_the_minimum_duration_counts_also_without_an_endpoint() -> None:
    found = failure(rating(0, 20), rating(14, 8), outcome={"response": "none"})
    assert found["verdict"] == "not_met"
    assert "better outcome reached" in found["sentence"]


def test_too_early_a_rating_shows_no_failure() -> None:
    found = failure(rating(0, 20), rating(14, 19))
    assert (found["verdict"], found["observed"]) == ("unknown", None)


def test_remission_on_the_way_is_named() -> None:
    found = failure(rating(0, 7), rating(50, 4))
    assert found["verdict"] == "not_met"
    assert "remission on this scale, which is never a failure" in found["sentence"]


def test_two_scales_are_never_mixed() -> None:
    assert failure(rating(0, 20), rating(50, 18, "madrs"))["verdict"] == "unknown"


def test_of_two_scales_the_one_with_the_later_endpoint_decides_and_both_are_shown() -> None:
    ratings = (rating(0, 20), rating(55, 19), rating(0, 30, "madrs"), rating(54, 10, "madrs"))
    found = failure(*ratings)
    assert found["verdict"] == "met"
    assert "On the Montgomery-Asberg Depression Rating Scale it was 66.67 %" in found["sentence"]


def test_of_two_scales_of_one_day_the_one_that_the_clinician_rated_decides() -> None:
    ratings = (rating(0, 20), rating(55, 19), rating(0, 30, "madrs"), rating(55, 10, "madrs"))
    assert failure(*ratings)["verdict"] == "not_met"


def test_a_scale_with_an_endpoint_decides_before_one_without() -> None:
    ratings = (rating(0, 20), rating(55, 19), rating(0, 30, "madrs"), rating(20, 28, "madrs"))
    assert "MADRS" not in failure(*ratings)["sentence"]
    assert failure(*ratings)["verdict"] == "met"


def test_scales_of_anxiety_and_of_change_measure_no_depression() -> None:
    ratings = (rating(0, 20, "gad7"), rating(50, 2, "gad7"), rating(50, 1, "cgi_i"))
    assert failure(*ratings)["verdict"] == "unknown"


def test_a_rating_without_a_total_measures_nothing() -> None:
    items = [None, *[2] * 8]
    assert failure(rating(0, 20), {**rating(50), "items": items})["verdict"] == "unknown"


@pytest.mark.parametrize(("total", "expected"), [(19, "met"), (2, "unknown")])
def test_a_rating_of_which_only_the_month_is_known_is_read_both_ways(total: int, expected: str) -> None:
    vague = {**rating(50, total), "assessed_on": "2025-02"}
    found = judged(trial(**NO_OUTCOME), ratings=(rating(0, 20), rating(54, 18), vague))
    assert verdict(found, "failure") == expected


def test_the_day_of_a_vague_rating_settles_it() -> None:
    two = (trial(**NO_OUTCOME), trial("venlafaxine", start=60))
    vague = {**rating(50, 18), "assessed_on": "2025"}
    answer = ask(history(*two, ratings=(rating(0, 20), vague)), "rybak_2021", ON)
    assert answer["status"] == "indeterminate"
    assert questions(answer)[0]["field"] == "assessments.assessed_on"
    known = ask(history(*two, ratings=(rating(0, 20), rating(50, 18))), "rybak_2021", ON)
    assert known["status"] == "treatment_resistant"


@pytest.mark.parametrize(("vague", "field"), [({"started": "2025-01"}, "started"), ({"ended": "2025-02"}, "ended")])
def test_where_the_trial_is_dated_vaguely_its_own_date_is_asked(vague: Json, field: str) -> None:
    body = history(trial(days=70, **{**NO_OUTCOME, **vague}), trial("venlafaxine", start=120))
    ratings = [rating(0, 24), rating(12, 20), rating(56, 13), rating(57, 4)]
    answer = ask({**body, "assessments": ratings}, "two_failed_medications", ON)
    assert field in [each["field"] for each in answer["missing_information"]] or verdict(answer, "failure") != "unknown"


def test_two_ratings_of_one_day_that_say_different_things_leave_it_open() -> None:
    assert failure(rating(0, 20), rating(50, 18), rating(50, 6))["verdict"] == "not_met"
    assert failure(rating(0, 20), rating(0, 26), rating(50, 12))["verdict"] == "unknown"


def test_two_of_which_only_the_month_is_known_may_each_be_the_last() -> None:
    vague = {**rating(50, 18), "assessed_on": "2025-02"}
    found = failure(rating(0, 20), vague, rating(40, 19), definition="two_failed_medications")
    assert found["verdict"] == "met"


def test_a_medicine_that_began_in_the_same_month_may_have_been_the_next() -> None:
    one = trial(**{**NO_OUTCOME, "started": "2025-01"})
    other = trial("venlafaxine", start=20, days=90, ended=day(110))
    answer = ask(history(one, other, ratings=(rating(0, 20), rating(50, 18))), "rybak_2021", ON)
    assert verdict(answer, "failure") == "unknown"


def test_without_a_start_there_is_no_baseline_and_what_was_stated_stands() -> None:
    found = judged(trial(started=None), ratings=(rating(0, 20), rating(50, 2)))
    assert verdict(found, "failure") == "met"


@pytest.mark.parametrize("reason", ["intolerance", "loss_of_effect", "remission"])
def test_stopping_for_another_reason_than_failure_is_no_failure(reason: str) -> None:
    found = failure(rating(0, 20), rating(50, 19), stop_reason=reason)
    assert found["verdict"] == "not_met"


def test_a_response_that_was_once_reached_is_no_failure_whatever_was_measured_later() -> None:
    found = failure(rating(0, 20), rating(50, 19), outcome={"ever_responded": True})
    assert found["verdict"] == "not_met"


@pytest.mark.parametrize("total", [18, 4])
def test_a_doubtful_rating_before_the_end_of_a_short_stretch_is_read_both_ways(total: int) -> None:
    vague = {**rating(14, total), "assessed_on": "2025-01"}
    found = failure(rating(5, 20), vague, rating(26, 19))
    assert found["verdict"] == ("unknown")
