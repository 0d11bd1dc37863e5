"""What happened after the day asked about does not exist; episodes, safety, severity and exclusions as of a day."""

import pytest

from clinical.library import library
from tests.clinical.asking import Json, ask, count
from tests.clinical.trials import EPISODE, ON, day, finding, history, judged, rating, trial, verdict

TWO = (trial(), trial("venlafaxine", start=60))
EARLIER = {**EPISODE, "id": "00000000-0000-7000-8000-0000000000e0", "onset": "2020-01-01", "resolved": "2020-12-31"}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (day(-1), ("not_treatment_resistant", 0, 0)),
        (day(54), ("not_treatment_resistant", 0, 1)),
        (day(55), ("not_treatment_resistant", 1, 0)),
        (day(114), ("indeterminate", 1, 1)),
        (day(115), ("treatment_resistant", 2, 0)),
    ],
)
def test_an_outcome_without_a_date_counts_from_the_end_of_the_trial(on: str, expected: tuple[str, int, int]) -> None:
    assert count(ask(history(*TWO), "rybak_2021", on)) == expected


def test_an_outcome_counts_from_its_own_date() -> None:
    one = trial(ended=None, outcome={"response": "none", "assessed_on": day(50)})
    assert [verdict(judged(one, on=day(each)), "failure") for each in (49, 50)] == ["unknown", "met"]
    vague = trial(ended=None, outcome={"response": "none", "assessed_on": "2025-02"})
    assert [verdict(judged(vague, on=day(each)), "failure") for each in (30, 45, 58)] == ["unknown", "unknown", "met"]


def test_a_trial_that_ended_later_is_still_ongoing_and_its_reason_for_stopping_unseen() -> None:
    one = trial(stop_reason="intolerance", outcome={"response": "none", "assessed_on": day(40)})
    early, late = judged(one, on=day(45)), judged(one, on=day(55))
    assert [verdict(each, "failure") for each in (early, late)] == ["met", "not_met"]
    assert [each["pseudo_resistance_reasons"] for each in (early, late)] == [[], ["intolerance"]]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ended": "2025-03", "stop_reason": "intolerance"}, "ended"),
        ({"outcome": {"ever_responded": True, "assessed_on": "2025-03"}}, "outcome.assessed_on"),
        ({"outcome": {"response": "none", "assessed_on": "2025-03"}}, "outcome.assessed_on"),
    ],
)
def test_whether_something_was_so_by_the_day_may_be_unclear_and_is_asked(more: Json, field: str) -> None:
    answer = judged(trial(**more), on="2025-03-15")
    assert verdict(answer, "failure") == "unknown"
    assert field in [each["field"] for each in answer["missing_information"]]


def test_a_rating_after_the_day_does_not_exist() -> None:
    one = trial(outcome=None, ended=None)
    ratings = (rating(0, 20), rating(40, 18), rating(50, 4))
    assert [verdict(judged(one, on=day(each), ratings=ratings), "failure") for each in (45, 50)] == ["met", "not_met"]


def test_a_trial_that_may_not_have_begun_has_not_lasted() -> None:
    answer = judged(trial(started="2025", ended="2026"), on=day(100))
    assert finding(answer, "duration")["observed_range"] == {"least": 1, "most": 101}


def test_nothing_of_the_calendar_breaks_at_its_ends() -> None:
    for on in ("0001-01-01", "1900-01-01", "9999-12-31"):
        for definition in library().definitions:
            assert ask(history(trial(ended=None)), definition, on)["on"].isoformat() == on


# Episodes.
def test_every_episode_resolved_leaves_no_trial_in_the_current_one() -> None:
    body = history(*TWO, episodes=({**EPISODE, "resolved": ON},))
    answer = ask(body, "transform_atrq", ON)
    assert count(answer) == ("not_treatment_resistant", 0, 0)
    assert "had resolved" in finding(answer, "current_episode")["sentence"]


