"""What an import refuses, whom it never touches, and what stays as it is."""

import gzip
from datetime import date
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from access.roles import Role
from intake.made import Made, Source
from registry import import_derived
from registry.import_derived import NOUNS
from registry.import_jobs import RELEASE, TAKE
from settings import FIRST_ORGANISATION
from tests.bulk.records import (
    TODAY,
    Json,
    chart,
    depression,
    fill,
    imported,
    ndjson,
    patient,
    rating,
    rejects,
    runner_of,
    send,
    work_off,
)
from tests.bulk.test_omop import CONCEPTS, CONDITIONS, DRUGS, MEASURED, PERSONS, archive
from tests.signed_in import client_of, desk_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
SYSTEM = "urn:example:hospital"


async def found(http: httpx.AsyncClient, name: str, system: str = SYSTEM) -> list[Json]:
    answer = await http.get("/v1/patients", params={"identifier": f"{system}|{name}"})
    items: list[Json] = answer.json()["items"]
    return items


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"{}", 415),
        ("application/fhir+ndjson", b"", 422),
        ("application/fhir+ndjson", b"<Patient/>", 422),
        ("application/fhir+json", b'{"resourceType": "Bundle"}', 422),
        ("application/zip", b"{}", 422),
    ],
)
async def test_what_is_nothing_is_refused_at_once(
    client: httpx.AsyncClient, kind: str, body: bytes, status: int
) -> None:
    answer = await send(client, body, kind)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_body_may_come_as_gzip_also_in_several_members(app: FastAPI, client: httpx.AsyncClient) -> None:
    one, two = uuid4().hex, uuid4().hex
    body = gzip.compress(ndjson(patient(one))) + gzip.compress(ndjson(patient(two)))
    headers = {"Content-Type": "application/fhir+ndjson", "Content-Encoding": "gzip"}
    answer = await client.post("/v1/imports", content=body, headers=headers)
    assert answer.status_code == 202
    await work_off(app)
    assert (await client.get(answer.headers["Location"])).json()["records"]["patients"]["created"] == 2
    for broken, encoding, status in ((body[:-20], "gzip", 400), (b"no gzip", "gzip", 400), (body, "br", 415)):
        headers["Content-Encoding"] = encoding
        assert (await client.post("/v1/imports", content=broken, headers=headers)).status_code == status


