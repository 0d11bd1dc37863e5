"""The answers as JSON: the shapes of the contract, the examples as they stand, and the sources behind them."""

import asyncpg
import httpx
import pytest

from api.answers import EXAMPLE
from registry.idempotency import PLACE
from tests.factories import SERTRALINE

pytestmark = pytest.mark.anyio


async def test_the_answer_has_the_shape_of_the_contract(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    created = await client.post(trials, json=SERTRALINE)
    said = (await client.get(f"/v1/patients/{patient_id}/trd-status", params={"on": "2025-06-01"})).json()
    assert (said["patient_id"], said["on"]) == (patient_id, "2025-06-01")
    assert said["known_at"].endswith("Z")
    assert set(said["definition"]) == {"id", "version", "title", "citation", "evidence", "digest"}
    assert set(said["failed_medications"]) >= {"required", "confirmed", "possible", "confirmed_names"}
    (trial,) = said["trials"]
    assert (trial["trial_id"], trial["medication"], trial["counts"]) == (created.json()["id"], "sertraline", "yes")
    for finding in trial["findings"]:
        assert set(finding) >= {"criterion", "verdict", "sentence", "observed", "required", "unit", "margin", "source"}
    assert set(said["safety"]) == {"level", "sentence", "basis"}
    assert set(said) >= {"missing_information", "what_would_change_it", "pseudo_resistance_reasons", "summary"}


async def test_the_example_of_evaluate_works_as_it_stands(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/evaluate", json=EXAMPLE)
    assert answer.status_code == 200, answer.text
    statuses = {each["definition"]["id"]: each["status"] for each in answer.json()["assessments"]}
    assert statuses == {"two_failed_medications": "treatment_resistant", "transform_atrq": "treatment_resistant"}
    (staged,) = answer.json()["staging"]
    assert (staged["method"]["id"], staged["score"], staged["band"]) == ("maudsley", 5, "mild")


async def test_a_fault_in_an_evaluated_history_is_a_problem_with_its_place(client: httpx.AsyncClient) -> None:
    bad = {"history": {"medication_trials": [{"medication": {"text": "zolft"}}]}}
    answer = await client.post("/v1/evaluate", json=bad)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["errors"][0]["pointer"].startswith("/history/medication_trials/0/medication")


async def test_every_worked_case_in_the_catalogue_can_be_sent_back(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/v1/definitions")).json()["items"]
    for definition in listed:
        case = definition["worked_cases"][0]
        body = {"history": case["history"], "on": case["on"], "definitions": [definition["id"]]}
        said = (await client.post("/v1/evaluate", json=body)).json()["assessments"][0]
        assert said["status"] == case["status"]
        assert said["definition"]["digest"] == definition["digest"]


@pytest.mark.parametrize("path", ["definitions/rybak_2021", "scales/phq9", "definitions", "scales"])
async def test_definitions_and_scales_are_read(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/v1/{path}")).status_code == 200


@pytest.mark.parametrize("path", ["definitions/nothing", "scales/nothing"])
async def test_what_is_not_there_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/v1/{path}")).status_code == 404


async def test_a_key_is_accepted_where_nothing_is_stored_and_has_no_effect(
    client: httpx.AsyncClient, connection: asyncpg.Connection
) -> None:
    headers = {"Idempotency-Key": "evaluate-1"}
    first = await client.post("/v1/evaluate", json=EXAMPLE, headers=headers)
    again = await client.post("/v1/evaluate", json=EXAMPLE, headers=headers)
    other = await client.post("/v1/evaluate", json={**EXAMPLE, "staging": []}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 200)
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in again.headers
    assert (first.json()["staging"] != [], other.json()["staging"]) == (True, [])
    assert await connection.fetchval("SELECT count(*) FROM idempotency_keys WHERE key = 'evaluate-1'") == 0


@pytest.mark.parametrize(("key", "status"), [("", 422), ("x", 200), ("x" * 255, 200), ("x" * 256, 422), ("a b", 422)])
async def test_a_key_has_the_same_form_everywhere(client: httpx.AsyncClient, key: str, status: int) -> None:
    headers = {"Idempotency-Key": key}
    judged = await client.post("/v1/evaluate", json=EXAMPLE, headers=headers)
    recorded = await client.post("/v1/patients", json={"display_name": "Keyed"}, headers=headers)
    assert (judged.status_code, recorded.status_code) == (status, 201 if status == 200 else status)
    if status != 200:
        assert judged.json()["errors"][0]["pointer"] == recorded.json()["errors"][0]["pointer"] == PLACE
