"""Credit: repeats once, combinations once, tangles of any size in bounded time; augmentation; enantiomers."""

from itertools import combinations
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinical.choice import largest_choice, members
from tests.clinical.asking import Json, against, ask, count, questions
from tests.clinical.trials import ON, day, finding, history, patched, rating, trial, verdict

NO: Json = {"outcome": {"response": "response"}}
OPEN: Json = {"outcome": None}
DRUGS = (
    "sertraline",
    "venlafaxine",
    "mirtazapine",
    "duloxetine",
    "bupropion",
    "citalopram",
    "paroxetine",
    "fluoxetine",
)


@st.composite
def tangles(draw: st.DrawFn) -> list[int]:
    size = draw(st.integers(0, 11))
    pairs = [pair for pair in combinations(range(size), 2) if draw(st.booleans())]
    return [sum(1 << (b if a == i else a) for a, b in pairs if i in (a, b)) for i in range(size)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tangles(), st.integers(0, 2047))
def test_the_largest_choice_is_as_large_as_trying_all_of_them_finds(ties: list[int], among: int) -> None:
    among &= (1 << len(ties)) - 1
    chosen = largest_choice(among, ties)
    assert not chosen & ~among
    assert not any(ties[each] & chosen for each in members(chosen))
    free = [sub for sub in range(1 << len(ties)) if not sub & ~among and not any(ties[i] & sub for i in members(sub))]
    assert chosen.bit_count() == max(sub.bit_count() for sub in free)


def test_a_tangle_beyond_the_bound_is_still_chosen_in_bounded_time() -> None:
    size = 60  # a circle in which each is tied to three on both sides, and to the one opposite
    near = [{(i + step) % size for step in (-3, -2, -1, 1, 2, 3, 30, 13, -13)} for i in range(size)]
    ties = [sum(1 << other for other in each) for each in near]
    begun = process_time()
    chosen = largest_choice((1 << size) - 1, ties)
    assert process_time() - begun < 5
    assert chosen.bit_count() >= 8
    assert not any(ties[each] & chosen for each in members(chosen))


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([trial(), trial(start=100)], ("not_treatment_resistant", 1, 0)),
        ([trial(**NO), trial(start=100, **OPEN), trial(start=200)], ("not_treatment_resistant", 1, 0)),
        ([trial(**OPEN), trial(start=100, **OPEN)], ("not_treatment_resistant", 0, 1)),
        ([trial(**OPEN), trial("venlafaxine", start=100)], ("indeterminate", 1, 1)),
        ([trial(), trial("venlafaxine")], ("not_treatment_resistant", 1, 0)),
        ([trial(), trial("venlafaxine"), trial(start=100)], ("treatment_resistant", 2, 0)),
        ([trial(), trial("venlafaxine", **NO)], ("not_treatment_resistant", 1, 0)),
        ([trial("citalopram"), trial("escitalopram", start=100)], ("treatment_resistant", 2, 0)),
    ],
)
def test_medicines_are_credited_once(trials: list[Json], expected: tuple[str, int, int]) -> None:
    assert count(ask(history(*trials), "rybak_2021", ON)) == expected


def test_enantiomers_count_as_different_with_a_note() -> None:
    answer = ask(history(trial("citalopram"), trial("escitalopram", start=100)), "rybak_2021", ON)
    assert any("enantiomer" in note for note in answer["notes"])


def test_a_chain_of_combinations_is_credited_at_its_ends() -> None:
    chain = [trial(drug, start=40 * place, days=60) for place, drug in enumerate(DRUGS[:3])]
    answer = ask(history(*chain), "rybak_2021", ON)
    assert answer["failed_medications"]["confirmed_names"] == ["sertraline", "mirtazapine"]


def test_months_do_not_make_a_combination_of_two_monotherapies() -> None:
    months = [trial(started="2025-01", ended="2025-04"), trial("venlafaxine", started="2025-04", ended="2025-07")]
    assert count(ask(history(*months), "rybak_2021", ON))[1:] == (2, 0)


@pytest.mark.parametrize(("started", "field"), [("2025-03", "started"), (None, "started"), (day(80), "ended")])
def test_what_was_recorded_as_a_combination_is_asked_where_dates_leave_it_open(started: str | None, field: str) -> None:
    one = trial(started=day(0), ended="2025-03" if field == "ended" else day(80), role="combination")
    other = trial("venlafaxine", role="combination", started=started, ended=day(200))
    if field == "ended":
        other["started"] = day(70)
    answer = ask(history(one, other), "two_failed_medications", ON)
    assert count(answer) == ("indeterminate", 1, 1)
    asked = questions(answer)[0]
    assert asked["field"] == field
    assert "together for more than 14 days" in asked["question"]


def test_a_combination_with_exact_dates_needs_no_question() -> None:
    both = [trial(role="combination"), trial("venlafaxine", role="combination", start=10)]
    assert count(ask(history(*both), "rybak_2021", ON)) == ("not_treatment_resistant", 1, 0)


