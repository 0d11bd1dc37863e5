"""Reads data files of one fact a row, and refuses a wrong cell with a sentence that names file, line and key."""

import csv
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

from clinical.vocabulary import Evidence

W = TypeVar("W", bound=StrEnum)


class Row(NamedTuple):
    """One line of one file; every reader of a cell refuses a wrong value with file, line and key."""

    place: str
    cells: dict[str, str]

    def fault(self, key: str, why: str) -> ValueError:
        """The error that names where the fault is."""
        return ValueError(f"{self.place}: `{key}`: {why}")

    def text(self, key: str) -> str:
        """A cell that must not be empty."""
        if not self.cells[key]:
            raise self.fault(key, "must not be empty")
        return self.cells[key]

    def many(self, key: str, separator: str = "|") -> tuple[str, ...]:
        """A cell that holds any number of values."""
        return tuple(filter(None, self.cells[key].split(separator)))

    def word(self, key: str, vocabulary: type[W]) -> W:
        """A cell that holds one word of a closed vocabulary."""
        try:
            return vocabulary(self.cells[key])
        except ValueError:
            raise self.fault(key, f"must be one of {', '.join(vocabulary)}, not {self.cells[key]!r}") from None

    def mg(self, key: str) -> float:
        """A cell that holds an amount above zero."""
        if not re.fullmatch(r"\d+(\.\d+)?", self.cells[key]) or not float(self.cells[key]):
            raise self.fault(key, f"must be a number above 0, not {self.cells[key]!r}")
        return float(self.cells[key])

    def known(self, key: str, among: Mapping[str, object], *values: str) -> tuple[str, ...]:
        """The values of a cell, at least one, each of which must be known elsewhere."""
        strange = [value for value in values if value not in among]
        if strange or not values:
            raise self.fault(key, f"{', '.join(strange) or 'nothing'} is not known")
        return values


def rows(folder: Path, file: str, sources: Mapping[str, str] | None = None) -> Iterator[Row]:
    """The lines of one file. Every evidence word must exist, and every source must be in `sources.csv`.

    Raises:
        ValueError: a line with too many or too few cells, an unknown evidence word, or a missing or unknown source.
    """
    with (folder / file).open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        head = next(reader, [])
        evidence = [key for key in head if key.endswith("evidence")]
        cited = [key for key in head if key.endswith("sources")]
        for cells in reader:
            row = Row(f"{folder.name}/{file}: line {reader.line_num}", dict(zip(head, cells, strict=False)))
            if len(cells) != len(head):
                raise row.fault(head[-1], f"{len(head)} cells are asked for, {len(cells)} are there")
            for key in evidence:
                row.word(key, Evidence)
            for key in cited:
                row.known(key, sources or {}, *row.many(key, ";"))
            yield row
