"""A decimal comes back as it was written: in FHIR 1.50 says more than 1.5."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import decimals

TEXTS = ("1.50", "0.10", "100.00", "1E2", "-0.0", "7.0", "12345678901234567890.123", "0.1", "1e400", "-1.250e-3")


@pytest.mark.parametrize("text", TEXTS)
def test_a_decimal_is_written_as_it_was_read(text: str) -> None:
    read = decimals.loads(f'{{"value": [{text}]}}'.encode())
    assert decimals.dumps(read) == f'{{"value":[{text}]}}'.encode()
    assert decimals.dumps(deepcopy(read)) == decimals.dumps(read)
    assert read["value"][0] == float(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_written_as_usual_is_a_plain_one(number: float) -> None:
    assert type(decimals.read(json.dumps(number))) is float


def test_what_json_does_not_have_is_not_written() -> None:
    with pytest.raises(TypeError, match="not JSON serializable: set"):
        decimals.dumps({"value": {1}})
