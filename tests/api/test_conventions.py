"""What holds for every record: ETags, conditions, merge patches, removal, histories and lists."""

import httpx
import pytest

from tests.factories import ECT, EPISODE, FACTOR, PATIENT, PHQ9, PLAN, SCORE, SERTRALINE, SYMPTOMS, Json

pytestmark = pytest.mark.anyio
RECORDS: dict[str, tuple[Json, Json]] = {
    "episodes": (EPISODE, {"severity": "mild"}),
    "medication-trials": (SERTRALINE, {"note": "Corrected."}),
    "assessments": (PHQ9, {"assessed_on": "2025-02-02"}),
    "treatments": (ECT, {"note": "Corrected."}),
    "symptoms": (SYMPTOMS, {"observed_on": "2025-04"}),
    "contributing-factors": (FACTOR, {"certainty": "refuted"}),
    "external-scores": (SCORE, {"score": 3}),
    "treatment-plans": (PLAN, {"title": "Another title"}),
    "": (PATIENT, {"sex": "male"}),
}
each_record = pytest.mark.parametrize(
    ("kind", "body", "patch"),
    [(kind, *both) for kind, both in RECORDS.items()],
    ids=[k or "patients" for k in RECORDS],
)


@pytest.fixture
def address(kind: str, patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/{kind}" if kind else "/v1/patients"


@each_record
async def test_create_answers_where_the_record_is_and_its_version(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    created = await client.post(address, json=body)
    assert created.status_code == 201
    assert created.headers["Location"] == f"{address}/{created.json()['id']}"
    assert created.headers["ETag"] == '"1"'
    said = created.json()
    assert said["version"] == 1
    assert said["created_at"] == said["updated_at"]
    assert said["created_at"].endswith("Z")
    assert {key: said[key] for key in body if key not in {"medication", "doses", "outcome", "source"}} == {
        key: value for key, value in body.items() if key not in {"medication", "doses", "outcome", "source"}
    }
    assert patch.keys() <= said.keys()


@each_record
async def test_a_client_may_send_its_own_id(client: httpx.AsyncClient, address: str, body: Json, patch: Json) -> None:
    first = (await client.post(address, json=body)).json()["id"]
    own = f"{first[:-4]}{'0000' if not first.endswith('0000') else '1111'}"
    created = await client.post(address, json={**body, "id": own})
    assert created.json()["id"] == own
    assert (await client.patch(f"{address}/{own}", json=patch, headers={"If-Match": "*"})).json()["id"] == own


@each_record
async def test_whoever_has_the_version_gets_304(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    location = (await client.post(address, json=body)).headers["Location"]
    for held in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = await client.get(location, headers={"If-None-Match": held})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"1"'), held
    await client.patch(location, json=patch, headers={"If-Match": '"1"'})
    assert (await client.get(location, headers={"If-None-Match": '"1"'})).status_code == 200


@each_record
async def test_a_patch_changes_what_is_sent_and_keeps_the_rest(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    created = await client.post(address, json=body)
    location = created.headers["Location"]
    changed = await client.patch(
        location, json=patch, headers={"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}
    )
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] == '"2"'
    moving = {"version", "updated_at"}
    expected = {**created.json(), **patch, "version": 2}
    assert {k: v for k, v in changed.json().items() if k not in moving} == {
        k: v for k, v in expected.items() if k not in moving
    }
    assert changed.json()["updated_at"] > created.json()["updated_at"]
    read = (await client.get(location)).json()
    assert {key: read[key] for key in changed.json()} == changed.json()


@each_record
async def test_a_change_needs_the_version_it_was_made_from(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    location = (await client.post(address, json=body)).headers["Location"]
    expected = {None: 428, "": 422, "3": 422, '"7"': 412, '"x"': 412, '"1", nonsense': 422}
    for if_match, status in expected.items():
        headers = {} if if_match is None else {"If-Match": if_match}
        assert (await client.patch(location, json=patch, headers=headers)).status_code == status, if_match
        assert (await client.delete(location, headers=headers)).status_code == status, if_match
    for if_match in ('"1"', 'W/"2"', '"9", "3"', "*"):
        assert (await client.patch(location, json=patch, headers={"If-Match": if_match})).status_code == 200, if_match


@each_record
async def test_a_patch_of_another_media_type_is_refused_with_the_right_one(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    location = (await client.post(address, json=body)).headers["Location"]
    headers = {"If-Match": "*", "Content-Type": "application/json-patch+json"}
    answer = await client.patch(location, json=patch, headers=headers)
    assert answer.status_code == 415
    assert answer.headers["Accept-Patch"] == "application/merge-patch+json, application/json"


@each_record
async def test_what_was_entered_in_error_is_gone_but_its_history_stays(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    location = (await client.post(address, json=body)).headers["Location"]
    await client.patch(location, json=patch, headers={"If-Match": '"1"'})
    removed = await client.delete(location, headers={"If-Match": '"2"'})
    assert (removed.status_code, removed.content, removed.headers["ETag"]) == (204, b"", '"3"')
    assert (await client.get(location)).status_code == 410
    assert (await client.patch(location, json=patch, headers={"If-Match": "*"})).status_code == 410
    assert (await client.delete(location, headers={"If-Match": "*"})).status_code == 410
    listed = (await client.get(address, params={"limit": 200})).json()["items"]
    assert location.rsplit("/", 1)[1] not in [item["id"] for item in listed]
    versions = (await client.get(f"{location}/history")).json()["items"]
    assert [version["version"] for version in versions] == [1, 2, 3]
    assert [version["entered_in_error"] for version in versions] == [False, False, True]
    assert versions[0]["superseded_at"] == versions[1]["recorded_at"]
    assert versions[2]["superseded_at"] is None
    for key, value in patch.items():
        assert versions[1]["record"][key] == value


@each_record
async def test_a_history_is_read_page_by_page(client: httpx.AsyncClient, address: str, body: Json, patch: Json) -> None:
    location = (await client.post(address, json=body)).headers["Location"]
    for _ in range(4):
        await client.patch(location, json=patch, headers={"If-Match": "*"})
    seen, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{location}/history", params=params)).json()
        seen.extend(item["version"] for item in page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [1, 2, 3, 4, 5]


@each_record
async def test_a_record_that_never_was_is_not_found(
    client: httpx.AsyncClient, address: str, body: Json, patch: Json
) -> None:
    assert body
    nowhere = f"{address}/01a208e7-e5cf-75fd-ae4a-000000000001"
    assert (await client.get(nowhere)).status_code == 404
    assert (await client.get(f"{nowhere}/history")).status_code == 404
    assert (await client.patch(nowhere, json=patch, headers={"If-Match": "*"})).status_code == 404
    assert (await client.delete(nowhere, headers={"If-Match": "*"})).status_code == 404


async def test_a_list_is_stable_while_others_write(client: httpx.AsyncClient, trials: str) -> None:
    made = [(await client.post(trials, json=SERTRALINE)).json()["id"] for _ in range(5)]
    first = await client.get(trials, params={"limit": 2})
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    await client.post(trials, json=SERTRALINE)
    await client.delete(f"{trials}/{made[0]}", headers={"If-Match": "*"})
    second = (await client.get(link[1 : link.index(">")])).json()
    assert [item["id"] for item in first.json()["items"]] == sorted(made)[:2]
    assert [item["id"] for item in second["items"]] == sorted(made)[2:4]
    last = (await client.get(trials, params={"limit": 2, "cursor": second["next_cursor"]})).json()
    assert len(last["items"]) == 2
    assert last["next_cursor"] is None


async def test_a_cursor_cannot_be_changed_or_moved_to_another_list(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    for _ in range(2):
        await client.post(trials, json=SERTRALINE)
    cursor = (await client.get(trials, params={"limit": 1})).json()["next_cursor"]
    assert (await client.get(trials, params={"cursor": cursor[:-1]})).status_code == 422
    elsewhere = f"/v1/patients/{patient_id}/episodes"
    answer = await client.get(elsewhere, params={"cursor": cursor})
    assert answer.status_code == 422
    assert "bad cursor" in answer.json()["detail"]


async def test_a_request_id_of_the_client_is_kept_if_it_is_harmless(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz", headers={"X-Request-ID": "abc-123"})).headers["X-Request-ID"] == "abc-123"
    strange = await client.get("/healthz", headers={"X-Request-ID": "a b\tc"})
    assert len(strange.headers["X-Request-ID"]) == 32


async def test_head_is_answered_as_get(client: httpx.AsyncClient, patient_id: str) -> None:
    answer = await client.head(f"/v1/patients/{patient_id}")
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')


async def test_answers_stay_out_of_shared_caches(client: httpx.AsyncClient, patient_id: str) -> None:
    for address in (f"/v1/patients/{patient_id}", "/v1/patients/7"):
        headers = (await client.get(address)).headers
        assert headers["Cache-Control"] == "private, no-cache"
        assert headers["X-Content-Type-Options"] == "nosniff"
