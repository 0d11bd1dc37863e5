"""How a medicine's name is read, and which known names are near it. In memory, offline, a millisecond a question."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from clinical.medicine import CodeSystem, Entry, NameKind, key_of
from clinical.medicines import formulary

LONGEST = 200  # characters of a question that are looked at
SHORTEST_FUZZY = 4  # letters below which everything is near everything
LEAST_LIKE = 70.0  # per cent of likeness below which a name is not worth showing
MOST_WORDS = 4  # words of a longer text that are looked up one by one
EXACT, PREFIX, FUZZY = 1.0, 0.8, 0.79  # an exact find is above any prefix, and a prefix above any misspelling


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


STRENGTH_WORDS = _words("mg mcg ug g ml hr h hour hours day daily od bd tds tid bid qd qhs nocte mane")
STRENGTH_ENDINGS = ("mg", "mcg", "ug", "g", "ml", "hr", "h")
# Forms that are swallowed or worn. Cream and ointment are left out on purpose: they are not for depression.
FORM_WORDS = _words(
    "tablet tablets tab tabs capsule capsules cap caps pill pills oral solution suspension drops liquid sprinkle"
    " disintegrating orodispersible dispersible chewable coated film gastro resistant delayed extended modified"
    " prolonged sustained immediate controlled release xr xl er sr cr la ir pr mr dr odt nasal spray injection"
    " infusion patch patches transdermal system pack by mouth po iv"
)
SALT_WORDS = _words(
    "hydrochloride hcl hydrobromide hbr maleate mesylate mesilate besylate fumarate hemifumarate succinate oxalate"
    " sulfate sulphate sodium tartrate citrate embonate pamoate monohydrate hemihydrate"
)


class Match(NamedTuple):
    """One ingredient that was found: the known name or code, of what kind, and how good the find is, from 0 to 1."""

    ingredient: str
    name: str
    kind: NameKind
    score: float
    usable: bool


def readings(text: str) -> tuple[str, ...]:
    """The keys under which a text may be known: as it stands, without strengths, then without form and salt words."""
    whole = key_of(text[:LONGEST]).split()
    words = [word for word in whole if not _is_strength(word)]
    bare = [word for word in words if word not in FORM_WORDS]
    saltless = [word for word in bare if word not in SALT_WORDS]
    found = (" ".join(each) for each in (whole, words, bare, saltless))
    return tuple(dict.fromkeys(filter(None, found)))


def says_a_name(text: str) -> bool:
    """True when the text holds more than strengths, forms and punctuation."""
    return any(not _is_strength(word) and word not in FORM_WORDS for word in key_of(text[:LONGEST]).split())


def _is_strength(word: str) -> bool:
    amount = word.rstrip("abcdefghijklmnopqrstuvwxyz")
    return word in STRENGTH_WORDS or (amount.isdigit() and word[len(amount) :] in ("", *STRENGTH_ENDINGS))


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
