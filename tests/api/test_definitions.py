"""Definitions of an organisation's own over HTTP: posted in versions, asked everywhere, withdrawn."""

from typing import Any

import httpx
import pytest

from clinical.definition import Definition
from models.local_definition import LocalDefinitionCreate
from ops.demo_definitions import examples
from tests.definitions import own_definition
from tests.factories import SERTRALINE, Json, varied
from tests.registry.test_status import VENLAFAXINE

pytestmark = pytest.mark.anyio
ALL = "/v1/definitions"
SCORE: Json = {"instrument": "phq9", "at_least": 27, "rating_within_days": 14}


async def posted(client: httpx.AsyncClient, body: Json, status: int = 201, **headers: str) -> Json:
    answer = await client.post(ALL, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    said: Json = answer.json()
    return said


async def test_a_posted_definition_is_shown_with_all_that_a_reader_needs_to_judge_it(client: httpx.AsyncClient) -> None:
    rule = {"failed_medications": 2, "different_classes": True}
    body = own_definition(required={**rule, "source": "Our rule book, page 3", "evidence": "primary"})
    answer = await client.post(ALL, json=body)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == f"{ALL}/{body['slug']}"
    said = (await client.get(answer.headers["Location"])).json()
    assert said == answer.json()
    assert (said["id"], said["version"], said["own"], said["withdrawn"]) == (body["slug"], "1", True, False)
    assert (said["title"], said["purpose"], said["citation"]) == (body["title"], body["purpose"], body["citation"])
    assert (said["evidence"], said["default"], said["limits"]) == ("local", False, body["limits"])
    assert said["digest"].startswith("sha256:")
    required, failure = said["criteria"]
    assert required == {
        "criterion": "required",
        "parameters": rule,
        "evidence": "primary",
        "source": "Our rule book, page 3",
    }
    assert (failure["evidence"], failure["source"]) == ("local", "This organisation's own choice")
    assert [each["name"] for each in said["worked_cases"]] == ["two classes", "two of one class"]
    assert [each["changes"] for each in said["versions"]] == [[]]


def test_every_section_of_a_published_definition_can_be_posted() -> None:
    of_the_service = {"version", "digest"}
    assert set(Definition.model_fields) - of_the_service == set(LocalDefinitionCreate.model_fields)


async def test_the_worked_cases_that_are_shown_can_be_sent_to_be_evaluated(client: httpx.AsyncClient) -> None:
    slug = (await posted(client, own_definition()))["id"]
    for case in (await client.get(f"{ALL}/{slug}")).json()["worked_cases"]:
        asked = {"history": case["history"], "on": case["on"], "definitions": [slug]}
        answer = (await client.post("/v1/evaluate", json=asked)).json()["assessments"][0]
        assert (answer["status"], answer["failed_medications"]["confirmed"]) == (case["status"], case["confirmed"])


async def test_posting_the_same_again_makes_no_version(client: httpx.AsyncClient) -> None:
    body = own_definition()
    first = await posted(client, body)
    reordered = dict(reversed(body.items()))
    assert await posted(client, reordered, 200) == first
    spelled_out = {**body, "evidence": "local", "quote": "", "dose": None}
    assert await posted(client, spelled_out, 200) == first


async def test_a_change_is_a_new_version_and_says_what_it_changed(client: httpx.AsyncClient) -> None:
    body = own_definition()
    await posted(client, body)
    second = await posted(client, {**body, "title": "Two classes", "duration": {"at_least_days": 42}})
    assert (second["version"], second["title"]) == ("2", "Two classes")
    newest, first = second["versions"]
    assert {each["at"]: (each["before"], each["after"]) for each in newest["changes"]} == {
        "/title": (body["title"], "Two classes"),
        "/duration": (
            None,
            {"at_least_days": 42, "evidence": "local", "source": "This organisation's own choice"},
        ),
    }
    assert (newest["version"], first["version"], first["changes"]) == ("2", "1", [])
    old = await client.get(f"{ALL}/{body['slug']}", params={"version": 1})
    assert (old.json()["title"], old.json()["version"], old.headers["ETag"]) == (body["title"], "1", '"1"')
    assert [each["version"] for each in old.json()["versions"]] == ["1"]


async def test_versions_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    body = own_definition()
    for number in range(12):
        await posted(client, {**body, "title": f"Title {number}"})
    pages, address = [], f"{ALL}/{body['slug']}/versions?limit=5"
    while address:
        answer = await client.get(address)
        pages.append(answer.json()["items"])
        link = answer.headers.get("Link")
        address = link[1 : link.index(">")] if link else ""
    listed = [each for page in pages for each in page]
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [each["version"] for each in listed] == [str(number) for number in range(1, 13)]
    assert [each["at"] for version in listed for each in version["changes"]] == ["/title"] * 11
    shown = (await client.get(f"{ALL}/{body['slug']}")).json()["versions"]
    assert [each["version"] for each in shown] == [str(number) for number in range(12, 2, -1)]
    assert all(each["changes"] for each in shown)


async def test_whoever_has_the_version_gets_304(client: httpx.AsyncClient) -> None:
    slug = (await posted(client, own_definition()))["id"]
    assert (await client.get(f"{ALL}/{slug}", headers={"If-None-Match": '"1"'})).status_code == 304
    assert (await client.get(f"{ALL}/{slug}", headers={"If-None-Match": '"2"'})).status_code == 200


async def test_a_version_made_from_an_old_one_is_refused_if_it_says_so(client: httpx.AsyncClient) -> None:
    body = own_definition()
    await posted(client, body, 412, **{"If-Match": '"1"'})
    await posted(client, body)
    await posted(client, {**body, "title": "B"}, **{"If-Match": '"1"'})
    await posted(client, {**body, "title": "C"}, 412, **{"If-Match": '"1"'})
    await posted(client, {**body, "title": "C"}, **{"If-Match": "*"})
    await posted(client, {**body, "title": "D"}, 422, **{"If-Match": "2"})


async def test_a_repeat_with_the_same_key_posts_once(client: httpx.AsyncClient) -> None:
    body = own_definition()
    first = await client.post(ALL, json=body, headers={"Idempotency-Key": f"post {body['slug']}".replace(" ", "-")})
    again = await client.post(ALL, json=body, headers={"Idempotency-Key": f"post {body['slug']}".replace(" ", "-")})
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.content == again.content
    assert len((await client.get(f"{ALL}/{body['slug']}/versions")).json()["items"]) == 1


async def test_it_is_asked_like_any_other_wherever_a_definition_is_named(
    client: httpx.AsyncClient, patient_id: str, trials: str
) -> None:
    slug = (await posted(client, own_definition()))["id"]
    for each in (SERTRALINE, varied(VENLAFAXINE, medication={"text": "fluoxetine"})):
        await client.post(trials, json=each)
    address = f"/v1/patients/{patient_id}/trd-status"
    said = (await client.get(address, params={"definition": slug, "on": "2025-12-31"})).json()
    assert (said["status"], said["definition"]["id"], said["definition"]["evidence"]) == (
        "not_treatment_resistant",
        slug,
        "local",
    )
    beside = (await client.get(f"{address}/by-definition", params={"on": "2025-12-31"})).json()
    by = {each["definition"]["id"]: each["status"] for each in beside["answers"]}
    assert (by["two_failed_medications"], by[slug]) == ("treatment_resistant", "not_treatment_resistant")
    assert beside["answers"][0]["definition"]["id"] == "two_failed_medications"
    pair = {slug, "two_failed_medications"}
    assert [each["criterion"] for each in beside["disagreements"] if set(each["definitions"]) == pair]


async def test_it_is_listed_after_those_of_the_service(client: httpx.AsyncClient) -> None:
    slug = (await posted(client, own_definition()))["id"]
    items = (await client.get(ALL)).json()["items"]
    mine = [each["own"] for each in items]
    assert mine == sorted(mine)
    assert items[0]["default"]
    assert next(each for each in items if each["id"] == slug)["own"]


async def test_a_definition_of_the_service_has_one_version_and_no_etag(client: httpx.AsyncClient) -> None:
    address = f"{ALL}/rybak_2021"
    answer = await client.get(address)
    said = answer.json()
    assert "ETag" not in answer.headers
    assert (said["own"], said["recorded_at"], len(said["versions"])) == (False, None, 1)
    assert (await client.get(address, params={"version": said["version"]})).json() == said
    assert (await client.get(address, params={"version": 99})).status_code == 404
    assert (await client.get(f"{address}/versions")).json() == {"items": said["versions"], "next_cursor": None}


async def test_what_was_withdrawn_can_be_read_but_not_asked_until_it_is_posted_again(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    body = own_definition()
    address = f"{ALL}/{body['slug']}"
    await posted(client, body)
    assert (await client.delete(address)).status_code == 428
    assert (await client.delete(address, headers={"If-Match": '"7"'})).status_code == 412
    gone = await client.delete(address, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.headers["ETag"]) == (204, '"2"')
    assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 410
    said = (await client.get(address)).json()
    assert (said["withdrawn"], said["version"], said["title"]) == (True, "2", body["title"])
    assert (await client.get(address, params={"version": 1})).json()["withdrawn"] is False
    assert body["slug"] not in [each["id"] for each in (await client.get(ALL)).json()["items"]]
    asked = await client.get(f"/v1/patients/{patient_id}/trd-status", params={"definition": body["slug"]})
    assert (asked.status_code, "withdrawn" in asked.json()["errors"][0]["message"]) == (422, True)
    evaluated = await client.post("/v1/evaluate", json={"history": {}, "definitions": [body["slug"]]})
    assert (evaluated.status_code, evaluated.json()["errors"][0]["pointer"]) == (422, "/definitions/0")
    beside = (await client.get(f"/v1/patients/{patient_id}/trd-status/by-definition")).json()
    assert body["slug"] not in [each["definition"]["id"] for each in beside["answers"]]
    again = await posted(client, body)
    assert (again["version"], again["withdrawn"]) == ("3", False)
    offered = await client.get(f"/v1/patients/{patient_id}/trd-status", params={"definition": body["slug"]})
    assert offered.json()["definition"]["version"] == "3"


async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{ALL}/nothing_here")).status_code == 404
    assert (await client.get(f"{ALL}/nothing_here/versions")).status_code == 404
    assert (await client.delete(f"{ALL}/nothing_here", headers={"If-Match": "*"})).status_code == 404
    slug = (await posted(client, own_definition()))["id"]
    assert (await client.get(f"{ALL}/{slug}", params={"version": 2})).status_code == 404
    assert (await client.get(f"{ALL}/nothing_here", params={"version": 2})).status_code == 404


async def test_a_definition_of_the_service_is_neither_replaced_nor_withdrawn(client: httpx.AsyncClient) -> None:
    refused = await posted(client, own_definition(slug="rybak_2021"), 409)
    assert "`rybak_2021`" in refused["detail"]
    assert refused["errors"][0]["pointer"] == "/slug"
    assert (await client.delete(f"{ALL}/rybak_2021", headers={"If-Match": "*"})).status_code == 409


async def test_a_misspelt_name_of_ones_own_is_answered_with_the_nearest(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    slug = (await posted(client, own_definition(slug="our_regional_rule")))["id"]
    answer = await client.get(f"/v1/patients/{patient_id}/trd-status", params={"definition": "our_regional_ruel"})
    assert slug in answer.json()["errors"][0]["suggestions"]
    evaluated = await client.post("/v1/evaluate", json={"history": {}, "definitions": ["our_regional_ruel"]})
    assert slug in evaluated.json()["errors"][0]["suggestions"]


def case_of(body: Json, place: int, **changes: Any) -> Json:  # noqa: ANN401 - any JSON
    """The definition with one worked case changed."""
    cases = [{**each, **changes} if number == place else each for number, each in enumerate(body["worked_cases"])]
    return {**body, "worked_cases": cases}


async def test_a_case_that_comes_out_otherwise_refuses_the_whole_and_says_what_came_out(
    client: httpx.AsyncClient,
) -> None:
    body = own_definition()
    refused = await posted(client, case_of(body, 1, confirmed=2), 422)
    fault = refused["errors"][0]
    assert fault["pointer"] == "/worked_cases/1/status"
    assert "`not_treatment_resistant` with 1 confirmed and 0 possible" in fault["message"]
    assert (await client.get(f"{ALL}/{body['slug']}")).status_code == 404


async def test_a_case_that_cannot_be_read_points_into_its_history(client: httpx.AsyncClient) -> None:
    body = own_definition()
    trial = varied(SERTRALINE, medication={"text": "zolft"})
    refused = await posted(client, case_of(body, 0, history={"medication_trials": [trial]}), 422)
    assert refused["errors"][0]["pointer"] == "/worked_cases/0/history/medication_trials/0/medication/text"
    trial = varied(SERTRALINE, ended="soon")
    refused = await posted(client, case_of(body, 0, history={"medication_trials": [trial]}), 422)
    assert refused["errors"][0]["pointer"] == "/worked_cases/0/history/medication_trials/0/ended"


async def test_both_sides_must_be_shown(client: httpx.AsyncClient) -> None:
    body = own_definition()
    resistant = {**body, "worked_cases": [body["worked_cases"][0]] * 2}
    assert "`not_treatment_resistant`" in (await posted(client, resistant, 422))["errors"][0]["message"]
    spared = {**body, "worked_cases": [body["worked_cases"][1]] * 2}
    assert "`treatment_resistant`" in (await posted(client, spared, 422))["errors"][0]["message"]
    assert (await posted(client, {**body, "worked_cases": []}, 422))["errors"][0]["pointer"] == "/worked_cases"


async def test_at_most_ten_faults_are_shown(client: httpx.AsyncClient) -> None:
    body = own_definition()
    wrong = {**body["worked_cases"][1], "status": "indeterminate"}
    refused = await posted(client, {**body, "worked_cases": [*body["worked_cases"], *[wrong] * 12]}, 422)
    assert len(refused["errors"]) == 10


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"slug": "Ab"}, "/slug"),
        ({"slug": "ab"}, "/slug"),
        ({"slug": "1abc"}, "/slug"),
        ({"slug": "a" * 61}, "/slug"),
        ({"slug": "our-rule"}, "/slug"),
        ({"evidence": "primary"}, "/evidence"),
        ({"version": "3"}, "/version"),
        ({"digest": "sha256:0"}, "/digest"),
        ({"required": {"failed_medications": 0}}, "/required/failed_medications"),
        ({"required": {"failed_medications": True}}, "/required/failed_medications"),
        ({"required": {"failed_medications": "2"}}, "/required/failed_medications"),
        ({"required": {"failed_medication": 2}}, "/required/failed_medication"),
        ({"required": {"failed_medications": 2, "evidence": "certain"}}, "/required/evidence"),
        ({"failure": {}}, "/failure"),
        ({"duration": {"at_least_days": 3651}}, "/duration/at_least_days"),
        ({"dose": {"table": "mgh_artq"}}, "/dose/table"),
        (
            {"current_score": {"instrument": "phq", "at_least": 5, "rating_within_days": 14}},
            "/current_score/instrument",
        ),
        (
            {"current_score": {"instrument": "phq9", "at_least": 28, "rating_within_days": 14}},
            "/current_score/at_least",
        ),
        ({"still_taken": {"classes": ["ssri"]}}, "/still_taken/classes"),
        ({"limits": ["x"] * 21}, "/limits"),
        ({"purpose": "x" * 2001}, "/purpose"),
        ({"title": ""}, "/title"),
    ],
)
async def test_a_fault_is_refused_with_its_place(client: httpx.AsyncClient, changes: Json, pointer: str) -> None:
    refused = await posted(client, own_definition(**changes), 422)
    assert pointer in [each["pointer"] for each in refused["errors"]]


