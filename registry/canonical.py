"""JSON in the one form of RFC 8785, and its digest: the same content has the same digest, wherever it is computed."""

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from types import NoneType
from typing import Any

SMALLEST_PLAIN = 1e-6  # below it, and from here on above, ECMAScript writes numbers with an exponent
FIRST_LARGE = 1e21
EXACT = 2**53  # whole numbers below it are the same in every system


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON
    """The JSON text of a value: keys in order, no spaces, numbers as ECMAScript writes them (RFC 8785).

    Raises:
        KeyError: it is not JSON.
    """
    return WRITERS[type(value)](value)


def digest_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """`sha256:` and the SHA-256 of the canonical form in UTF-8."""
    return f"sha256:{hashlib.sha256(canonical(value).encode()).hexdigest()}"


def _object(value: dict[str, Any]) -> str:
    keys = sorted(value) if "".join(value).isascii() else sorted(value, key=_in_utf_16)
    inner = ",".join([f"{encode_basestring(key)}:{WRITERS[type(value[key])](value[key])}" for key in keys])
    return f"{{{inner}}}"


def _list(value: list[Any]) -> str:
    return f"[{','.join([WRITERS[type(each)](each) for each in value])}]"


def _in_utf_16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _number(value: float) -> str:
    if abs(value) < EXACT and value.is_integer():
        return str(int(value))
    if SMALLEST_PLAIN <= abs(value) < FIRST_LARGE:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    power = int(exponent)
    return f"{mantissa}e{power:+d}" if power > 0 else f"{mantissa}e{power}"


WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    dict: _object,
    list: _list,
    float: _number,
    int: str,
    bool: {True: "true", False: "false"}.__getitem__,
    NoneType: lambda _: "null",
}
