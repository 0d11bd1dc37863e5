"""How the name of a medicine is read: without strength, form and salt, and in parts where it names several."""

import re
from functools import lru_cache

from clinical.medicine import Entry, key_of
from clinical.medicines import formulary

LONGEST = 200  # characters of a text that are looked at
BETWEEN = re.compile(r"[/+,;&()\[\]]|\b(?:and|with|plus)\b", re.IGNORECASE)


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


def parts_of(text: str) -> list[str]:
    """The parts of a text that may each name a medicine of its own."""
    return [part for part in BETWEEN.split(text) if says_a_name(part)]


@lru_cache(maxsize=4096)
def known(text: str) -> Entry | None:
    """The one entry of the formulary that the whole text stands for, or None. A misspelling is never guessed."""
    names = formulary().names
    return next((names[key] for key in readings(text) if key in names), None)


def _is_strength(word: str) -> bool:
    amount = word.rstrip("abcdefghijklmnopqrstuvwxyz")
    return word in STRENGTH_WORDS or (amount.isdigit() and word[len(amount) :] in ("", *STRENGTH_ENDINGS))
