"""Passwords: argon2id by OWASP's parameters. Each takes tens of milliseconds of a processor: call them in a thread."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

SHORTEST, LONGEST, FEWEST_CHARACTERS, SHORTEST_NAME = 12, 128, 5, 4
HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1, hash_len=32, salt_len=16)
"""The first of the equal choices in OWASP's Password Storage Cheat Sheet: 46 MiB, one pass, one lane."""
WELL_KNOWN = frozenset(
    """
    000000000000 0123456789ab 111111111111 1234567890ab 12345678901 123456789012 1234567890123 12345678910 1q2w3e4r5t6y
    1qaz2wsx3edc 1qaz2wsx3edc4rfv abcd1234abcd abcdefghijkl administrator administrator1 asdfghjkl123 changeme1234
    changemechangeme changemenow1 correcthorsebatterystaple defaultpassword iloveyou1234 letmeinletmein letmein12345
    loveyouforever p@ssw0rd1234 passw0rd1234 password1234 password12345 password123456 passwordpassword
    q1w2e3r4t5y6 qazwsxedcrfv qwerty123456 qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopasdfgh secretsecret
    superadministrator trialbook123 trialbook1234 trialbooktrialbook trustno1trustno1 welcome12345 welcomewelcome
    zaq12wsxcde3 zxcvbnm12345
    """.split()  # noqa: SIM905 - to be read, not to be quoted word by word
)
"""Those long enough to be taken otherwise that head the published lists, and those made of this product's name."""


def _bytes_of(password: str) -> bytes:
    """The same bytes, however a keyboard composed the letters."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1]).encode("utf-8", "surrogatepass")


def hashed(password: str) -> str:
    """What to store: parameters, salt and hash in one text."""
    return HASHER.hash(_bytes_of(password))


def matches(stored: str, given: str) -> bool:
    """Whether this is the password. What is longer than any accepted one never is, and takes as long."""
    try:
        return HASHER.verify(stored, _bytes_of(given)) and len(given) <= LONGEST
    except (VerificationError, ValueError):
        return False


def outdated(stored: str) -> bool:
    """Whether it was hashed by other parameters than today's, so that the next sign-in should store it anew."""
    try:
        return HASHER.check_needs_rehash(stored)
    except ValueError:
        return True


def spend_time(given: str) -> None:
    """Take as long as `matches` does: for when there is no such user, which the time must not tell."""
    hashed(given)


def weakness(password: str, username: str) -> str | None:
    """What is wrong with a new password, as a sentence; None when it is good enough."""
    plain = unicodedata.normalize("NFKC", password[: LONGEST + 1]).casefold()
    if len(password) > LONGEST:
        return f"The password is longer than {LONGEST} characters."
    if len(plain) < SHORTEST:
        return f"The password is shorter than {SHORTEST} characters."
    if any(name in plain for name in _names_in(username)):
        return "The password contains the user name."
    if plain in WELL_KNOWN or len(set(plain)) < FEWEST_CHARACTERS:
        return "The password is among the first that anybody would try."
    return None


def _names_in(username: str) -> set[str]:
    """The user name, and what stands before its @ unless too short to tell."""
    name = unicodedata.normalize("NFKC", username).casefold()
    return {part for part in (name, name.partition("@")[0]) if len(part) >= SHORTEST_NAME}
