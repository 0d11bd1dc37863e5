"""Symptom records: three answers to each symptom, and what suicidal thoughts ask for."""

import httpx
import pytest

from clinical.background import Symptom
from tests.factories import SYMPTOMS, Json, varied

pytestmark = pytest.mark.anyio


@pytest.fixture
def symptoms(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/symptoms"


async def test_a_symptom_in_neither_list_is_not_recorded_and_not_absent(
    client: httpx.AsyncClient, symptoms: str
) -> None:
    said = (await client.post(symptoms, json=SYMPTOMS)).json()
    assert said["present"] == SYMPTOMS["present"]
    assert said["absent"] == SYMPTOMS["absent"]
    assert set(said["not_recorded"]) == set(Symptom) - {*SYMPTOMS["present"], *SYMPTOMS["absent"]}


async def test_suicidal_thoughts_are_answered_at_once_and_their_absence_is_no_reassurance(
    client: httpx.AsyncClient, symptoms: str
) -> None:
    present = (await client.post(symptoms, json=varied(SYMPTOMS, present=["suicidal_thoughts"], absent=None))).json()
    absent = await client.post(symptoms, json=SYMPTOMS)
    unsaid = (await client.post(symptoms, json=varied(SYMPTOMS, absent=[]))).json()
    assert present["safety"]["level"] == "review"
    assert absent.json()["safety"]["level"] == "none_reported"
    assert "does not rule out" in absent.json()["safety"]["sentence"]
    assert unsaid["safety"] is None
    listed = (await client.get(symptoms)).json()["items"]
    assert [item["safety"] and item["safety"]["level"] for item in listed] == ["review", "none_reported", None]
    history = (await client.get(f"{absent.headers['Location']}/history")).json()["items"]
    assert history[0]["record"]["safety"]["level"] == "none_reported"


async def test_a_repeat_with_the_same_key_answers_safety_as_well(client: httpx.AsyncClient, symptoms: str) -> None:
    body = {"observed_on": "2025", "present": ["suicidal_thoughts"]}
    answers = [await client.post(symptoms, json=body, headers={"Idempotency-Key": "symptoms-1"}) for _ in range(2)]
    assert [answer.json()["safety"]["level"] for answer in answers] == ["review", "review"]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"present": [], "absent": None}, "/present"),
        ({"present": ["fatigue"], "absent": ["fatigue"]}, "/absent/0"),
        ({"present": ["fatigue", "fatigue"]}, "/present/1"),
        ({"absent": ["fatigue", "guilt_or_worthlessness", "fatigue"], "present": None}, "/absent/2"),
        ({"present": ["sadness"]}, "/present/0"),
        ({"present": ["fatigue"] * 8}, "/present"),
        ({"observed_on": "2099"}, "/observed_on"),
        ({"observed_on": "unknown"}, "/observed_on"),
        ({"observed_on": None}, "/observed_on"),
        ({"observed_on": "2025-02-30"}, "/observed_on"),
    ],
)
async def test_what_contradicts_is_refused_with_its_place(
    client: httpx.AsyncClient, symptoms: str, changes: Json, pointer: str
) -> None:
    answer = await client.post(symptoms, json=varied(SYMPTOMS, **changes))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], answer.text


async def test_all_seven_may_be_present_or_absent(client: httpx.AsyncClient, symptoms: str) -> None:
    for name in ("present", "absent"):
        said = (await client.post(symptoms, json={"observed_on": "2025-03", name: list(Symptom)})).json()
        assert (said[name], said["not_recorded"]) == (list(Symptom), [])


async def test_a_list_replaces_the_stored_one_and_the_whole_is_checked(
    client: httpx.AsyncClient, symptoms: str
) -> None:
    location = (await client.post(symptoms, json=SYMPTOMS)).headers["Location"]
    any_version = {"If-Match": "*"}
    clash = await client.patch(location, json={"present": ["suicidal_thoughts"]}, headers=any_version)
    assert clash.json()["errors"][0]["pointer"] == "/absent/0"
    said = (
        await client.patch(location, json={"present": ["suicidal_thoughts"], "absent": None}, headers=any_version)
    ).json()
    assert (said["present"], said["absent"], said["safety"]["level"]) == (["suicidal_thoughts"], [], "review")
    emptied = await client.patch(location, json={"present": None}, headers=any_version)
    assert emptied.status_code == 422


async def test_the_status_reads_suicidal_thoughts_from_symptoms(
    client: httpx.AsyncClient, patient_id: str, symptoms: str
) -> None:
    async def level(on: str) -> str:
        answer = await client.get(f"/v1/patients/{patient_id}/trd-status", params={"on": on})
        return str(answer.json()["safety"]["level"])

    made = await client.post(symptoms, json={"observed_on": "2025-03-28", "present": ["suicidal_thoughts"]})
    assert (await level("2025-03-27"), await level("2025-03-28")) == ("unknown", "review")
    await client.delete(made.headers["Location"], headers={"If-Match": "*"})
    assert await level("2025-03-28") == "unknown"
