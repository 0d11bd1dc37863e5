"""Medication trials through the API."""

import httpx
import pytest

from tests.factories import SERTRALINE

pytestmark = pytest.mark.anyio


async def test_a_trial_is_recorded_and_read_again(client: httpx.AsyncClient, trials: str) -> None:
    created = await client.post(trials, json=SERTRALINE)
    assert created.status_code == 201, created.text
    assert created.headers["ETag"] == '"1"'
    assert created.headers["Location"] == f"{trials}/{created.json()['id']}"
    read = await client.get(created.headers["Location"])
    assert read.json() == created.json()
    assert read.json()["medication"]["ingredient"] == "sertraline"


async def test_the_medicine_may_be_named_by_code(client: httpx.AsyncClient, trials: str) -> None:
    for system, code in (("rxnorm", "36437"), ("atc", "N06AB06")):
        answer = await client.post(trials, json={"medication": {"system": system, "code": code}})
        medicine = answer.json()["medication"]
        assert medicine["ingredient"] == "sertraline"
        assert (medicine["system"], medicine["code"], medicine["text"]) == (system, code, None)


async def test_what_is_not_sent_is_unknown_and_never_zero(client: httpx.AsyncClient, trials: str) -> None:
    said = (await client.post(trials, json={"medication": {"text": "sertraline"}})).json()
    assert said["doses"] == []
    assert said["daily_dose_mg"] is None
    assert said["adherence"] == {"adequate": None, "taken_fraction": None}
    assert said["outcome"] == {
        "response": "unknown",
        "improvement_percent": None,
        "assessed_on": None,
        "basis": None,
        "early_failure_confirmed": False,
        "ever_responded": None,
    }
    assert (said["indication"], said["role"], said["stop_reason"]) == ("unknown", "monotherapy", "unknown")
    assert (said["started"], said["ended"], said["source"], said["episode_id"]) == (None, None, None, None)


async def test_null_is_the_same_as_unknown(client: httpx.AsyncClient, trials: str) -> None:
    bare = {"medication": {"text": "sertraline"}}
    nulls = {"indication": None, "role": None, "stop_reason": None, "outcome": {"response": None}, "started": "unknown"}
    left_out, sent = (
        (await client.post(trials, json=bare)).json(),
        (await client.post(trials, json=bare | nulls)).json(),
    )
    own = {"id", "created_at", "updated_at"}
    assert {k: v for k, v in sent.items() if k not in own} == {k: v for k, v in left_out.items() if k not in own}


async def test_partial_dates_keep_the_precision_given(client: httpx.AsyncClient, trials: str) -> None:
    for started, ended in (("2024", "2024"), ("2024-02", "2024"), ("2024-02-29", "2024-02"), ("2024", "unknown")):
        body = {"medication": {"text": "sertraline"}, "started": started, "ended": ended}
        said = (await client.post(trials, json=body)).json()
        assert (said["started"], said["ended"]) == (started, ended)


async def test_the_shorthand_dose_is_one_step_from_the_start(client: httpx.AsyncClient, trials: str) -> None:
    body = {"medication": {"text": "sertraline"}, "started": "2025-01", "daily_dose_mg": 62.5}
    created = await client.post(trials, json=body)
    assert created.json()["doses"] == [{"daily_dose_mg": 62.5, "from": "2025-01"}]
    assert created.json()["daily_dose_mg"] == 62.5


async def test_a_new_start_moves_a_dose_without_a_date_and_no_dated_one(client: httpx.AsyncClient, trials: str) -> None:
    plain = {**SERTRALINE, "doses": None, "daily_dose_mg": 100}
    location = (await client.post(trials, json=plain)).headers["Location"]
    moved = await client.patch(location, json={"started": "2025-01-12"}, headers={"If-Match": "*"})
    assert moved.json()["doses"] == [{"daily_dose_mg": 100, "from": "2025-01-12"}]
    dated = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    earlier = await client.patch(dated, json={"started": "2025-01-02"}, headers={"If-Match": "*"})
    assert [step["from"] for step in earlier.json()["doses"]] == ["2025-01-10", "2025-01-24"]
    too_late = await client.patch(dated, json={"started": "2025-02-01"}, headers={"If-Match": "*"})
    assert too_late.status_code == 422
    assert too_late.json()["errors"][0]["pointer"] == "/doses/0/from"


