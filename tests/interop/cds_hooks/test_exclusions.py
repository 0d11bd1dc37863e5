"""A condition that was not sent could exclude resistance: it is certain only where all conditions are here."""

from typing import Any

import httpx
import pytest

from tests.interop.cds_hooks.sent import FAILED_TWO, PATIENT_ID, bundle, depression, prefetch, view
from tests.interop.cds_hooks.test_patient_view import cards_for

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
OUTCOME: Json = {"resourceType": "OperationOutcome", "issue": []}
NEXT = {"link": [{"relation": "next", "url": "https://ehr.example/page2"}]}


@pytest.mark.parametrize(
    "conditions",
    [
        None,
        OUTCOME,
        bundle(depression()) | NEXT,
        bundle() | {"total": 50},
        bundle(depression()) | {"total": 2},
        {"resourceType": "Bundle", "total": 2, "entry": [{"resource": depression()}, {"fullUrl": "urn:uuid:x"}]},
    ],
)
async def test_resistance_that_a_condition_could_exclude_is_not_certain(
    client: httpx.AsyncClient, conditions: Json | None
) -> None:
    sent = prefetch(*FAILED_TWO, conditions=conditions)
    if conditions is None:
        del sent["conditions"]
    [card] = await cards_for(client, view(sent))
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Treatment resistance cannot be told, conditions are missing: ")
    assert "**It cannot be told**" in card["detail"]
    assert "Missing, in whole or in part: conditions." in card["detail"]


async def test_what_stands_beside_the_matches_of_a_search_is_not_counted_as_one(client: httpx.AsyncClient) -> None:
    beside = [
        {"resource": OUTCOME, "search": {"mode": "outcome"}},
        {"resource": {"resourceType": "Encounter"}, "search": {"mode": "include"}},
    ]
    for total, whole in ((1, True), (2, False), ("many", True), (None, True)):
        answer = bundle(depression()) | {"total": total}
        answer["entry"] = [*answer["entry"], *beside]
        [card] = await cards_for(client, view(prefetch(*FAILED_TWO, conditions=answer)))
        assert card["summary"].startswith("Treatment-resistant depression: ") == whole


ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def another(code: Json, **more: object) -> Json:
    return {
        "resourceType": "Condition",
        "id": "another",
        "subject": {"reference": f"Patient/{PATIENT_ID}"},
        "code": code,
        **more,
    }


def coded(code: str, system: str = ICD) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def status(code: str) -> Json:
    return {"coding": [{"code": code}]}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (another({"text": "Bipolar II disorder"}), "It may be a bipolar disorder"),
        (another({"text": "No history of bipolar disorder"}), "It may be a bipolar disorder"),
        (another(coded("31681", "urn:local")), "Which condition it is cannot be read"),
        (another(coded("F31.81"), verificationStatus=status("provisional")), "that is not confirmed"),
        (another(coded("F31.81"), verificationStatus=status("differential")), "that is not confirmed"),
        (another(coded("F31.81"), verificationStatus={"text": "probable"}), "Its status is missing, unknown"),
        (another({**coded("F33.2"), "text": "Bipolar depression"}), "its words speak of bipolar disorder"),
        (another(coded("F31.81"), onsetDateTime="last year"), "A date that is none"),
    ],
)
async def test_resistance_is_not_certain_beside_a_condition_that_was_not_understood(
    client: httpx.AsyncClient, condition: Json, said: str
) -> None:
    [card] = await cards_for(client, view(prefetch(*FAILED_TWO, depression(), condition)))
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Treatment resistance cannot be told, a condition was not understood: ")
    assert "**It cannot be told** whether this is treatment-resistant depression: a condition" in card["detail"]
    assert said in card["detail"]


@pytest.mark.parametrize(
    "condition",
    [
        another({"text": "Hypertension"}),
        another({"text": "Depressive disorder"}),
        another(coded("F32.1"), clinicalStatus=status("resolved")),
        another({"text": "Bipolar II disorder"}, verificationStatus=status("refuted")),
    ],
)
async def test_what_cannot_exclude_resistance_leaves_it_certain(client: httpx.AsyncClient, condition: Json) -> None:
    [card] = await cards_for(client, view(prefetch(*FAILED_TWO, depression(), condition)))
    assert card["indicator"] == "warning"
    assert card["summary"].startswith("Treatment-resistant depression: ")


@pytest.mark.parametrize(
    "code",
    [
        coded("83225003", "http://snomed.info/sct"),
        coded("371596008", "http://snomed.info/sct"),
        coded("296.50", "http://hl7.org/fhir/sid/icd-9-cm"),
        coded("F31.8", "http://fhir.de/CodeSystem/bfarm/icd-10-gm"),
    ],
)
async def test_a_bipolar_disorder_of_any_system_that_is_read_excludes_resistance(
    client: httpx.AsyncClient, code: Json
) -> None:
    [card] = await cards_for(client, view(prefetch(*FAILED_TWO, depression(), another(code))))
    assert card["summary"].startswith("Treatment resistance is not asked here: ")


async def test_what_may_exclude_is_listed_before_all_else_that_was_not_understood(client: httpx.AsyncClient) -> None:
    many = [another({"text": "Depression"}) | {"id": f"a{number}"} for number in range(20)]
    last = another({"text": "Bipolar II disorder"}) | {"id": "z"}
    [card] = await cards_for(client, view(prefetch(*FAILED_TWO, depression(), *many, last)))
    assert "Condition/z" in card["detail"]