async def test_too_large_a_body_is_refused_and_nothing_of_it_is_kept(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = app.state.service._replace(max_import_bytes=2_000_000)
    monkeypatch.setitem(app.state._state, "service", small)  # noqa: SLF001 - where Starlette keeps it
    bomb = gzip.compress(b'{"resourceType": "Patient"}\n' * 1_000_000)
    headers = {"Content-Type": "application/fhir+ndjson", "Content-Encoding": "gzip"}
    answer = await client.post("/v1/imports", content=bomb, headers=headers)
    assert answer.status_code == 413
    async with desk_of(app.state.service.database).database.transaction() as inside:
        assert await inside.run("SELECT * FROM import_chunks", [], repeatable=False) == []


async def test_another_organisation_sees_nothing_of_it(
    app: FastAPI, client: httpx.AsyncClient, database_url: str
) -> None:
    name = uuid4().hex
    said = await imported(app, client, ndjson(patient(name), rating("lost", "nobody", 3)))
    other = client_of(app, await somebody(app, organisation=await new_organisation(database_url)))
    for method, path in (("GET", ""), ("GET", "/rejects"), ("DELETE", "")):
        assert (await other.request(method, f"/v1/imports/{said['id']}{path}")).status_code == 404
    assert (await other.get("/v1/imports")).json()["items"] == []
    theirs = await imported(app, other, ndjson(patient(name)))
    assert theirs["records"]["patients"]["created"] == 1
    assert [each["id"] for each in await found(other, f"MRN-{name}")] != [
        each["id"] for each in await found(client, f"MRN-{name}")
    ]


async def test_an_import_can_be_stopped_once(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    location = (await send(client, ndjson(patient(name)))).headers["Location"]
    assert (await client.delete(location)).json()["state"] == "cancelled"
    assert (await client.delete(location)).status_code == 409
    assert await work_off(app) == 0
    assert await found(client, f"MRN-{name}") == []
    assert (await client.get(f"{location}/rejects")).content == b""
    listed = (await client.get("/v1/imports", params={"limit": 200})).json()["items"]
    assert (await client.get(location)).json() in listed


async def test_a_runner_that_lost_its_import_stores_nothing_more(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    answer = await send(client, ndjson(patient(name)))
    where = {"organisation_id": FIRST_ORGANISATION, "import_id": UUID(answer.json()["id"])}
    bound, other = desk_of(app.state.service.database).database, uuid4()
    await TAKE.fetch_one(bound, **where, runner=other)
    assert not await runner_of(app).run_next(TODAY)
    assert await TAKE.fetch_one(bound, **where, runner=uuid4()) is None
    await RELEASE.fetch_all(bound, organisation_id=FIRST_ORGANISATION, runner=other)
    assert await runner_of(app).run_next(TODAY)
    assert len(await found(client, f"MRN-{name}")) == 1


async def test_a_patient_who_is_here_is_found_and_stays_as_entered(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    mine = {"identifiers": [{"system": SYSTEM, "value": f"MRN-{name}"}], "display_name": "As entered", "sex": "male"}
    here = (await client.post("/v1/patients", json=mine)).json()
    for _ in range(2):
        said = await imported(app, client, ndjson(*chart(name)))
        assert said["records"]["patients"] == {
            "created": 0,
            "updated": 0,
            "unchanged": 0,
            "retracted": 0,
            "kept_as_edited": 0,
            "found": 1,
        }
    assert await found(client, f"MRN-{name}") == [here]
    assert said["records"]["assessments"]["unchanged"] == 2


async def test_a_patient_who_changed_at_the_source_changes_here(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    await imported(app, client, ndjson(patient(name)))
    said = await imported(app, client, ndjson(patient(name, birthDate="1980-02-03")))
    assert said["records"]["patients"]["updated"] == 1
    [one] = await found(client, f"MRN-{name}")
    assert (one["birth_date"], one["version"]) == ("1980-02-03", 2)


async def test_closed_erroneous_and_contradicting_patients_are_rejects(app: FastAPI, client: httpx.AsyncClient) -> None:
    names = {why: uuid4().hex for why in ("closed", "wrong", "two")}
    await imported(app, client, ndjson(*(patient(name, birthDate="1980") for name in names.values())))
    addresses = {why: f"/v1/patients/{(await found(client, f'MRN-{name}'))[0]['id']}" for why, name in names.items()}
    match = {"If-Match": "*"}
    me = (await client.get("/v1/me")).json()["subject"]
    await client.patch(addresses["closed"], json={"restricted_to": [me]}, headers=match)
    await client.delete(addresses["wrong"], headers=match)
    another = client_of(app, await somebody(app, Role.ADMINISTRATOR))
    without = [{**patient(name, birthDate="1990"), "identifier": []} for name in names.values()]
    said = await imported(app, another, ndjson(*without))
    assert said["rejects"] == {"restricted": 1, "patient_in_error": 1, "ambiguous_patient": 1}


async def test_equal_ids_of_two_sources_are_two_persons(app: FastAPI, client: httpx.AsyncClient) -> None:
    bare = {"resourceType": "Patient", "id": uuid4().hex}
    created = []
    for source in ("urn:a", "urn:b", "urn:a"):
        said = await imported(app, client, ndjson(bare), source=source)
        created.append(said["records"]["patients"]["created"])
    assert created == [1, 1, 0]


async def test_an_identifier_of_two_persons_names_one_and_is_reported(app: FastAPI, client: httpx.AsyncClient) -> None:
    one, two = uuid4().hex, uuid4().hex
    shared = patient(one)["identifier"]
    body = ndjson(patient(one), patient(two) | {"identifier": shared})
    for created in (2, 0):
        said = await imported(app, client, body)
        assert said["records"]["patients"]["created"] == created
        assert said["rejects"] == {"identifier_taken": 1}
    assert len(await found(client, shared[0]["value"])) == 1


async def test_ratings_reach_a_patient_by_identifier_alone(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    await imported(app, client, ndjson(patient(name)))
    named = {"identifier": {"system": SYSTEM, "value": f"MRN-{name}"}}
    stranger = {"identifier": {"system": SYSTEM, "value": "nobody"}}
    about = [rating("1", "", 9) | {"subject": named}, rating("2", "", 9) | {"subject": stranger}]
    said = await imported(app, client, ndjson(*about))
    assert said["records"]["assessments"]["created"] == 1
    assert said["rejects"] == {"unknown_patient": 1}
    [told] = await rejects(client, said)
    assert told["reference"] == f"identifier of system {SYSTEM}"  # and not whose it is


async def test_what_contradicts_the_rules_is_told_with_its_place(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, whole = uuid4().hex, import_derived.of_patient
    sources = {"/total_score": [Source("Observation/o", "valueInteger", "total")]}
    wrong = [
        Made({"instrument": "phq9", "assessed_on": "2025", "total_score": 99}, "k" * 400, sources),
        Made({"instrument": "phq9", "total_score": "secret"}, "key", {}),
    ]

    def contradicting(resources: list[Json], *, on: date) -> object:
        return whole(resources, on=on)._replace(assessments=wrong)

    monkeypatch.setattr(import_derived, "of_patient", contradicting)
    said = await imported(app, client, ndjson(patient(name)))
    told = await rejects(client, said)
    assert [(each["code"], each["reference"], each["place"]) for each in told] == [
        ("cannot_store", "Observation/o", "/total_score"),
        ("cannot_store", "key", "/total_score"),
    ]
    assert "secret" not in told[1]["sentence"]

    def contradicting_itself(resources: list[Json], *, on: date) -> object:
        return whole(resources, on=on)._replace(patient=Made({"sex": "none such"}, "key", {}))

    monkeypatch.setattr(import_derived, "of_patient", contradicting_itself)
    said = await imported(app, client, ndjson(patient(uuid4().hex)))
    assert (said["rejects"], said["records"]["patients"]["created"]) == ({"cannot_store": 1}, 0)


async def test_erasing_a_patient_takes_along_what_it_was_derived_from(app: FastAPI, client: httpx.AsyncClient) -> None:
    name = uuid4().hex
    await imported(app, client, ndjson(*chart(name)))
    [one] = await found(client, f"MRN-{name}")
    administrator = client_of(app, await somebody(app, Role.ADMINISTRATOR))
    body = {"reason": "Asked for by the patient", "confirm": "erase for ever"}
    assert (await administrator.post(f"/v1/patients/{one['id']}/erasure", json=body)).status_code == 201
    async with desk_of(app.state.service.database).database.transaction() as inside:
        asked = "SELECT count(*) AS left FROM derived_records WHERE patient_id = $1"
        assert (await inside.run(asked, [UUID(one["id"])], repeatable=False))[0]["left"] == 0


async def test_tables_of_the_omop_cdm_become_trials(app: FastAPI, client: httpx.AsyncClient) -> None:
    body = archive(
        person__csv=PERSONS, drug_exposure__csv=DRUGS, condition_occurrence__csv=CONDITIONS, measurement__csv=MEASURED,
        concept__csv=CONCEPTS,
    )  # fmt: skip
    source = f"urn:{uuid4()}"
    said = await imported(app, client, body, "application/zip", source)
    assert said["state"] == "done", said
    assert said["records"]["medication_trials"]["created"] == 2
    assert (said["records"]["patients"]["created"], said["records"]["assessments"]["created"]) == (3, 1)
    assert len(await found(client, "A1", source)) == 1
    again = await imported(app, client, body, "application/zip", source)
    assert {done["created"] for done in again["records"].values()} == {0}


async def test_an_archive_that_cannot_be_read_is_refused_whole(app: FastAPI, client: httpx.AsyncClient) -> None:
    said = await imported(app, client, archive(person__csv="name\nx\n"), "application/zip")
    assert (said["state"], said["problem"]) == ("refused", "The table person lacks the columns person_id.")


async def test_a_fault_of_ours_in_one_patient_stops_nobody_else(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = uuid4().hex, uuid4().hex

    def broken(resources: list[Json], *, on: date) -> object:
        if any(each["id"] == bad for each in resources):
            raise RuntimeError(on)
        return whole(resources, on=on)

    whole = import_derived.of_patient
    monkeypatch.setattr(import_derived, "of_patient", broken)
    said = await imported(app, client, ndjson(patient(good), patient(bad)))
    assert (said["state"], said["rejects"]) == ("done", {"unexpected": 1})
    assert said["records"]["patients"]["created"] == 1


async def test_what_the_database_refuses_of_one_is_a_reject_of_that_one(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = uuid4().hex, uuid4().hex
    noun = NOUNS["episodes"]

    def wrong(entry: object, desk: object) -> Json:
        columns = to_row(entry, desk)
        return columns | ({"severity": "none such"} if columns["onset"] == "2019" else {})

    to_row = noun.to_row
    monkeypatch.setitem(noun.__dict__, "to_row", wrong)
    episode = depression(f"{bad}-c", bad) | {"onsetDateTime": "2019"}
    said = await imported(app, client, ndjson(*chart(good), patient(bad), episode, fill("f", bad, "2025-01-01")))
    assert said["rejects"] == {"cannot_store": 1}
    assert (said["records"]["patients"]["created"], said["records"]["episodes"]["created"]) == (1, 1)


async def test_no_more_than_so_many_wait(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.imports.MOST_PENDING", 0)
    answer = await send(client, ndjson(patient("1")))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("source", ["not a uri", "hospital", "urn:", "urn:a b", "1a:b"])
async def test_a_source_is_a_uri(client: httpx.AsyncClient, source: str) -> None:
    answer = await send(client, ndjson(patient("1")), source=source)
    assert answer.status_code == 422
    assert "Send a URI here" in answer.text
