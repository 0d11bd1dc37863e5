"""Each clinical number has its home: a data file, beside its source and its grade, and a line in the list of all."""

import ast
import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinical.conventions import Conventions, conventions
from clinical.course import LONGEST_GAP_DAYS
from clinical.data_file import LibraryFault, read_toml
from clinical.medicines import formulary
from clinical.treatments.words import OptionState
from clinical.vocabulary import Evidence, Response
from models.fields import HIGHEST_DOSE_MG
from ops.numbers import CLINICAL, EXAMPLES, NAME_CELLS, NAME_FILES, NAMES, Number, data_files, every_number, numbers_in
from ops.numbers_page import PAGE, main, meaning, page, unit_of
from registry.trial_faults import TIMES_THE_HIGHEST
from tests.conftest import ROOT

FREE = {0: "none, or the first", 1: "one, the next", 100: "percent"}
BOUNDS = {
    "maxsize": "the size of a cache",
    "ge": "a bound that keeps a slip out of a data file",
    "gt": "a bound that keeps a slip out of a data file",
    "le": "a bound that keeps a slip out of a data file",
    "lt": "a bound that keeps a slip out of a data file",
    "min_length": "a list that must not be empty",
    "max_length": "the length of a text",
}
PAIRS = {"round": "decimals that are shown", "combinations": "pairs"}
# Every other number in the Python of the clinical core, each with what it is instead of a clinical number.
NOT_CLINICAL = {
    ("clinical/background.py", 99): "what the field takes",
    ("clinical/changes.py", 5): "how many changes are named in one answer",
    ("clinical/changes.py", 12): "how many evaluations one answer may cost",
    ("clinical/choice.py", 200): "the work that a search may do",
    ("clinical/compare.py", 2): "an order of three answers",
    ("clinical/credit.py", 2): "a mask of bits",
    ("clinical/dates.py", 12): "months of a year",
    ("clinical/dates.py", 31): "days of December",
    ("clinical/doubt.py", 20): "the work that one answer may cost",
    ("clinical/edits.py", 2.0): "an order of two kinds of change",
    ("clinical/episodes.py", 1900): "the earliest day that can be recorded",
    ("clinical/medicine_names.py", 200): "how much of a text is looked at",
    ("clinical/improvement.py", 40): "the work that one trial may cost",
    ("clinical/periods.py", 12): "December",
    ("clinical/periods.py", 31): "days of December",
    ("clinical/prescription_count.py", 2): "an order of three answers",
    ("clinical/prescription_lines.py", 500): "the work that a search may do",
    ("clinical/prescription_lines.py", 20_000): "the work that a search may do",
    ("clinical/prescription_taken.py", 2): "an order of three answers",
    ("clinical/staging/illness.py", 12): "months of a year",
}
NOT_CLINICAL_TEXT = {
    "clinical/background.py": "B12 is the name of a vitamin; 0 to 99 is what the field takes",
    "clinical/csv_rows.py": "a message on a faulty cell",
    "clinical/medicine.py": "examples of codes",
    "clinical/treatments/words.py": "the words for what came of an option, which another test compares with the data",
    "clinical/vocabulary.py": "the words for judged responses, which another test compares with the data",
}
# Numbers by whose name one might take them for clinical, outside the clinical core.
NOT_CLINICAL_NAMES = {
    ("models/assessment.py", "HIGHEST_TOTAL"): "what the column takes; each scale has its own range in its file",
    ("models/external_score.py", "HIGHEST_SCORE"): "what the column takes",
    ("models/treatment.py", "MOST_SESSIONS"): "what the column takes",
    ("report/axis.py", "LEAST_DAYS"): "the shortest stretch of time that is drawn",
    ("report/axis.py", "MONTHS_A_YEAR"): "the calendar",
    ("report/axis.py", "STEPS_IN_MONTHS"): "how far the labels of a picture are apart",
    ("report/shown_history.py", "MOST_DAYS"): "how many records are printed",
}
CLINICAL_NAME = re.compile(r"DOSE|DAYS|WEEKS|MONTHS|PERCENT|SCORE|TOTAL|SESSION|TIMES|FAILED|POINTS")
GRADES = {word.value for word in Evidence}
NUMBERS = every_number()


