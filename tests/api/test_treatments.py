"""Treatments that are not medicines taken day by day, through the API."""

import httpx
import pytest

from clinical.care import MODALITIES_OF, Modality, TreatmentKind
from tests.factories import ECT, EPISODE, Json, varied

pytestmark = pytest.mark.anyio


@pytest.fixture
def treatments(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/treatments"


async def faults(client: httpx.AsyncClient, address: str, body: Json) -> dict[str, Json]:
    answer = await client.post(address, json=body)
    assert answer.status_code == 422, answer.text
    return {fault["pointer"]: fault for fault in answer.json()["errors"]}


async def test_a_course_is_recorded_and_read_again(client: httpx.AsyncClient, treatments: str) -> None:
    created = await client.post(treatments, json=ECT)
    assert created.status_code == 201, created.text
    said = (await client.get(created.headers["Location"])).json()
    assert said == created.json()
    assert said["outcome"] == {**ECT["outcome"], "early_failure_confirmed": False, "ever_responded": None}
    assert {key: said[key] for key in ECT if key != "outcome"} == {k: v for k, v in ECT.items() if k != "outcome"}


async def test_what_is_not_sent_is_unknown_and_null_is_the_same(client: httpx.AsyncClient, treatments: str) -> None:
    bare = {"kind": "psychotherapy", "modality": "cbt"}
    nulls = dict.fromkeys(("sessions", "laterality", "started", "ended", "outcome", "stop_reason", "episode_id"))
    for body in (bare, {**bare, **nulls}, {**bare, "started": "unknown"}):
        said = (await client.post(treatments, json=body)).json()
        assert {name: said[name] for name in nulls if name != "outcome"} == {
            **dict.fromkeys(("sessions", "started", "ended", "episode_id")),
            "laterality": "unknown",
            "stop_reason": "unknown",
        }
        assert (said["outcome"]["response"], said["outcome"]["improvement_percent"]) == ("unknown", None)


@pytest.mark.parametrize("kind", list(TreatmentKind))
async def test_a_modality_goes_with_its_kind_alone(
    client: httpx.AsyncClient, treatments: str, kind: TreatmentKind
) -> None:
    for modality in Modality:
        body = {"kind": kind, "modality": modality}
        if modality in MODALITIES_OF[kind]:
            assert (await client.post(treatments, json=body)).status_code == 201, modality
        else:
            fault = (await faults(client, treatments, body))["/modality"]
            assert set(fault["suggestions"]) == set(MODALITIES_OF[kind])


async def test_a_modality_of_another_kind_is_refused_with_what_to_send_instead(
    client: httpx.AsyncClient, treatments: str
) -> None:
    fault = (await faults(client, treatments, {"kind": "psychotherapy", "modality": "ect"}))["/modality"]
    assert "`kind` neuromodulation or clinical_trial" in fault["message"]
    assert "cbt" in fault["suggestions"]
    assert "ect" not in fault["suggestions"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"ended": "2025-05-04"}, "/ended"),
        ({"started": "2099", "ended": None, "outcome": None, "stop_reason": None}, "/started"),
        ({"ended": "2099"}, "/ended"),
        ({"modality": "rtms"}, "/laterality"),
        ({"sessions": 0}, "/sessions"),
        ({"sessions": 2.5}, "/sessions"),
        ({"sessions": "12"}, "/sessions"),
        ({"sessions": 10_001}, "/sessions"),
        ({"ended": None}, "/stop_reason"),
        ({"outcome": {"assessed_on": "2025-05-04"}}, "/outcome/assessed_on"),
        ({"outcome": {"assessed_on": "2099"}}, "/outcome/assessed_on"),
        ({"outcome": {"improvement_percent": 101}}, "/outcome/improvement_percent"),
        ({"kind": "surgery"}, "/kind"),
        ({"modality": None}, "/modality"),
        ({"episode_id": "01a208e7-e5cf-75fd-ae4a-000000000001"}, "/episode_id"),
        ({"setting": "inpatient"}, "/setting"),
    ],
)
async def test_what_contradicts_is_refused_with_its_place(
    client: httpx.AsyncClient, treatments: str, changes: Json, pointer: str
) -> None:
    assert pointer in await faults(client, treatments, varied(ECT, **changes))


async def test_the_ends_of_what_is_allowed_are_allowed(client: httpx.AsyncClient, treatments: str) -> None:
    for changes in (
        {"sessions": 1},
        {"sessions": 10_000},
        {"sessions": 12.0},
        {"ended": "2025-05-05", "outcome": None},
        {"ended": "2025-05"},
        {"ended": "unknown"},
        {"outcome": {"assessed_on": "2025-05-05"}},
        {"modality": "rtms", "laterality": "unknown"},
        {"laterality": "unilateral"},
    ):
        answer = await client.post(treatments, json=varied(ECT, **changes))
        assert answer.status_code == 201, answer.text


async def test_an_episode_of_the_patient_may_be_named_unless_entered_in_error(
    client: httpx.AsyncClient, patient_id: str, treatments: str
) -> None:
    made = await client.post(f"/v1/patients/{patient_id}/episodes", json=EPISODE)
    body = varied(ECT, episode_id=made.json()["id"])
    kept = await client.post(treatments, json=body)
    assert kept.json()["episode_id"] == made.json()["id"]
    await client.delete(made.headers["Location"], headers={"If-Match": "*"})
    assert "/episode_id" in await faults(client, treatments, body)
    # What named it before may stay and be changed elsewhere.
    changed = await client.patch(kept.headers["Location"], json={"sessions": 9}, headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["episode_id"]) == (200, made.json()["id"])


async def test_an_episode_of_another_patient_cannot_be_named(client: httpx.AsyncClient, treatments: str) -> None:
    other = (await client.post("/v1/patients", json={})).headers["Location"]
    foreign = (await client.post(f"{other}/episodes", json=EPISODE)).json()["id"]
    assert "/episode_id" in await faults(client, treatments, varied(ECT, episode_id=foreign))


async def test_a_patch_is_checked_as_a_whole_and_reaches_into_the_outcome(
    client: httpx.AsyncClient, treatments: str
) -> None:
    location = (await client.post(treatments, json=ECT)).headers["Location"]
    headers = {"If-Match": "*"}
    for patch, pointer in (
        ({"modality": "cbt"}, "/modality"),
        ({"ended": "2025-05-01"}, "/ended"),
        ({"kind": None}, "/kind"),
    ):
        answer = await client.patch(location, json=patch, headers=headers)
        assert answer.status_code == 422, patch
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]], answer.text
    assert (await client.get(location)).json()["version"] == 1
    said = (await client.patch(location, json={"outcome": {"response": "remission"}}, headers=headers)).json()
    assert (said["outcome"]["response"], said["outcome"]["improvement_percent"]) == ("remission", 35)


async def test_esketamine_may_be_recorded_as_sessions_and_as_a_medicine(
    client: httpx.AsyncClient, patient_id: str, treatments: str
) -> None:
    sessions = {"kind": "rapid_acting", "modality": "esketamine", "sessions": 8, "started": "2025-05"}
    assert (await client.post(treatments, json=sessions)).status_code == 201
    medicine = {"medication": {"text": "Spravato"}, "started": "2025-05"}
    answer = await client.post(f"/v1/patients/{patient_id}/medication-trials", json=medicine)
    assert answer.json()["medication"]["ingredient"] == "esketamine"
