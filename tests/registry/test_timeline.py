"""The timeline of a history as of a day: dates as vague as they are known, nothing of later days, and all in words."""

from datetime import date
from typing import Any

import pytest

from models.timeline import EXAMPLE, Timeline
from tests.clinical.trials import EPISODE, history, rating, trial
from tests.report.drawing import timeline
from tests.report.example import made

Json = dict[str, Any]
ECT: Json = {
    "kind": "neuromodulation",
    "modality": "ect",
    "sessions": 12,
    "laterality": "bilateral",
    "started": "2025-03",
    "ended": "2025-04-10",
    "outcome": {"response": "partial"},
}


def days(text: str) -> Json:
    return dict(zip(("earliest", "latest"), map(date.fromisoformat, text.split("/")), strict=True))


def test_the_example_is_what_the_service_says_of_its_history() -> None:
    said = made()
    assert {key: value for key, value in said.items() if key != "definition"} == {
        key: value for key, value in EXAMPLE.items() if key != "definition"
    }
    assert Timeline.model_validate(EXAMPLE)


def test_doses_are_measured_by_the_minimum_of_the_definition() -> None:
    doses = [{"daily_dose_mg": 75, "from": "2025-01-01"}, {"daily_dose_mg": 225, "from": "2025-01-15"}]
    (said,) = timeline(history(trial("venlafaxine", doses=doses)))["medications"]
    assert [each["of_minimum"] for each in said["doses"]] == [0.5, 1.5]
    assert said["minimum"]["daily_dose_mg"] == 150
    assert said["minimum"]["asked"] is False
    assert said["dosing"] == "75 then 225 mg a day"
    assert said["doses"][0]["began"] == days("2025-01-01/2025-01-01")


def test_what_is_not_an_antidepressant_has_no_minimum() -> None:
    (said,) = timeline(history(trial("aripiprazole")))["medications"]
    assert (said["minimum"], said["doses"][0]["of_minimum"]) == (None, None)


def test_a_dose_that_is_not_known_is_said_so() -> None:
    (said,) = timeline(history(trial(daily_dose_mg=None)))["medications"]
    assert said["dosing"] == "dose not recorded"
    steps = [{"daily_dose_mg": 50, "from": None}, {"daily_dose_mg": None, "from": "2025-02"}]
    (said,) = timeline(history(trial(doses=steps)))["medications"]
    assert said["dosing"] == "50 then unknown mg a day"
    assert said["doses"][1]["began"] == days("2025-02-01/2025-02-28")


def test_vague_dates_stay_intervals() -> None:
    (said,) = timeline(history(trial(started="2025", ended="2025-05")))["medications"]
    assert said["began"] == days("2025-01-01/2025-05-31")
    assert said["ended"] == days("2025-05-01/2025-05-31")
    assert (said["ongoing"], said["when"]) == (False, "2025 to 2025-05")


@pytest.mark.parametrize(
    ("on", "ended", "ongoing"),
    [
        ("2025-04-30", None, True),
        ("2025-05-15", "2025-05-01/2025-05-15", None),
        ("2025-05-31", "2025-05-01/2025-05-31", False),
    ],
)
def test_an_end_that_has_not_come_is_not_there(on: str, ended: str | None, ongoing: bool | None) -> None:  # noqa: FBT001 - a third value
    said = timeline(
        {
            **history(trial(started="2025-01-01", ended="2025-05"), episodes=({**EPISODE, "resolved": "2025-05"},)),
            "treatments": [{**ECT, "started": "2025-01-01", "ended": "2025-05"}],
        },
        on,
    )
    for part in ("medications", "treatments", "episodes"):
        (each,) = said[part]
        assert (each["ended"], each["ongoing"]) == (ended and days(ended), ongoing), part