async def test_a_definition_has_a_bearable_size(client: httpx.AsyncClient) -> None:
    body = own_definition()
    trial = varied(SERTRALINE, note="x" * 9_000)
    cases = [{**each, "name": f"{each['name']} {n}"} for n in range(6) for each in body["worked_cases"]]
    cases += [{**cases[0], "history": {"medication_trials": [trial]}, "status": "not_treatment_resistant"}] * 12
    refused = await posted(client, {**body, "worked_cases": cases}, 422)
    assert "100,000 characters" in refused["detail"]
    too_many = {**body, "worked_cases": body["worked_cases"] * 21}
    assert (await posted(client, too_many, 422))["errors"][0]["pointer"] == "/worked_cases"


@pytest.mark.parametrize("example", examples(), ids=lambda each: str(each["slug"]))
async def test_the_examples_in_the_style_of_payers_are_accepted_as_they_stand(
    client: httpx.AsyncClient, example: Json
) -> None:
    said = await posted(client, example)
    assert (said["evidence"], {each["evidence"] for each in said["criteria"]}) == ("local", {"local"})
    assert "no insurer is meant" in said["limits"][0]
    await posted(client, example, 200)
    gone = await client.delete(f"{ALL}/{example['slug']}", headers={"If-Match": "*"})
    assert gone.status_code == 204


async def test_prescriptions_alone_can_be_asked(client: httpx.AsyncClient) -> None:
    source = {"source": "Our rule", "evidence": "local"}
    body = own_definition(prescriptions={"window": {"days": 365, "before": "the_day", **source}}, failure=None)
    body["required"] = {"failed_medications": 2}
    body["worked_cases"][1]["history"]["medication_trials"] = body["worked_cases"][0]["history"]["medication_trials"][
        :1
    ]
    said = await posted(client, body)
    assert [each["criterion"] for each in said["criteria"]] == ["required", "prescriptions"]
