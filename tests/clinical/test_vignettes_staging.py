"""The shared vignettes on staging agree with the methods, or the reason why they cannot is published here."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from clinical.library import library
from tests.clinical.staging import bounds, dimension, ect, factor, staged
from tests.clinical.trials import EPISODE, FIRST, day, trial
from tests.clinical.vignettes import history_of, vignettes

Json = dict[str, Any]
VIGNETTES = {each["id"]: each for each in vignettes()}
KEYS = {"thase_rush": "thase_rush", "mgh_s": "mgh_s", "esm": "european"}
STAGED = [
    (key, slug, vignette["expected"][name])
    for key, vignette in VIGNETTES.items()
    for name, slug in KEYS.items()
    if name in vignette["expected"]
]
here = pytest.mark.skipif(not VIGNETTES, reason="the shared clinical material is not beside this checkout")
ON = date(2025, 12, 15)
# Of the Dutch vignette: what no record of the service holds, so that the score is a range around the expected one.
NOT_RECORDED = ("the degree of functional impairment", "day treatment and treatment as an inpatient")


def facts(vignette: Json) -> tuple[Json, str]:
    """The history of a vignette, with the raise of dose and the side of ECT that the conversion leaves out."""
    body, on = history_of(vignette)
    told = [each for each in vignette["history"]["trials"] if each["role"] != "ect"]
    for row, each in zip(body["medication_trials"], told, strict=True):
        if each.get("dose_optimised"):
            half = each["dose_mg"] / 2
            row["doses"].insert(0, {"daily_dose_mg": half, "from": row["started"]})
            row["doses"][1] = {"daily_dose_mg": each["dose_mg"], "from": row["started"][:8] + "28"}
    told = [each for each in vignette["history"]["trials"] if each["role"] == "ect"]
    for row, each in zip(body["treatments"], told, strict=True):
        row.update(sessions=each["sessions"], laterality=each["laterality"])
    return body, on.isoformat()


@here
def test_there_are_vignettes_of_all_three_ladders() -> None:
    assert {slug for _, slug, _ in STAGED} == set(KEYS.values())


@pytest.mark.parametrize(("key", "slug", "expected"), STAGED, ids=[f"{key}-{slug}" for key, slug, _ in STAGED])
def test_the_vignette_agrees_with_the_method(key: str, slug: str, expected: Json) -> None:
    body, on = facts(VIGNETTES[key])
    answer = staged(slug, body, on)
    if "score" in expected:
        assert answer.score == expected["score"], answer.dimensions
        return
    assert answer.stage == expected.get("stage", expected.get("label")), answer.sentence
    assert answer.alternative_reading == expected.get("alternative_reading")
    if slug == "european":
        assert any("of one class" in note for note in answer.notes) == (expected.get("note") == "same_class")


@here
def test_the_cut_offs_of_the_mgh_method_agree() -> None:
    rules = {each.name: each for each in library().staging["mgh_s"].thresholds}
    names = {"brightmind": "brightmind", "gibson": "gibson_2010", "hagg": "hagg_2020"}
    vignette = VIGNETTES["C11"]
    scores = vignette["history"]["other"]["cases"]
    found = [{name: rules[ours].reached_by(score) for name, ours in names.items()} for score in scores]
    assert found == vignette["expected"]["mgh_s_cutoffs"]


DOSES = {
    "sertraline": 100,
    "venlafaxine": 225,
    "mirtazapine": 30,
    "duloxetine": 60,
    "bupropion": 300,
    "phenelzine": 60,
    "escitalopram": 20,
    "paroxetine": 40,
    "imipramine": 200,
    "fluoxetine": 40,
    "agomelatine": 50,
}
ADDED = {"aripiprazole": 10, "quetiapine": 200, "lithium": 900, "risperidone": 1, "olanzapine": 10, "lamotrigine": 200}
WEEKS = 28  # each next trial begins so many days later, in a cross-taper of 14, so that eleven fit into a year


def failed(number: int) -> list[Json]:
    """So many failed trials of different antidepressants, the last one up to the day asked about."""
    last = ON.toordinal() - FIRST.toordinal() - 41
    starts = [last - WEEKS * (number - 1 - place) for place in range(number)]
    return [
        trial(text, start=start, days=42, daily_dose_mg=dose)
        for start, (text, dose) in zip(starts, DOSES.items(), strict=False)
    ]


def onset(months: float) -> str:
    """The day so many months before the day asked about; half a month is 15 days, and half a year is made a year.

    Up to twelve months score alike, and eleven trials of six weeks do not fit into half a year.
    """
    years, month = divmod(ON.month - 1 - max(int(months), 12), 12)
    exact = ON.replace(year=ON.year + years, month=month + 1)
    return (exact - timedelta(days=15 if months % 1 else 0)).isoformat()


def case(told: Json) -> Json:
    """A history that has what a case of points tells."""
    severe = told["severity"].startswith("severe")
    episode = {
        **EPISODE,
        "onset": onset(told["episode_months"]),
        "severity": "severe" if severe else told["severity"],
        "psychotic_features": told["severity"] == "severe_psychotic",
    }
    trials = failed(told["n_ad_failed"])
    added = [trial(text, start=300, days=28, role="augmentation", daily_dose_mg=dose) for text, dose in ADDED.items()][
        : told.get("n_augmentation", 0)
    ]
    therapies = [
        {
            "kind": "psychotherapy",
            "modality": "cbt",
            "started": day(place),
            "ended": day(300),
            "outcome": {"response": "none"},
        }
        for place in range(told.get("psychotherapy_courses", 0))
    ]
    return {
        "episodes": [episode],
        "medication_trials": trials + added,
        "treatments": therapies + [ect()] * told["ect_used"],
        "contributing_factors": list(factors(told)),
    }


def factors(told: Json) -> Iterator[Json]:
    """The contributing factors of a case, refuted where it says no."""
    names = {"anxiety": ("anxiety",), "personality_disorder": ("personality_disorder",)}
    names["stressors"] = ("chronic_stress", "bereavement", "social_isolation", "financial_hardship")
    names["functional"] = ("functional_impairment",)
    for key, several in names.items():
        for name in several:
            certainty = "confirmed" if told.get(key) not in {None, False, "none"} else "refuted"
            yield factor(name, certainty)


POINTS = [
    (f"{key}-{place}", told, expected)
    for key, vignette in VIGNETTES.items()
    if "msm" in vignette["expected"]
    for place, (told, expected) in enumerate(
        zip(vignette["history"]["other"]["cases"], vignette["expected"]["msm"], strict=True)
    )
]


@pytest.mark.parametrize(("told", "expected"), [each[1:] for each in POINTS], ids=[each[0] for each in POINTS])
def test_the_maudsley_vignette_agrees(told: Json, expected: Json) -> None:
    answer = staged("maudsley", case(told), ON.isoformat())
    assert answer.score == expected["total"], answer.dimensions
    band = "not_applicable" if answer.applicable == "not_met" else answer.band
    assert band == expected["band"]


@here
@pytest.mark.parametrize("place", range(3))
def test_the_dutch_vignette_lies_within_the_bounds_that_what_is_not_recorded_leaves(place: int) -> None:
    vignette = VIGNETTES["C17"]
    told, expected = vignette["history"]["other"]["cases"][place], vignette["expected"]["dm_trd"][place]
    answer = staged("dutch", case(told), ON.isoformat())
    degrees = {"none": 0, "mild": 1, "moderate": 2, "severe": 3}
    unrecorded = degrees[told["functional"]] + {"none": 0, "day": 1, "inpatient": 2}[told["intensified"]]
    rest = [
        each for each in answer.dimensions if each.dimension not in {"functional_impairment", "intensified_treatment"}
    ]
    assert all(each.bounds.known for each in rest), rest
    assert sum(each.points or 0 for each in rest) + unrecorded == expected, rest
    assert answer.bounds is not None
    assert answer.bounds.least <= expected <= answer.bounds.most
    least, most = bounds(answer, "functional_impairment")
    assert least <= degrees[told["functional"]] <= most
    assert dimension(answer, "intensified_treatment").points is None
    assert any("not been checked" in note for note in answer.notes)
