"""An unknown is a third answer: where it could decide, the answer is open and says what to ask; that settles it."""

import pytest

from clinical.library import library
from tests.clinical.asking import Json, ask, count, questions
from tests.clinical.trials import (
    EPISODE,
    ON,
    day,
    enough_for,
    finding,
    history,
    judged,
    patched,
    place_of,
    rating,
    trial,
    verdict,
)

RULES = {slug: rule for slug, rule in library().definitions.items() if rule.failure and not rule.still_taken}
DEFINITIONS = sorted(RULES)
WITH = {
    "dose": [each for each in DEFINITIONS if RULES[each].dose],
    "duration": [each for each in DEFINITIONS if RULES[each].duration],
    "adherence": [each for each in DEFINITIONS if RULES[each].adherence],
    "episode": [each for each in DEFINITIONS if RULES[each].current_episode],
}
# What is unknown of a trial, the field that is asked for, the answer as a merge patch, and which definitions care.
OPEN: dict[str, tuple[Json, str, Json, list[str]]] = {
    "the dose": ({"daily_dose_mg": None}, "daily_dose_mg", {"daily_dose_mg": 100}, WITH["dose"]),
    "the start": ({"started": "2025-01", "ended": day(58)}, "started", {"started": "2025-01-01"}, ["ascertain"]),
    "the month of the start": (
        {"started": "2025-01", "ended": day(44)},
        "started",
        {"started": "2025-01-01"},
        [each for each in WITH["duration"] if each != "ascertain"],
    ),
    "the end": ({"ended": "unknown"}, "ended", {"ended": day(55)}, WITH["duration"]),
    "the day of the end": (
        {"started": "2025-01-11", "ended": "2025-02"},
        "ended",
        {"ended": "2025-02-28"},
        [each for each in WITH["duration"] if each != "ascertain"],
    ),
    "adherence": ({"adherence": None}, "adherence.adequate", {"adherence": {"adequate": True}}, WITH["adherence"]),
    "the outcome": ({"outcome": None}, "outcome.response", {"outcome": {"response": "none"}}, DEFINITIONS),
    "the outcome of an ongoing trial": (
        {"started": day(200), "ended": None},
        "outcome.assessed_on",
        {"outcome": {"assessed_on": ON}},
        DEFINITIONS,
    ),
}
EACH = [(name, slug) for name, (*_, slugs) in OPEN.items() for slug in slugs]


@pytest.mark.parametrize(("unknown", "definition"), EACH)
def test_what_is_unknown_is_asked_and_the_answer_settles_it(unknown: str, definition: str) -> None:
    fields, field, answer, _ = OPEN[unknown]
    body = enough_for(definition, fields)
    before = ask(body, definition, ON)
    assert before["status"] == "indeterminate"
    assert field in [each["field"] for each in questions(before)]
    if unknown == "the outcome" and RULES[definition].failure.floor:
        answer = {"outcome": {"response": "partial"}}
    assert ask(patched(body, "/0", answer), definition, ON)["status"] == "treatment_resistant"


def test_a_partial_date_that_is_on_one_side_of_the_threshold_decides() -> None:
    assert verdict(judged(trial(ended="2025-04")), "duration") == "met"
    assert verdict(judged(trial(started="2025-01-15", ended="2025-01", outcome=None)), "duration") == "not_met"
    found = finding(judged(trial(ended="2025-02")), "duration")
    assert found["observed"] is None
    assert found["observed_range"] == {"least": 32, "most": 59}
    assert "Between 32 and 59 days" in found["sentence"]


def test_an_ongoing_trial_may_yet_be_long_enough() -> None:
    body = history(trial(), trial("venlafaxine", start=60, ended=None))
    early = ask(body, "rybak_2021", day(70))
    assert early["status"] == "indeterminate"
    assert f"28 are reached on {day(87)}" in finding(early, "duration", 1)["sentence"]
    assert questions(early)[0]["question"].endswith(f"{day(87)}?")
    later = patched(body, "/1", {"outcome": {"assessed_on": day(87)}})
    assert ask(later, "rybak_2021", day(87))["status"] == "treatment_resistant"


def test_days_begin_anew_when_the_dose_of_an_ongoing_trial_was_lowered() -> None:
    doses = [{"daily_dose_mg": 100, "from": day(0)}, {"daily_dose_mg": 25, "from": day(20)}]
    answer = judged(trial(ended=None, doses=doses), on=day(60))
    assert finding(answer, "duration")["sentence"] == (
        f"20 days at or above 50 mg so far; 28 are reached on {day(88)} if that dose is taken again."
    )