def test_what_is_of_a_later_day_is_not_there_at_all() -> None:
    known = {
        **history(trial(), ratings=(rating(10, 20), rating(60, 15)), episodes=({**EPISODE, "onset": "2025-03-02"},)),
        "treatments": [ECT],
        "symptoms": [{"observed_on": "2025-03-01", "present": ["fatigue"], "absent": []}],
        "contributing_factors": [
            {"category": "environmental", "factor": "trauma", "certainty": "suspected", "noted_on": "2025-03-01"}
        ],
    }
    before, after = timeline(known, "2025-02-28"), timeline(known, "2025-03-02")
    parts = ("episodes", "treatments", "symptoms", "factors")
    assert [len(before[part]) for part in parts] == [0, 0, 0, 0]
    assert [len(after[part]) for part in parts] == [1, 1, 1, 1]
    assert [len(said["ratings"][0]["points"]) for said in (before, after)] == [1, 2]
    assert timeline(known, "2024-12-31")["medications"] == []


def test_a_month_that_is_not_over_ends_with_the_day_asked_about() -> None:
    (said,) = timeline({**history(), "treatments": [ECT]}, "2025-03-10")["treatments"]
    assert (said["began"], said["when"]) == (days("2025-03-01/2025-03-10"), "since 2025-03")


@pytest.mark.parametrize(
    ("on", "outcome", "expected"),
    [
        ("2025-04-09", {"response": "partial"}, "unknown"),
        ("2025-04-10", {"response": "partial"}, "partial"),
        ("2025-04-19", {"response": "partial", "assessed_on": "2025-04-20"}, "unknown"),
        ("2025-04-20", {"response": "partial", "assessed_on": "2025-04-20"}, "partial"),
    ],
)
def test_an_outcome_counts_from_its_own_day_or_from_the_end(on: str, outcome: Json, expected: str) -> None:
    (said,) = timeline({**history(), "treatments": [{**ECT, "outcome": outcome}]}, on)["treatments"]
    assert said["response"] == expected
    assert ("outcome not recorded" in said["words"]) is (expected == "unknown")


def test_a_treatment_says_side_and_sessions_in_words() -> None:
    (said,) = timeline({**history(), "treatments": [ECT]})["treatments"]
    assert said["words"] == "bilateral, 12 sessions, judged “partial”"
    plain = {"kind": "psychotherapy", "modality": "cbt", "sessions": 1, "ended": "unknown"}
    (said,) = timeline({**history(), "treatments": [plain]})["treatments"]
    assert (said["words"], said["when"]) == ("1 session, outcome not recorded", "no dates recorded")


def test_scales_of_depression_come_first_and_totals_that_are_missing_are_left_out() -> None:
    without_total = rating(4, items=[1, None, *[1] * 7])
    ratings = (rating(1, 10, "gad7"), rating(2, 20), rating(3, 16), without_total)
    said = timeline(history(trial(), ratings=ratings))["ratings"]
    assert [(each["instrument"], [point["total"] for point in each["points"]]) for each in said] == [
        ("phq9", [20, 16]),
        ("gad7", [10]),
    ]
    assert (said[0]["remission_at_most"], said[1]["remission_at_most"]) == (4, None)
    assert said[0]["points"][1]["band"] == "moderately severe"


def test_episodes_say_what_is_known_of_them() -> None:
    known = ({**EPISODE, "psychotic_features": True}, {"onset": None})
    said = timeline(history(trial(), episodes=known))["episodes"]
    assert [each["words"] for each in said] == ["severity not recorded", "moderate, unipolar, with psychotic features"]


def test_the_description_says_all_that_is_drawn() -> None:
    known = {**history(trial(), ratings=(rating(0, 20), rating(50, 18), rating(9, 11, "gad7"))), "treatments": [ECT]}
    words = timeline(known)["description"]
    for part in (
        "As of 2025-12-31.",
        "Episode since 2024-11-01: moderate, unipolar.",
        "Sertraline, 100 mg a day (minimum 50), 2025-01-01 to 2025-02-25: counts as failed.",
        "Electroconvulsive therapy, 2025-03 to 2025-04-10: bilateral, 12 sessions",
        "from 20 on 2025-01-01 to 18 on 2025-02-20.",
        ": 11 on 2025-01-10.",
    ):
        assert part in words
    assert timeline(history(episodes=()))["description"] == "As of 2025-12-31. Nothing is recorded."


def test_factors_without_a_day_come_last() -> None:
    one = {"category": "genetics", "factor": "family_history", "certainty": "confirmed"}
    said = timeline({**history(), "contributing_factors": [one, {**one, "noted_on": "2024"}]})["factors"]
    assert [each["when"] for each in said] == ["2024", "day not recorded"]
