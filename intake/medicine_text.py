"""Which medicine of the formulary a text names, and the strength that it gives."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from clinical.medicine import Entry, key_of
from clinical.medicine_names import known, parts_of, says_a_name
from clinical.medicines import formulary
from intake.names_elsewhere import in_katakana, names_elsewhere

LONGEST_NAME = 4  # words of a name that is looked for within a text
SHORTEST_NAME = 5  # letters of a name that is looked for within a text
LAST_LATIN = 0x24F
SAYS_NO = frozenset(
    ["no", "not", "non", "without", "free", "allergy", "allergic", "intolerance", "level", "levels", "stop", "avoid"]
)
SPREAD = frozenset(
    (
        *("cream", "creme", "crema", "ointment", "pomade", "pommade", "pomada", "salbe", "unguento", "balm"),
        *("lotion", "locion", "liniment"),
    )
)
ON_THE_SKIN = SPREAD | {"topical", "topically", "topica", "topico", "topisch", "topique", "cutaneous"}
"""Words for what is put on the skin: another medicine than the same one swallowed or in a patch."""
JAPANESE_SPREAD = (
    "\u30af\u30ea\u30fc\u30e0",
    "\u8edf\u818f",
    "\u30ed\u30fc\u30b7\u30e7\u30f3",
    "\u5916\u7528",
    "\u5857\u5e03",
)
SWALLOWED = frozenset(("oral", "capsule", "capsules", "cap", "caps", "tablet", "tablets", "softgel", "softgels"))
PATCH = frozenset(("patch", "patches", "system"))
THROUGH_THE_SKIN = frozenset(("solution", "spray", "liquid", "emulsion", "foam"))
SKIN_BRANDS = {"zonalon": "doxepin", "prudoxin": "doxepin", "xepin": "doxepin"}
FOR_THE_SKIN = "It is a product for the skin, which is no trial of {}."
PATCH_BRAND, PATCH_INGREDIENT = "emsam", frozenset({"selegiline-transdermal"})
STRENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mg|mcg|g)(?![a-z])(?!\s*/\s*(?:ml|hr|h|actuat))", re.IGNORECASE)
BRAND = re.compile(r"\[[^\]]*\]")
BESIDE = re.compile(r"\s/\s")
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
    """What a text names: as a whole, else by its parts, else by the words in it. On the skin it is another medicine."""
    named, words = _named_in(text), frozenset(key_of(text).split())
    if named.ingredients == PATCH_INGREDIENT and _is_the_patch(words):
        return _named_in(PATCH_BRAND)
    brands = {SKIN_BRANDS[word] for word in words if word in SKIN_BRANDS}
    ingredients = named.ingredients | brands
    if not ingredients or not (brands or _is_for_the_skin(text, words)):
        return named
    said = " and ".join(sorted(formulary().medicines[each].name for each in ingredients))
    return Named(ingredients, named.others, FOR_THE_SKIN.format(said), readable=True)


def _is_the_patch(words: frozenset[str]) -> bool:
    """Whether selegiline is said to be a patch, which is an antidepressant."""
    through = PATCH_BRAND in words or not words.isdisjoint(PATCH | {"transdermal"})
    return through and words.isdisjoint(SPREAD | SWALLOWED | THROUGH_THE_SKIN | {"gel"})


def _is_for_the_skin(text: str, words: frozenset[str]) -> bool:
    """Whether a text says that it is put on the skin. A gel capsule is swallowed."""
    gel = "gel" in words and words.isdisjoint(SWALLOWED)
    through = "transdermal" in words and not words.isdisjoint(THROUGH_THE_SKIN)
    return gel or through or not words.isdisjoint(ON_THE_SKIN) or any(each in text for each in JAPANESE_SPREAD)


def _named_in(text: str) -> Named:
    """What a text names, however it is given."""
    if _in_other_letters(text):
        return _in_japanese(unicodedata.normalize("NFKC", text))
    if not says_a_name(text):
        return UNREADABLE
    whole = known(text)
    if whole:
        return of_entry(whole)
    if not SAYS_NO.isdisjoint(key_of(text).split()):
        return NAMES_NOTHING
    found = [named for part in parts_of(text) for named in _in_part(part)]
    return _together(found) if found else NAMES_NOTHING


def _in_part(part: str) -> list[Named]:
    entry = known(part)
    return [of_entry(entry)] if entry else _within(part)


def _in_japanese(text: str) -> Named:
    """What a text in other letters names; one without a known name may be anything."""
    found = [Named(frozenset({each}), (), None, readable=True) for each in sorted(in_katakana(text))]
    return _together(found) if found else UNREADABLE


def of_entry(entry: Entry) -> Named:
    """What one name or code of the formulary stands for."""
    return Named(frozenset(entry.ingredients), entry.others, entry.refusal, readable=True)


def _together(found: list[Named]) -> Named:
    ingredients = frozenset[str]().union(*(each.ingredients for each in found))
    others = tuple(dict.fromkeys(other for each in found for other in each.others))
    refusal = next((each.refusal for each in found if each.refusal), None)
    if len(ingredients) > 1 and not _one_product(found, ingredients):
        refusal = f"The text names several medicines: {', '.join(sorted(ingredients))}."
    return Named(ingredients, others, refusal, readable=True)


def _one_product(found: list[Named], ingredients: frozenset[str]) -> bool:
    """Whether the names are those of one product that is known to hold all of these ingredients."""
    product = known(" / ".join(sorted(ingredients)))
    return bool(product and frozenset(product.ingredients) == ingredients) or any(
        each.ingredients == ingredients for each in found
    )


def _within(text: str) -> list[Named]:
    """The longest names among the words of a text."""
    words = key_of(text).split()
    found: list[Named] = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            key = " ".join(words[at : at + length])
            named = _named_by(key) if len(key) >= SHORTEST_NAME else None
            if named:
                found.append(named)
                at += length - 1
                break
        at += 1
    return found


def _named_by(key: str) -> Named | None:
    entry = formulary().names.get(key)
    if entry:
        return of_entry(entry)
    ingredient = names_elsewhere().latin.get(key)
    return Named(frozenset({ingredient}), (), None, readable=True) if ingredient else None


def _in_other_letters(text: str) -> bool:
    """Whether letters that are not Latin stand in the text: what is left without them may mean something else."""
    return not text.isascii() and any(ord(letter) > LAST_LATIN and letter.isalpha() for letter in text)


@lru_cache(maxsize=16384)
def strength_in(text: str, ingredient: str) -> float | None:
    """The mg of an ingredient in one unit of a product, where the text gives exactly one amount for it."""
    parts = BESIDE.split(BRAND.sub("", unicodedata.normalize("NFKC", text)))
    own = [part for part in parts if named_in(part).ingredients == {ingredient}]
    amounts = {_mg(*found) for part in own for found in STRENGTH.findall(part)}
    return amounts.pop() if len(amounts) == 1 else None


def _mg(amount: str, unit: str) -> float:
    return float(amount.replace(",", ".")) * MG_IN[unit.lower()]
