"""A status that is kept: whole, signed, never changed, and compared with what is known later."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.definitions import own_definition
from tests.factories import EPISODE, PHQ9, SERTRALINE, Json, varied
from tests.registry.test_status import VENLAFAXINE

pytestmark = pytest.mark.anyio
ON = "2025-12-31"
SIGNATURE: Json = {"signed_by": "Dr A. Example", "role": "psychiatrist", "meaning": "author"}
REVIEW: Json = {"signed_by": "Dr B. Example", "meaning": "reviewer"}
ANY = {"If-Match": "*"}


@pytest.fixture
async def made(client: httpx.AsyncClient, trials: str) -> list[str]:
    """The addresses of two failed trials of a fresh patient."""
    return [(await client.post(trials, json=each)).headers["Location"] for each in (SERTRALINE, VENLAFAXINE)]


@pytest.fixture
def kept_answers(patient_id: str) -> str:
    return f"/v1/patients/{patient_id}/kept-answers"


@pytest.fixture
async def kept(client: httpx.AsyncClient, made: list[str], kept_answers: str) -> str:
    """The address of an answer kept on two failed trials."""
    assert made
    answer = await client.post(kept_answers, json={"on": ON, "note": "For the referral.", "signature": SIGNATURE})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def read(client: httpx.AsyncClient, address: str) -> Json:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    said: Json = answer.json()
    return said


async def change(client: httpx.AsyncClient, address: str, **patch: Any) -> None:  # noqa: ANN401 - any JSON
    answer = await client.patch(address, json=patch, headers=ANY)
    assert answer.status_code == 200, answer.text


async def test_the_answer_is_kept_word_for_word_with_what_it_rests_on(
    client: httpx.AsyncClient, patient_id: str, made: list[str], kept_answers: str
) -> None:
    status = await read(client, f"/v1/patients/{patient_id}/trd-status?on={ON}")
    answer = await client.post(kept_answers, json={"on": ON, "note": "For the referral."})
    said = answer.json()
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == f"{kept_answers}/{said['id']}"
    assert said["answer"] == status
    assert (said["status"], said["summary"], said["on"]) == (status["status"], status["summary"], ON)
    assert {key: said["definition"][key] for key in ("id", "version", "digest", "title")} == {
        key: status["definition"][key] for key in ("id", "version", "digest", "title")
    }
    assert said["known_at"] == status["known_at"]
    assert {(each["kind"], each["id"], each["version"]) for each in said["facts"]} == {
        ("medication_trials", address.rsplit("/", 1)[1], 1) for address in made
    }
    assert (said["note"], said["signatures"], said["intact"], said["outdated"]) == (
        "For the referral.",
        [],
        True,
        False,
    )
    assert said["differences"]["status_now"] == status["status"]
    assert (await client.get(answer.headers["Location"])).json() == said


async def test_without_a_day_it_is_asked_of_today_by_the_default_definition(
    client: httpx.AsyncClient, patient_id: str, kept_answers: str
) -> None:
    today = await read(client, f"/v1/patients/{patient_id}/trd-status")
    said = (await client.post(kept_answers, json={})).json()
    assert (said["on"], said["definition"]["id"], said["facts"]) == (today["on"], "two_failed_medications", [])
    assert said["answer"] == today


async def test_nothing_is_outdated_while_nothing_changes(client: httpx.AsyncClient, kept: str) -> None:
    said = await read(client, kept)
    assert (said["outdated"], said["differences"]["sentence"]) == (False, "Nothing that it rests on has changed.")
    assert (said["differences"]["facts"], said["differences"]["trials"], said["differences"]["definition"]) == (
        [],
        [],
        None,
    )


async def test_a_correction_that_matters_is_shown_with_the_trial_and_the_status(
    client: httpx.AsyncClient, kept: str, made: list[str]
) -> None:
    before = await read(client, kept)
    await change(client, made[1], outcome={"response": "remission"})
    said = await read(client, kept)
    trial = made[1].rsplit("/", 1)[1]
    found = said["differences"]
    assert said["outdated"]
    assert found["facts"] == [
        {"kind": "medication_trials", "id": trial, "change": "changed", "kept_version": 1, "version_now": 2}
    ]
    assert (found["status_changed"], found["status_now"]) == (True, "not_treatment_resistant")
    assert found["trials"] == [{"trial_id": trial, "medication": "venlafaxine", "counts": "yes", "counts_now": "no"}]
    assert "would now be not treatment resistant" in found["sentence"]
    assert found["summary_now"] != said["summary"]
    assert {**said, "outdated": 0, "differences": 0} == {**before, "outdated": 0, "differences": 0}


async def test_a_correction_that_does_not_matter_is_shown_as_such(
    client: httpx.AsyncClient, kept: str, made: list[str]
) -> None:
    await change(client, made[0], note="Typed again.")
    said = await read(client, kept)
    assert (said["outdated"], said["differences"]["status_changed"], said["differences"]["trials"]) == (True, False, [])
    assert said["differences"]["sentence"] == (
        "Changed since: 1 record. The status would be the same, and each trial counts as it did."
    )


async def test_records_added_and_removed_since_are_named(
    client: httpx.AsyncClient, kept: str, made: list[str], trials: str, patient_id: str
) -> None:
    dates = {"started": "2025-07-01", "ended": "2025-09-30", "doses": [{"daily_dose_mg": 30, "from": "2025-07-01"}]}
    third = varied(VENLAFAXINE, medication={"text": "mirtazapine"}, **dates)
    added = (await client.post(trials, json=third)).json()["id"]
    await client.delete(made[0], headers=ANY)
    await client.post(f"/v1/patients/{patient_id}/episodes", json=EPISODE)
    said = (await read(client, kept))["differences"]
    by = {each["id"]: (each["change"], each["kept_version"], each["version_now"]) for each in said["facts"]}
    removed = made[0].rsplit("/", 1)[1]
    assert (by[removed], by[added]) == (("entered_in_error", 1, None), ("added", None, 1))
    assert {each["kind"] for each in said["facts"]} == {"medication_trials", "episodes"}
    assert {each["trial_id"]: (each["counts"], each["counts_now"]) for each in said["trials"]} == {
        removed: ("yes", None),
        added: (None, "yes"),
    }
    assert (said["status_changed"], "3 records" in said["sentence"]) == (False, True)
    assert "not every trial counts as it did" in said["sentence"]


async def test_a_graver_level_of_safety_is_said_first_alone_and_in_a_list(
    client: httpx.AsyncClient, kept: str, patient_id: str
) -> None:
    thoughts = [0, 0, 0, 0, 0, 0, 0, 0, 3]
    rating = varied(PHQ9, assessed_on="2025-12-20", items=thoughts, total_score=3)
    assert (await client.post(f"/v1/patients/{patient_id}/assessments", json=rating)).status_code == 201
    (listed,) = (await read(client, kept.rsplit("/", 1)[0]))["items"]
    alone = await read(client, kept)
    for said in (listed, alone):
        assert said["outdated"]
        assert said["differences"]["safety"] == {"kept_level": "unknown", "level_now": "urgent"}
        assert said["differences"]["sentence"].startswith(
            "Suicidal thoughts: the level of safety was unknown and is now urgent. Changed since: 1 record. "
        )
    assert alone["differences"]["status_changed"] is False
    assert alone["answer"]["safety"]["level"] == "unknown"


async def test_an_answer_of_a_day_whose_safety_is_the_same_says_nothing_of_safety(
    client: httpx.AsyncClient, kept: str, patient_id: str
) -> None:
    thoughts = varied(PHQ9, assessed_on="2026-01-01", items=[0, 0, 0, 0, 0, 0, 0, 0, 3], total_score=3)
    assert (await client.post(f"/v1/patients/{patient_id}/assessments", json=thoughts)).status_code == 201
    (listed,) = (await read(client, kept.rsplit("/", 1)[0]))["items"]
    for said in (listed, await read(client, kept)):
        assert said["differences"]["safety"] is None
        assert said["differences"]["sentence"].startswith("Changed since: 1 record.")


async def test_what_happened_after_the_day_does_not_make_it_matter(
    client: httpx.AsyncClient, kept: str, patient_id: str
) -> None:
    await client.post(f"/v1/patients/{patient_id}/assessments", json=varied(PHQ9, assessed_on="2026-01-01"))
    said = await read(client, kept)
    assert (said["outdated"], said["differences"]["status_changed"]) == (True, False)


async def test_a_definition_that_changed_since_is_named_with_both_versions(
    client: httpx.AsyncClient, made: list[str], kept_answers: str
) -> None:
    body = own_definition()
    assert made
    first = (await client.post("/v1/definitions", json=body)).json()
    answer = await client.post(kept_answers, json={"definition": body["slug"], "on": ON})
    address = answer.headers["Location"]
    assert (answer.json()["outdated"], answer.json()["definition"]["version"]) == (False, "1")
    failing = {"failure": {"improvement_below_percent": 5}, "worked_cases": sterner(body)}
    second = await client.post("/v1/definitions", json={**body, **failing})
    assert second.status_code == 201, second.text
    said = (await read(client, address))["differences"]
    assert said["definition"] == {
        "kept_version": "1",
        "version_now": "2",
        "kept_digest": first["digest"],
        "digest_now": second.json()["digest"],
        "withdrawn": False,
    }
    assert (said["facts"], said["status_changed"], said["status_now"]) == ([], True, "not_treatment_resistant")
    assert said["sentence"].startswith("Changed since: the definition. The status was treatment resistant")
    await client.delete(f"/v1/definitions/{body['slug']}", headers=ANY)
    gone = (await read(client, address))["differences"]
    assert (gone["definition"]["withdrawn"], gone["definition"]["version_now"]) == (True, "3")
    assert gone["sentence"].startswith("Changed since: the definition, which was withdrawn. The status was")
    (listed,) = (await read(client, kept_answers))["items"]
    assert listed["differences"]["sentence"].startswith("Changed since: the definition, which was withdrawn. Read it")


def sterner(body: Json) -> list[Json]:
    """The worked cases with outcomes that fall short of a threshold of 5 %."""
    found = []
    for case in body["worked_cases"]:
        trials = [varied(each, outcome={"improvement_percent": 4}) for each in case["history"]["medication_trials"]]
        found.append({**case, "history": {"medication_trials": trials}})
    return found


async def test_a_definition_posted_anew_with_the_same_content_is_the_same(
    client: httpx.AsyncClient, patient_id: str, kept_answers: str
) -> None:
    assert patient_id
    body = own_definition()
    await client.post("/v1/definitions", json=body)
    address = (await client.post(kept_answers, json={"definition": body["slug"]})).headers["Location"]
    await client.delete(f"/v1/definitions/{body['slug']}", headers=ANY)
    assert (await read(client, address))["outdated"]
    await client.post("/v1/definitions", json=body)
    assert (await read(client, address))["outdated"] is False


async def test_signatures_are_added_with_the_time_of_the_service_and_make_a_version(
    client: httpx.AsyncClient, kept: str
) -> None:
    first = await read(client, kept)
    me = (await client.get("/v1/me")).json()["subject"]
    assert first["signatures"] == [{**SIGNATURE, "signed_at": first["created_at"], "subject": me}]
    answer = await client.post(f"{kept}/signatures", json=REVIEW, headers={"If-Match": '"1"'})
    said = answer.json()
    assert (answer.status_code, answer.headers["ETag"], answer.headers["Location"]) == (201, '"2"', kept)
    assert said["signatures"] == [
        first["signatures"][0],
        {**REVIEW, "role": None, "signed_at": said["updated_at"], "subject": me},
    ]
    assert said["signatures"][1]["signed_at"] > said["signatures"][0]["signed_at"]
    assert (said["digest"], said["answer"], said["intact"]) == (first["digest"], first["answer"], True)
    versions = (await read(client, f"{kept}/history"))["items"]
    assert [len(each["record"]["signatures"]) for each in versions] == [1, 2]
    assert {each["record"]["digest"] for each in versions} == {first["digest"]}


async def test_nothing_is_signed_that_somebody_else_signed_meanwhile_if_one_says_so(
    client: httpx.AsyncClient, kept: str
) -> None:
    stale = {"If-Match": '"1"'}
    assert (await client.post(f"{kept}/signatures", json=REVIEW, headers=stale)).status_code == 201
    refused = await client.post(f"{kept}/signatures", json=REVIEW, headers=stale)
    assert (refused.status_code, "signed since" in refused.json()["detail"]) == (412, True)
    assert (await client.post(f"{kept}/signatures", json=REVIEW)).status_code == 201
    assert len((await read(client, kept))["signatures"]) == 3


async def test_a_repeat_with_the_same_key_keeps_and_signs_once(
    client: httpx.AsyncClient, made: list[str], kept_answers: str
) -> None:
    assert made
    key = {"Idempotency-Key": str(uuid4())}
    first, again = [await client.post(kept_answers, json={"on": ON}, headers=key) for _ in range(2)]
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["Location"] == again.headers["Location"]
    key = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        signed = await client.post(f"{first.headers['Location']}/signatures", json=REVIEW, headers=key)
        assert (signed.status_code, signed.headers["Location"]) == (201, first.headers["Location"])
    assert len((await read(client, first.headers["Location"]))["signatures"]) == 1


async def test_a_kept_answer_has_at_most_fifty_signatures(client: httpx.AsyncClient, kept: str) -> None:
    answers = [await client.post(f"{kept}/signatures", json=REVIEW) for _ in range(50)]
    assert [each.status_code for each in answers] == [201] * 49 + [422]
    assert answers[-1].json()["detail"] == "An answer may have at most 50 signatures."


async def test_a_list_says_of_each_whether_it_is_outdated(
    client: httpx.AsyncClient, made: list[str], kept_answers: str
) -> None:
    for definition in ("two_failed_medications", "rybak_2021", "vns_label"):
        await client.post(kept_answers, json={"on": ON, "definition": definition})
    items = (await read(client, kept_answers))["items"]
    assert [each["definition"]["id"] for each in items] == ["two_failed_medications", "rybak_2021", "vns_label"]
    assert {each["outdated"] for each in items} == {False}
    assert not {"answer", "facts"} & items[0].keys()
    await change(client, made[1], outcome={"response": "remission"})
    items = (await read(client, kept_answers))["items"]
    assert {each["outdated"] for each in items} == {True}
    found = [each["differences"] for each in items]
    assert [len(each["facts"]) for each in found] == [1, 1, 1]
    assert found[0]["sentence"] == ("Changed since: 1 record. Read it alone to see what the answer would be now.")
    for each in found:
        again = (each["status_changed"], each["status_now"], each["summary_now"], each["trials"])
        assert again == (None, None, None, None)
    alone = [(await read(client, f"{kept_answers}/{each['id']}"))["differences"] for each in items]
    assert [each["status_changed"] for each in alone] == [True, True, False]


async def test_a_list_is_read_page_by_page(client: httpx.AsyncClient, patient_id: str, kept_answers: str) -> None:
    assert patient_id
    ids = [(await client.post(kept_answers, json={"on": f"2025-01-0{day}"})).json()["id"] for day in range(1, 6)]
    seen, address = [], f"{kept_answers}?limit=2"
    while address:
        answer = await client.get(address)
        seen.append([each["id"] for each in answer.json()["items"]])
        link = answer.headers.get("Link")
        address = link[1 : link.index(">")] if link else ""
    assert seen == [ids[:2], ids[2:4], ids[4:]]
    assert (await read(client, f"{kept_answers}?limit=5"))["next_cursor"] is None


async def test_it_is_marked_as_entered_in_error_and_its_history_stays(client: httpx.AsyncClient, kept: str) -> None:
    assert (await client.delete(kept)).status_code == 428
    assert (await client.delete(kept, headers={"If-Match": '"9"'})).status_code == 412
    gone = await client.delete(kept, headers={"If-Match": '"1"'})
    assert (gone.status_code, gone.headers["ETag"]) == (204, '"2"')
    assert (await client.get(kept)).status_code == 410
    assert (await client.post(f"{kept}/signatures", json=REVIEW)).status_code == 410
    assert (await client.delete(kept, headers=ANY)).status_code == 410
    assert (await read(client, kept.rsplit("/", 1)[0]))["items"] == []
    versions = (await read(client, f"{kept}/history"))["items"]
    assert [each["entered_in_error"] for each in versions] == [False, True]
    assert versions[1]["record"]["answer"] == versions[0]["record"]["answer"]


async def test_a_kept_answer_is_never_changed(client: httpx.AsyncClient, kept: str) -> None:
    answer = await client.patch(kept, json={"note": "Other"}, headers=ANY)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "DELETE, GET")


async def test_it_is_always_answered_in_full(client: httpx.AsyncClient, kept: str) -> None:
    answer = await client.get(kept, headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')


async def test_a_client_may_send_its_own_id_once(client: httpx.AsyncClient, patient_id: str, kept_answers: str) -> None:
    assert patient_id
    own = str(uuid4())
    assert (await client.post(kept_answers, json={"id": own})).json()["id"] == own
    assert (await client.post(kept_answers, json={"id": own})).status_code == 409


async def test_nobody_is_404_and_removed_is_410(client: httpx.AsyncClient, patient_id: str, kept: str) -> None:
    nobody = f"/v1/patients/{uuid4()}/kept-answers"
    for address in (nobody, f"{nobody}/{uuid4()}", f"/v1/patients/{patient_id}/kept-answers/{uuid4()}"):
        assert (await client.get(address)).status_code == 404
    assert (await client.post(nobody, json={})).status_code == 404
    assert (await client.post(f"{kept[:-4]}0000/signatures", json=REVIEW)).status_code == 404
    other = (await client.post("/v1/patients", json={})).json()["id"]
    elsewhere = f"/v1/patients/{other}/kept-answers/{kept.rsplit('/', 1)[1]}"
    assert (await client.get(elsewhere)).status_code == 404
    assert (await client.post(f"{elsewhere}/signatures", json=REVIEW)).status_code == 404
    await client.delete(f"/v1/patients/{patient_id}", headers=ANY)
    assert (await client.get(kept)).status_code == 410
    assert (await client.post(f"{kept}/signatures", json=REVIEW)).status_code == 410
    assert (await client.post(kept.rsplit("/", 1)[0], json={})).status_code == 410


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"definition": "rybak"}, "/definition"),
        ({"on": "2025"}, "/on"),
        ({"on": "9999-12-31"}, "/on"),
        ({"on": "2201-01-01"}, "/on"),
        ({"on": "1899-12-31"}, "/on"),
        ({"on": "0001-01-01"}, "/on"),
        ({"note": "x" * 10_001}, "/note"),
        ({"signature": {"signed_by": "", "meaning": "author"}}, "/signature/signed_by"),
        ({"signature": {"signed_by": "A", "meaning": "witness"}}, "/signature/meaning"),
        ({"signature": {**SIGNATURE, "signed_at": "2020-01-01T00:00:00Z"}}, "/signature/signed_at"),
        ({"known_at": "2020-01-01T00:00:00Z"}, "/known_at"),
    ],
)
async def test_a_fault_is_refused_with_its_place(
    client: httpx.AsyncClient, kept_answers: str, body: Json, pointer: str
) -> None:
    answer = await client.post(kept_answers, json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert (await read(client, kept_answers))["items"] == []


@pytest.mark.parametrize("day", ["1900-01-01", "2200-12-31"])
async def test_the_first_and_the_last_day_are_kept_and_read(
    client: httpx.AsyncClient, made: list[str], kept_answers: str, day: str
) -> None:
    assert made
    answer = await client.post(kept_answers, json={"on": day, "signature": SIGNATURE})
    assert (answer.status_code, answer.json()["on"]) == (201, day)
    assert (await read(client, answer.headers["Location"])) == answer.json()
    assert [each["on"] for each in (await read(client, kept_answers))["items"]] == [day]
    assert (await read(client, f"{answer.headers['Location']}/history"))["items"][0]["record"]["on"] == day
