"""The status of a stored patient on a real PostgreSQL: both time axes, removed records, and who is not found."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest

from tests.factories import EPISODE, SERTRALINE, varied

pytestmark = pytest.mark.anyio
ON = {"on": "2025-12-31"}
VENLAFAXINE = varied(
    SERTRALINE,
    medication={"text": "venlafaxine"},
    started="2025-04-01",
    ended="2025-06-15",
    doses=[{"daily_dose_mg": 225, "from": "2025-04-01"}],
    outcome={"response": "none"},
)


async def moment() -> str:
    """A moment that lies between what was recorded before and what will be recorded after."""
    await asyncio.sleep(0.02)
    now = datetime.now(UTC).isoformat()
    await asyncio.sleep(0.02)
    return now


async def status(client: httpx.AsyncClient, patient_id: str, **asked: str) -> str:
    answer = await client.get(f"/v1/patients/{patient_id}/trd-status", params={**ON, **asked})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


async def test_a_trial_recorded_later_does_not_change_an_earlier_answer(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    await client.post(trials, json=SERTRALINE)
    before = await moment()
    assert await status(client, patient_id) == "not_treatment_resistant"
    await client.post(trials, json=VENLAFAXINE)
    assert await status(client, patient_id) == "treatment_resistant"
    assert await status(client, patient_id, known_at=before) == "not_treatment_resistant"


async def test_a_correction_made_later_does_not_change_an_earlier_answer(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    await client.post(trials, json=SERTRALINE)
    second = await client.post(trials, json=VENLAFAXINE)
    before = await moment()
    patch = {"outcome": {"response": "remission"}}
    changed = await client.patch(second.headers["Location"], json=patch, headers={"If-Match": second.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    assert await status(client, patient_id) == "not_treatment_resistant"
    assert await status(client, patient_id, known_at=before) == "treatment_resistant"


async def test_a_record_removed_later_is_still_there_for_an_earlier_moment(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    await client.post(trials, json=SERTRALINE)
    second = await client.post(trials, json=VENLAFAXINE)
    before = await moment()
    await client.delete(second.headers["Location"], headers={"If-Match": second.headers["ETag"]})
    assert await status(client, patient_id) == "not_treatment_resistant"
    assert await status(client, patient_id, known_at=before) == "treatment_resistant"


async def test_what_happened_after_the_day_does_not_exist(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    for each in (SERTRALINE, VENLAFAXINE):
        await client.post(trials, json=each)
    assert await status(client, patient_id, on="2025-06-14") == "indeterminate"
    assert await status(client, patient_id, on="2025-06-15") == "treatment_resistant"
    assert await status(client, patient_id, on="2024-01-01") == "not_treatment_resistant"


async def test_before_anything_was_known_nothing_is_and_the_future_knows_what_is_known_now(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    for each in (SERTRALINE, VENLAFAXINE):
        await client.post(trials, json=each)
    assert await status(client, patient_id, known_at="2001-01-01T00:00:00Z") == "not_treatment_resistant"
    answer = await client.get(
        f"/v1/patients/{patient_id}/trd-status", params={**ON, "known_at": "2099-01-01T00:00:00+02:00"}
    )
    assert answer.json()["status"] == "treatment_resistant"
    assert answer.json()["known_at"] < "2099"


@pytest.mark.parametrize("known_at", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_the_ends_of_the_calendar_are_moments_like_others(
    client: httpx.AsyncClient, patient_id: str, known_at: str
) -> None:
    answer = await client.get(f"/v1/patients/{patient_id}/trd-status", params={**ON, "known_at": known_at})
    assert answer.status_code == 200
    assert answer.json()["known_at"].endswith("Z")


async def test_the_records_of_another_patient_are_not_seen(client: httpx.AsyncClient, patient_id: str) -> None:
    other = (await client.post("/v1/patients", json={"display_name": "Other"})).json()["id"]
    for each in (SERTRALINE, VENLAFAXINE):
        await client.post(f"/v1/patients/{other}/medication-trials", json=each)
    assert await status(client, patient_id) == "not_treatment_resistant"


async def test_every_definition_is_answered_side_by_side_with_what_parts_them(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    await client.post(f"/v1/patients/{patient_id}/episodes", json=EPISODE)
    for each in (SERTRALINE, varied(VENLAFAXINE, adherence=None)):
        await client.post(trials, json=each)
    answer = await client.get(f"/v1/patients/{patient_id}/trd-status/by-definition", params=ON)
    said = answer.json()
    assert said["answers"][0]["definition"]["id"] == "two_failed_medications"
    by = {each["definition"]["id"]: each["status"] for each in said["answers"]}
    assert (by["rybak_2021"], by["fda_label"]) == ("treatment_resistant", "indeterminate")
    parting = next(each for each in said["disagreements"] if set(each["definitions"]) == {"fda_label", "rybak_2021"})
    assert (parting["criterion"], parting["statuses"]) == ("adherence", ["indeterminate", "treatment_resistant"])
    differing = [(one, other) for one in by for other in by if one < other and by[one] != by[other]]
    assert len(said["disagreements"]) == len(differing)


@pytest.mark.parametrize("path", ["trd-status", "trd-status/by-definition"])
async def test_nobody_is_404_and_removed_is_410(client: httpx.AsyncClient, patient_id: str, path: str) -> None:
    nobody = await client.get(f"/v1/patients/{uuid4()}/{path}")
    assert (nobody.status_code, nobody.headers["Content-Type"]) == (404, "application/problem+json")
    await client.delete(f"/v1/patients/{patient_id}", headers={"If-Match": '"1"'})
    assert (await client.get(f"/v1/patients/{patient_id}/{path}")).status_code == 410


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"definition": "rybak"}, "#query/definition"),
        ({"on": "2025-13-01"}, "on"),
        ({"on": "2025"}, "on"),
        ({"known_at": "2025-01-01T00:00:00"}, "known_at"),
        ({"definition": "a" * 101}, "definition"),
    ],
)
async def test_what_cannot_be_asked_is_422_with_its_place(
    client: httpx.AsyncClient, patient_id: str, asked: dict[str, str], pointer: str
) -> None:
    answer = await client.get(f"/v1/patients/{patient_id}/trd-status", params=asked)
    assert answer.status_code == 422, answer.text
    assert pointer in answer.json()["errors"][0]["pointer"]
