"""The canonical form of JSON (RFC 8785), so that anybody can compute the same digest."""

import hashlib
import json

import pytest

from registry.canonical import canonical, digest_of

ONE = b'{"a":1}'


def test_keys_are_in_the_order_of_utf_16_and_nothing_is_wasted() -> None:
    """The example of RFC 8785, section 3.2.3."""
    sent = {"\u20ac": "Euro", "\r": "CR", "\ufb33": "Dalet", "1": "One", "\U0001f600": "Smile", "\u0080": "C", "ö": "O"}
    assert list(json.loads(canonical(sent))) == ["\r", "1", "\u0080", "ö", "\u20ac", "\U0001f600", "\ufb33"]
    assert canonical({"b": [1, {"a": None}], "a": True}) == '{"a":true,"b":[1,{"a":null}]}'


def test_text_is_escaped_as_little_as_may_be() -> None:
    assert canonical('\u20ac$\x0f\nA\'B"\\\\"/<') == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/<"'


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (50.0, "50"),
        (-0.0, "0"),
        (0, "0"),
        (4.5, "4.5"),
        (0.002, "0.002"),
        (0.00001, "0.00001"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (333333333.33333329, "333333333.3333333"),
        (-3.25, "-3.25"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(number: float, written: str) -> None:
    assert canonical(number) == written


def test_the_digest_is_that_of_the_canonical_text_and_whole_numbers_are_one() -> None:
    assert digest_of({"a": 1.0}) == digest_of({"a": 1}) == "sha256:" + hashlib.sha256(ONE).hexdigest()
    assert digest_of({"a": 1}) != digest_of({"a": 2})
