"""The shared vignettes about scales and findings agree with what the service says; every vignette is answered for."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinical.library import library
from registry.crosswalk import corresponding_score
from registry.errors import InvalidRequest
from tests.clinical.asking import ask
from tests.clinical.trials import EPISODE, FIRST, history, rating, trial
from tests.clinical.vignettes import ANSWERED, NOT_OFFERED, SLUGS, history_of, vignettes

Json = dict[str, Any]
VIGNETTES = vignettes()
SCALES = {"HAM-D17": "hamd17", "MADRS": "madrs", "PHQ-9": "phq9", "QIDS-SR16": "qids_sr16"}
LEVELS = {"none_not_reassuring": "none_reported"}
CLASSES = {"SSRI": ("sertraline", 100), "SNRI": ("venlafaxine", 225), "NDRI": ("bupropion", 300)}
LABELS = {"sforzini_2022": "nonresponse", "sforzini_2022_partial": "partial"}
beside = pytest.mark.skipif(not VIGNETTES, reason="the shared clinical material is not beside this checkout")


def expectations(key: str) -> list[tuple[Json, Any]]:
    """Each vignette with that key, and what it expects."""
    return [(vignette, vignette["expected"][key]) for vignette in VIGNETTES if key in vignette["expected"]]


def cases(key: str) -> list[tuple[Any, Any]]:
    """Each case of the vignettes that list cases, with the answer expected."""
    return [
        (case, answer)
        for vignette, answers in expectations(key)
        for case, answer in zip(vignette["history"]["other"]["cases"], answers, strict=True)
    ]


@pytest.mark.parametrize(("case", "remitted"), cases("remission"))
def test_remission_begins_where_the_vignette_says(case: tuple[str, int], remitted: bool) -> None:  # noqa: FBT001 - a case
    scale, total = case
    assert library().scales[SCALES[scale]].remitted(total) is remitted


@pytest.mark.parametrize(("total", "band"), cases("hamd17_band"))
def test_the_bands_of_the_hamilton_scale_agree(total: int, band: str) -> None:
    assert library().scales["hamd17"].band(total).label == band


def safety(instrument: str, place: int, answer: int | None) -> Json:
    scale = library().scales[instrument]
    assert scale.items is not None
    items: list[int | None] = [0] * len(scale.items.names)
    items[place - 1] = answer
    said: Json = ask(history(ratings=(rating(0, None, instrument, items=items),)), "rybak_2021", str(FIRST))["safety"]
    return said


@pytest.mark.parametrize(
    ("instrument", "place", "answer", "level"),
    [
        *(("madrs", 10, *each) for each in cases("madrs_item10_flag")),
        *(("qids_sr16", 12, *each) for each in cases("qids_item12_flag")),
    ],
)
def test_the_item_on_suicidal_thoughts_has_the_level_of_the_vignette(
    instrument: str, place: int, answer: int | None, level: str
) -> None:
    said = safety(instrument, place, answer)
    assert said["level"] == LEVELS.get(level, level)
    if level == "none_not_reassuring":
        assert "This does not rule out risk." in said["sentence"]


@pytest.mark.parametrize(("items", "total"), cases("phq9_total"))
def test_the_total_of_the_phq9_needs_nine_items_in_range(items: list[int | None], total: int | None) -> None:
    scale = library().scales["phq9"]
    if total is None and None not in items:
        with pytest.raises(InvalidRequest):
            ask(history(ratings=(rating(0, None, "phq9", items=items),)), "rybak_2021", str(FIRST))
    else:
        assert scale.total_of(tuple(items)) == total


@pytest.mark.parametrize(("score", "span"), cases("qids_to_hrsd17"))
def test_the_crosswalk_shows_the_range_of_the_vignette(score: int, span: list[int]) -> None:
    said = corresponding_score("qids_sr16", "hamd17", score)
    assert [said["first"], said["last"]] == span


@pytest.mark.parametrize(("vignette", "expected"), expectations("adequate_days"))
def test_the_days_at_an_adequate_dose_agree(vignette: Json, expected: dict[str, int]) -> None:
    body, on = history_of(vignette)
    answer = ask(body, "transform_atrq", on)
    for medicine, days in expected.items():
        assert found(one(answer, medicine), "duration")["observed"] == days


def one(answer: Json, medicine: str) -> Json:
    judged: Json = next(each for each in answer["trials"] if each["medication"] == medicine)
    return judged


def found(judged: Json, criterion: str) -> Json:
    finding: Json = next(each for each in judged["findings"] if each["criterion"] == criterion)
    return finding


def pending() -> Iterator[tuple[Json, str, int]]:
    """Vignettes that say in how many days a running trial can be judged, by definition."""
    for vignette in VIGNETTES:
        for name, expected in vignette["expected"].items():
            if isinstance(expected, dict) and "days_until_evaluable" in expected:
                yield vignette, SLUGS.get(name, name), expected["days_until_evaluable"]


@pytest.mark.parametrize(("vignette", "slug", "days"), list(pending()))
def test_a_running_trial_says_when_it_can_be_judged(vignette: Json, slug: str, days: int) -> None:
    body, on = history_of(vignette)
    last = ask(body, slug, on)["trials"][-1]
    reached = on + timedelta(days=days)
    assert f"are reached on {reached}" in found(last, "duration")["sentence"]
    assert found(last, "duration")["verdict"] == "unknown"
    later, before = (ask(body, slug, each)["trials"][-1] for each in (reached, reached - timedelta(days=1)))
    assert (found(before, "duration")["verdict"], found(later, "duration")["verdict"]) == ("unknown", "met")


@pytest.mark.parametrize(("vignette", "expected"), expectations("pseudo_resistance"))
def test_the_reasons_for_pseudo_resistance_agree(vignette: Json, expected: list[str]) -> None:
    body, on = history_of(vignette)
    assert ask(body, "fda_label", on)["pseudo_resistance_reasons"] == expected


@pytest.mark.parametrize(("vignette", "expected"), expectations("sforzini_trial_label"))
def test_each_trial_is_called_as_the_consensus_calls_it(vignette: Json, expected: list[str]) -> None:
    body, on = history_of(vignette)
    labels = ["response"] * len(expected)
    for slug, label in LABELS.items():
        for place, judged in enumerate(ask(body, slug, on)["trials"]):
            if found(judged, "failure")["verdict"] == "met":
                labels[place] = label
    assert labels == expected


def taken(days: int, medicine: tuple[str, int], **outcome: Any) -> tuple[Json, date]:  # noqa: ANN401 - any JSON
    """A medicine that is still taken after so many days, and the day."""
    on = FIRST + timedelta(days=days - 1)
    name, dose = medicine
    stated = {**outcome, "assessed_on": str(on)} if outcome else None
    return trial(name, ended=None, daily_dose_mg=dose, outcome=stated), on


@pytest.mark.parametrize(("case", "met"), cases("escape_current_ad_nonresponse"))
def test_no_response_to_the_present_antidepressant_agrees(case: Json, met: bool) -> None:  # noqa: FBT001 - a case
    present, on = taken(case["days"], CLASSES[case["class"]], improvement_percent=case["improvement_pct"])
    assert (ask(history(present), "escape_current", on)["status"] == "treatment_resistant") is met


@pytest.mark.parametrize(("case", "met"), cases("thomas_2013"))
def test_still_depressed_on_an_antidepressant_agrees(case: Json, met: bool) -> None:  # noqa: FBT001 - a case
    present, on = taken(case["days"], ("sertraline", 100 if case["adequate_dose"] else 25))
    now = rating((on - FIRST).days, case["bdi2"], "bdi2")
    answer = ask(history(present, ratings=(now,), episodes=(EPISODE,)), "thomas_2013", on)
    assert (answer["status"] == "treatment_resistant") is met


def keys_of_all() -> set[str]:
    """Every key under which a vignette expects something, nested ones of a definition's answer too."""
    return {key for vignette in VIGNETTES for key in vignette["expected"]} | {
        key for key in ("days_until_evaluable",) if list(pending())
    }


@beside
def test_every_vignette_is_answered_for_or_there_is_a_published_reason_why_not() -> None:
    answered = set().union(*ANSWERED.values())
    assert sum(len(keys) for keys in ANSWERED.values()) == len(answered), "one module answers for a key"
    assert answered.isdisjoint(NOT_OFFERED)
    assert answered | set(NOT_OFFERED) == keys_of_all()
    assert all(len(reason) > 60 for reason in NOT_OFFERED.values())


@pytest.mark.parametrize("module", ANSWERED)
def test_a_module_looks_at_each_key_that_it_answers_for(module: str) -> None:
    text = (Path(__file__).parent / f"{module}.py").read_text("utf-8")
    known = set(SLUGS) | set(library().definitions)
    generic = "library().definitions" in text and "SLUGS" in text
    assert [key for key in ANSWERED[module] if f'"{key}"' not in text and not (generic and key in known)] == []
