"""Suicidal thoughts in the status of a patient, whichever kind of record speaks of them."""

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def level(client: httpx.AsyncClient, patient_id: str, on: str) -> dict[str, str]:
    answer = await client.get(f"/v1/patients/{patient_id}/trd-status", params={"on": on})
    safety: dict[str, str] = answer.json()["safety"]
    side = await client.get(f"/v1/patients/{patient_id}/trd-status/by-definition", params={"on": on})
    assert side.json()["safety"] == safety
    return safety


async def test_a_symptom_record_is_heard_and_a_zero_elsewhere_does_not_silence_it_for_two_weeks(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    one = f"/v1/patients/{patient_id}"
    assert (await level(client, patient_id, "2025-03-01"))["level"] == "unknown"
    seen = {"observed_on": "2025-03-01", "present": ["suicidal_thoughts"]}
    assert (await client.post(f"{one}/symptoms", json=seen)).status_code == 201
    assert (await level(client, patient_id, "2025-03-01"))["level"] == "review"
    zero = {"instrument": "phq9", "assessed_on": "2025-03-15", "items": [1, 1, 1, 1, 1, 1, 1, 1, 0]}
    assert (await client.post(f"{one}/assessments", json=zero)).status_code == 201
    both = await level(client, patient_id, "2025-03-20")
    assert both["level"] == "review"
    assert "Suicidal thoughts are recorded among the symptoms." in both["sentence"]
    assert (
        "was answered 0. No such thoughts were reported. This does not rule out risk. (2025-03-15)" in both["sentence"]
    )
    later = {**zero, "assessed_on": "2025-03-16"}
    assert (await client.post(f"{one}/assessments", json=later)).status_code == 201
    assert (await level(client, patient_id, "2025-03-20"))["level"] == "none_reported"
    assert (await level(client, patient_id, "2025-03-15"))["level"] == "review"


async def test_absent_thoughts_and_thoughts_not_mentioned_are_two_things(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    where = f"/v1/patients/{patient_id}/symptoms"
    await client.post(where, json={"observed_on": "2025-03-01", "present": ["fatigue"]})
    assert (await level(client, patient_id, "2025-03-01"))["level"] == "unknown"
    await client.post(where, json={"observed_on": "2025-03-02", "absent": ["suicidal_thoughts"]})
    absent = await level(client, patient_id, "2025-03-02")
    assert absent["level"] == "none_reported"
    assert "This does not rule out risk." in absent["sentence"]