def test_an_ongoing_trial_whose_dose_was_always_too_low_is_promised_no_adequate_days() -> None:
    answer = judged(trial(ended=None, daily_dose_mg=25), on=day(20))
    assert finding(answer, "duration")["sentence"] == (
        f"21 days at a dose too low throughout so far; 28 days at any dose are reached on {day(27)} if it is continued."
    )
    assert (verdict(answer, "duration"), verdict(answer, "dose")) == ("unknown", "not_met")
    assert verdict(judged(trial(ended=None, daily_dose_mg=25), on=day(27)), "duration") == "met"


@pytest.mark.parametrize("ended", ["unknown", day(55), "2025-02", None])
def test_nothing_known_of_the_start_leaves_the_duration_open(ended: str | None) -> None:
    answer = judged(trial(started=None, ended=ended))
    found = finding(answer, "duration")
    assert (found["verdict"], found["observed_range"]) == ("unknown", None)
    assert "At least" in found["sentence"]
    assert ("started", None) in [(each["field"], None) for each in answer["missing_information"]]


def test_a_dated_dose_bounds_an_unknown_start_and_an_unknown_end() -> None:
    doses = [{"daily_dose_mg": 100, "from": day(0)}, {"daily_dose_mg": 150, "from": day(60)}]
    assert verdict(judged(trial(started=None, days=90, doses=doses)), "duration") == "met"
    assert verdict(judged(trial(ended="unknown", doses=doses)), "duration") == "met"


def test_a_dose_that_may_lie_after_the_day_is_not_yet_reached() -> None:
    doses = [{"daily_dose_mg": 25, "from": day(0)}, {"daily_dose_mg": 100, "from": "2025"}]
    answer = judged(trial(ended=None, doses=doses), on=day(60))
    assert verdict(answer, "dose") == "unknown"


def test_days_before_the_first_recorded_dose_have_an_unknown_dose() -> None:
    doses = [{"daily_dose_mg": 25, "from": day(14)}]
    assert verdict(judged(trial(doses=doses)), "dose") == "unknown"
    enough = [{"daily_dose_mg": 100, "from": day(14)}]
    answer = judged(trial(days=70, doses=enough))
    assert verdict(answer, "duration") == "met"
    assert finding(answer, "duration")["observed_range"] == {"least": 56, "most": 70}
    assert verdict(judged(trial(days=35, doses=enough)), "duration") == "unknown"


def test_a_step_of_unknown_dose_may_or_may_not_count() -> None:
    doses = [{"daily_dose_mg": mg, "from": day(since)} for mg, since in ((100, 0), (None, 20), (100, 40))]
    answer = judged(trial(days=45, doses=doses))
    assert finding(answer, "duration")["observed_range"] == {"least": 20, "most": 45}
    assert [each["field"] for each in answer["missing_information"]] == ["doses"]


def test_a_dose_change_in_an_unknown_month_is_asked_for() -> None:
    doses = [{"daily_dose_mg": 25, "from": day(0)}, {"daily_dose_mg": 100, "from": "2025-02"}]
    answer = judged(trial(days=75, doses=doses))
    assert finding(answer, "duration")["observed_range"] == {"least": 17, "most": 44}
    assert answer["missing_information"][0]["field"] == "doses"


def test_a_definition_that_is_silent_is_not_disturbed_by_unknowns() -> None:
    vague = {"daily_dose_mg": None, "adherence": None, "started": None, "ended": "unknown", "indication": None}
    body = history(trial(**vague), trial("venlafaxine", **vague), episodes=())
    answer = ask(body, "two_failed_medications", ON)
    assert answer["status"] == "treatment_resistant"
    cautions = {each["criterion"] for one in answer["trials"] for each in one["findings"] if not each["asked"]}
    assert cautions >= {"dose", "duration", "adherence"}


def test_no_trial_at_all_is_not_resistance() -> None:
    for definition in WITH["dose"]:
        answer = ask(history(), definition, ON)
        assert count(answer) == ("not_treatment_resistant", 0, 0)


@pytest.mark.parametrize("definition", WITH["episode"])
def test_an_episode_that_nobody_recorded_is_asked_for(definition: str) -> None:
    body = enough_for(definition, {})
    answer = ask({**body, "episodes": []}, definition, ON)
    assert answer["status"] == "indeterminate"
    asked = next(each for each in questions(answer) if each["field"] == "episodes.onset")
    assert asked["trial_id"] is None
    assert ask(body, definition, ON)["status"] == "treatment_resistant"


