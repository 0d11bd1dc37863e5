"""Whether a word of a text is nearly the name of a medicine: then it may be that medicine, and is never guessed."""

from collections import defaultdict
from difflib import get_close_matches
from functools import lru_cache

from clinical.medicine import NameKind, key_of
from clinical.medicines import formulary
from intake.names_elsewhere import names_elsewhere

SHORTEST = 7  # letters of a word below which much is near much
LEAST_LIKE = 0.88


@lru_cache(maxsize=8192)
def near_name(text: str) -> str | None:
    """A generic name that a word of the text differs from by a letter or two; None if there is none."""
    names = _by_first_letter()
    for word in key_of(text).split():
        if len(word) >= SHORTEST and (near := get_close_matches(word, names[word[0]], n=1, cutoff=LEAST_LIKE)):
            return near[0]
    return None


@lru_cache(maxsize=1)
def _by_first_letter() -> defaultdict[str, list[str]]:
    generic = {key for key, entry in formulary().names.items() if entry.kind is NameKind.GENERIC and " " not in key}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(generic | names_elsewhere().latin.keys()):
        if len(name) >= SHORTEST:
            found[name[0]].append(name)
    return found
