"""Staging over HTTP: of a patient, as of a day and a moment, with what was scored elsewhere beside it."""

from typing import Any

import httpx
import pytest

from clinical.library import library
from models.database import Database
from registry import audit_events, audit_sealer, credentials
from tests.factories import EPISODE, SERTRALINE, varied

pytestmark = pytest.mark.anyio
BESIDES = (audit_events.RECORD, audit_sealer.WAITING, audit_sealer.SEAL, credentials.SESSION_STANDS)
"""What is asked beside the question itself: the audit of many requests at once, and who is still signed in."""
ECT = {
    "kind": "neuromodulation",
    "modality": "ect",
    "laterality": "bilateral",
    "sessions": 10,
    "started": "2025-04-01",
    "ended": "2025-05-01",
    "outcome": {"response": "none"},
}


@pytest.fixture
async def staging(client: httpx.AsyncClient, patient_id: str, trials: str) -> str:
    """The address of the staging of a patient with an episode, a failed trial and failed ECT."""
    patient = f"/v1/patients/{patient_id}"
    for address, record in (
        (f"{patient}/episodes", EPISODE),
        (trials, SERTRALINE),
        (f"{patient}/treatments", ECT),
    ):
        assert (await client.post(address, json=record)).status_code == 201
    return f"{patient}/staging"


async def asked(client: httpx.AsyncClient, address: str, **params: str) -> dict[str, Any]:
    answer = await client.get(address, params={"on": "2025-06-01", **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_method_answers_in_one_list(client: httpx.AsyncClient, staging: str) -> None:
    said = await asked(client, staging)
    assert set(said) == {"patient_id", "on", "known_at", "staging", "externally_scored", "safety"}
    answers = {each["method"]["id"]: each for each in said["staging"]}
    assert set(answers) == set(library().staging)
    assert (answers["maudsley"]["score"], answers["maudsley"]["band"]) == (7, "moderate")
    assert answers["mgh_s"]["score"] == 4.5
    assert (answers["thase_rush"]["stage"], answers["european"]["stage"]) == ("I", "A")
    assert (answers["dutch"]["score"], answers["dutch"]["method"]["experimental"]) == (None, True)
    assert said["safety"]["level"] == "unknown"


async def test_one_method_is_a_list_of_one(client: httpx.AsyncClient, staging: str) -> None:
    said = await asked(client, staging, method="maudsley")
    assert [each["method"]["id"] for each in said["staging"]] == ["maudsley"]


async def test_what_happened_after_the_day_does_not_exist(client: httpx.AsyncClient, staging: str) -> None:
    (answer,) = (await asked(client, staging, method="maudsley", on="2025-03-31"))["staging"]
    ect = next(each for each in answer["dimensions"] if each["dimension"] == "ect")
    assert (ect["points"], ect["sentence"]) == (0, "None recorded.")


async def test_what_was_recorded_after_the_moment_does_not_exist(client: httpx.AsyncClient, staging: str) -> None:
    before = await asked(client, staging)
    address = staging.replace("/staging", "/medication-trials")
    second = varied(SERTRALINE, medication={"text": "venlafaxine"}, daily_dose_mg=225, doses=None)
    assert (await client.post(address, json=second)).status_code == 201
    assert (await asked(client, staging, known_at=before["known_at"]))["staging"] == before["staging"]
    assert (await asked(client, staging))["staging"] != before["staging"]


async def test_a_result_scored_elsewhere_is_shown_and_changes_nothing(client: httpx.AsyncClient, staging: str) -> None:
    before = await asked(client, staging)
    score = {"instrument": "athf_sf2", "scored_on": "2025-05", "score": 3, "rater": "Dr Example"}
    address = staging.replace("/staging", "/external-scores")
    assert (await client.post(address, json=score)).status_code == 201
    said = await asked(client, staging)
    (shown,) = said["externally_scored"]
    assert (shown["instrument"], shown["scored_on"], shown["score"]) == ("athf_sf2", "2025-05", 3)
    assert said["staging"] == before["staging"]


async def test_an_unknown_method_is_a_problem_that_names_the_nearest(client: httpx.AsyncClient, staging: str) -> None:
    answer = await client.get(staging, params={"method": "maudsly"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert "maudsley" in answer.json()["errors"][0]["message"]


async def test_a_patient_who_is_not_there_is_404_and_one_entered_in_error_is_410(
    client: httpx.AsyncClient, staging: str
) -> None:
    nobody = "/v1/patients/0192f0c1-a7b8-7c1f-9a3c-000000000000/staging"
    assert (await client.get(nobody)).status_code == 404
    await client.delete(staging.removesuffix("/staging"), headers={"If-Match": "*"})
    assert (await client.get(staging)).status_code == 410


async def test_the_answer_costs_one_round_trip_besides_its_audit(
    client: httpx.AsyncClient, staging: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of_it: list[str] = []
    run = type(database).run

    async def counted(self: Database, sql: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as the database has it
        if not any(each.sql in sql for each in BESIDES):
            asked_of_it.append(sql)
        return await run(self, sql, *args, **more)

    monkeypatch.setattr(type(database), "run", counted)
    await asked(client, staging)
    assert len(asked_of_it) == 1


async def test_methods_are_read_and_each_worked_case_can_be_sent_back(client: httpx.AsyncClient) -> None:
    for method in (await client.get("/v1/staging-methods")).json()["items"]:
        read = await client.get(f"/v1/staging-methods/{method['id']}")
        assert read.json() == method
        case = method["worked_cases"][0]
        body = {"history": case["history"], "on": case["on"], "staging": [method["id"]]}
        answer = await client.post("/v1/evaluate", json=body)
        assert answer.status_code == 200, answer.text
        (staged,) = answer.json()["staging"]
        for key in ("score", "stage", "band", "applicable"):
            assert staged[key] == case["expected"].get(key, staged[key])
    assert (await client.get("/v1/staging-methods/nothing")).status_code == 404
