"""Every staging method carries worked cases, and they hold; a method is one file, and a misspelt key is found."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from clinical.library import library
from clinical.staging.answer import Staged
from clinical.staging.dimension import Dimension
from clinical.staging.files import HERE, LibraryFault, load_methods
from clinical.staging.method import StagingMethod, Threshold, WorkedStaging
from clinical.staging.stage import in_order
from tests.clinical.staging import staged

CASES = [(method, case) for method in library().staging.values() for case in method.worked_cases]


def compared(answer: Staged) -> dict[str, Any]:
    """An answer in the words of a worked case."""
    stages = answer.stage_bounds or (None, None)
    return {
        "applicable": answer.applicable,
        "score": answer.score,
        "stage": answer.stage,
        "band": answer.band,
        "least": answer.bounds.least if answer.bounds else None,
        "most": answer.bounds.most if answer.bounds else None,
        "least_stage": stages[0],
        "most_stage": stages[1],
        "alternative_reading": answer.alternative_reading,
    }


@pytest.mark.parametrize(("method", "case"), CASES, ids=[f"{method.slug}: {case.name}" for method, case in CASES])
def test_the_worked_case_holds(method: StagingMethod, case: WorkedStaging) -> None:
    answer = staged(method.slug, case.history, case.on)
    found = compared(answer)
    stated = {"applicable": case.applicable} | case.model_dump(exclude={"name", "on", "history"}, exclude_unset=True)
    assert {key: found[key] for key in stated} == stated, answer


def test_the_five_methods_are_all_there_and_the_unchecked_one_comes_last() -> None:
    methods = in_order(library())
    assert [each.slug for each in methods] == ["european", "maudsley", "mgh_s", "thase_rush", "dutch"]
    assert [each.experimental for each in methods] == [False] * 4 + [True]


def test_no_number_from_memory_counts_outside_the_experimental_method() -> None:
    for method in in_order(library()):
        for rule in (*method.dimensions, *method.stages, *method.thresholds):
            if rule.evidence == "unverified" and not method.experimental:
                assert (getattr(rule, "least", None), getattr(rule, "most", None)) == (0, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped methods in a folder that may be spoiled."""
    (tmp_path / "staging").mkdir()
    for path in HERE.glob("*.toml"):
        shutil.copy(path, tmp_path / "staging")
    return tmp_path / "staging"


def test_a_new_file_is_a_new_method(folder: Path) -> None:
    text = (folder / "maudsley.toml").read_text("utf-8")
    (folder / "my_clinic.toml").write_text(text.replace('slug = "maudsley"', 'slug = "my_clinic"'), "utf-8")
    assert "my_clinic" in load_methods(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("maudsley", "up_to = 12", "upto = 12", "upto`: no such key; misspelt?"),
        ("maudsley", "rating_within_days = 28\n", "", "rating_within_days`"),
        ("maudsley", "up_to = 24", "up_to = 6", "steps must rise"),
        ("maudsley", 'table = "mgh_atrq"', 'table = "mgh_artq"', "key `reading.dose.table`: no dose table"),
        ("maudsley", "above = 7.5", "above = 7.5\nat_least = 8", "give either at_least or above"),
        ("maudsley", 'measures = "ect"', 'measures = "etc"', "key `dimensions.4`"),
        ("mgh_s", "each = 1\n", "", "give either steps or each"),
        ("mgh_s", "{ points = 3 }", "{ up_to = 1, points = 3 }", "the last step is without up_to"),
        ("thase_rush", 'maoi = ["MAOI"]', 'maoi = ["MAO"]', "key `classes.maoi`: no class is called 'MAO'"),
        ("thase_rush", '\n[classes]\ntricyclic = ["TCA"]\nmaoi = ["MAOI"]', "\n[bands]\nsteps = []", "thase_rush"),
        ("european", "[classes]\n", "[classes]\ntetracyclic = []\n", "tetracyclic`: no such key"),
        ("european", 'slug = "european"', 'slug = "europe"', "key `slug`"),
    ],
)
def test_a_spoilt_method_is_refused_with_its_file_and_key(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    path = folder / f"{file}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(LibraryFault) as refusal:
        load_methods(folder)
    assert f"staging/{file}.toml" in str(refusal.value)
    assert said in str(refusal.value)


def test_a_method_has_either_dimensions_or_stages_and_stages_have_classes() -> None:
    ladder = library().staging["thase_rush"].model_dump(by_alias=True)
    with pytest.raises(ValidationError, match="either dimensions or stages"):
        StagingMethod.model_validate({**ladder, "stages": ()})
    with pytest.raises(ValidationError, match=r"stages need \[classes\]"):
        StagingMethod.model_validate({**ladder, "classes": None})


def test_a_score_below_the_first_band_is_in_the_first() -> None:
    bands = library().staging["maudsley"].bands
    assert bands is not None
    assert [bands.label(score) for score in (1, 3, 6, 7, 10, 11, 15)] == [
        *["mild"] * 3,
        *["moderate"] * 2,
        *["severe"] * 2,
    ]


@pytest.mark.parametrize(
    ("least", "most", "verdict"), [(3.5, 3.5, "not_met"), (4, 4, "met"), (3.5, 4, "unknown"), (4, 9, "met")]
)
def test_a_cut_off_is_reached_surely_perhaps_or_not_at_all(least: float, most: float, verdict: str) -> None:
    for name in ("gibson_2010", "hagg_2020"):
        cut_off = next(each for each in library().staging["mgh_s"].thresholds if each.name == name)
        assert isinstance(cut_off, Threshold)
        assert cut_off.verdict(least, most) == verdict


def test_what_a_dimension_measures_must_be_known() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Dimension).validate_python({"measures": "luck"})
