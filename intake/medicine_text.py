"""Which medicine of the formulary a text names, and the strength that it gives."""

import re
from functools import lru_cache
from typing import NamedTuple

from clinical.medicine import Entry, key_of
from clinical.medicine_names import known, parts_of, says_a_name
from clinical.medicines import formulary

LONGEST_NAME = 4  # words of a name that is looked for within a text
SHORTEST_NAME = 5  # letters of a name that is looked for within a text
LAST_LATIN = 0x24F
SAYS_NO = frozenset(
    ["no", "not", "non", "without", "free", "allergy", "allergic", "intolerance", "level", "levels", "stop", "avoid"]
)
STRENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mg|mcg|g)\b(?!\s*/\s*(?:ml|hr|h|actuat))", re.IGNORECASE)
BRAND = re.compile(r"\[[^\]]*\]")
MG_IN = {"mg": 1.0, "mcg": 0.001, "g": 1000.0}


class Named(NamedTuple):
    """What a text names: ingredients of the formulary, others that the product holds, or why it does not say which.

    `readable` is false for a text without a word in Latin letters; nothing can be said of it.
    """

    ingredients: frozenset[str]
    others: tuple[str, ...]
    refusal: str | None
    readable: bool


NAMES_NOTHING = Named(frozenset(), (), None, readable=True)
UNREADABLE = Named(frozenset(), (), None, readable=False)


@lru_cache(maxsize=16384)
def named_in(text: str) -> Named:
    """What a text names: as a whole, else by its parts, else by the words in it."""
    if not says_a_name(text) or _in_other_letters(text):
        return UNREADABLE
    whole = known(text)
    if whole:
        return of_entry(whole)
    found = [entry for entry in map(known, parts_of(text)) if entry] or _within(text)
    return _together(found) if found else NAMES_NOTHING


def of_entry(entry: Entry) -> Named:
    """What one name or code of the formulary stands for."""
    return Named(frozenset(entry.ingredients), entry.others, entry.refusal, readable=True)


def _together(found: list[Entry]) -> Named:
    ingredients = frozenset(each for entry in found for each in entry.ingredients)
    others = tuple(dict.fromkeys(each for entry in found for each in entry.others))
    refusal = next((entry.refusal for entry in found if entry.refusal), None)
    if len(ingredients) > 1 and not _one_product(found, ingredients):
        refusal = f"The text names several medicines: {', '.join(sorted(ingredients))}."
    return Named(ingredients, others, refusal, readable=True)


def _one_product(found: list[Entry], ingredients: frozenset[str]) -> bool:
    """Whether the names are those of one product that is known to hold all of these ingredients."""
    product = known(" / ".join(sorted(ingredients)))
    return bool(product and frozenset(product.ingredients) == ingredients) or any(
        frozenset(entry.ingredients) == ingredients for entry in found
    )


def _within(text: str) -> list[Entry]:
    """The longest names among the words of a text, unless it says that the medicine is not taken."""
    words = key_of(text).split()
    if not SAYS_NO.isdisjoint(words):
        return []
    names, found, at = formulary().names, [], 0
    while at < len(words):
        for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            key = " ".join(words[at : at + length])
            if len(key) >= SHORTEST_NAME and key in names:
                found.append(names[key])
                at += length - 1
                break
        at += 1
    return found


def _in_other_letters(text: str) -> bool:
    """Whether letters that are not Latin stand in the text: what is left without them may mean something else."""
    return not text.isascii() and any(ord(letter) > LAST_LATIN and letter.isalpha() for letter in text)


@lru_cache(maxsize=16384)
def strength_in(text: str, ingredient: str) -> float | None:
    """The mg of an ingredient in one unit of a product, where the text gives exactly one amount for it."""
    own = [part for part in BRAND.sub("", text).split("/") if named_in(part).ingredients == {ingredient}]
    amounts = {_mg(*found) for part in own for found in STRENGTH.findall(part)}
    return amounts.pop() if len(amounts) == 1 else None


def _mg(amount: str, unit: str) -> float:
    return float(amount.replace(",", ".")) * MG_IN[unit.lower()]
