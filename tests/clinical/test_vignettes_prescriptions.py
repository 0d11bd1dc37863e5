"""The shared vignettes on prescriptions and on clinical notes agree with the definitions that read nothing else."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.clinical.asking import ask, count
from tests.clinical.vignettes import vignettes

Json = dict[str, Any]
VIGNETTES = {each["id"]: each for each in vignettes()}
KEYS = {  # the rules of the vignettes that are tested here, and the definitions that answer them
    "cepeda_2018": "cepeda_2018",
    "ohdsi_1009": "ohdsi_1009",
    "fabbri_2021": "fabbri_2021",
    "kim_2020": "kim_2020",
    "gronemann_2018": "gronemann_2018",
    "lundberg_2023": "lundberg_2023",
    "zhdanava_2021": "zhdanava_2021",
    "cardinal_two_antidepressants": "cardinal_two_antidepressants",
}
STATUS = {"met": "treatment_resistant", "not_met": "not_treatment_resistant", "not_applicable": "not_applicable"}
DRUGS = ("sertraline", "venlafaxine", "mirtazapine", "bupropion", "duloxetine")
NAMED = dict(zip("abcde", DRUGS, strict=True))
DOSES = {"sertraline": 100, "venlafaxine": 225, "mirtazapine": 30, "bupropion": 300, "duloxetine": 60}
ZERO = date(2024, 6, 1)
UNIPOLAR: Json = {"onset": "2023-01-01", "polarity": "unipolar", "psychotic_features": False}
# Vignettes that do not agree, each with the published reason. None is known.
DISAGREEMENTS: dict[tuple[str, int], str] = {}


def day(number: int) -> str:
    """The n-th day from the day on which a case is judged, or begins."""
    return (ZERO + timedelta(days=number)).isoformat()


def taken(text: str, first: int, last: int, **more: object) -> Json:
    """One course, first and last day included."""
    return {"medication": {"text": text}, "started": day(first), "ended": day(last), **more}


def without(excluded: list[str], episodes: list[Json]) -> Json:
    """The diagnoses that a case excludes, as episodes and contributing factors."""
    factors = {"psychosis": "psychotic_disorder", "dementia": "dementia", "substance_use": "substance_use"}
    bipolar = bool({"mania", "bipolar"} & set(excluded))
    named = [factors[each] for each in excluded if each in factors]
    return {
        "episodes": [{**each, "polarity": "bipolar" if bipolar else "unipolar"} for each in episodes],
        "contributing_factors": [
            {"category": "co_occurring_disorder", "factor": each, "certainty": "confirmed"} for each in named
        ],
    }


def of_one_year(case: Json) -> tuple[Json, str]:
    """Cepeda: names of medicines, laid end to end in the year before the day."""
    names = [*case["antidepressants_last_year"], *case["antipsychotics_last_year"]]
    trials = [taken(name, 40 * place - 300, 40 * place - 270) for place, name in enumerate(names)]
    return {**without(case["excluded_dx"], [UNIPOLAR]), "medication_trials": trials}, day(0)


def eras(case: Json) -> tuple[Json, str]:
    """OHDSI: eras round day 0, and the day of the diagnosis, kept as an episode of that one day."""
    trials = [taken(NAMED.get(name, name), *days) for name, *days in (*case["ad_eras"], *case["ap_eras"])]
    if case["esketamine_at_0"]:
        trials.append(taken("esketamine", 0, 30))
    diagnosed = day(case["depression_dx_day"])
    episodes = [{"onset": diagnosed, "resolved": diagnosed, "psychotic_features": False}]
    return {**without(case["excluded_dx"], episodes), "medication_trials": trials}, day(60)


def lengths(case: list[int]) -> tuple[Json, str]:
    """KIM: courses of so many days, each begun the day after the one before."""
    return in_turn(case, [1] * len(case))


def number(case: int) -> tuple[Json, str]:
    """Lundberg: so many courses, of any length, in one episode."""
    return in_turn([30] * case, [1] * case)


def with_gaps(case: Json) -> tuple[Json, str]:
    """Zhdanava: courses that were adequate or not, the days between them; of the last it is not said."""
    days = [60 if adequate or adequate is None else 10 for adequate in case["adequate"]]
    return in_turn(days, [*case["gaps"], 1])


def in_turn(days: list[int], gaps: list[int]) -> tuple[Json, str]:
    """Different antidepressants one after the other; a gap is counted from a last day to the next first day."""
    first, trials = 0, []
    for name, length, gap in zip(DRUGS, days, gaps, strict=False):
        trials.append(taken(name, first, first + length - 1, daily_dose_mg=DOSES[name]))
        first += length - 1 + gap
    return {"episodes": [UNIPOLAR], "medication_trials": trials}, day(1500)


READ: dict[str, Callable[[Any], tuple[Json, str]]] = {
    "cepeda_2018": of_one_year,
    "ohdsi_1009": eras,
    "kim_2020": lengths,
    "lundberg_2023": number,
    "zhdanava_2021": with_gaps,
}


def cases() -> Iterator[tuple[str, int, str, Any, Any]]:
    """Vignette, place in it, definition, case, and what is expected."""
    for key, vignette in VIGNETTES.items():
        for name in KEYS:
            expected = vignette["expected"].get(name)
            if isinstance(expected, list):
                for place, (case, said) in enumerate(zip(vignette["history"]["other"]["cases"], expected, strict=True)):
                    yield key, place, name, case, said


CASES = list(cases())
MENTIONED = [key for key, each in VIGNETTES.items() if "cardinal_two_antidepressants" in each["expected"]]
here = pytest.mark.skipif(not VIGNETTES, reason="the shared clinical material is not beside this checkout")


@here
def test_there_are_vignettes_and_each_of_their_rules_can_be_read() -> None:
    assert {name for _, _, name, _, _ in CASES} == set(READ)
    assert len(CASES) >= 20
    assert len(MENTIONED) >= 4


@pytest.mark.parametrize(
    ("key", "place", "name", "case", "said"), CASES, ids=[f"{each[0]}/{each[1]}-{each[2]}" for each in CASES]
)
def test_the_vignette_agrees_with_the_definition(key: str, place: int, name: str, case: object, said: object) -> None:
    history, on = READ[name](case)
    answer = ask(history, KEYS[name], on)
    status = answer["status"]
    if isinstance(said, bool):  # the source knows patients who are in its cohort, and others
        agrees = (status == "treatment_resistant") is said and status != "indeterminate"
    else:
        agrees = status == STATUS[str(said)]
    assert agrees != ((key, place) in DISAGREEMENTS), answer["summary"]


@pytest.mark.parametrize("key", MENTIONED)
def test_the_published_test_patients_of_the_package_come_out_as_published(key: str) -> None:
    vignette = VIGNETTES[key]
    days: dict[str, list[str]] = {}
    for mention in vignette["history"]["other"]["mentions"]:
        days.setdefault(mention["drug"], []).append(mention["date"])
    trials = [{"medication": {"text": drug}, "started": min(seen), "ended": max(seen)} for drug, seen in days.items()]
    answer = ask({"episodes": [UNIPOLAR], "medication_trials": trials}, "cardinal_two_antidepressants", "2018-12-31")
    expected = vignette["expected"]["cardinal_two_antidepressants"]
    assert (count(answer)[0] == "treatment_resistant") is expected["met"], answer["summary"]
    if expected["met"]:
        first_pair = [expected["drug_a"], expected["drug_b"]]
        assert answer["failed_medications"]["confirmed_names"][:2] == first_pair