def python_in(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def literals(tree: ast.AST) -> Iterator[tuple[int | float, int]]:
    """Each number that is written in the code and its line, but for those that stand where no clinical one can."""
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in BOUNDS:
            aside.add(node.value)
        if isinstance(node, ast.Subscript):
            aside.update(ast.walk(node.slice))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PAIRS:
            aside.update(node.args[1:])
    for node in ast.walk(tree):
        number = isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node not in aside
        if number and not isinstance(node.value, bool) and node.value not in FREE:
            yield node.value, node.lineno


def sentences(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Each text in the code that holds a number among words, without what only documents the code."""
    documents = {
        part.value
        for node in ast.walk(tree)
        for part in (node.body if isinstance(getattr(node, "body", None), list) else ())
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and node not in documents else None
        if isinstance(text, str) and re.search(r"\d", text) and re.search(r"\s", text):
            yield text, node.lineno


@pytest.mark.parametrize("path", python_in("clinical"), ids=named)
def test_the_code_of_the_clinical_core_holds_no_clinical_number(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = [(value, line) for value, line in literals(tree) if (named(path), value) not in NOT_CLINICAL]
    assert found == [], "move it to a data file with source and evidence, or name it in NOT_CLINICAL with its reason"


@pytest.mark.parametrize("path", python_in("clinical"), ids=named)
def test_the_sentences_of_the_clinical_core_hold_no_number_of_their_own(path: Path) -> None:
    found = [] if named(path) in NOT_CLINICAL_TEXT else list(sentences(ast.parse(path.read_text("utf-8"))))
    assert found == [], "put the number of the data into the sentence, or name the file in NOT_CLINICAL_TEXT"


@pytest.mark.parametrize("layer", ["models", "registry", "api", "report"])
def test_no_other_layer_has_a_clinical_number_of_its_own(layer: str) -> None:
    found = [
        (named(path), target.id)
        for path in python_in(layer)
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and any(literals(node.value))
        for target in node.targets
        if isinstance(target, ast.Name) and CLINICAL_NAME.search(target.id)
    ]
    assert [each for each in found if each not in NOT_CLINICAL_NAMES] == []


def test_every_exemption_is_still_needed() -> None:
    trees = {named(path): ast.parse(path.read_text("utf-8")) for path in python_in("clinical")}
    seen = {(file, value) for file, tree in trees.items() for value, _ in literals(tree)}
    assert {each for each in NOT_CLINICAL if each[0] in trees} <= seen
    assert set(NOT_CLINICAL_TEXT) & set(trees) <= {file for file, tree in trees.items() if any(sentences(tree))}


def test_the_search_finds_a_number_wherever_it_is_hidden() -> None:
    code = (
        "DAYS = 14\n\n\ndef f(x):\n    '''Of 3 days.'''\n    return x > 6 * 7 and f'{x} of 28 days' and x[4] and x == 1"
    )
    tree = ast.parse(code)
    assert sorted(value for value, _ in literals(tree)) == [6, 7, 14]
    assert [text for text, _ in sentences(tree)] == [" of 28 days"]


@pytest.mark.parametrize("path", data_files(), ids=named)
def test_every_number_in_a_data_file_has_a_source_and_a_grade(path: Path) -> None:
    numbers = numbers_in(path)
    assert [each.path for each in numbers if not each.source.strip()] == []
    assert [
        each.path for each in numbers if each.evidence not in GRADES and not (each.prose and each.of_the_file)
    ] == []


def leaves(value: Any) -> Iterator[float]:  # noqa: ANN401 - any TOML
    """Every number in a TOML file that is no example, counted on its own."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in EXAMPLES:
                yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("path", [each for each in data_files() if each.suffix == ".toml"], ids=named)
def test_no_number_of_a_toml_file_is_passed_over(path: Path) -> None:
    found = Counter(each.value for each in numbers_in(path) if not each.prose and each.key != "levels")
    assert found == Counter(str(value) for value in leaves(tomllib.loads(path.read_text("utf-8"))))


@pytest.mark.parametrize("path", [each for each in data_files() if each.suffix == ".csv"], ids=named)
def test_no_number_of_a_csv_file_is_passed_over(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [] if path.name in NAME_FILES else list(csv.DictReader(lines))
    cells = [cell for row in rows for column, cell in row.items() if column not in NAME_CELLS]
    expected = Counter(cell for cell in cells if re.fullmatch(r"\d+(\.\d+)?", cell))
    assert Counter(each.value for each in numbers_in(path) if not each.prose) == expected


def test_every_data_file_is_looked_at() -> None:
    files = {path for path in CLINICAL.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc", ".md"}}
    assert files == set(data_files())
    assert {each.file for each in NUMBERS} >= {"clinical/conventions.toml", "clinical/scales/phq9.toml"}
    assert len(NUMBERS) > 800


def test_whatever_is_left_out_has_a_reason() -> None:
    for reasons in (EXAMPLES, NAMES, NAME_CELLS, NAME_FILES, BOUNDS, PAIRS, NOT_CLINICAL, NOT_CLINICAL_TEXT):
        assert all(reasons.values())


def written(folder: Path, text: str, name: str = "one.toml") -> list[Number]:
    (folder / name).write_text(text, "utf-8")
    return numbers_in(folder / name, folder)


def test_a_number_without_a_source_is_seen_to_have_none(tmp_path: Path) -> None:
    (bare,) = written(tmp_path, "[duration]\nat_least_days = 28\n")
    assert (bare.source, bare.evidence) == ("", "")
    (prose,) = written(tmp_path, 'evidence = "primary"\n[duration]\nnote = "At least 28 days."\n')
    assert (prose.prose, prose.source, prose.evidence) == (True, "", "")
    (row,) = written(tmp_path, "a,min_mg,evidence,sources\nx,50,,\n", "one.csv")
    assert (row.source, row.evidence) == ("", "")


def test_a_number_takes_the_nearest_source_and_its_own_grade(tmp_path: Path) -> None:
    text = """[outer]
source = "far"
evidence = "primary"
[outer.inner]
at_least_days = 28
[outer.cited]
source = "near"
evidence = "secondary"
evidence_of = { percent = "local" }
percent = 25
days = 7
"""
    found = {each.key: (each.source, each.evidence) for each in written(tmp_path, text)}
    expected = {"at_least_days": ("far", "primary"), "percent": ("near", "local"), "days": ("near", "secondary")}
    assert found == expected


def test_the_list_of_all_numbers_is_as_it_would_be_written_now() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `make numbers`"


def test_the_list_names_every_number_with_its_source_and_marks_the_unverified() -> None:
    text = page()
    for each in NUMBERS:
        assert f"`{each.file}`" in text
        assert meaning(each).replace("|", "\\|").replace("\n", " ") in text
    unverified = sum(each.evidence == "unverified" for each in NUMBERS)
    assert text.count("| **unverified** |") == unverified > 0
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(("| number", "| ---"))]
    listed = sum(len(line.split(" | ")[0].split(", ")) for line in lines)
    assert listed == len(NUMBERS)


def test_every_number_that_is_no_plain_count_has_a_unit() -> None:
    assert sorted({(each.file, each.key) for each in NUMBERS if not each.prose and not unit_of(each)}) == []


def test_the_list_is_written_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.numbers_page.PAGE", tmp_path / "numbers.md")
    main()
    assert (tmp_path / "numbers.md").read_text("utf-8") == page()


def test_a_misspelt_key_or_a_missing_source_stops_the_start(tmp_path: Path) -> None:
    text = (CLINICAL / "conventions.toml").read_text("utf-8")
    copy = tmp_path / "conventions.toml"
    for wrong, said in (
        (text.replace("[longest_gap]", "[longest_gapp]"), "key `longest_gapp`: no such key"),
        (text.replace('unit = "d"', 'units = "d"', 1), "key `longest_gap.units`: no such key"),
        (re.sub(r'source = ".*"', "", text, count=1), "key `longest_gap.source`: Field required"),
        (text.replace("value = 7", "value = 0", 1), "key `longest_gap.value`"),
    ):
        copy.write_text(wrong, "utf-8")
        with pytest.raises(LibraryFault, match=re.escape(said)):
            read_toml(copy, Conventions)
    copy.write_text(text, "utf-8")
    assert read_toml(copy, Conventions) == conventions()


def test_the_rules_use_the_numbers_of_the_data() -> None:
    shared = conventions()
    assert shared.longest_gap.value == LONGEST_GAP_DAYS
    assert shared.times_the_highest_dose.value == TIMES_THE_HIGHEST
    assert shared.highest_dose.value == HIGHEST_DOSE_MG


def test_no_published_dose_is_refused() -> None:
    highest = max(each.max_mg or each.min_mg for each in formulary().doses.values())
    assert highest < conventions().highest_dose.value


def test_the_words_for_a_judged_response_say_the_numbers_of_the_data() -> None:
    below, above = conventions().no_response_below.value, conventions().response_from.value
    assert f"below {below} %" in Response.NONE.meaning
    assert f"at least {below} and below {above} %" in Response.PARTIAL.meaning
    assert f"at least {above} %" in Response.RESPONSE.meaning
    assert f"at least {above} %" in OptionState.HELPED.meaning
    assert f"at least {below} %" in OptionState.PARTLY_HELPED.meaning
