"""Small parts of the registry, by themselves."""

import asyncpg
import pytest

from registry.errors import Conflict, InvalidRequest
from registry.faults import explained
from registry.merge import merged


@pytest.mark.parametrize(
    ("stored", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_does_what_rfc_7386_says(
    stored: dict[str, object], patch: dict[str, object], result: dict[str, object]
) -> None:
    before = repr(stored)
    assert merged(stored, patch) == result
    assert repr(stored) == before


def refusal(kind: type[asyncpg.PostgresError], constraint: str) -> asyncpg.PostgresError:
    error = kind("DETAIL: patient Jane Doe")
    error.constraint_name = constraint
    return error


def test_what_the_database_refuses_is_said_without_its_data() -> None:
    check = explained(refusal(asyncpg.CheckViolationError, "ck_medication_trials_doses_are_sane"))
    foreign = explained(refusal(asyncpg.ForeignKeyViolationError, "fk_episodes_patient"))
    number = explained(asyncpg.NumericValueOutOfRangeError("Jane Doe"))
    taken = explained(refusal(asyncpg.UniqueViolationError, "pk_patients"))
    assert isinstance(taken, Conflict)
    assert taken.faults[0].pointer == "/id"
    for error in (check, foreign, number):
        assert isinstance(error, InvalidRequest)
        assert "Jane" not in error.detail
    assert "doses are sane" in check.detail