async def test_a_new_start_leaves_a_first_step_that_began_later(client: httpx.AsyncClient, trials: str) -> None:
    body = {**SERTRALINE, "doses": [{"daily_dose_mg": 50, "from": "2025-01-20"}]}
    location = (await client.post(trials, json=body)).headers["Location"]
    moved = await client.patch(location, json={"started": "2025-01-12"}, headers={"If-Match": "*"})
    assert moved.json()["doses"] == body["doses"]
    other = (await client.post(trials, json={"medication": {"text": "sertraline"}})).headers["Location"]
    assert (await client.patch(other, json={"started": "2025"}, headers={"If-Match": "*"})).json()["doses"] == []


async def test_a_patch_of_the_shorthand_replaces_one_dose_and_never_several(
    client: httpx.AsyncClient, trials: str
) -> None:
    plain = {**SERTRALINE, "doses": None, "daily_dose_mg": 100}
    location = (await client.post(trials, json=plain)).headers["Location"]
    for dose, doses in ((150, [{"daily_dose_mg": 150, "from": "2025-01-10"}]), (None, [])):
        changed = await client.patch(location, json={"daily_dose_mg": dose}, headers={"If-Match": "*"})
        assert changed.json()["doses"] == doses
    stepped = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    for dose in (150, None):
        refused = await client.patch(stepped, json={"daily_dose_mg": dose}, headers={"If-Match": "*"})
        assert refused.json()["errors"][0]["pointer"] == "/daily_dose_mg"


async def test_sending_back_the_dose_that_was_shown_changes_no_step(client: httpx.AsyncClient, trials: str) -> None:
    for doses in (SERTRALINE["doses"], [{"daily_dose_mg": 50, "from": "2025-01-20"}]):
        made = await client.post(trials, json={**SERTRALINE, "doses": doses})
        back = {"daily_dose_mg": made.json()["daily_dose_mg"], "note": "checked"}
        changed = await client.patch(made.headers["Location"], json=back, headers={"If-Match": "*"})
        assert changed.json()["doses"] == doses
        assert changed.json()["note"] == "checked"


async def test_a_dose_far_above_every_published_one_is_refused(client: httpx.AsyncClient, trials: str) -> None:
    steps = [{"daily_dose_mg": 10, "from": "2025-01-10"}, {"daily_dose_mg": 5000, "from": "2025-01-24"}]
    for doses, pointer in (
        ({"doses": None, "daily_dose_mg": 5000}, "/daily_dose_mg"),
        ({"doses": steps}, "/doses/1/daily_dose_mg"),
    ):
        body = {**SERTRALINE, "medication": {"text": "escitalopram"}, **doses}
        refused = await client.post(trials, json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_patch_reaches_into_objects_and_null_removes(client: httpx.AsyncClient, trials: str) -> None:
    location = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    patch = {"outcome": {"response": "partial", "improvement_percent": None}, "adherence": None, "source": None}
    said = (await client.patch(location, json=patch, headers={"If-Match": "*"})).json()
    assert said["outcome"]["response"] == "partial"
    assert said["outcome"]["improvement_percent"] is None
    assert said["outcome"]["assessed_on"] == "2025-03-28"
    assert said["adherence"] == {"adequate": None, "taken_fraction": None}
    assert said["source"] is None


async def test_a_patch_is_checked_as_a_whole(client: httpx.AsyncClient, trials: str) -> None:
    location = (await client.post(trials, json=SERTRALINE)).headers["Location"]
    for patch, pointer in (
        ({"ended": "2025-01-01"}, "/ended"),
        ({"medication": None}, "/medication"),
        ({"medication": {"text": "zolft"}}, "/medication/text"),
        ({"source": {"kind": None}}, "/source/kind"),
    ):
        answer = await client.patch(location, json=patch, headers={"If-Match": "*"})
        assert answer.status_code == 422, patch
        assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text
    assert (await client.get(location)).json()["version"] == 1


async def test_an_augmentation_names_the_trial_that_it_was_added_to(client: httpx.AsyncClient, trials: str) -> None:
    base = (await client.post(trials, json=SERTRALINE)).json()["id"]
    body = {"medication": {"text": "aripiprazole"}, "role": "augmentation", "augments": base, "started": "2025-02"}
    answer = await client.post(trials, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["augments"] == base


async def test_a_dose_that_is_unknown_from_a_day_on_is_kept_so(client: httpx.AsyncClient, trials: str) -> None:
    steps = [{"daily_dose_mg": 50, "from": None}, {"daily_dose_mg": None, "from": "2025-02"}]
    said = (await client.post(trials, json={**SERTRALINE, "doses": steps})).json()
    assert said["doses"] == steps
    assert said["daily_dose_mg"] == 50
