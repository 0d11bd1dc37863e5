"""The shared vignettes agree with the definitions that they speak of."""

from typing import Any

import pytest

from clinical.library import library
from tests.clinical.asking import against, ask, count
from tests.clinical.vignettes import SLUGS, STATUS, history_of, vignettes

Json = dict[str, Any]
VIGNETTES = {each["id"]: each for each in vignettes()}
JUDGED = [
    (key, slug, expected)
    for key, vignette in VIGNETTES.items()
    for name, expected in vignette["expected"].items()
    if (slug := SLUGS.get(name, name)) in library().definitions and isinstance(expected, dict) and "status" in expected
]
# Vignettes that do not agree, each with the published reason. None is known.
DISAGREEMENTS: dict[tuple[str, str], str] = {}


@pytest.mark.skipif(not VIGNETTES, reason="the shared clinical material is not beside this checkout")
def test_there_are_vignettes_for_every_definition_that_has_a_published_rule() -> None:
    spoken_of = {slug for _, slug, _ in JUDGED}
    assert spoken_of >= {"sforzini_2022", "rybak_2021", "transform_atrq", "fda_label"}


@pytest.mark.parametrize(("key", "slug", "expected"), JUDGED, ids=[f"{key}-{slug}" for key, slug, _ in JUDGED])
def test_the_vignette_agrees_with_the_definition(key: str, slug: str, expected: Json) -> None:
    history, on = history_of(VIGNETTES[key])
    answer = ask(history, slug, on)
    status, confirmed, _ = count(answer)
    agrees = status == STATUS.get(expected["status"], expected["status"])
    agrees = agrees and confirmed == expected.get("counted", confirmed)
    assert agrees != ((key, slug) in DISAGREEMENTS), answer["summary"]


@pytest.mark.skipif("A01" not in VIGNETTES, reason="the shared clinical material is not beside this checkout")
def test_the_authors_of_the_questionnaire_count_two_of_their_five_trials() -> None:
    history, on = history_of(VIGNETTES["A01"])
    answer = ask(history, "mgh_atrq", on)
    judged = [(trial["medication"], trial["counts"], against(trial)) for trial in answer["trials"]]
    assert judged == [
        ("sertraline", "yes", []),
        ("citalopram", "no", ["duration"]),
        ("venlafaxine", "no", ["dose"]),
        ("duloxetine", "no", ["failure"]),
        ("aripiprazole", "yes", []),
    ]
    assert answer["failed_medications"]["confirmed"] == 2


@pytest.mark.skipif("S05" not in VIGNETTES, reason="the shared clinical material is not beside this checkout")
def test_a_trial_that_was_not_taken_is_a_reason_to_doubt_resistance() -> None:
    history, on = history_of(VIGNETTES["S05"])
    assert ask(history, "fda_label", on)["pseudo_resistance_reasons"] == ["non_adherence"]


@pytest.mark.skipif("S25" not in VIGNETTES, reason="the shared clinical material is not beside this checkout")
def test_two_enantiomers_count_as_different_with_a_visible_note() -> None:
    history, on = history_of(VIGNETTES["S25"])
    answer = ask(history, "fda_label", on)
    assert answer["failed_medications"]["confirmed"] == 2
    assert any("enantiomer" in note for note in answer["notes"])
