"""Records of one medicine without a break are one trial: one duration, one outcome, counted once."""

import pytest

from tests.clinical.asking import Json, ask, count, questions
from tests.clinical.trials import ON, day, history, trial, verdict

OTHER: Json = {"stop_reason": "other"}
FAILED: Json = {"outcome": {"improvement_percent": 0}}


def raised(better: Json | None = None, gap: int = 0) -> tuple[Json, Json]:
    """Sertraline at 50 mg without effect, then at 200 mg after a gap in days."""
    first = trial(start=0, days=30, daily_dose_mg=50, **FAILED, **OTHER)
    then = trial(start=30 + gap, days=30, daily_dose_mg=200, **{**FAILED, **OTHER, **(better or {})})
    return first, then


def beside(*trials: Json) -> Json:
    return history(*trials, trial("venlafaxine", start=200, stop_reason="lack_of_efficacy"))


def test_a_response_to_the_raised_dose_is_a_response_to_the_trial() -> None:
    answer = ask(beside(*raised({"outcome": {"improvement_percent": 70}})), "two_failed_medications", ON)
    assert count(answer) == ("not_treatment_resistant", 1, 0)
    assert [each["counts"] for each in answer["trials"]] == ["no", "no", "yes"]
    assert answer["notes"][0] == "sertraline is recorded in 2 parts without a break: judged as one trial."


def test_a_response_on_an_earlier_part_is_never_forgotten() -> None:
    first, then = raised()
    first = {**first, "outcome": {"response": "response"}}
    answer = ask(beside(first, then), "rybak_2021_6wk", ON)
    assert verdict(answer, "failure") == "not_met"
    assert verdict(ask(beside(first, then), "ahrq_no_remission", ON), "failure") == "met"
    remitted = {**first, "outcome": {"response": "remission"}}
    assert verdict(ask(beside(remitted, then), "ahrq_no_remission", ON), "failure") == "not_met"


@pytest.mark.parametrize(("gap", "counts"), [(0, "yes"), (7, "yes"), (8, "no")])
def test_the_parts_are_as_long_as_they_are_together_up_to_a_gap_of_seven_days(gap: int, counts: str) -> None:
    answer = ask(beside(*raised(gap=gap)), "rybak_2021_6wk", ON)
    assert [each["counts"] for each in answer["trials"][:2]] == [counts, counts]


def test_where_dates_do_not_tell_whether_it_went_on_it_is_asked() -> None:
    first, then = raised({"outcome": {"improvement_percent": 70}})
    vague = {**then, "started": "2025-02", "ended": day(90)}
    answer = ask(beside({**first, "ended": day(25)}, vague), "two_failed_medications", ON)
    assert answer["status"] == "indeterminate"
    assert verdict(answer, "continuation") == "unknown"
    assert "started" in [each["field"] for each in questions(answer)]
    ended = ask(beside({**first, "ended": "2025-01"}, {**then, "started": day(35)}), "two_failed_medications", ON)
    assert "ended" in [each["field"] for each in questions(ended)]


def test_an_outcome_of_a_part_that_may_not_have_been_known_is_asked() -> None:
    first, then = raised()
    first = {**first, "outcome": {"response": "response", "assessed_on": "2025"}}
    answer = ask(beside(first, then), "rybak_2021_6wk", day(150))
    assert verdict(answer, "failure") == "unknown"


@pytest.mark.parametrize(
    "apart", [{"indication": "other"}, {"role": "augmentation"}, {"medication": {"text": "escitalopram"}}]
)
def test_another_purpose_another_role_or_another_medicine_is_another_trial(apart: Json) -> None:
    first, then = raised()
    answer = ask(beside(first, {**then, **apart}), "rybak_2021_6wk", ON)
    assert not any("without a break" in note for note in answer["notes"])


def test_a_question_goes_to_the_record_that_can_answer_it() -> None:
    first, then = raised()
    answer = ask(beside({**first, "started": "2025-01"}, {**then, "outcome": None}), "rybak_2021_6wk", ON)
    asked = {(each["trial_id"][-1], each["field"]) for each in answer["missing_information"]}
    assert ("1", "outcome.response") in asked
    assert ("0", "outcome.response") not in asked


def test_the_day_that_would_end_a_combination_is_named() -> None:
    both = history(trial(days=90), trial("venlafaxine", start=75, days=60))
    answer = ask(both, "two_failed_medications", ON)
    assert answer["status"] == "not_treatment_resistant"
    assert "a combination, credited once" in answer["summary"]
    assert answer["what_would_change_it"][0]["sentence"] == (
        f"Had sertraline been taken 1 day less, until {day(88)}, the answer would be: treatment resistant."
    )


def test_what_the_parts_disagree_on_is_not_known_of_the_whole() -> None:
    first, then = raised()
    answer = ask(beside({**first, "adherence": {"adequate": False}}, then), "ema_2013", ON)
    assert verdict(answer, "adherence") == "unknown"
    running = {**trial(start=20, days=40), "ended": None, "outcome": {"response": "none", "assessed_on": day(300)}}
    both = ask(beside({**first, "outcome": {"response": "partial"}}, running), "rybak_2021", ON)
    assert verdict(both, "failure", 1) == "met"


def test_two_that_may_have_been_taken_together_are_asked_where_the_answer_rests_on_it() -> None:
    because = {"stop_reason": "lack_of_efficacy"}
    months = (trial(started="2025-01", ended="2025-04", **because),)
    after = trial("venlafaxine", started="2025-04", ended="2025-07", **because)
    answer = ask(history(*months, after), "rybak_2021", ON)
    assert answer["status"] == "treatment_resistant"
    assert "taken together for more than 14 days" in questions(answer)[0]["question"]
    met = ask(
        history(trial(started="2025-01", ended="2025-04", **because), {**after, "started": "2025-04-01"}),
        "rybak_2021",
        ON,
    )
    assert met["status"] == "indeterminate"