def test_an_episode_that_began_later_does_not_exist_yet() -> None:
    body = history(*TWO, episodes=({**EPISODE, "onset": "2025-12-30"},))
    assert "No depressive episode" in finding(ask(body, "fda_label", "2025-12-29"), "current_episode")["sentence"]


@pytest.mark.parametrize(("named", "expected"), [(EPISODE["id"], "met"), (EARLIER["id"], "not_met"), (None, "not_met")])
def test_the_episode_that_a_trial_names_decides_before_its_dates(named: str | None, expected: str) -> None:
    old = trial(started="2023-01-01", ended="2023-06-30", episode_id=named)
    body = history(old, episodes=(EARLIER, EPISODE))
    assert verdict(ask(body, "eu_smpc_esketamine", ON), "current_episode") == expected


@pytest.mark.parametrize(
    ("resolved", "named", "expected"),
    [
        ("2024-10-15", EARLIER["id"], "met"),
        ("2024-09", EARLIER["id"], "unknown"),
        ("2024-08-01", EARLIER["id"], "not_met"),
        (None, EARLIER["id"], "met"),
    ],
)
def test_a_short_remission_joins_two_episodes(resolved: str | None, named: str, expected: str) -> None:
    old = trial(started="2023-01-01", ended="2023-06-30", episode_id=named)
    body = history(old, episodes=({**EARLIER, "resolved": resolved}, EPISODE))
    assert verdict(ask(body, "eu_smpc_esketamine", ON), "current_episode") == expected


def test_joined_episodes_reach_back_as_far_as_they_are_known() -> None:
    first = {**EARLIER, "onset": "2018-01-01", "resolved": "2019-12-15", "id": None}
    second = {**EARLIER, "resolved": "2024-09"}
    nameless = {**EARLIER, "onset": None, "resolved": "2024-10-20"}
    old = trial(started="2023-01-01", ended="2023-06-30")
    assert (
        verdict(ask(history(old, episodes=(first, second, EPISODE)), "fda_label", ON), "current_episode") == "unknown"
    )
    assert verdict(ask(history(old, episodes=(nameless, EPISODE)), "fda_label", ON), "current_episode") == "unknown"
    vague = {**EARLIER, "onset": None, "resolved": "2024-09"}
    assert verdict(ask(history(old, episodes=(vague, EPISODE)), "fda_label", ON), "current_episode") == "unknown"


def test_an_episode_without_an_onset_leaves_membership_open() -> None:
    body = history(*TWO, episodes=(EARLIER, {**EPISODE, "onset": None, "resolved": None}))
    assert ask(body, "fda_label", ON)["status"] in {"indeterminate", "treatment_resistant"}


# Whom a definition speaks of.
@pytest.mark.parametrize(
    ("episode", "definition", "status"),
    [
        ({"polarity": "bipolar"}, "two_failed_medications", "not_applicable"),
        ({"polarity": "unknown"}, "two_failed_medications", "treatment_resistant"),
        ({"psychotic_features": True}, "transform_atrq", "not_applicable"),
        ({"psychotic_features": True}, "sforzini_2022", "treatment_resistant"),
        ({"psychotic_features": None}, "transform_atrq", "treatment_resistant"),
        ({"severity": "mild"}, "eu_smpc_esketamine", "not_treatment_resistant"),
        ({"severity": "severe"}, "eu_smpc_esketamine", "treatment_resistant"),
    ],
)
def test_whom_a_definition_speaks_of(episode: Json, definition: str, status: str) -> None:
    answer = ask(history(*TWO, episodes=({**EPISODE, **episode},)), definition, ON)
    assert answer["status"] == status
    assert bool(answer["patient_findings"])
    if status == "not_applicable":
        assert [each["status"] for each in answer["what_would_change_it"]] == ["treatment_resistant"]
        assert len(answer["trials"]) == 2