def test_dozens_of_overlapping_trials_are_judged_in_bounded_time() -> None:
    many = [
        trial(drug, start=9 * place + 70 * turn, days=50, role="combination", **({} if place % 3 else OPEN))
        for turn in range(5)
        for place, drug in enumerate(DRUGS)
    ]
    begun = process_time()
    answer = ask(history(*many), "two_failed_medications", "2026-11-01")
    assert process_time() - begun < 5
    assert answer["status"] in {"treatment_resistant", "indeterminate"}


def test_two_hundred_trials_and_two_thousand_ratings_stay_fast() -> None:
    many = [trial(DRUGS[n % 8], start=n, days=30, outcome=None) for n in range(200)]
    ratings = tuple(rating(n % 300, n % 28, ("phq9", "madrs", "qids_sr16")[n % 3]) for n in range(2000))
    begun = process_time()
    ask(history(*many, ratings=ratings), "transform_atrq", "2026-11-01")
    assert process_time() - begun < 15


# Augmentation.
IDENTITY = "00000000-0000-7000-8000-0000000000a1"
BASE = trial("duloxetine", days=200, id=IDENTITY, daily_dose_mg=60)


def added(**more: object) -> Json:
    plain = {"start": 100, "days": 28, "daily_dose_mg": 10, "role": "augmentation", "augments": IDENTITY}
    return trial(**{"text": "aripiprazole", **plain, **more})


def test_a_failed_augmentation_is_a_trial_of_its_own_only_where_the_definition_says_so() -> None:
    body = history(BASE, added())
    assert count(ask(body, "mgh_atrq", ON)) == ("treatment_resistant", 2, 0)
    assert count(ask(body, "rybak_2021", ON)) == ("not_treatment_resistant", 1, 0)


def test_without_a_name_every_antidepressant_taken_meanwhile_is_looked_at() -> None:
    body = history(BASE, added(augments=None))
    assert count(ask(body, "mgh_atrq", ON)) == ("treatment_resistant", 2, 0)


def test_an_augmentation_by_an_antidepressant_is_no_second_antidepressant() -> None:
    body = history(BASE, added(text="mirtazapine", daily_dose_mg=30))
    assert count(ask(body, "rybak_2021", ON))[1] == 1
    assert count(ask(body, "mgh_atrq", ON))[1] == 2
    low = patched(body, "/1", {"daily_dose_mg": 7.5})
    assert against(ask(low, "mgh_atrq", ON)["trials"][1]) == ["dose"]


def test_augmenting_an_inadequate_antidepressant_does_not_count() -> None:
    answer = ask(history({**BASE, "daily_dose_mg": 30}, added()), "mgh_atrq", ON)
    assert "augmented_drug" in against(answer["trials"][1])


@pytest.mark.parametrize(
    ("base", "field", "settled"),
    [
        ({"daily_dose_mg": None}, "daily_dose_mg", {"daily_dose_mg": 60}),
        ({"started": "2025", "ended": day(120)}, "started", {"started": day(0)}),
    ],
)
def test_what_is_unknown_of_the_augmented_antidepressant_is_asked_of_it(base: Json, field: str, settled: Json) -> None:
    body = history(
        {**BASE, **base, "outcome": {"response": "response"}}, added(days=20, start=90), trial("sertraline", start=250)
    )
    body = patched(body, "/1", {"ended": day(118), "started": day(90)})
    answer = ask(body, "mgh_atrq", ON)
    asked = next(each for each in questions(answer) if each["field"] == field)
    assert (answer["status"], asked["trial_id"]) == ("indeterminate", IDENTITY)
    assert count(ask(patched(body, "/0", settled), "mgh_atrq", ON))[0] == "treatment_resistant"


def test_an_augmentation_of_nothing_recorded_is_asked() -> None:
    body = history(added(augments=None), trial("sertraline", start=250))
    answer = ask(body, "mgh_atrq", ON)
    assert questions(answer)[0]["field"] == "augments"
    vague = history({**BASE, "started": None}, added(augments=None))
    assert verdict(ask(vague, "mgh_atrq", ON), "augmented_drug", 0) == "unknown"


def test_an_augmentation_of_an_antidepressant_without_a_dose_in_the_table_is_left_to_a_clinician() -> None:
    base = {**trial("St John's wort", days=200, daily_dose_mg=900), "id": IDENTITY}
    answer = ask(history(base, added(), trial("sertraline", start=250)), "mgh_atrq", ON)
    asked = [each for each in answer["missing_information"] if each["trial_id"] == IDENTITY]
    assert "doses" in [each["field"] for each in asked]


def test_a_medicine_that_is_no_antidepressant_is_no_trial_of_one() -> None:
    answer = ask(history(trial("aripiprazole", daily_dose_mg=10)), "two_failed_medications", ON)
    assert against(answer["trials"][0]) == ["antidepressant"]
    assert answer["pseudo_resistance_reasons"] == []


def test_a_medicine_that_only_one_table_lists_is_an_antidepressant_where_that_table_is_used() -> None:
    one = history(trial("opipramol", daily_dose_mg=150))
    assert finding(ask(one, "rybak_2021", ON), "antidepressant")["verdict"] == "met"
    assert finding(ask(one, "two_failed_medications", ON), "antidepressant")["verdict"] == "unknown"
