"""Whatever is left of a call, it is answered, or refused with its faults: never a failure of ours."""

import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from interop.cds_hooks.gathered import gathered, resources_in
from interop.cds_hooks.whose import Whose
from tests.interop.cds_hooks.rules import broken
from tests.interop.cds_hooks.sent import FAILED_TWO, depression, draft, orders, prefetch, statement, view

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-10, 10_000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
VALUES = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(st.text(max_size=8), PLAIN, max_size=2)
KNOWN = st.sampled_from(
    [{"reference": "Patient/other"}, {"coding": 1}, [{"coding": [None]}], "2025-02-31", -1, 10**30, "x" * 300, [[]]]
)
WHOLE = (
    ("patient-view", view(prefetch(depression(), *FAILED_TWO, statement("venlafaxine", "2025-08", None, None)))),
    ("order-sign", orders(prefetch(depression(), *FAILED_TWO), draft("sertraline", 25), draft("phenelzine"))),
)


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """The path of every value inside."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [each for key in keys for each in ((*path, key), *places_in(value[key], (*path, key)))]


PLACES = {hook: places_in(call) for hook, call in WHOLE}


@st.composite
def mutilated(draw: st.DrawFn) -> tuple[str, Json]:
    """A call in which some values were taken away or replaced by others, of any kind."""
    hook, whole = draw(st.sampled_from(WHOLE))
    call = copy.deepcopy(whole)
    for path in draw(st.lists(st.sampled_from(PLACES[hook]), min_size=1, max_size=4)):
        _change(call, path, draw(VALUES | KNOWN), gone=draw(st.booleans()))
    return hook, call


def _change(call: Any, path: tuple[Any, ...], value: Any, *, gone: bool) -> None:  # noqa: ANN401 - any JSON
    *outer, last = path
    try:
        for key in outer:
            call = call[key]
        if gone:
            del call[last]
        else:
            call[last] = value
    except (KeyError, IndexError, TypeError):
        return  # what it was in is gone already


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(sent=mutilated())
async def test_a_mutilated_call_is_answered_or_refused_with_its_faults(
    client: httpx.AsyncClient, sent: tuple[str, Json]
) -> None:
    hook, call = sent
    answer = await client.post(f"/cds-services/trd-{hook}", json=call)
    assert answer.status_code in {200, 412, 413, 422}, answer.text
    if answer.status_code == 200:
        assert broken(answer.json()) == []
    else:
        assert answer.json()["errors"] or answer.status_code == 413


INSIDE = st.lists(VALUES, max_size=3) | st.dictionaries(st.sampled_from(["resourceType", "entry", "link"]), VALUES)


@hypothesis_settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["patient", "ratings", "x"]), VALUES | INSIDE))
def test_any_prefetch_is_read(sent: Json) -> None:
    found = gathered(sent, Whose("p"))
    assert len(found.missing) <= len(found.incomplete)
    assert all(isinstance(each, dict) for each in resources_in(sent))


async def test_a_call_of_the_largest_size_lets_others_through(client: httpx.AsyncClient) -> None:
    many = [
        statement("sertraline", f"{year}-{month:02}-01", f"{year}-{month:02}-27")
        for year in range(1990, 2026)
        for month in range(1, 13)
    ]
    call = view(prefetch(depression(), *many))
    assert len(json.dumps(call)) > 150_000
    answer = await client.post("/cds-services/trd-patient-view", json=call)
    assert answer.status_code == 200
    assert broken(answer.json()) == []
