"""The options that are left and the catalogue of treatments over HTTP."""

from typing import Any

import httpx
import pytest

from clinical.care import OptionFamily
from clinical.library import library
from tests.factories import EPISODE, SERTRALINE, varied

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
CBT: Json = {
    "kind": "psychotherapy",
    "modality": "cbt",
    "sessions": 8,
    "started": "2025-02",
    "ended": "2025-05",
    "outcome": {"response": "none"},
}
IMPLANT: Json = {
    "category": "co_occurring_disorder",
    "factor": "metal_implant_in_head",
    "certainty": "confirmed",
    "noted_on": "2020",
}


async def asked(client: httpx.AsyncClient, patient_id: str, **query: str) -> Json:
    answer = await client.get(f"/v1/patients/{patient_id}/treatment-options", params=query)
    assert answer.status_code == 200, answer.text
    said: Json = answer.json()
    return said


async def record(client: httpx.AsyncClient, patient_id: str, kind: str, body: Json) -> Json:
    answer = await client.post(f"/v1/patients/{patient_id}/{kind}", json=body)
    assert answer.status_code == 201, answer.text
    said: Json = answer.json()
    return said


def of(said: Json, family: str) -> Json:
    return next(each for each in said["options"] if each["family"] == family)


async def test_every_family_is_listed_once_with_its_reasons(client: httpx.AsyncClient, patient_id: str) -> None:
    said = await asked(client, patient_id)
    assert sorted(each["family"] for each in said["options"]) == sorted(OptionFamily)
    assert [each["rank"] for each in said["options"]] == list(range(1, len(OptionFamily) + 1))
    assert "never a directive" in said["statement"]
    assert said["ordering"]["evidence"] == "local"
    assert all(each["evidence"] and each["order_sentence"] for each in said["options"])
    assert said["review_first"][0]["kind"] == "diagnosis"
    assert said["safety"]["level"] == "unknown"


async def test_what_the_record_shows_comes_with_its_records(client: httpx.AsyncClient, patient_id: str) -> None:
    await record(client, patient_id, "episodes", EPISODE)
    trial = await record(client, patient_id, "medication-trials", SERTRALINE)
    therapy = await record(client, patient_id, "treatments", CBT)
    implant = await record(client, patient_id, "contributing-factors", IMPLANT)
    said = await asked(client, patient_id, on="2025-06-01")
    found = of(said, "psychotherapy")
    assert (found["state"], found["group"]) == ("failed", "not_fairly_tried")
    assert found["basis"][0]["id"] == therapy["id"]
    assert found["adequate_course"]["verdict"] == "not_met"
    assert (found["adequate_course"]["observed"], found["adequate_course"]["required"]) == (8, 12)
    last = said["options"][-1]
    assert (last["family"], last["group"]) == ("magnetic_stimulation", "contraindicated")
    assert last["cautions"][0]["records"] == [implant["id"]]
    assert last["cautions"][0]["level"] == "contraindication"
    classes = {each["id"]: each for each in of(said, "switch_to_another_class")["members"]}
    assert classes["SSRI"]["records"] == [trial["id"]]
    assert classes["SSRI"]["tried"] == ["sertraline"]


async def test_an_maoi_is_spoken_against_for_14_days(client: httpx.AsyncClient, patient_id: str) -> None:
    await record(client, patient_id, "medication-trials", varied(SERTRALINE, ended="2025-03-28"))
    for on, raised in (("2025-04-10", True), ("2025-04-11", False)):
        found = of(await asked(client, patient_id, on=on), "switch_to_another_class")
        maoi = next(each for each in found["members"] if each["id"] == "MAOI")
        assert ("phenelzine" in maoi["spoken_against"]) is raised, on
        assert any(each["id"] == "maoi_after_serotonergic" for each in found["cautions"]) is raised


async def test_neither_the_future_nor_later_knowledge_exists(client: httpx.AsyncClient, patient_id: str) -> None:
    before = (await asked(client, patient_id))["known_at"]
    await record(client, patient_id, "treatments", CBT)
    assert of(await asked(client, patient_id, on="2025-01-31"), "psychotherapy")["state"] == "not_tried"
    assert of(await asked(client, patient_id, known_at=before), "psychotherapy")["state"] == "not_tried"
    assert of(await asked(client, patient_id), "psychotherapy")["state"] == "failed"


async def test_a_treatment_of_no_family_is_shown_beside(client: httpx.AsyncClient, patient_id: str) -> None:
    await record(client, patient_id, "treatments", {"kind": "other", "modality": "other", "started": "2025-01"})
    assert [each["record"] for each in (await asked(client, patient_id))["outside_families"]] == ["treatment"]


async def test_a_definition_can_be_named_and_an_unknown_one_is_refused(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    assert (await asked(client, patient_id, definition="mgh_atrq"))["definition"]["id"] == "mgh_atrq"
    answer = await client.get(f"/v1/patients/{patient_id}/treatment-options", params={"definition": "mgh"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#query/definition"


async def test_a_patient_who_is_not_there_has_no_options(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/patients/0192f0c1-a7b8-7c1f-9a3c-5d2e8f4b6a99/treatment-options")
    assert answer.status_code == 404


async def test_a_recorded_treatment_says_whether_it_was_a_fair_course(
    client: httpx.AsyncClient, patient_id: str
) -> None:
    for sessions, verdict in ((11, "not_met"), (12, "met"), (None, "unknown")):
        said = await record(client, patient_id, "treatments", {**CBT, "sessions": sessions})
        assert said["adequate_course"]["verdict"] == verdict
        assert said["adequate_course"]["source"].startswith("CANMAT 2023")
        versions = await client.get(f"/v1/patients/{patient_id}/treatments/{said['id']}/history")
        assert versions.json()["items"][0]["record"]["adequate_course"]["verdict"] == verdict


async def test_the_catalogue_lists_every_treatment_with_sources(client: httpx.AsyncClient) -> None:
    said = (await client.get("/v1/treatments-catalogue")).json()
    assert [each["id"] for each in said["items"]] == list(library().treatments.order.families)
    assert len(said["cautions"]) == len(library().treatments.cautions)
    ect = next(each for each in said["items"] if each["id"] == "ect")["members"][0]
    assert [each["sessions_at_least"] for each in ect["adequate_course"]] == [6, 7]
    assert ect["adequate_course"][1]["laterality"] == "bilateral"
    switch = next(each for each in said["items"] if each["id"] == "switch_to_another_class")
    assert switch["adequate_course"][0]["days_at_least"] == 28
    assert "sertraline" in switch["members"][0]["medicines"]
    vagus = next(each for each in said["items"] if each["id"] == "vagus_nerve_stimulation")
    assert vagus["place"]["failed_medications_at_least"] == 4
    brain = next(each for each in said["items"] if each["id"] == "deep_brain_stimulation")
    assert brain["under_study"]["evidence"] == "primary"
    longer = next(each for each in said["items"] if each["id"] == "longer_trial")
    assert longer["adequate_course"][0]["days_at_least"] == 56
