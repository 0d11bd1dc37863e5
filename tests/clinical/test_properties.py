"""What must hold for every history: order, subsets, unknowns that never turn an answer round, changes that are true."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinical.library import library
from clinical.vocabulary import Basis, Indication, Polarity, Response, Role, Severity, StopReason
from tests.clinical.asking import Json, ask, questions
from tests.clinical.trials import EPISODE, ON, changed, day, history, patched, rating, trial

DEFINITIONS = sorted(library().definitions)
DEPRESSION_SCALES = ["phq9", "madrs", "qids_sr16"]
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
words = st.sampled_from
DRUGS = words(["sertraline", "Zoloft", "venlafaxine", "mirtazapine", "duloxetine", "St John's wort", "aripiprazole"])


def _vague(text: str, how: int) -> str:
    return text[: (10, 7, 4)[how]]


@st.composite
def any_trials(draw: Any) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """A trial that the service accepts, with dates, doses and outcomes as vague as they come."""
    first, length = draw(st.integers(0, 330)), draw(st.integers(1, 120))
    change = draw(st.integers(1, length))
    started = draw(words([None, *(_vague(day(first), how) for how in range(3))]))
    ended = draw(words([None, "unknown", *(_vague(day(first + length), how) for how in range(3))]))
    doses = [draw(words([None, 25, 100, 300])), draw(words([None, 25, 100, 300]))]
    steps = [{"daily_dose_mg": doses[0], "from": started}, {"daily_dose_mg": doses[1], "from": day(first + change)}]
    role = draw(words([*Role]))
    return {
        "medication": {"text": draw(DRUGS)},
        "started": started,
        "ended": ended,
        "doses": steps if first + change < first + length and draw(st.booleans()) else steps[:1] * (doses[0] != 25),
        "adherence": {"adequate": draw(words([None, True, False])), "taken_fraction": draw(words([None, 0.5, 0.9]))},
        "indication": draw(words([*Indication])),
        "role": role,
        "outcome": {
            "response": draw(words([*Response])),
            "improvement_percent": draw(words([None, -10, 10, 25, 30, 49.5, 50, 80])),
            "assessed_on": draw(words([None, day(first + length), _vague(day(first + length), 1)])),
            "basis": draw(words([None, *Basis])),
            "ever_responded": draw(words([None, True, False])),
            "early_failure_confirmed": draw(st.booleans()),
        },
        "stop_reason": draw(words([*StopReason])) if ended else None,
    }


any_ratings = st.builds(
    lambda number, total, slug, how: {**rating(number, total, slug), "assessed_on": _vague(day(number), how)},
    st.integers(-20, 380),
    st.integers(0, 27),
    words(DEPRESSION_SCALES),
    words([0, 0, 0, 1, 2]),
)
any_episodes = st.builds(
    lambda onset, how, resolved, polarity, severity, psychotic: {
        "onset": _vague(day(onset), how) if how < 3 else None,
        "resolved": resolved and max(resolved, day(onset)[:7]),
        "polarity": polarity,
        "severity": severity,
        "psychotic_features": psychotic,
    },
    st.integers(-200, 100),
    st.integers(0, 3),
    words([None, None, None, "2025-06-01", "2025-12", "2026-03"]),
    words([Polarity.UNIPOLAR, Polarity.UNIPOLAR, Polarity.UNKNOWN, Polarity.BIPOLAR]),
    words([*Severity]),
    words([None, False, False, True]),
)
any_history = st.builds(
    lambda trials, ratings, episodes: history(*trials, ratings=tuple(ratings), episodes=tuple(episodes)),
    st.lists(any_trials(), max_size=6),
    st.lists(any_ratings, max_size=8),
    st.lists(any_episodes, max_size=2),
)
definitions = words(DEFINITIONS)
days = words(["2025-03-15", "2025-08-01", ON, "2026-11-01"])


def counted(answer: Json) -> dict[str, Any]:
    """What may not depend on the order of the records."""
    failed = answer["failed_medications"]
    return {
        "status": answer["status"],
        "confirmed": failed["confirmed"],
        "possible": failed["possible"],
        "judged": sorted((each["medication"], each["counts"]) for each in answer["trials"]),
        "safety": answer["safety"],
        "reasons": answer["pseudo_resistance_reasons"],
        "findings": answer["patient_findings"],
    }


@FEW
@given(any_history, definitions, days, st.randoms(use_true_random=False))
def test_the_order_of_the_records_never_matters(body: Json, definition: str, on: str, random: Any) -> None:  # noqa: ANN401 - a Random
    shuffled = {key: random.sample(rows, len(rows)) for key, rows in body.items()}
    assert counted(ask(shuffled, definition, on)) == counted(ask(body, definition, on))


@FEW
@given(any_history, days)
def test_what_the_stricter_of_two_nested_definitions_counts_the_other_counts(body: Json, on: str) -> None:
    strict, lenient = ask(body, "sforzini_2022", on), ask(body, "rybak_2021", on)
    for one, other in zip(strict["trials"], lenient["trials"], strict=True):
        # A confirmed early failure is open under the first and too short under the second, so unknown may be no.
        assert one["counts"] != "yes" or other["counts"] == "yes"
    if strict["status"] == "treatment_resistant":
        assert lenient["status"] == "treatment_resistant"


@FEW
@given(any_history, definitions, days)
def test_every_single_change_that_is_named_really_gives_the_status_named(body: Json, definition: str, on: str) -> None:
    for change in ask(body, definition, on)["what_would_change_it"]:
        assert change["status"] != ask(body, definition, on)["status"]
        assert ask(changed(body, change["change"]), definition, on)["status"] == change["status"], change


@FEW
@given(any_history, definitions, days)
def test_numbers_and_words_of_an_answer_agree(body: Json, definition: str, on: str) -> None:
    answer = ask(body, definition, on)
    failed = answer["failed_medications"]
    assert len(failed["confirmed_names"]) == failed["confirmed"] == len(set(failed["confirmed_names"]))
    assert len(failed["possible_names"]) == failed["possible"]
    assert not set(failed["confirmed_names"]) & set(failed["possible_names"])
    assert answer["summary"].endswith((".", "?"))
    if answer["status"] == "indeterminate":
        assert questions(answer), "an open answer says what to ask"
    for each in answer["trials"]:
        asked = {one["verdict"] for one in each["findings"] if one["asked"]}
        expected = "no" if "not_met" in asked else "unknown" if "unknown" in asked else "yes"
        assert each["counts"] == expected
        assert all(one["sentence"].endswith(".") and one["source"] for one in each["findings"])


FORGET: dict[str, Json] = {  # as a merge patch; a number is how many letters of the date are remembered
    "the dose": {"daily_dose_mg": None},
    "the day of the start": {"started": 7},
    "the month of the start": {"started": 4},
    "the day of the end": {"ended": 7},
    "the month of the end": {"ended": 4},
    "the end but not that it ended": {"ended": "unknown"},
    "the outcome": {"outcome": None},
    "the adherence": {"adherence": None},
    "the percentage beside a word": {"outcome": {"improvement_percent": None}},
    "the word beside a percentage": {"outcome": {"response": None}},
    "when the outcome was judged": {"outcome": {"assessed_on": None}},
}
OPPOSITE = {"treatment_resistant": "not_treatment_resistant", "not_treatment_resistant": "treatment_resistant"}
OUTCOMES = [("none", 10), ("none", None), ("partial", 30), ("partial", None), ("response", 60), ("remission", 90)]


@st.composite
def sure_trials(draw: Any) -> Json:  # noqa: ANN401 - hypothesis leaves it untyped
    """Two trials one after the other of which everything is known and nothing contradicts itself."""
    trials = []
    for text, start in (("sertraline", draw(st.integers(0, 20))), ("venlafaxine", 100)):
        response, percent = draw(words(OUTCOMES))
        length = draw(words([20, 27, 28, 41, 42, 60, 70]))
        outcome = {"response": response, "improvement_percent": percent, "assessed_on": day(start + length - 1)}
        adherence, dose = {"adequate": draw(words([True, True, False]))}, draw(words([25, 100, 225, 225]))
        trials.append(trial(text, start, length, daily_dose_mg=dose, outcome=outcome, adherence=adherence))
    return history(*trials)


@pytest.mark.parametrize("fact", FORGET)
@settings(FEW, max_examples=25)
@given(sure_trials(), definitions)
def test_forgetting_a_fact_never_gives_the_opposite_answer(fact: str, body: Json, definition: str) -> None:
    before = ask(body, definition, ON)["status"]
    first = body["medication_trials"][0]
    forgotten = {key: first[key][:rest] if isinstance(rest, int) else rest for key, rest in FORGET[fact].items()}
    after = ask(patched(body, "/0", forgotten), definition, ON)["status"]
    assert after != OPPOSITE.get(before), (before, after)


@FEW
@given(sure_trials(), definitions, words([4, 7]))
def test_forgetting_the_day_of_the_onset_never_gives_the_opposite_answer(
    body: Json, definition: str, precision: int
) -> None:
    exact = {**body, "episodes": [{**EPISODE, "onset": "2025-01-15"}]}
    vague = {**body, "episodes": [{**EPISODE, "onset": "2025-01-15"[:precision]}]}
    before, after = ask(exact, definition, ON)["status"], ask(vague, definition, ON)["status"]
    assert after != OPPOSITE.get(before)


@FEW
@given(words([0, 1, 2]), st.integers(5, 24), definitions)
def test_forgetting_the_day_of_a_rating_never_gives_the_opposite_answer(how: int, last: int, definition: str) -> None:
    two = (trial(outcome=None), trial("venlafaxine", start=100, outcome={"response": "none"}))
    exact = (rating(0, 20), rating(30, 12), rating(50, last))
    vague = (*exact[:2], {**exact[2], "assessed_on": _vague(day(50), how)})
    before, after = (ask(history(*two, ratings=each), definition, ON)["status"] for each in (exact, vague))
    assert after != OPPOSITE.get(before)
