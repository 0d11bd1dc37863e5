"""Reading JSON that may be anything: each function gives what was asked for, or nothing of it."""

from collections.abc import Mapping, Sequence
from typing import Any

NOTHING: Mapping[str, Any] = {}
LARGEST = 10**12


def part(value: object, *keys: str) -> Any:  # noqa: ANN401 - JSON may be anything
    """The value under these keys, one within the other; None where one of them is missing or no object."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def mappings(value: object) -> Sequence[Mapping[str, Any]]:
    """The objects of a list. An object that stands where a list belongs is read as its only one."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return (value,) if isinstance(value, dict) else ()


def text(value: object) -> str | None:
    """The value if it is a text that says something, without blanks round it."""
    return value.strip() or None if isinstance(value, str) else None


def sayable(said: str | None, longest: int) -> str | None:
    """A text that can be stored: without what is no character, and no longer than it may be."""
    if not said or any(each == "\x00" or "\ud800" <= each <= "\udfff" for each in said):
        return None
    return said[:longest].strip() or None


def number(value: object) -> float | None:
    """The value if it is a finite number; a truth value is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= LARGEST else None  # which is false of NaN, too


def whole(value: object) -> int | None:
    """The value if it is a whole number, be it written 17, 17.0 or "17"."""
    if isinstance(value, str):
        digits = value.strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None  # noqa: PLR2004
    found = number(value)
    return int(found) if found is not None and found == int(found) else None
