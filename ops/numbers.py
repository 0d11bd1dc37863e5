"""Every number of the clinical data files with its source and grade, found by reading the files as they lie there.

Of TOML files every number and every sentence with a number in it, of CSV files every cell with one. What is an example,
an identifier or a citation is left out, and named below with its reason.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
CLINICAL = ROOT / "clinical"
EXAMPLES = {"worked_cases": "histories made up to show a rule; their numbers are nobody's finding"}
NAMES = {
    "title": "a name, such as that of a scale of 17 items",
    "citation": "a reference, with its year and pages",
    "source": "a reference, with its year and pages",
    "on": "a day of a worked case",
    "version": "the version of the file",
}
NAME_CELLS = {
    "code": "an identifier of a medicine",
    "name": "a name of a medicine",
    "title": "a name of a table or of a source",
    "citation": "a reference, with its year and pages",
    "strength": "part of the name of a product; no rule reads it",
    "other_ingredients": "names of medicines",
    "class": "the name of a class",
    "group": "the name of a class",
    "unit": "shown beside the number",
    "kind": "what sort of table it is",
    "table": "the name of a table",
    "key": "the name of a source",
}
BY_ANSWER = "levels"  # words in the order of the answers of an item: the answer is the place in the list
NAME_FILES = {"sources.csv": "references only; each row of the other files names some of them"}
NUMBER = re.compile(r"\d+(\.\d+)?")
PROSE = re.compile(r"\d.*\s|\s.*\d", re.DOTALL)

Json = Any


class Number(NamedTuple):
    """One number, or one sentence with numbers. `source` and `evidence` are empty where the file names none.

    `path` leads to it: keys, and places in a list from 0; in a CSV file the line and the column. A sentence about the
    file as a whole (its purpose, its limits) rests on the citation of the file, and has no grade of its own.
    """

    file: str
    path: tuple[str | int, ...]
    value: str
    unit: str
    context: tuple[str, ...]
    source: str
    evidence: str

    @property
    def key(self) -> str:
        """The name of the number in the file."""
        return next(part for part in reversed(self.path) if isinstance(part, str))

    @property
    def of_the_file(self) -> bool:
        """True for what stands at the top of the file, in no table of its own."""
        return len([part for part in self.path if isinstance(part, str)]) == 1 and isinstance(self.path[0], str)

    @property
    def prose(self) -> bool:
        """True for a sentence."""
        return NUMBER.fullmatch(self.value) is None


class _Around(NamedTuple):
    """What surrounds a value: where it is, the table it stands in, the nearest source, what the tables are called."""

    file: str
    path: tuple[str | int, ...]
    table: Mapping[str, Json]
    source: str
    grade: str
    context: tuple[str, ...]


def data_files(folder: Path = CLINICAL) -> list[Path]:
    """The data files, those at the top first."""
    found = [path for ending in ("toml", "csv") for path in folder.rglob(f"*.{ending}")]
    return sorted(found, key=lambda path: (len(path.relative_to(folder).parts) > 1, path))


def numbers_in(path: Path, root: Path = ROOT) -> list[Number]:
    """All numbers of one file, in the order of the file."""
    file = path.relative_to(root).as_posix()
    if path.suffix == ".csv":
        return [] if path.name in NAME_FILES else list(_of_rows(path, file))
    whole = tomllib.loads(path.read_text("utf-8"))
    return list(_of_table(whole, _Around(file, (), {}, str(whole.get("citation", "")), "", ())))


def _of_table(table: Mapping[str, Json], around: _Around) -> Iterator[Number]:
    """The numbers of a table and of all within it; its own source holds for them, else the nearest around it."""
    around = around._replace(table=table)
    if around.path and "source" in table and "evidence" in table:
        around = around._replace(source=str(table["source"]), grade=str(table["evidence"]))
    for key, value in table.items():
        if key not in EXAMPLES and key not in NAMES:
            yield from _of_value(value, around._replace(path=(*around.path, key)))


def _of_value(value: Json, around: _Around) -> Iterator[Number]:
    if isinstance(value, dict):
        yield from _of_table(value, around)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            if around.path[-1] == BY_ANSWER:
                yield _number(place, around._replace(path=(*around.path, place), context=(str(each),)))
                continue
            inner = around._replace(path=(*around.path, place))
            if isinstance(each, dict):
                inner = inner._replace(context=(*around.context, *_called(each)))
            yield from _of_value(each, inner)
    elif _is_number(value) or (isinstance(value, str) and PROSE.search(value)):
        yield _number(value, around)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _called(table: Mapping[str, Json]) -> list[str]:
    """What an entry of a list is called: its title or else its name, its label, or the limit up to which it holds."""
    called = (table.get("title") or table.get("name") or table.get("modality") or table.get("slug"), table.get("stage"))
    limit = f"up to {table['up_to']}" if "up_to" in table else None
    return [str(word) for word in (*called, table.get("label") or limit) if word]


def _number(value: Json, around: _Around) -> Number:
    key = next(part for part in reversed(around.path) if isinstance(part, str))
    of_its_own = around.table.get("evidence_of", {}).get(key)
    unit = str(around.table.get("unit", ""))
    context = tuple(word for word in around.context if word != str(value))
    sentence = around.table.get("sentence")
    if sentence and value != sentence:
        context = (str(sentence),)
    return Number(around.file, around.path, str(value), unit, context, around.source, of_its_own or around.grade)


def _of_rows(path: Path, file: str) -> Iterator[Number]:
    """The cells of a CSV file that hold a number or a sentence with one; every row names its own sources and grade."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            for column, cell in row.items():
                if column not in NAME_CELLS and (NUMBER.fullmatch(cell) or PROSE.search(cell)):
                    about = tuple(row[key] for key in ("table", "ingredient", "id", "name") if row.get(key))
                    about = about or (f"line {reader.line_num}",)
                    source = row.get("sources") or row.get("source") or ""
                    where, unit = (reader.line_num, column), row.get("unit") or ""
                    yield Number(file, where, cell, unit, about, source, row.get("evidence") or "")


def every_number(folder: Path = CLINICAL, root: Path = ROOT) -> list[Number]:
    """All numbers of all data files."""
    return [number for path in data_files(folder) for number in numbers_in(path, root)]
