"""However many faults a body has, refusing it costs little and says little."""

import json
import time
from typing import Any

import httpx
import pytest

from models.evaluation import EvaluationRequest
from tests.factories import PHQ9, SERTRALINE, Json
from web.bodies import DEEPEST, MOST_KEYS, MOST_KEYS_OF_ONE, MOST_VALUES, parse
from web.bounded import MOST_WRITTEN
from web.problems import MOST_SAID

pytestmark = pytest.mark.anyio
# Refused in some 60 ms of work; before, it was 1.4 to 5 s. Counting lines for coverage takes several times as long.
SECONDS = 0.5


def strange(count: int) -> Json:
    """An object with so many fields that nobody knows."""
    return {f"k{number}": 1 for number in range(count)}


def ratings(count: int, unknown: int) -> Json:
    """A history with so many ratings, each with so many fields that nobody knows."""
    return {"history": {"assessments": [PHQ9 | strange(unknown)] * count}}


FLOODS: dict[str, Any] = {
    "95,000 unknown keys": strange(95_000),
    "70,000 unknown keys before spaces": json.dumps(strange(70_000), separators=(",", " :")),
    "100 unknown keys in each of 900 ratings": ratings(900, 90),
    "empty ratings": {"history": {"assessments": [{}] * 300_000}},
    "empty lists": {"identifiers": [[]] * 300_000},
    "many lists of numbers": {"identifiers": [[1] * 1000] * 450},
    "numbers for definitions": {"history": {}, "definitions": [1] * 450_000},
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
async def test_a_flood_is_refused_soon_and_in_few_words(
    client: httpx.AsyncClient, patient_id: str, flood: Json | str
) -> None:
    content = (flood if isinstance(flood, str) else json.dumps(flood, separators=(",", ":"))).encode()
    assert len(content) < 1024 * 1024
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    for method, address in (
        ("POST", "/v1/patients"),
        ("PATCH", f"/v1/patients/{patient_id}"),
        ("POST", "/v1/evaluate"),
        ("POST", "/v1/definitions"),
    ):
        taken = []
        for _ in range(2):
            started = time.process_time()
            answer = await client.request(method, address, content=content, headers=headers)
            taken.append(time.process_time() - started)
        assert answer.status_code in {413, 422}, answer.text[:300]
        assert answer.json()["errors"] or answer.status_code == 413
        assert len(answer.content) < 20_000
        assert min(taken) < SECONDS


async def test_the_first_faults_are_named_and_the_others_counted(client: httpx.AsyncClient) -> None:
    for unknown, more in ((1, 0), (MOST_SAID, 0), (MOST_SAID + 1, 1), (MOST_KEYS_OF_ONE, MOST_KEYS_OF_ONE - MOST_SAID)):
        answer = await client.post("/v1/patients", json=strange(unknown))
        said = answer.json()
        assert (answer.status_code, len(said["errors"]), said["more_errors"]) == (422, min(unknown, MOST_SAID), more)
        assert said["errors"][0]["pointer"] == "/k0"
    assert (await client.post("/v1/patients", json=strange(MOST_KEYS_OF_ONE + 1))).status_code == 413


async def test_faults_beyond_all_measure_are_only_counted(client: httpx.AsyncClient) -> None:
    each = 50
    written = ratings(MOST_WRITTEN // each, each)
    said = (await client.post("/v1/evaluate", json=written)).json()
    assert (len(said["errors"]), said["more_errors"]) == (MOST_SAID, MOST_WRITTEN - MOST_SAID)
    said = (await client.post("/v1/evaluate", json=written | strange(1))).json()
    assert (len(said["errors"]), said["more_errors"]) == (1, 0)
    assert said["errors"][0]["message"].startswith(f"There are {MOST_WRITTEN + 1} faults in this body")


async def test_a_body_has_room_for_all_its_keys_and_values_and_no_more(client: httpx.AsyncClient) -> None:
    full = [strange(MOST_KEYS_OF_ONE - 1)] * (MOST_KEYS // MOST_KEYS_OF_ONE)
    for sent, status in ((full, 422), ([*full, {}], 413)):
        assert (await client.post("/v1/patients", json=sent)).status_code == status
    wide = [[1] * 1000] * (DEEPEST + 1)
    wide += [[1] * (MOST_VALUES - 1001 * (DEEPEST + 1) - 1)]
    for sent, status in ((wide, 422), ([*wide, 1], 413)):
        assert (await client.post("/v1/patients", json=sent)).status_code == status


async def test_the_longest_history_of_a_patient_has_room() -> None:
    doses = [{"daily_dose_mg": 25 * (step % 8 + 1), "from": f"2025-01-{step + 10}"} for step in range(20)]
    trials = [SERTRALINE | {"doses": doses}] * 200
    content = json.dumps({"history": {"medication_trials": trials, "assessments": [PHQ9] * 2000}}).encode()
    assert len(content) < 1024 * 1024
    read = EvaluationRequest.model_validate(parse(content))
    assert (len(read.history.medication_trials), len(read.history.assessments)) == (200, 2000)


async def test_quotation_marks_and_colons_in_texts_are_no_keys(client: httpx.AsyncClient, trials: str) -> None:
    note = '":' * 5000
    body = {"history": {"medication_trials": [SERTRALINE | {"note": note}] * 20}}
    assert json.dumps(body).count('":') > MOST_KEYS
    assert (await client.post("/v1/evaluate", json=body)).status_code == 200
    assert (await client.post(trials, json=SERTRALINE | {"note": note})).json()["note"] == note
