"""The published crosswalk between scales is whole, is shown as a range with its cautions, and decides nothing."""

import ast
import re
import shutil
from pathlib import Path

import pytest

from clinical.crosswalk import HERE, Scores, corresponding, crosswalk, load_crosswalk
from clinical.data_file import LibraryFault
from registry.crosswalk import corresponding_score
from registry.errors import InvalidRequest
from tests.clinical.asking import ask
from tests.clinical.trials import ON, finding, history, rating, trial
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("source", "score", "to", "expected"),
    [
        ("qids_sr16", 5, "hamd17", (7, 7)),
        ("qids_sr16", 14, "hamd17", (18, 19)),
        ("qids_sr16", 15, "hamd17", (18, 19)),
        ("hamd17", 18, "qids_sr16", (14, 15)),
        ("hamd17", 7, "qids_sr16", (5, 5)),
        ("qids_sr16", 27, "hamd24", (50, 75)),
        ("ids_sr30", 63, "qids_sr16", (25, 25)),
        ("hamd21", 0, "ids_sr30", (0, 3)),
        ("qids_sr16", 9, "qids_sr16", (9, 9)),
    ],
)
def test_a_total_stands_beside_a_range_of_the_other_scale(
    source: str, score: int, to: str, expected: tuple[int, int]
) -> None:
    assert corresponding(crosswalk().lines_for(source, score), to) == expected
    said = corresponding_score(source, to, score)
    assert (said["first"], said["last"]) == expected


def test_the_ends_of_the_scales_are_those_of_the_scales_themselves() -> None:
    ranges = {scale: crosswalk().range_of(scale) for scale in crosswalk().about.titles}
    expected = {"ids_sr30": 84, "qids_sr16": 27, "hamd17": 52, "hamd21": 64, "hamd24": 75}
    assert ranges == {scale: Scores(0, last) for scale, last in expected.items()}


def test_every_total_of_every_scale_is_in_the_table() -> None:
    for scale in crosswalk().about.titles:
        first, last = crosswalk().range_of(scale)
        assert all(crosswalk().lines_for(scale, total) for total in range(first, last + 1))


def test_the_answer_says_it_in_words_with_remarks_and_cautions() -> None:
    said = corresponding_score("qids_sr16", "hamd17", 15)
    assert said["sentence"].endswith("corresponds to 18 to 19 on the Hamilton Depression Rating Scale, 17 items.")
    assert said["notes"] == ["The page gives the same range of the HAM-D17 for a QIDS of 14 and of 15."]
    assert any("shown only" in each["sentence"] for each in said["cautions"])
    assert corresponding_score("qids_sr16", "hamd17", 5)["notes"] == []
    assert "corresponds to 7 on" in corresponding_score("qids_sr16", "hamd17", 5)["sentence"]


@pytest.mark.parametrize(
    ("source", "to", "score", "pointers"),
    [
        ("phq9", "hamd17", 5, ["#query/from"]),
        ("phq9", "madrs", 5, ["#query/from", "#query/to"]),
        ("qids_sr16", "hamd17", 28, ["#query/score"]),
    ],
)
def test_what_the_table_does_not_have_is_refused(source: str, to: str, score: int, pointers: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        corresponding_score(source, to, score)
    assert [fault.pointer for fault in refusal.value.faults] == pointers


def test_baseline_and_endpoint_on_two_scales_of_the_table_are_not_compared() -> None:
    ratings = (rating(0, 20, "hamd17"), rating(50, 16, "qids_sr16"))
    answer = ask(history(trial(outcome=None), ratings=ratings), "rybak_2021", ON)
    assert finding(answer, "failure")["verdict"] == "unknown"


def test_no_rule_knows_the_crosswalk() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("clinical", "models", "registry", "api", "report")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("crosswalk")
    }
    assert importers == {"clinical/library.py", "registry/crosswalk.py", "api/catalogue.py"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("68,84,27", "69,84,27", "key `ids_sr30`: 69 does not follow 67"),
        ("68,84,27", "68,60,27", "key `ids_sr30`: 68 does not follow 67"),
        ("68,84,27", "68,many,27", "line 29: `ids_sr30_last`: must be a whole number, not 'many'"),
        ("68,84,27", "68,,27", "line 29: `ids_sr30_last`: must not be empty"),
        ("hamd24_last", "hamd24_end", "there is no column 'hamd24_last'"),
        ("primary", "sure", "line 2: `evidence`: must be one of"),
    ],
)
def test_a_spoilt_table_stops_the_start(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(HERE, tmp_path / "crosswalks")
    table = tmp_path / "crosswalks" / "ids_qids.csv"
    assert load_crosswalk(table.parent) == crosswalk()
    table.write_text(table.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(LibraryFault, match=re.escape(said)):
        load_crosswalk(table.parent)
