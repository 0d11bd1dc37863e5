"""JSON in the one form of RFC 8785, and its digest: the same content has the same digest, wherever it is computed."""

import hashlib
import json
from decimal import Decimal
from typing import Any

SMALLEST_PLAIN = 1e-6  # below it, and from here on above, ECMAScript writes numbers with an exponent
FIRST_LARGE = 1e21


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON
    """The JSON text of a value: keys in order, no spaces, numbers as ECMAScript writes them (RFC 8785)."""
    if isinstance(value, dict):
        inner = ",".join(f"{_text(key)}:{canonical(value[key])}" for key in sorted(value, key=_in_utf_16))
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, float):
        return _number(value)
    return _text(value)


def digest_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """`sha256:` and the SHA-256 of the canonical form in UTF-8."""
    return f"sha256:{hashlib.sha256(canonical(value).encode()).hexdigest()}"


def _in_utf_16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    if value == 0:
        return "0"
    if SMALLEST_PLAIN <= abs(value) < FIRST_LARGE:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    power = int(exponent)
    return f"{mantissa}e{power:+d}" if power > 0 else f"{mantissa}e{power}"