@pytest.mark.parametrize(
    ("episode", "field", "settled"),
    [
        ({"onset": None}, "episodes.onset", {"onset": "2024-11-01"}),
        ({"onset": "2025"}, "episodes.onset", {"onset": "2025-01-01"}),
        ({"resolved": "2025-12"}, "episodes.resolved", {"resolved": None}),
    ],
)
def test_a_vague_episode_is_asked_for_and_the_answer_settles_it(episode: Json, field: str, settled: Json) -> None:
    both = (trial(), trial("venlafaxine", start=60))
    on = "2025-12-15"
    before = ask(history(*both, episodes=({**EPISODE, **episode},)), "transform_atrq", on)
    assert before["status"] == "indeterminate"
    assert field in [each["field"] for each in questions(before)]
    after = ask(history(*both, episodes=({**EPISODE, **settled},)), "transform_atrq", on)
    assert after["status"] == "treatment_resistant"


def test_a_vague_onset_may_decide_how_long_a_trial_lasted_in_the_episode() -> None:
    body = history(trial(days=60), episodes=({**EPISODE, "onset": "2025-01"},))
    answer = ask(body, "transform_atrq", ON)
    assert verdict(answer, "duration") == "unknown"
    assert answer["missing_information"][0]["field"] == "episodes.onset"


def test_a_trial_across_the_onset_with_a_vague_end_is_asked_by_itself() -> None:
    body = history(trial(ended="2025-02"), episodes=({**EPISODE, "onset": "2025-02-10"},))
    answer = ask(body, "eu_smpc_esketamine", ON)
    assert verdict(answer, "current_episode") == "unknown"
    assert "episode_id" in [each["field"] for each in answer["missing_information"]]


def test_an_unknown_polarity_is_asked_last_and_makes_nothing_open() -> None:
    because = {"stop_reason": "lack_of_efficacy"}
    two = (trial(**because), trial("venlafaxine", start=60, **because))
    body = history(*two, episodes=({**EPISODE, "polarity": None},))
    answer = ask(body, "rybak_2021", ON)
    assert answer["status"] == "treatment_resistant"
    assert [each["field"] for each in questions(answer)] == ["episodes.polarity"]
    open_body = patched(body, "/0", {"outcome": None})
    assert questions(ask(open_body, "rybak_2021", ON))[0]["field"] == "outcome.response"


def test_why_a_failed_trial_was_stopped_is_asked_where_the_answer_rests_on_it() -> None:
    two = history(trial(), trial("venlafaxine", start=60, stop_reason="lack_of_efficacy"))
    asked = questions(ask(two, "rybak_2021", ON))
    assert [(place_of(each["trial_id"]), each["field"], each["settles_alone"]) for each in asked] == [
        (0, "stop_reason", True)
    ]
    stopped = patched(two, "/0", {"stop_reason": "intolerance"})
    assert ask(stopped, "rybak_2021", ON)["status"] == "not_treatment_resistant"
    three = history(*two["medication_trials"], trial("mirtazapine", start=120, stop_reason="lack_of_efficacy"))
    assert questions(ask(three, "rybak_2021", ON)) == []


def test_what_alone_would_settle_it_is_asked_first() -> None:
    vague = trial(daily_dose_mg=None, outcome=None)
    body = history(vague, trial("venlafaxine", start=60, outcome=None), trial("mirtazapine", start=120))
    answer = ask(body, "rybak_2021", ON)
    assert answer["status"] == "indeterminate"
    first, *others = questions(answer)
    assert (place_of(first["trial_id"]), first["field"], first["settles_alone"]) == (1, "outcome.response", True)
    assert not any(each["settles_alone"] for each in others)
    settled = patched(body, "/1", {"outcome": {"response": "none"}})
    assert ask(settled, "rybak_2021", ON)["status"] == "treatment_resistant"


def test_a_confirmed_early_failure_is_left_to_a_clinician() -> None:
    short = trial(days=20, outcome={"response": "none", "early_failure_confirmed": True})
    answer = judged(short, "sforzini_2022")
    assert verdict(answer, "duration") == "unknown"
    assert verdict(judged(short, "rybak_2021"), "duration") == "not_met"


def test_a_dose_table_without_the_medicine_leaves_it_to_a_clinician() -> None:
    answer = judged(trial("nefazodone", daily_dose_mg=10), "mgh_atrq")
    assert verdict(answer, "dose") == "not_met"
    silent = judged(trial("St John's wort", daily_dose_mg=900), "rybak_2021")
    assert [verdict(silent, "antidepressant"), verdict(silent, "dose")] == ["unknown", "unknown"]


def test_ratings_leave_the_severity_open_when_their_dates_do() -> None:
    both = (trial(), trial("venlafaxine", start=60))
    ratings = (rating(350, 20), {**rating(360, 3), "assessed_on": "2025-12"})
    body = history(*both, ratings=ratings, episodes=({**EPISODE, "severity": None},))
    answer = ask(body, "eu_smpc_esketamine", ON)
    assert answer["status"] == "indeterminate"
    assert "But:" in answer["patient_findings"][-1]["sentence"]
