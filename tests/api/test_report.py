"""Timeline and report over HTTP: what is sent as what, who may keep it, as of when, and what is refused."""

import httpx
import pytest

from tests.factories import EPISODE, PHQ9, SERTRALINE, varied

pytestmark = pytest.mark.anyio
KINDS = {
    "timeline": "application/json",
    "timeline.svg": "image/svg+xml",
    "report": "text/html; charset=utf-8",
    "report.pdf": "application/pdf",
}


@pytest.fixture
async def address(client: httpx.AsyncClient, patient_id: str) -> str:
    one = f"/v1/patients/{patient_id}"
    for kind, body in (("episodes", EPISODE), ("medication-trials", SERTRALINE), ("assessments", PHQ9)):
        assert (await client.post(f"{one}/{kind}", json=body)).status_code == 201
    return one


@pytest.mark.parametrize("name", KINDS)
async def test_each_is_sent_as_what_it_is(name: str, client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"{address}/{name}", params={"on": "2025-06-01"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, KINDS[name])
    assert answer.headers["x-content-type-options"] == "nosniff"
    head = await client.head(f"{address}/{name}")
    assert head.status_code == 200


@pytest.mark.parametrize("name", ["timeline.svg", "report", "report.pdf"])
async def test_nobody_keeps_a_copy(name: str, client: httpx.AsyncClient, address: str) -> None:
    headers = (await client.get(f"{address}/{name}")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_a_page_and_a_picture_may_load_and_run_nothing(client: httpx.AsyncClient, address: str) -> None:
    for name in ("timeline.svg", "report"):
        policy = (await client.get(f"{address}/{name}")).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "unsafe" not in policy


async def test_the_file_is_not_named_after_the_patient(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"{address}/report.pdf")
    assert answer.headers["content-disposition"] == 'inline; filename="report.pdf"'
    assert answer.content.startswith(b"%PDF")


async def test_the_timeline_agrees_with_the_status(client: httpx.AsyncClient, address: str) -> None:
    asked = {"on": "2025-06-01", "definition": "transform_atrq"}
    line = (await client.get(f"{address}/timeline", params=asked)).json()
    status = (await client.get(f"{address}/trd-status", params=asked)).json()
    for shared in ("patient_id", "on", "known_at", "definition", "status", "summary", "failed_medications", "safety"):
        assert line[shared] == status[shared]
    assert [each["counts"] for each in line["medications"]] == [each["counts"] for each in status["trials"]]


async def test_what_happened_or_was_recorded_later_is_not_in_it(client: httpx.AsyncClient, address: str) -> None:
    first = (await client.get(f"{address}/timeline", params={"on": "2025-06-01"})).json()
    later = varied(SERTRALINE, medication={"text": "Effexor"}, doses=None, daily_dose_mg=150)
    assert (await client.post(f"{address}/medication-trials", json=later)).status_code == 201
    for name in ("timeline", "timeline.svg", "report"):
        now = await client.get(f"{address}/{name}", params={"on": "2025-06-01"})
        then = await client.get(f"{address}/{name}", params={"on": "2025-06-01", "known_at": first["known_at"]})
        before = await client.get(f"{address}/{name}", params={"on": "2024-12-31"})
        said = ["venlafaxine, " in each.text or ">venlafaxine<" in each.text for each in (now, then, before)]
        counted = ['medication":"venlafaxine' in each.text for each in (now, then, before)]
        assert [one or other for one, other in zip(said, counted, strict=True)] == [True, False, False], name


async def test_a_patient_recorded_later_than_the_moment_has_no_name_yet(
    client: httpx.AsyncClient, address: str
) -> None:
    page = (await client.get(f"{address}/report", params={"known_at": "2020-01-01T00:00:00Z"})).text
    assert "Name not recorded" in page
    assert "No trial is recorded." in page


async def test_a_picture_is_as_wide_as_is_asked(client: httpx.AsyncClient, address: str) -> None:
    assert 'viewBox="0 0 340 ' in (await client.get(f"{address}/timeline.svg", params={"width": 340})).text
    assert (await client.get(f"{address}/timeline.svg", params={"width": 10_000})).status_code == 422


@pytest.mark.parametrize("name", KINDS)
async def test_what_cannot_be_asked_is_a_problem(name: str, client: httpx.AsyncClient, address: str) -> None:
    for asked, pointer in (({"definition": "nothing"}, "definition"), ({"on": "yesterday"}, "on")):
        answer = await client.get(f"{address}/{name}", params=asked)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert answer.json()["errors"][0]["pointer"] == f"#query/{pointer}"
    nobody = await client.get(f"/v1/patients/00000000-0000-7000-8000-000000000000/{name}")
    assert (nobody.status_code, nobody.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("name", KINDS)
async def test_a_patient_entered_in_error_has_none(name: str, client: httpx.AsyncClient, address: str) -> None:
    assert (await client.delete(address, headers={"If-Match": "*"})).status_code == 204
    assert (await client.get(f"{address}/{name}")).status_code == 410


async def test_a_definition_that_is_not_verified_says_so_on_the_page(client: httpx.AsyncClient, address: str) -> None:
    answer = await client.get(f"{address}/report", params={"definition": "gsrd"})
    assert "has not been checked against its source" in answer.text
