"""The few words at a bar: the verdict, and the first thing that decides it."""

import pytest

from clinical.brief import AGAINST, OPEN
from clinical.dates import Span, parse_partial_date
from clinical.findings import Asked
from clinical.periods import day, period
from tests.clinical.asking import Json
from tests.clinical.trials import EPISODE, history, trial
from tests.report.drawing import timeline

OF_A_TRIAL = {
    *(Asked.ANTIDEPRESSANT, Asked.AUGMENTED_DRUG, Asked.CURRENT_EPISODE, Asked.STILL_TAKEN, Asked.INDICATION),
    *(Asked.CONTINUATION, Asked.STARTED, Asked.WINDOW, Asked.SEQUENCE),
    *(Asked.DOSE, Asked.DURATION, Asked.STABLE_DOSE, Asked.ADHERENCE, Asked.FAILURE),
}


def words(one: Json, definition: str = "rybak_2021", on: str = "2025-12-31") -> str:
    said = timeline(history(one), on, definition)["medications"]
    assert len(said) == 1
    return str(said[0]["verdict"])


def spanning(first: str, last: str) -> Span:
    return Span(parse_partial_date(first).first, parse_partial_date(last).last)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (trial(), "counts as failed"),
        (trial("trazodone", daily_dose_mg=100), "does not count: dose too low"),
        (trial(days=27), "does not count: too short"),
        (trial(indication="other", daily_dose_mg=10), "does not count: given for something else"),
        (trial("aripiprazole"), "does not count: not an antidepressant"),
        (trial(outcome={"response": "response"}), "does not count: it helped"),
        (trial(outcome={"response": "unknown"}, stop_reason="remission"), "does not count: the depression remitted"),
        (trial(stop_reason="intolerance"), "does not count: stopped for side effects"),
        (trial(stop_reason="loss_of_effect"), "does not count: it helped at first"),
        (trial(daily_dose_mg=None), "unknown: dose not recorded"),
        (trial(outcome=None), "unknown: outcome not recorded"),
        (
            trial(outcome={"response": "none", "assessed_on": "2025"}),
            "unknown: outcome not settled",
        ),
        (trial(started="2025-01", ended="2025-02"), "unknown: length not settled"),
        (trial(ended=None, started="2025-12-25", outcome=None), "unknown: not long enough yet"),
        (trial(ended=None, outcome=None), "unknown: still taken, no outcome yet"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_first_thing_that_decides_is_said(one: Json, expected: str) -> None:
    on = "2025-06-30" if "settled" in expected and "outcome" in expected else "2025-12-31"
    assert words(one, on=on) == expected


@pytest.mark.parametrize(
    ("one", "definition", "expected"),
    [
        (trial(adherence={"adequate": False}), "transform_atrq", "does not count: not taken as prescribed"),
        (trial(adherence=None), "transform_atrq", "unknown: adherence not recorded"),
        (trial(start=-400), "transform_atrq", "does not count: not in the current episode"),
        (trial(), "sforzini_2022_partial", "does not count: the improvement is not of the size asked"),
        (trial(outcome={"response": "remission"}), "sforzini_2022_partial", "does not count: "),
    ],
)
def test_each_definition_has_its_own_words(one: Json, definition: str, expected: str) -> None:
    assert words(one, definition).startswith(expected)


def test_a_definition_that_asks_no_outcome_does_not_speak_of_failure() -> None:
    assert words(trial(outcome=None), "cepeda_2018") == "counts; its outcome is not asked"


def test_a_dose_without_an_entry_in_the_table_is_not_called_unrecorded() -> None:
    assert words(trial("dosulepin", daily_dose_mg=150), "transform_atrq") == "unknown: dose not settled"


def test_every_criterion_of_a_trial_has_words_on_both_sides() -> None:
    assert set(AGAINST) == set(OPEN) == {each.value for each in OF_A_TRIAL}


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (parse_partial_date("2025-03-28"), "2025-03-28"),
        (parse_partial_date("2025-02"), "2025-02"),
        (parse_partial_date("2025"), "2025"),
        (spanning("2025-03-01", "2025-03-30"), "some day from 2025-03-01 to 2025-03-30"),
        (spanning("2025", "2025-06"), "some day from 2025-01-01 to 2025-06-30"),
    ],
)
def test_a_day_is_said_as_precisely_as_it_is_known(span: Span, expected: str) -> None:
    assert day(span) == expected


@pytest.mark.parametrize(
    ("began", "ended", "running", "expected"),
    [
        ("2025-01", "2025-03-28", False, "2025-01 to 2025-03-28"),
        ("2025-01", None, True, "since 2025-01"),
        ("2025-01", None, False, "2025-01, end not recorded"),
        (None, "2025", False, "start not recorded, until 2025"),
        (None, None, True, "start not recorded, still going on"),
        (None, None, False, "no dates recorded"),
    ],
)
def test_a_period_says_what_is_not_recorded(began: str | None, ended: str | None, running: bool, expected: str) -> None:  # noqa: FBT001 - a table
    spans = [None if each is None else parse_partial_date(each) for each in (began, ended)]
    assert period(*spans, running=running) == expected


def test_an_episode_without_onset_is_drawn_first() -> None:
    later = {**EPISODE, "id": "00000000-0000-7000-8000-0000000000e2", "onset": None}
    said = timeline(history(trial(), episodes=(EPISODE, later)))["episodes"]
    assert [each["began"] is None for each in said] == [True, False]