def test_bipolar_in_an_earlier_episode_is_bipolar() -> None:
    body = history(*TWO, episodes=({**EARLIER, "polarity": "bipolar"}, EPISODE))
    assert ask(body, "rybak_2021", ON)["status"] == "not_applicable"


@pytest.mark.parametrize(
    ("indication", "dose", "expected"),
    [
        ("depression", 100, "yes"),
        ("unknown", 100, "yes"),
        ("other", 100, "unknown"),
        ("other", 25, "no"),
        ("other_only", 100, "no"),
    ],
)
def test_what_it_was_given_for(indication: str, dose: float, expected: str) -> None:
    answer = judged(trial(indication=indication, daily_dose_mg=dose), "two_failed_medications")
    assert answer["trials"][0]["counts"] == expected


def test_reasons_for_pseudo_resistance_are_those_of_trials_that_look_like_failures() -> None:
    answer = ask(
        history(
            trial(daily_dose_mg=25, days=14),
            trial("venlafaxine", start=60, adherence={"adequate": False}),
            trial("mirtazapine", start=120, stop_reason="intolerance"),
            trial("bupropion", start=180, indication="other"),
            trial("duloxetine", start=240, outcome={"response": "response"}, daily_dose_mg=1),
        ),
        "two_failed_medications",
        ON,
    )
    reasons = ["inadequate_dose", "short_duration", "non_adherence", "intolerance", "other_indication"]
    assert answer["pseudo_resistance_reasons"] == reasons


# Safety.
def nine(last: int | None) -> list[int | None]:
    return [*[1] * 8, last]


def ten(last: int | None) -> list[int | None]:
    return [*[1] * 9, last]


def qids(item: int) -> list[int]:
    return [item if number == 12 else 1 for number in range(1, 17)]


LEVELS = [
    *(("phq9", nine(n), level) for n, level in enumerate(["none_reported", "review", "urgent", "urgent"])),
    *(
        ("madrs", ten(n), level)
        for n, level in enumerate(
            ["none_reported", "none_reported", "review", "review", "urgent", "urgent", "emergency"]
        )
    ),
    *(("qids_sr16", qids(n), level) for n, level in enumerate(["none_reported", "review", "urgent", "emergency"])),
    ("phq9", nine(None), "unknown"),
    ("phq9", None, "unknown"),
]


@pytest.mark.parametrize(("instrument", "items", "level"), LEVELS)
def test_each_answer_to_the_item_on_suicidal_thoughts_has_its_level(
    instrument: str, items: list[int] | None, level: str
) -> None:
    one = rating(10, None if items else 12, instrument, items=items)
    safety = ask(history(ratings=(one,)), "rybak_2021", ON)["safety"]
    assert safety["level"] == level
    assert day(10) in safety["sentence"]


@pytest.mark.parametrize(
    ("ratings", "level"),
    [
        ((), "unknown"),
        ((rating(10, 12, "gad7"),), "unknown"),
        ((rating(10, items=nine(3)), rating(20, items=nine(0))), "none_reported"),
        ((rating(10, items=nine(0)), rating(20, 12)), "unknown"),
        ((rating(10, items=nine(1)), rating(20, 12)), "review"),
        ((rating(10, items=nine(1)), rating(10, None, "madrs", items=ten(6))), "emergency"),
        ((rating(10, items=nine(3)), {**rating(20, items=nine(0)), "assessed_on": "2025-01"}), "urgent"),
        ((rating(10, items=nine(0)), rating(363, items=nine(3))), "urgent"),
    ],
)
def test_the_latest_answer_counts_and_nothing_vague_or_missing_lowers_it(ratings: tuple[Json, ...], level: str) -> None:
    assert ask(history(ratings=ratings), "rybak_2021", ON)["safety"]["level"] == level


def test_an_answer_after_the_day_is_not_there_yet() -> None:
    ratings = (rating(10, items=nine(1)), rating(20, items=nine(3)))
    assert ask(history(ratings=ratings), "rybak_2021", day(15))["safety"]["level"] == "review"
