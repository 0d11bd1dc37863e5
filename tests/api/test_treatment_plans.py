"""Treatment plans: goals, steps tied to records of the same patient, and signatures that hold for what was signed."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.factories import ECT, SERTRALINE, Json

pytestmark = pytest.mark.anyio
SIGNED: Json = {"signed_by": {"name": "Dr A", "role": "psychiatrist"}, "signed_meaning": "author"}
AGAIN: Json = {"signed_by": {"name": "Dr B", "role": "consultant"}, "signed_meaning": "approver"}
PLAN: Json = {
    "title": "After two trials",
    "goals": [{"text": "Remission", "measure": "phq9", "target_score": 4, "by": "2099-01"}],
    "steps": [
        {"family": "augmentation", "description": "Add lithium."},
        {"family": "ect", "description": "Ask for a second opinion on ECT.", "state": "started", "reason": "Severe."},
    ],
}
RECORDS = {"medication-trials": SERTRALINE, "treatments": ECT}
BECAME = [("medication-trials", "trial_id"), ("treatments", "treatment_id")]
UNSIGNED = {"signed_by": None, "signed_meaning": None, "signed_at": None}


@pytest.fixture
def plans(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/treatment-plans"


def signature(said: Json) -> Json:
    return {key: said[key] for key in UNSIGNED}


async def changed(client: httpx.AsyncClient, location: str, patch: Json) -> Json:
    answer = await client.patch(location, json=patch, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    said: Json = answer.json()
    assert (await client.get(location)).json() == said
    return said


async def pointers(client: httpx.AsyncClient, plans: str, **changes: Any) -> list[str]:  # noqa: ANN401 - any JSON
    answer = await client.post(plans, json={**PLAN, **changes})
    assert answer.status_code == 422, answer.text
    return [fault["pointer"] for fault in answer.json()["errors"]]


def step(**changes: Any) -> list[Json]:  # noqa: ANN401 - any JSON
    return [{"family": "augmentation", "description": "x", "state": "started", **changes}]


async def test_a_plan_is_recorded_and_its_steps_are_given_ids_that_stay(client: httpx.AsyncClient, plans: str) -> None:
    made = await client.post(plans, json=PLAN)
    assert made.status_code == 201, made.text
    said = made.json()
    assert signature(said) == UNSIGNED
    assert said["goals"] == PLAN["goals"]
    assert [each["state"] for each in said["steps"]] == ["planned", "started"]
    assert len({each["id"] for each in said["steps"]}) == 2
    later = await changed(client, made.headers["Location"], {"steps": said["steps"][::-1], "goals": None})
    assert (later["steps"], later["goals"]) == (said["steps"][::-1], [])


@pytest.mark.parametrize(("kind", "field"), BECAME)
async def test_a_step_tied_to_a_record_entered_in_error_says_so_and_is_not_signed_again(
    client: httpx.AsyncClient, patient_id: str, plans: str, kind: str, field: str
) -> None:
    made = (await client.post(f"/v1/patients/{patient_id}/{kind}", json=RECORDS[kind])).headers["Location"]
    tied = [*step(), *step(**{field: made.rsplit("/", 1)[1]})]
    plan = await client.post(plans, json={**PLAN, **SIGNED, "steps": tied})
    location, signed_at = plan.headers["Location"], plan.json()["signed_at"]
    assert [each["tied_to_error"] for each in plan.json()["steps"]] == [False, False]
    await client.delete(made, headers={"If-Match": "*"})
    for said in (
        (await client.get(location)).json(),
        (await client.get(plans)).json()["items"][0],
        (await client.get(f"/v1/patients/{patient_id}?include=treatment_plans")).json()["treatment_plans"][0],
    ):
        assert ([each["tied_to_error"] for each in said["steps"]], said["signed_at"]) == ([False, True], signed_at)
    versions = (await client.get(f"{location}/history")).json()["items"]
    assert [each["tied_to_error"] for each in versions[0]["record"]["steps"]] == [None, None]
    for patch in (AGAIN, {"title": "Another", **AGAIN}, {"steps": said["steps"][::-1], **AGAIN}):
        refused = await client.patch(location, json=patch, headers={"If-Match": "*"})
        (error,) = refused.json()["errors"]
        place = 0 if "steps" in patch else 1
        assert (refused.status_code, error["pointer"]) == (422, f"/steps/{place}/{field}")
        assert "entered in error" in error["message"]
    later = await changed(client, location, {"title": "Another"})
    assert (signature(later), later["steps"]) == (UNSIGNED, said["steps"])
    mended = await changed(client, location, {"steps": [{**each, field: None} for each in said["steps"]], **AGAIN})
    assert (mended["signed_by"], {each["tied_to_error"] for each in mended["steps"]}) == (AGAIN["signed_by"], {False})


@pytest.mark.parametrize(("kind", "field"), BECAME)
async def test_two_steps_of_a_plan_do_not_become_the_same_record(
    client: httpx.AsyncClient, patient_id: str, plans: str, kind: str, field: str
) -> None:
    records = f"/v1/patients/{patient_id}/{kind}"
    one, other = [(await client.post(records, json=RECORDS[kind])).json()["id"] for _ in range(2)]
    twice = [*step(**{field: one}), *step(**{field: other}), *step(**{field: one})]
    assert await pointers(client, plans, steps=twice) == [f"/steps/2/{field}"]
    assert (await client.post(plans, json={**PLAN, "steps": twice[:2]})).status_code == 201


async def test_a_title_is_enough_for_a_draft(client: httpx.AsyncClient, plans: str) -> None:
    said = (await client.post(plans, json={"title": "To be written"})).json()
    assert (said["goals"], said["steps"], signature(said)) == ([], [], UNSIGNED)


async def test_the_service_says_when_a_plan_was_signed(client: httpx.AsyncClient, plans: str) -> None:
    at_once = (await client.post(plans, json={**PLAN, **SIGNED})).json()
    assert at_once["signed_at"] == at_once["created_at"]
    made = await client.post(plans, json=PLAN)
    later = await changed(client, made.headers["Location"], SIGNED)
    assert later["signed_subject"] == at_once["signed_subject"] == (await client.get("/v1/me")).json()["subject"]
    assert later["signed_at"] == later["updated_at"] > made.json()["updated_at"]
    assert (await client.post(plans, json={**PLAN, **SIGNED, "signed_at": "2020-01-01T00:00:00Z"})).status_code == 422


@pytest.mark.parametrize("change", [{"title": "Another"}, {"goals": None}, {"steps": PLAN["steps"]}])
async def test_a_signed_plan_that_is_changed_must_be_signed_again(
    client: httpx.AsyncClient, plans: str, change: Json
) -> None:
    made = await client.post(plans, json={**PLAN, **SIGNED})
    location = made.headers["Location"]
    for patch in (change, {"title": "And the old signature sent along", **SIGNED}):
        assert signature(await changed(client, location, SIGNED))["signed_at"] is not None
        assert signature(await changed(client, location, patch)) == UNSIGNED
    history = (await client.get(f"{location}/history")).json()["items"]
    assert history[0]["record"]["signed_by"] == SIGNED["signed_by"]
    assert history[0]["record"]["signed_at"] == made.json()["signed_at"]


async def test_a_change_may_bring_a_new_signature_along(client: httpx.AsyncClient, plans: str) -> None:
    location = (await client.post(plans, json={**PLAN, **SIGNED})).headers["Location"]
    said = await changed(client, location, {"title": "Another", **AGAIN})
    assert signature(said) == {**AGAIN, "signed_at": said["updated_at"]}


async def test_a_plan_that_is_sent_back_as_it_was_stays_signed(client: httpx.AsyncClient, plans: str) -> None:
    made = (await client.post(plans, json={**PLAN, **SIGNED})).json()
    same = {key: made[key] for key in ("title", "goals", "steps", "signed_by", "signed_meaning")}
    said = await changed(client, f"{plans}/{made['id']}", same)
    assert (said["version"], signature(said)) == (2, signature(made))


async def test_a_new_meaning_is_a_new_signature_and_null_takes_it_away(client: httpx.AsyncClient, plans: str) -> None:
    made = await client.post(plans, json={**PLAN, **SIGNED})
    location = made.headers["Location"]
    said = await changed(client, location, {"signed_meaning": "reviewer"})
    assert datetime.fromisoformat(said["signed_at"]) > datetime.fromisoformat(made.json()["signed_at"])
    assert said["signed_by"] == SIGNED["signed_by"]
    assert signature(await changed(client, location, {"signed_by": None})) == UNSIGNED


async def test_removing_a_signed_plan_keeps_who_signed_it_in_the_history(client: httpx.AsyncClient, plans: str) -> None:
    made = await client.post(plans, json={**PLAN, **SIGNED})
    await client.delete(made.headers["Location"], headers={"If-Match": "*"})
    last = (await client.get(f"{made.headers['Location']}/history")).json()["items"][-1]
    assert (last["entered_in_error"], signature(last["record"])) == (True, signature(made.json()))


async def test_a_signature_is_a_name_a_role_and_a_meaning(client: httpx.AsyncClient, plans: str) -> None:
    assert await pointers(client, plans, signed_by=SIGNED["signed_by"]) == ["/signed_meaning"]
    assert await pointers(client, plans, signed_meaning="author") == ["/signed_by"]
    assert await pointers(client, plans, signed_by={"name": "Dr A"}, signed_meaning="author") == ["/signed_by/role"]
    assert await pointers(client, plans, **{**SIGNED, "signed_meaning": "witness"}) == ["/signed_meaning"]


@pytest.mark.parametrize(
    ("goal", "pointer"),
    [
        ({"measure": "phq10"}, "/goals/0/measure"),
        ({"target_score": 4}, "/goals/0/measure"),
        ({"measure": "phq9", "target_score": 28}, "/goals/0/target_score"),
        ({"measure": "phq9", "target_score": -1}, "/goals/0/target_score"),
        ({"text": ""}, "/goals/0/text"),
        ({"by": "soon"}, "/goals/0/by"),
    ],
)
async def test_a_goal_that_cannot_be_measured_is_refused(
    client: httpx.AsyncClient, plans: str, goal: Json, pointer: str
) -> None:
    assert await pointers(client, plans, goals=[{"text": "Remission", **goal}]) == [pointer]


async def test_a_goal_may_have_no_measure_and_any_total_of_its_scale(client: httpx.AsyncClient, plans: str) -> None:
    goals = [{"text": "Back to work"}, {"text": "PHQ-9", "measure": "phq9"}]
    goals += [{"text": "PHQ-9", "measure": "phq9", "target_score": total} for total in (0, 27)]
    said = (await client.post(plans, json={**PLAN, "goals": goals})).json()
    assert [goal["target_score"] for goal in said["goals"]] == [None, None, 0, 27]


async def test_a_step_is_tied_to_what_it_became(client: httpx.AsyncClient, plans: str, trials: str) -> None:
    trial = (await client.post(trials, json=SERTRALINE)).json()["id"]
    treatments = trials.replace("medication-trials", "treatments")
    treatment = (await client.post(treatments, json=ECT)).json()["id"]
    steps = step(trial_id=trial) + step(family="ect", treatment_id=treatment, state=None)
    assert await pointers(client, plans, steps=steps) == ["/steps/1/state"]
    steps[1]["state"] = "done"
    made = await client.post(plans, json={**PLAN, "steps": steps})
    assert [(each["trial_id"], each["treatment_id"]) for each in made.json()["steps"]] == [
        (trial, None),
        (None, treatment),
    ]
    assert await pointers(client, plans, steps=step(trial_id=trial, treatment_id=treatment)) == [
        "/steps/0/treatment_id"
    ]
    assert await pointers(client, plans, steps=step(trial_id=trial, family="psychotherapy")) == ["/steps/0/trial_id"]
    longer = step(treatment_id=treatment, family="longer_trial")
    assert await pointers(client, plans, steps=longer) == ["/steps/0/treatment_id"]
    same_id = step(id=treatment) + step(id=treatment)
    assert await pointers(client, plans, steps=same_id) == ["/steps/1/id"]


@pytest.mark.parametrize(("kind", "field"), [("medication-trials", "trial_id"), ("treatments", "treatment_id")])
async def test_a_step_names_no_record_of_another_patient_and_none_entered_in_error(
    client: httpx.AsyncClient, patient_id: str, plans: str, kind: str, field: str
) -> None:
    body = SERTRALINE if field == "trial_id" else ECT
    other = (await client.post("/v1/patients", json={})).headers["Location"]
    foreign = (await client.post(f"{other}/{kind}", json=body)).json()["id"]
    own = await client.post(f"/v1/patients/{patient_id}/{kind}", json=body)
    wrong_kind = (await client.post(plans, json=PLAN)).json()["id"]
    for named in (foreign, wrong_kind, "01a208e7-e5cf-75fd-ae4a-000000000001"):
        steps = step(**{field: own.json()["id"]}) + step(**{field: named})
        assert await pointers(client, plans, steps=steps) == [f"/steps/1/{field}"]
    kept = await client.post(plans, json={**PLAN, "steps": step(**{field: own.json()["id"]})})
    await client.delete(own.headers["Location"], headers={"If-Match": "*"})
    assert await pointers(client, plans, steps=step(**{field: own.json()["id"]})) == [f"/steps/0/{field}"]
    # A plan that named it before keeps it, and can be changed elsewhere.
    said = await changed(client, kept.headers["Location"], {"title": "Other", "steps": kept.json()["steps"]})
    assert said["steps"][0][field] == own.json()["id"]


async def test_a_change_that_names_a_foreign_trial_is_refused_whole(client: httpx.AsyncClient, plans: str) -> None:
    made = await client.post(plans, json={**PLAN, **SIGNED})
    patch = {"steps": step(trial_id="01a208e7-e5cf-75fd-ae4a-000000000001")}
    answer = await client.patch(made.headers["Location"], json=patch, headers={"If-Match": "*"})
    assert answer.json()["errors"][0]["pointer"] == "/steps/0/trial_id"
    assert (await client.get(made.headers["Location"])).json() == made.json()
