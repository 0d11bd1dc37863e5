"""The names of medicines in other languages: `names_elsewhere.toml`, read once."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from clinical.medicine import key_of

HERE = Path(__file__).parent / "names_elsewhere.toml"
KATAKANA = "\u30a1-\u30f6\u30fc"  # the letters and the mark of a long vowel; a dot between two names is none
CAPSULE = "\u30ab\u30d7\u30bb\u30eb"  # follows a name without a space


class Elsewhere(NamedTuple):
    """Names in Latin letters by their key, and those in katakana with the pattern that finds them as whole words."""

    latin: dict[str, str]
    katakana: dict[str, str]
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def names_elsewhere() -> Elsewhere:
    """All names, each with its ingredient."""
    languages: list[dict[str, Any]] = tomllib.loads(HERE.read_text("utf-8"))["languages"]
    every = {name: ingredient for each in languages for name, ingredient in each["names"].items()}
    latin = {key_of(name): ingredient for name, ingredient in every.items() if key_of(name)}
    katakana = {name: ingredient for name, ingredient in every.items() if not key_of(name)}
    listed = "|".join(sorted(katakana, key=len, reverse=True))
    pattern = re.compile(rf"(?<![{KATAKANA}])({listed})(?=$|{CAPSULE}|[^{KATAKANA}])")
    return Elsewhere(latin, katakana, pattern)


def in_katakana(text: str) -> frozenset[str]:
    """The ingredients that a Japanese text names."""
    known = names_elsewhere()
    return frozenset(known.katakana[name] for name in known.pattern.findall(text))
