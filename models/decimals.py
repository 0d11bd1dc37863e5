"""Decimals as they were written: in FHIR 1.50 is measured more exactly than 1.5, and either comes back as it was sent.

FHIR R4, datatypes, decimal: the precision of a number matters to whoever reads it.
"""

import json
from typing import Any, Self

import orjson


class Written(float):
    """A number that Python would write otherwise; it counts as the nearest one that the machine has."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> Self:
        """The number of this text."""
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __reduce__(self) -> tuple[type["Written"], tuple[str]]:
        """A copy is written in the same way."""
        return Written, (self.text,)


def read(text: str) -> float:
    """The number of a JSON text: a plain one where it is written as Python would write it."""
    number = float(text)
    return number if repr(number) == text else Written(text)


def loads(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON that this service wrote."""
    return json.loads(content, parse_float=read)


def dumps(value: object) -> bytes:
    """Write JSON, each decimal as it was written."""
    return orjson.dumps(value, default=_as_written)


def _as_written(value: object) -> orjson.Fragment:
    if isinstance(value, Written):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")
