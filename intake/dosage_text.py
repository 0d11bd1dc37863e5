"""A daily dose that a text states beyond doubt, such as `take 1 tablet (50 mg) by mouth daily`."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

LONGEST = 200  # characters; a longer text says more than a dose
WORDS = {"one": 1.0, "two": 2.0, "three": 3.0, "a": 1.0, "half": 0.5, "1/2": 0.5}
ONCE = (
    r"(?:once (?:a day|daily|per day|every day|each day|nightly)|daily|every day|each day|a day|per day|once a day"
    r"|qd|od|q\.d\.|qhs|nightly|at night|at bedtime|every morning|in the morning|every evening|every night"
    r"|once nightly|qam|qpm|every 24 hours)"
)
ONCE_IN_JAPANESE = "1\u65e51\u56de"
ORALLY_IN_JAPANESE = "\u7d4c\u53e3"
OFTEN = {
    ONCE: 1.0,
    ONCE_IN_JAPANESE: 1.0,  # twice a day is left out: the amount may be that of the day
    r"(?:twice (?:a day|daily|per day)|two times (?:a day|daily)|2 times (?:a day|daily)|bid|b\.i\.d\.|bd)": 2.0,
    r"(?:three times (?:a day|daily)|3 times (?:a day|daily)|tid|t\.i\.d\.|tds)": 3.0,
}
NUMBER = r"(\d+(?:\.\d+)?|one|two|three|a|half|1/2)"
PIECE = r"(?:tablet|tab|capsule|cap|pill)(?:s|\(s\))?"
MG = r"(\d+(?:\.\d+)?) ?mg"
BY_MOUTH = rf"(?: (?:by mouth|orally|oral|po|{ORALLY_IN_JAPANESE}))?"
BEFORE = r"(?:(?:take|takes|takes:|sig:) )?"
AFTER = (
    r"(?: (?:at bedtime|in the morning|at night|with food|with breakfast|for depression|for sleep|for insomnia))?\.?"
)
BARE = r"(\d+(?:\.\d+)?|one|two|half|1/2)"
SHAPES = (
    (rf"{BEFORE}{NUMBER} {PIECE} \(?(?:of )?{MG}\)?{BY_MOUTH}", "pieces"),
    (rf"{BEFORE}{MG}(?: {PIECE})?{BY_MOUTH}", "mg"),
    (rf"{BEFORE}{NUMBER} {PIECE}{BY_MOUTH}", "count"),
    (rf"{BEFORE}{BARE}{BY_MOUTH}", "bare"),
)
PATTERNS = tuple(
    (re.compile(rf"{shape} {often}{AFTER}"), kind, times) for shape, kind in SHAPES for often, times in OFTEN.items()
)
CHANGES = re.compile(
    r"\b(?:then|increas\w*|decreas\w*|reduc\w*|taper\w*|titrat\w*|(?:as|if|when) (?:needed|required)|prn|p\.r\.n"
    r"|up to|every other|alternate)\b"
)
"""Words of a dose that does not stay as it is, or is not taken every day."""
MG_SAID = re.compile(r"(?<![\d.,])(\d{1,9}(?:[.,]\d{1,9})?)( ?(?:-|\u2013|to) ?\d[\d.,]{0,9})? ?(?:mgs?|milligrams?)\b")
NEARLY = 0.01  # mg; what rounding may make of one dose


class Said(NamedTuple):
    """What a text states of a day: mg, or a number of tablets or capsules; `bare` if it does not say of what."""

    mg: float | None
    pieces: float | None
    bare: bool = False


@lru_cache(maxsize=8192)
def daily_dose_said(text: str) -> Said | None:
    """The daily dose of a text; None where it says anything more, or less, than a dose and how often."""
    said = " ".join(text.lower().split())
    for pattern, kind, times in PATTERNS:
        found = pattern.fullmatch(said)
        if found:
            return _said(found.groups(), kind, times)
    return None


def says_otherwise(text: str, mgs: Iterable[float]) -> bool:
    """Whether a text beside a dose speaks of a change, of need, of a range, or of mg that are none of these."""
    said = " ".join(text.lower().split())
    return bool(CHANGES.search(said)) or any(
        found[2] or not _is_one_of(found[1], mgs) for found in MG_SAID.finditer(said)
    )


def _is_one_of(written: str, mgs: Iterable[float]) -> bool:
    """Read with a comma as a point, or as no more than a mark between thousands."""
    readings = (float(written.replace(",", ".")), float(written.replace(",", "")))
    return any(abs(reading - mg) <= NEARLY for reading in readings for mg in mgs)


def _said(groups: tuple[str, ...], kind: str, times: float) -> Said | None:
    if kind == "mg":
        return Said(float(groups[0]) * times, None)
    count = WORDS.get(groups[0]) or float(groups[0])
    if kind in ("count", "bare"):
        return Said(None, count * times, kind == "bare")
    return Said(float(groups[1]) * times, None) if count == 1 else None
