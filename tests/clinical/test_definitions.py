"""Every definition file carries worked cases, and they hold. A psychiatrist adds one with no Python."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinical.definition import Definition, WorkedCase
from clinical.library import HERE, LibraryFault, checked_library, library, load_definitions, load_scales
from tests.clinical.asking import ask, count

CASES = [(rule, case) for rule in library().definitions.values() for case in rule.worked_cases]


@pytest.mark.parametrize(("rule", "case"), CASES, ids=[f"{rule.slug}: {case.name}" for rule, case in CASES])
def test_the_worked_case_holds(rule: Definition, case: WorkedCase) -> None:
    answer = ask(case.history, rule.slug, case.on)
    assert count(answer) == (case.status, case.confirmed, case.possible), answer["summary"]


def test_the_definitions_of_the_first_release_are_all_there() -> None:
    assert set(library().definitions) >= {
        "two_failed_medications",
        "sforzini_2022",
        "rybak_2021",
        "transform_atrq",
        "mgh_atrq",
        "fda_label",
        "eu_smpc_esketamine",
    }


def test_the_default_definition_is_never_an_unverified_one() -> None:
    assert library().definitions["two_failed_medications"].evidence != "unverified"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped definitions in a folder that may be spoiled."""
    return Path(shutil.copytree(HERE / "definitions", tmp_path / "definitions"))


def _spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_new_file_is_a_new_definition(folder: Path) -> None:
    text = (folder / "rybak_2021.toml").read_text("utf-8")
    (folder / "my_clinic.toml").write_text(text.replace('slug = "rybak_2021"', 'slug = "my_clinic"'), "utf-8")
    assert "my_clinic" in load_definitions(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at_least_days", "at_leest_days", "key `duration.at_leest_days`: no such key; misspelt?"),
        ('version = "1"', 'version = "1"\nverssion = "2"', "key `verssion`: no such key; misspelt?"),
        ("at_least_days = 28", 'at_least_days = "28 d"', "key `duration.at_least_days`"),
        ("improvement_below_percent = 50", "", "key `failure`"),
        ('table = "mgh_atrq"', 'table = "mgh_artq"', "no dose table is called 'mgh_artq'"),
        ("[failure]", "[failure", "not valid TOML"),
        ('slug = "rybak_2021"', 'slug = "rybak"', "key `slug`: must be 'rybak_2021'"),
        ('evidence = "primary"', 'evidence = "certain"', "key `evidence`"),
    ],
)
def test_a_spoilt_definition_is_refused_with_its_file_and_key(folder: Path, old: str, new: str, said: str) -> None:
    _spoil(folder / "rybak_2021.toml", old, new)
    with pytest.raises(LibraryFault) as refusal:
        load_definitions(folder)
    assert "definitions/rybak_2021.toml" in str(refusal.value)
    assert said in str(refusal.value)


def test_the_digest_changes_with_the_file(folder: Path) -> None:
    before = load_definitions(folder)["rybak_2021"].digest
    _spoil(folder / "rybak_2021.toml", "at_least_days = 28", "at_least_days = 29")
    assert load_definitions(folder)["rybak_2021"].digest != before


def test_a_spoilt_scale_is_refused_with_its_file_and_key(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(HERE / "scales", tmp_path / "scales"))
    _spoil(folder / "phq9.toml", "maximum = 27", "maximum = 28")
    with pytest.raises(LibraryFault, match=r"scales/phq9\.toml.*do not add up"):
        load_scales(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "definitions/rybak_2021.toml",
            "at_least_days",
            "at_leest_days",
            "definitions/rybak_2021.toml: key `duration.at_leest_days`",
        ),
        ("scales/phq9.toml", "maximum = 27", "maximum = 26", "scales/phq9.toml"),
        ("formulary/pairs.csv", ",local,", ",certain,", "formulary/pairs.csv"),
    ],
)
def test_a_spoilt_file_ends_the_start_with_one_sentence(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    shutil.copytree(HERE, tmp_path / "clinical", ignore=shutil.ignore_patterns("__pycache__"))
    _spoil(tmp_path / "clinical" / file, old, new)
    start = [sys.executable, "-c", "from clinical.library import checked_library; checked_library()"]
    ended = subprocess.run(start, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert ended.returncode == 1
    assert ended.stderr.startswith("Trialbook does not start: ")
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_spoilt_formulary_is_a_fault_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt() -> None:
        raise ValueError("codes.csv line 2: `system`: must not be empty")

    monkeypatch.setattr("clinical.library.formulary", spoilt)
    with pytest.raises(SystemExit, match=r"formulary/codes\.csv line 2"):
        _afresh()


def _afresh() -> None:
    library.cache_clear()
    try:
        checked_library()
    finally:
        library.cache_clear()
