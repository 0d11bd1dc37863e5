"""`make numbers`: writes docs/clinical-numbers.md, the list of all clinical numbers with source and grade."""

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from ops.numbers import BY_ANSWER, CLINICAL, ROOT, Number, data_files, numbers_in

PAGE = ROOT / "docs" / "clinical-numbers.md"
SOURCES = CLINICAL / "formulary" / "sources.csv"
GRADES = {
    "primary": "primary",
    "secondary": "secondary",
    "unverified": "**unverified**",
    "local": "local choice",
    "": "not by itself",
}
HEAD = """# Clinical numbers

Every number that can decide or is shown, with where it was read and how well that was verified: `primary` (read in the
source itself), `secondary` (read where the source is restated), **unverified** (not yet checked: never the default),
`local choice` (this service's own).

Sentences with numbers are listed too; those about a file as a whole, its purpose and limits, decide nothing and are not
graded by themselves. Not listed: worked cases, which are made-up examples; names, codes and references. Bounds that
only keep a slip of the pen out of a data file are in the code that reads it.

Written by `make numbers` from the data files; a test compares the two.
"""
UNITS = (  # by the end of the key, where the file names no unit
    (r"days(_at_least|_between_episodes)?$", "d"),
    (r"percent$", "%"),
    (r"(^|_)mg$", "mg"),
    (r"fraction_at_least$", "of the doses"),
    (r"sessions_at_least$", "sessions"),
    (r"^(failed_medications|antidepressants$)", "medicines"),
    (r"classes$", "classes"),
    (r"^(points|each|least_if_present|most_if_present|least|most|above)$", "points"),
    (r"^(minimum|maximum|from|at_most|at_least)$", "points"),
    (r"^(item|domains)$", "item"),
    (r"^levels$", "answer"),
    (r"^(subsyndromal|mild|moderate|severe|severe_with_psychosis)$", "points"),
    (r"^up_to$", "in all"),
    (r"^(ids_sr30|qids_sr16|hamd17|hamd21|hamd24)_(first|last)$", "points"),
)
WORDS = {  # what a number is, where its key does not say it to a clinician
    "min_mg": "lowest dose",
    "max_mg": "highest dose",
    "failed_medications": "different antidepressants that must have failed",
    "failed_medications_if_bipolar": "the same where the depression is bipolar",
    "improvement_below_percent": "an improvement below this is a failure",
    "improvement_at_most_percent": "an improvement of at most this is a failure",
    "improvement_at_least_percent": "a smaller improvement is something else",
    "duration.at_least_days": "least duration of a trial",
    "duration.note_below_days": "a shorter trial is remarked on",
    "stable_dose.at_least_days": "least time at one dose",
    "augmentation.at_least_days": "least duration of an augmentation",
    "taken_fraction_at_least": "least share of the doses that was taken",
    "remission_days_between_episodes": "remission that parts two episodes",
    "prescriptions.days": "time in which a medicine counts",
    "prescriptions.within_days": "longest time from the onset, or since the diagnosis",
    "prescriptions.at_days": "length on which the source contradicts itself",
    "overlap_at_most_days": "longest overlap of two that follow one another",
    "gap_at_most_days": "longest gap between two that follow one another",
    "antidepressants": "different antidepressants that are asked besides",
    "rating_within_days": "age up to which a rating speaks for today",
    "current_score.at_least": "lowest present total",
    "range.minimum": "lowest total",
    "range.maximum": "highest total",
    "items.maximum": "highest answer of each item",
    "domains": "items of which the highest answer counts",
    "bands.from": "lowest total of the band",
    "up_to": "up to this amount",
    "points": "points",
    "each": "points for each",
    "reading.at_least_days": "least duration of a trial",
    "remission.at_most": "highest total that is a remission",
    "safety.item": "the item on suicidal thoughts",
    "safety.levels": "the answer to it that asks for:",
}


def page(folder: Path = CLINICAL, root: Path = ROOT) -> str:
    """The whole text."""
    titles = _titles()
    found = ((path, numbers_in(path, root)) for path in data_files(folder))
    parts = [_section(path, numbers, titles) for path, numbers in found if numbers]
    return "\n".join([HEAD, *parts])


def _titles() -> dict[str, str]:
    """What the keys of sources stand for."""
    with SOURCES.open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row["title"] for row in csv.DictReader(lines)}


def _section(path: Path, numbers: list[Number], titles: dict[str, str]) -> str:
    head = ["| number | unit | what it is | source | grade |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([f"## {_heading(path, numbers[0].file)}\n", *head, *_rows(numbers, titles), ""])


def _heading(path: Path, file: str) -> str:
    title = tomllib.loads(path.read_text("utf-8")).get("title") if path.suffix == ".toml" else None
    return f"{title} (`{file}`)" if title else f"`{file}`"


def _rows(numbers: Iterable[Number], titles: dict[str, str]) -> Iterator[str]:
    """One line a number; the numbers of one list share a line."""
    for _, group in groupby(numbers, key=_one_list):
        together = list(group)
        first = together[0]
        value = "in words" if first.prose else ", ".join(each.value for each in together)
        source = "; ".join(titles.get(key, key) for key in first.source.split(";")) if _coded(first) else first.source
        cells = (value, unit_of(first), meaning(first), source, GRADES.get(first.evidence, first.evidence))
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _one_list(number: Number) -> tuple[tuple[str | int, ...], object]:
    """Numbers of one list have the same keys before their places; words of answers and sentences stand alone."""
    within = number.path[:-1] if isinstance(number.path[-1], int) else number.path
    alone = number.prose or number.key == BY_ANSWER
    return within, number.path if alone else number.context


def _coded(number: Number) -> bool:
    """True where the source is given by the keys of `sources.csv`."""
    return number.file.endswith(".csv")


def unit_of(number: Number) -> str:
    """The unit that the file names, else that of the key; empty for a sentence."""
    if number.prose:
        return ""
    return number.unit or next((unit for ending, unit in UNITS if re.search(ending, number.key)), "")


def meaning(number: Number) -> str:
    """What the number is, in words: the file's own sentence, else the key and what the entry is called."""
    if number.prose:
        return ": ".join([*number.context, number.value])
    keys = [part for part in number.path if isinstance(part, str)]
    known = WORDS.get(f"{keys[0]}.{keys[-1]}") or WORDS.get(keys[-1])
    if keys[-1] == "value":
        return number.context[0]
    if keys[-1] == BY_ANSWER:
        return f"{known} {number.context[0].replace('_', ' ')}"
    spelt = keys[1:] if number.context and keys[1:] else keys
    return ": ".join([*number.context, known or ", ".join(spelt).replace("_", " ")])


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
