"""Text as it is put on paper: harmless characters, clipped, wrapped, and how wide it will be at most."""

import re
from collections.abc import Iterator, Sequence

# What XML 1.0 forbids, and marks that turn the reading direction of what follows and can make text say another thing.
FORBIDDEN = re.compile(
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]"
)
SLIM, BROAD = frozenset("ijlftrI.,:;'|()[]! "), frozenset("mwMW@%—")
# Widths in parts of the size of the letters, of DejaVu Sans, the widest of the usual sans-serif faces.
SLIM_WIDTH, USUAL_WIDTH, BROAD_WIDTH, SQUARE_WIDTH = 0.41, 0.64, 0.99, 1.02
FIRST_SQUARE = 0x1100  # Hangul, kana, Chinese characters, emoji
BOLD = 1.09


def printable(text: object) -> str:
    """The text with every character that could not be drawn, or could mislead, replaced by a visible mark."""
    return FORBIDDEN.sub("\ufffd", str(text))


def clipped(text: object, most: int = 400) -> str:
    """The text on one stretch of at most so many characters; what is left out is counted."""
    plain = " ".join(printable(text).split())
    left = len(plain) - most
    return plain if left <= 0 else f"{plain[:most].rstrip()} … ({left:,} more characters in the record)"


class _Widths(dict[str, float]):
    """The width of each letter in parts of its size, found when it is first met."""

    def __missing__(self, letter: str) -> float:
        square = ord(letter) >= FIRST_SQUARE
        found = SQUARE_WIDTH if square else _NARROW_AND_BROAD.get(letter, USUAL_WIDTH)
        self[letter] = found
        return found


_NARROW_AND_BROAD = dict.fromkeys(SLIM, SLIM_WIDTH) | dict.fromkeys(BROAD, BROAD_WIDTH)
_WIDTHS = _Widths()


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """An upper estimate of the width in pixels of one line."""
    return sum(map(_WIDTHS.__getitem__, text)) * size * (BOLD if bold else 1)


def wrapped(text: str, size: float, room: float) -> list[str]:
    """The text in lines that fit the room; a word that is too long for a line is broken."""
    lines: list[str] = []
    for word in _words(text.split(), size, room):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and wide(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _words(words: Sequence[str], size: float, room: float) -> Iterator[str]:
    most = max(int(room / (size * SQUARE_WIDTH)), 1)
    for word in words:
        if wide(word, size) <= room:
            yield word
        else:
            yield from (word[place : place + most] for place in range(0, len(word), most))


def split(text: str, size: float, room: float, below: float) -> tuple[str, list[str]]:
    """What fits beside something else (at most one line), and the lines below it that the rest takes."""
    beside: list[str] = []
    rest = text.split()
    while rest and wide(" ".join([*beside, rest[0]]), size) <= room:
        beside.append(rest.pop(0))
    return " ".join(beside), wrapped(" ".join(rest), size, below)
