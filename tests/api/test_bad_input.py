"""Bad input: each is a 4xx problem that says what to send instead; nothing is stored; never a 500."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.factories import EPISODE, PATIENT, PHQ9, SERTRALINE, Json, varied

pytestmark = pytest.mark.anyio
NEXT_YEAR = str(datetime.now(UTC).year + 1)
IN_THREE_DAYS = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
OUTCOME: Json = SERTRALINE["outcome"]


def steps(*doses: tuple[Any, Any]) -> Json:
    return varied(SERTRALINE, doses=[{"daily_dose_mg": dose, "from": since} for dose, since in doses])


TRIALS: dict[str, tuple[Json, str]] = {
    "unknown drug": (varied(SERTRALINE, medication={"text": "zolft"}), "/medication/text"),
    "unknown code": (varied(SERTRALINE, medication={"system": "rxnorm", "code": "1"}), "/medication/code"),
    "no drug at all": (varied(SERTRALINE, medication={}), "/medication/text"),
    "medication left out": ({"started": "2025"}, "/medication"),
    "end before start": (varied(SERTRALINE, ended="2024-12", doses=None), "/ended"),
    "step before the trial": (steps((50, "2024-12-31")), "/doses/0/from"),
    "step after the trial": (steps((50, "2025-01-10"), (100, "2025-04")), "/doses/1/from"),
    "steps out of order": (steps((50, "2025-02-01"), (100, "2025-01-15")), "/doses/1/from"),
    "two steps on one day": (steps((50, "2025-02-01"), (100, "2025-02-01")), "/doses/1/from"),
    "a later step without its day": (steps((50, "2025-01-10"), (100, None)), "/doses/1/from"),
    "steps and shorthand": (varied(SERTRALINE, daily_dose_mg=50), "/daily_dose_mg"),
    "negative dose": (steps((-50, "2025-01-10")), "/doses/0/daily_dose_mg"),
    "zero dose": (steps((0, "2025-01-10")), "/doses/0/daily_dose_mg"),
    "absurd dose": (steps((10_001, "2025-01-10")), "/doses/0/daily_dose_mg"),
    "dose as text": (steps(("50", "2025-01-10")), "/doses/0/daily_dose_mg"),
    "dose as truth": (steps((True, "2025-01-10")), "/doses/0/daily_dose_mg"),
    "start in the future": (varied(SERTRALINE, started=IN_THREE_DAYS, ended=None, doses=None), "/started"),
    "end in the future": (varied(SERTRALINE, ended=NEXT_YEAR), "/ended"),
    "outcome in the future": (varied(SERTRALINE, outcome={"assessed_on": NEXT_YEAR}), "/outcome/assessed_on"),
    "outcome before the start": (varied(SERTRALINE, outcome={"assessed_on": "2025-01-09"}), "/outcome/assessed_on"),
    "unknown field": (varied(SERTRALINE, dosage=50), "/dosage"),
    "unknown field within": (varied(SERTRALINE, outcome=varied(OUTCOME, scale="phq9")), "/outcome/scale"),
    "unknown word": (varied(SERTRALINE, role="add-on"), "/role"),
    "wrong type": (varied(SERTRALINE, started=2025), "/started"),
    "truth as text": (varied(SERTRALINE, adherence={"adequate": "yes"}), "/adherence/adequate"),
    "fraction above one": (varied(SERTRALINE, adherence={"taken_fraction": 90}), "/adherence/taken_fraction"),
    "too much improvement": (varied(SERTRALINE, outcome={"improvement_percent": 101}), "/outcome/improvement_percent"),
    "no such month": (varied(SERTRALINE, started="2025-13"), "/started"),
    "no such day": (varied(SERTRALINE, started="2025-02-30"), "/started"),
    "year too early": (varied(SERTRALINE, started="1899"), "/started"),
    "digits of another script": (varied(SERTRALINE, started="٢٠٢٥"), "/started"),
    "reason for stopping while taken": (varied(SERTRALINE, ended=None), "/stop_reason"),
    "monotherapy augments": (varied(SERTRALINE, augments="01a208e7-e5cf-75fd-ae4a-f98cfe4f3548"), "/augments"),
    "augments no trial": (
        varied(SERTRALINE, role="augmentation", augments="01a208e7-e5cf-75fd-ae4a-f98cfe4f3548"),
        "/augments",
    ),
    "augments itself": (
        varied(
            SERTRALINE,
            id="01a208e7-e5cf-75fd-ae4a-f98cfe4f3599",
            role="augmentation",
            augments="01a208e7-e5cf-75fd-ae4a-f98cfe4f3599",
        ),
        "/augments",
    ),
    "no such episode": (varied(SERTRALINE, episode_id="01a208e7-e5cf-75fd-ae4a-f98cfe4f3548"), "/episode_id"),
    "id is no UUID": (varied(SERTRALINE, id="7"), "/id"),
    "note too long": (varied(SERTRALINE, note="x" * 10_001), "/note"),
    "name too long": (varied(SERTRALINE, medication={"text": "x" * 201}), "/medication/text"),
    "a source without a kind": (varied(SERTRALINE, source={"reference": "1"}), "/source/kind"),
}


@pytest.mark.parametrize(("body", "pointer"), TRIALS.values(), ids=TRIALS.keys())
async def test_a_bad_trial_is_refused_and_says_where(
    client: httpx.AsyncClient, trials: str, body: Json, pointer: str
) -> None:
    answer = await client.post(trials, json=body)
    assert_refused(answer, 422, pointer)
    assert (await client.get(trials)).json()["items"] == []


EPISODES: dict[str, tuple[Json, str]] = {
    "resolved before onset": (varied(EPISODE, resolved="2024-10"), "/resolved"),
    "onset in the future": (varied(EPISODE, onset=NEXT_YEAR), "/onset"),
    "resolved in the future": (varied(EPISODE, resolved=NEXT_YEAR), "/resolved"),
    "unknown severity": (varied(EPISODE, severity="awful"), "/severity"),
    "psychotic as text": (varied(EPISODE, psychotic_features="no"), "/psychotic_features"),
    "unknown field": (varied(EPISODE, started="2024"), "/started"),
}


@pytest.mark.parametrize(("body", "pointer"), EPISODES.values(), ids=EPISODES.keys())
async def test_a_bad_episode_is_refused_and_says_where(
    client: httpx.AsyncClient, patient_id: str, body: Json, pointer: str
) -> None:
    address = f"/v1/patients/{patient_id}/episodes"
    assert_refused(await client.post(address, json=body), 422, pointer)
    assert (await client.get(address)).json()["items"] == []


RATINGS: dict[str, tuple[Json, str]] = {
    "total outside the scale": (varied(PHQ9, items=None, total_score=28), "/total_score"),
    "total below the scale": (varied(PHQ9, items=None, total_score=-1), "/total_score"),
    "items that do not add up": (varied(PHQ9, total_score=18), "/total_score"),
    "items that cannot add up": (varied(PHQ9, items=[3, 3, 3, None, 0, 0, 0, 0, 0], total_score=13), "/total_score"),
    "an item outside its range": (varied(PHQ9, items=[2, 2, 2, 4, 2, 2, 2, 2, 1]), "/items/3"),
    "too few items": (varied(PHQ9, items=[2, 2, 2]), "/items"),
    "items for a scale without": (varied(PHQ9, instrument="cgi_s", total_score=4), "/items"),
    "neither total nor items": (varied(PHQ9, items=None, total_score=None), "/total_score"),
    "no such scale": (varied(PHQ9, instrument="phq8"), "/instrument"),
    "in the future": (varied(PHQ9, assessed_on=NEXT_YEAR), "/assessed_on"),
    "without a day": (varied(PHQ9, assessed_on=None), "/assessed_on"),
    "a total with a fraction": (varied(PHQ9, items=None, total_score=16.5), "/total_score"),
    "a total as text": (varied(PHQ9, items=None, total_score="17"), "/total_score"),
    "a total beyond all numbers": (varied(PHQ9, items=None, total_score=10**40), "/total_score"),
    "an item as truth": (varied(PHQ9, items=[True] * 9), "/items/0"),
}


@pytest.mark.parametrize(("body", "pointer"), RATINGS.values(), ids=RATINGS.keys())
async def test_a_bad_rating_is_refused_and_says_where(
    client: httpx.AsyncClient, patient_id: str, body: Json, pointer: str
) -> None:
    address = f"/v1/patients/{patient_id}/assessments"
    assert_refused(await client.post(address, json=body), 422, pointer)
    assert (await client.get(address)).json()["items"] == []


PATIENTS: dict[str, tuple[Json, str]] = {
    "born in the future": (varied(PATIENT, birth_date=NEXT_YEAR), "/birth_date"),
    "identifier without a value": (varied(PATIENT, identifiers=[{"system": "a"}]), "/identifiers/0/value"),
    "blank identifier": (varied(PATIENT, identifiers=[{"system": "a", "value": "  "}]), "/identifiers/0/value"),
    "identifier listed twice": (varied(PATIENT, identifiers=[{"system": "a", "value": "b"}] * 2), "/identifiers/1"),
    "unknown field": (varied(PATIENT, name="x"), "/name"),
    "a key that needs escaping": (varied(PATIENT, **{"a/b~c": 1}), "/a~1b~0c"),
}


@pytest.mark.parametrize(("body", "pointer"), PATIENTS.values(), ids=PATIENTS.keys())
async def test_a_bad_patient_is_refused_and_says_where(client: httpx.AsyncClient, body: Json, pointer: str) -> None:
    assert_refused(await client.post("/v1/patients", json=body), 422, pointer)


BODIES: dict[str, tuple[bytes, str, int]] = {
    "malformed": (b'{"display_name": ', "application/json", 400),
    "empty": (b"", "application/json", 422),
    "not an object": (b"[1]", "application/json", 422),
    "a key twice": (b'{"sex": "male", "sex": "female"}', "application/json", 400),
    "NaN": (b'{"sex": NaN}', "application/json", 400),
    "Infinity": (b'{"sex": -Infinity}', "application/json", 400),
    "a NUL byte": (b'{"display_name": "a\\u0000b"}', "application/json", 422),
    "a NUL byte in a key": (b'{"a\\u0000b": 1}', "application/json", 422),
    "half a character": (b'{"display_name": "\\ud800"}', "application/json", 422),
    "a NUL byte within": (b'{"identifiers": [{"system": "\\u0000"}]}', "application/json", 422),
    "not UTF-8": (b'{"display_name": "\xff"}', "application/json", 400),
    "a byte order mark": (b'\xef\xbb\xbf{"sex": "male"}', "application/json", 400),
    "nested deeply": (b"[" * 100_000 + b"]" * 100_000, "application/json", 400),
    "nested rather deeply": (b'{"identifiers": ' + b"[" * 60 + b"]" * 60 + b"}", "application/json", 400),
    "an endless number": (b'{"sex": ' + b"9" * 5000 + b"}", "application/json", 400),
    "10 MB": (b'{"display_name": "' + b"x" * 10_000_000 + b'"}', "application/json", 413),
    "a form": (b"sex=male", "application/x-www-form-urlencoded", 415),
    "no content type": (b'{"sex": "male"}', "", 415),
    "another JSON": (b'{"sex": "male"}', "application/fhir+json", 415),
}


@pytest.mark.parametrize(("body", "kind", "status"), BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, body: bytes, kind: str, status: int
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await client.post("/v1/patients", content=body, headers=headers)
    assert_refused(answer, status)
    if status == 415:
        assert answer.headers["Accept-Post"] == "application/json"


async def test_a_text_that_cannot_be_stored_is_pointed_at(client: httpx.AsyncClient) -> None:
    body = b'{"identifiers": [{"system": "a", "value": "b"}, {"system": "a", "value": "\\u0000"}]}'
    answer = await client.post("/v1/patients", content=body, headers={"Content-Type": "application/json"})
    assert_refused(answer, 422, "/identifiers/1/value")


async def test_escapes_that_mean_whole_characters_are_read(client: httpx.AsyncClient) -> None:
    body = b'{"display_name": "\\u00e9\\ud83d\\ude00", "identifiers": [{"system": "x\\u0041", "value": "escaped"}]}'
    answer = await client.post("/v1/patients", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201
    assert answer.json()["display_name"] == "é😀"


ADDRESSES: dict[str, tuple[str, int]] = {
    "bad UUID": ("/v1/patients/7", 422),
    "unknown patient": ("/v1/patients/01a208e7-e5cf-75fd-ae4a-000000000000", 404),
    "records of an unknown patient": ("/v1/patients/01a208e7-e5cf-75fd-ae4a-000000000000/episodes", 404),
    "NUL in the path": ("/v1/patients/%00", 422),
    "NUL in the query": ("/v1/patients?identifier=a%7Cb%00", 422),
    "bad cursor": ("/v1/patients?cursor=abc", 422),
    "limit too small": ("/v1/patients?limit=0", 422),
    "limit too large": ("/v1/patients?limit=201", 422),
    "limit no number": ("/v1/patients?limit=ten", 422),
    "identifier without a bar": ("/v1/patients?identifier=MRN", 422),
    "unknown include": ("/v1/patients/01a208e7-e5cf-75fd-ae4a-000000000000?include=everything", 422),
    "no such path": ("/v1/nothing", 404),
    "trailing slash": ("/v1/patients/", 404),
    "broken escape in the path": ("/v1/%ff", 404),
}


@pytest.mark.parametrize(("address", "status"), ADDRESSES.values(), ids=ADDRESSES.keys())
async def test_an_address_that_leads_nowhere_is_refused(client: httpx.AsyncClient, address: str, status: int) -> None:
    assert_refused(await client.get(address), status)


async def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(client: httpx.AsyncClient) -> None:
    answer = await client.put("/v1/patients", json={})
    assert_refused(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"


async def test_the_day_is_named_when_a_date_is_in_the_future(client: httpx.AsyncClient, trials: str) -> None:
    answer = await client.post(trials, json=varied(SERTRALINE, started=IN_THREE_DAYS, ended=None, doses=None))
    assert f"today is {datetime.now(UTC).date()}" in answer.text


async def test_tomorrow_is_accepted_for_clinics_east_of_greenwich(client: httpx.AsyncClient, trials: str) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    body = {"medication": {"text": "sertraline"}, "started": tomorrow}
    assert (await client.post(trials, json=body)).status_code == 201


async def test_nearest_names_are_suggested_for_an_unknown_drug(client: httpx.AsyncClient, trials: str) -> None:
    answer = await client.post(trials, json={"medication": {"text": "zolft"}})
    assert "Zoloft" in answer.json()["errors"][0]["suggestions"]


async def test_a_duplicate_identifier_is_refused_by_its_place_and_never_by_its_owner(client: httpx.AsyncClient) -> None:
    mine = {"system": "urn:test", "value": "duplicate-1"}
    owner = (await client.post("/v1/patients", json={"identifiers": [mine], "display_name": "Owner"})).json()
    body = {"identifiers": [{"system": "urn:test", "value": "free-1"}, mine]}
    answer = await client.post("/v1/patients", json=body)
    assert_refused(answer, 409, "/identifiers/1")
    assert owner["id"] not in answer.text
    assert "Owner" not in answer.text
    assert (await client.get("/v1/patients?identifier=urn:test|free-1")).json()["items"] == []


async def test_an_id_that_is_taken_is_refused(client: httpx.AsyncClient, patient_id: str) -> None:
    assert_refused(await client.post("/v1/patients", json={"id": patient_id}), 409, "/id")


async def test_nothing_is_stored_for_a_deleted_patient(
    client: httpx.AsyncClient, patient_id: str, trials: str, connection: asyncpg.Connection
) -> None:
    await client.delete(f"/v1/patients/{patient_id}", headers={"If-Match": "*"})
    assert_refused(await client.post(trials, json=SERTRALINE), 410)
    assert_refused(await client.get(trials), 410)
    assert_refused(await client.get(f"/v1/patients/{patient_id}"), 410)
    assert_refused(await client.get(f"/v1/patients/{patient_id}?include=episodes"), 410)
    assert await connection.fetchval("SELECT count(*) FROM medication_trials WHERE patient_id = $1", patient_id) == 0


async def test_a_trial_cannot_refer_to_an_episode_of_another_patient(client: httpx.AsyncClient, trials: str) -> None:
    other = (await client.post("/v1/patients", json={})).json()["id"]
    episode = (await client.post(f"/v1/patients/{other}/episodes", json=EPISODE)).json()["id"]
    assert_refused(await client.post(trials, json=varied(SERTRALINE, episode_id=episode)), 422, "/episode_id")


async def test_a_trial_cannot_refer_to_what_was_entered_in_error(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    episode = (await client.post(f"/v1/patients/{patient_id}/episodes", json=EPISODE)).headers["Location"]
    await client.delete(episode, headers={"If-Match": "*"})
    body = varied(SERTRALINE, episode_id=episode.rsplit("/", 1)[1])
    assert_refused(await client.post(trials, json=body), 422, "/episode_id")
    trial = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    await client.delete(trial, headers={"If-Match": "*"})
    body = varied(SERTRALINE, role="augmentation", augments=trial.rsplit("/", 1)[1])
    assert_refused(await client.post(trials, json=body), 422, "/augments")


def assert_refused(answer: httpx.Response, status: int, pointer: str | None = None) -> None:
    """It is a problem of that status; one of its errors points there and says something."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem["type"].startswith("/problems/")
    assert problem["detail"]
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]], problem["errors"]
        assert all(error["message"] for error in problem["errors"])
