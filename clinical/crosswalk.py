"""The published crosswalk between scales: shown as a range, with its cautions, and never used to decide anything."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from clinical.csv_rows import Row, rows
from clinical.data_file import LibraryFault, read_toml
from clinical.sections import Criterion
from clinical.vocabulary import Evidence

HERE = Path(__file__).parent / "crosswalks"


class Caution(Criterion):
    """What to mind, in one sentence."""

    sentence: str


class Titled(BaseModel):
    """A scale of the table: the name that its columns begin with, and its title."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    title: str


class About(BaseModel):
    """What the table is, which scales it speaks of, and what to mind."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    title: str
    citation: str
    scales: Annotated[tuple[Titled, ...], Field(min_length=1)]
    cautions: Annotated[tuple[Caution, ...], Field(min_length=1)]

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each scale by its name."""
        return {scale.name: scale.title for scale in self.scales}


class Scores(NamedTuple):
    """The lowest and the highest of some totals that belong together."""

    first: int
    last: int


class Line(NamedTuple):
    """One line of the table: the totals of each scale that correspond, a remark, and how well it was verified."""

    scores: Mapping[str, Scores]
    note: str | None
    evidence: Evidence


class Crosswalk(NamedTuple):
    """The whole table."""

    about: About
    lines: tuple[Line, ...]

    def range_of(self, scale: str) -> Scores:
        """The lowest and the highest total of a scale in the table."""
        return Scores(self.lines[0].scores[scale].first, self.lines[-1].scores[scale].last)

    def lines_for(self, scale: str, total: int) -> tuple[Line, ...]:
        """The lines in which a total stands: several where the table is not one to one."""
        return tuple(line for line in self.lines if line.scores[scale].first <= total <= line.scores[scale].last)


def corresponding(lines: tuple[Line, ...], scale: str) -> Scores:
    """The totals of another scale that some lines of the table name."""
    found = [line.scores[scale] for line in lines]
    return Scores(min(each.first for each in found), max(each.last for each in found))


def load_crosswalk(folder: Path = HERE) -> Crosswalk:
    """Read and check the table.

    Raises:
        LibraryFault: a file cannot be used, or the totals of a scale do not follow one another without a gap.
    """
    about = read_toml(folder / "ids_qids.toml", About)
    try:
        lines = tuple(_line(row, about) for row in rows(folder, "ids_qids.csv"))
    except KeyError as absent:
        raise LibraryFault(f"{folder.name}/ids_qids.csv: there is no column {absent}") from absent
    except ValueError as fault:
        raise LibraryFault(str(fault)) from fault
    for scale in about.titles:
        _check_order(scale, [line.scores[scale] for line in lines])
    return Crosswalk(about, lines)


def _line(row: Row, about: About) -> Line:
    row.text("source")
    scores = {scale: Scores(_total(row, f"{scale}_first"), _total(row, f"{scale}_last")) for scale in about.titles}
    return Line(MappingProxyType(scores), row.cells["note"] or None, row.word("evidence", Evidence))


def _total(row: Row, key: str) -> int:
    text = row.text(key)
    if not text.isdecimal():
        raise row.fault(key, f"must be a whole number, not {text!r}")
    return int(text)


def _check_order(scale: str, totals: list[Scores]) -> None:
    """Every total from 0 on is there; two lines may share one range."""
    last = -1
    for place, each in enumerate(totals):
        shared = place > 0 and each == totals[place - 1]
        if each.last < each.first or (each.first != last + 1 and not shared):
            raise LibraryFault(f"crosswalks/ids_qids.csv: key `{scale}`: {each.first} does not follow {last}")
        last = each.last


@lru_cache(maxsize=1)
def crosswalk() -> Crosswalk:
    """The table that the service ships.

    Raises:
        LibraryFault: a file cannot be used.
    """
    return load_crosswalk()
