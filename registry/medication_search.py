"""Which known names of medicines are near a question. In memory, offline, a millisecond a question."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from clinical.medicine import CodeSystem, Entry, NameKind
from clinical.medicine_names import readings
from clinical.medicines import formulary

SHORTEST_FUZZY = 4  # letters below which everything is near everything
LEAST_LIKE = 70.0  # per cent of likeness below which a name is not worth showing
MOST_WORDS = 4  # words of a longer text that are looked up one by one
EXACT, PREFIX, FUZZY = 1.0, 0.8, 0.79  # an exact find is above any prefix, and a prefix above any misspelling


class Match(NamedTuple):
    """One ingredient that was found: the known name or code, of what kind, and how good the find is, from 0 to 1."""

    ingredient: str
    name: str
    kind: NameKind
    score: float
    usable: bool


def matches(question: str) -> list[Match]:
    """Every ingredient that the question may mean, best first: exact, then by beginning, then by likeness."""
    best: dict[str, Match] = {}
    for entry, score in _finds(question):
        usable = entry.single is not None
        for ingredient in entry.ingredients:
            match = Match(ingredient, entry.text, entry.kind, round(score, 3), usable)
            best[ingredient] = max(best.get(ingredient, match), match, key=_goodness)
    return sorted(best.values(), key=lambda match: (-match.score, match.name.casefold()))


def _goodness(match: Match) -> tuple[float, bool, bool]:
    return match.score, match.usable, match.kind is NameKind.GENERIC


def _finds(question: str) -> Iterator[tuple[Entry, float]]:
    book = formulary()
    for system in CodeSystem:
        if entry := book.codes.get((system.value, question.strip().upper())):
            yield entry, EXACT
    keys = readings(question)
    for key in keys:
        if entry := book.names.get(key):
            yield entry, EXACT
    for key, score in (*_beginnings(keys), *_likenesses(keys)):
        yield book.names[key], score


def _beginnings(keys: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    for asked in keys:
        for key in _known_keys():
            if key.startswith(asked):
                yield key, PREFIX + (EXACT - PREFIX) * 0.99 * len(asked) / len(key)


def _likenesses(keys: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    words = keys[-1].split()[:MOST_WORDS] if keys else []
    for asked in dict.fromkeys((*keys, *words)):
        if len(asked) >= SHORTEST_FUZZY:
            near = process.extract(asked, _known_keys(), scorer=fuzz.ratio, score_cutoff=LEAST_LIKE, limit=20)
            yield from ((key, FUZZY * likeness / 100) for key, likeness, _ in near)


@lru_cache(maxsize=1)
def _known_keys() -> tuple[str, ...]:
    return tuple(formulary().names)
