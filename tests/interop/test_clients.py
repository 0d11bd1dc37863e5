"""Clients that nobody here wrote, unchanged: what their users do works, and what they lack is said."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.clients import javascript, validated, with_fhirclient, with_fhirpy
from tests.clients.walk import FAILED, LACKS, OPERATIONS, Said, walk

pytestmark = pytest.mark.xdist_group("clients")  # one service for all of them
LACKING = {with_fhirclient.NAME: {"create if absent", "patch"}}


@pytest.mark.parametrize(
    "run",
    [with_fhirpy.run, with_fhirclient.run, *(partial(javascript.run, script) for script in javascript.SCRIPTS)],
    ids=["fhirpy", "fhirclient", *javascript.SCRIPTS],
)
def test_a_client_of_others_works_unchanged(
    run: Callable[[str, str], Iterator[Said]], service: str, token: str
) -> None:
    found = list(run(f"{service}/fhir/R4", token))
    assert [said.line for said in found if said.result == FAILED] == []
    assert {said.operation for said in found} == set(OPERATIONS)
    lacking = {said.operation for said in found if said.result == LACKS}
    assert lacking == LACKING.get(found[0].client, set())


def test_cards_pass_the_validator_of_cds_hooks_but_for_what_came_after_it(service: str, token: str) -> None:
    found = list(javascript.run(javascript.CDS_VALIDATOR, f"{service}/fhir/R4", token))
    assert [said.line for said in found if said.result == FAILED] == []
    assert [said.operation for said in found] == ["discovery", "patient-view", "order-select", "order-sign"]


def test_what_a_real_service_answers_passes_validators_of_others(service: str, token: str) -> None:
    found = list(validated.run(f"{service}/fhir/R4", token))
    assert [said.line for said in found if said.result == FAILED] == []
    assert len(found) > 10


def test_what_fails_and_what_nobody_tries_is_told() -> None:
    found = {said.operation: said for said in walk("nobody", {"create": lambda: None, "read": lambda: 1 / 0})}
    assert found["create"].line.split() == ["nobody", "create", "ok"]
    assert found["read"].line.split() == ["nobody", "read", "FAILED", "ZeroDivisionError:", "division", "by", "zero"]
    assert {said.result for name, said in found.items() if name != "create"} == {FAILED}
