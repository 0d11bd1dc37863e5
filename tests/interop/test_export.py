"""Bulk export: everything of everybody comes out for whoever may have it, and the audit knows of whom before."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from access.fhir import RECORDS
from access.roles import Role
from interop.fhir import exporting
from models.on_behalf import system
from registry.audit_book import AuditBook
from registry.audit_events import Event
from registry.errors import DatabaseUnavailable
from tests.access.test_sweep import holder_of, machine
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import ADDRESS, client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
KICK_OFFS = ("$export", "Patient/$export", "Group/all/$export")
ORDER = {"resourceType": "MedicationRequest", "status": "active", "intent": "order"}
MEDICINE = {"medicationCodeableConcept": {"text": "sertraline 50 mg"}}


@pytest.fixture(scope="module")
async def clinic(app: FastAPI, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A clinician of an organisation of its own, with three patients, four statements and an order."""
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, Role.CLINICIAN, organisation=elsewhere)) as http:
        patients = [f"Patient/{(await made(http, person(f'taken out {n}'))).json()['id']}" for n in range(3)]
        for patient in (*patients, patients[0]):
            await made(http, statement(patient))
        await made(http, {**ORDER, **MEDICINE, "subject": {"reference": patients[1]}})
        http.headers["X-Organisation-Of-Test"] = str(elsewhere)
        yield http


def organisation_of(http: httpx.AsyncClient) -> UUID:
    return UUID(http.headers["X-Organisation-Of-Test"])


async def kick(http: httpx.AsyncClient, query: str = "", at: str = "$export", **headers: str) -> str:
    """The path of the status of a new export."""
    answer = await http.get(f"{BASE}/{at}{query}", headers=ASYNC | headers)
    assert (answer.status_code, answer.json()["resourceType"]) == (202, "OperationOutcome"), answer.text
    return urlsplit(answer.headers["Content-Location"]).path


async def manifest(http: httpx.AsyncClient, status: str) -> dict[str, Any]:
    for _ in range(100):
        answer = await http.get(status)
        if answer.status_code != 202:
            break
        await asyncio.sleep(0.05)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def exported(http: httpx.AsyncClient, query: str = "", at: str = "$export") -> dict[str, list[dict[str, Any]]]:
    said = await manifest(http, await kick(http, query, at))
    return {each["type"]: await lines_of(http, each["url"]) for each in said["output"]}


async def lines_of(http: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    answer = await http.get(urlsplit(url).path, headers={"Accept": "application/fhir+ndjson"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/fhir+ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def counted(files: dict[str, list[dict[str, Any]]]) -> dict[str, int]:
    return {kind: len(lines) for kind, lines in files.items()}


@pytest.mark.parametrize("at", KICK_OFFS)
async def test_everything_of_everybody_comes_out_as_it_is_read_one_by_one(clinic: httpx.AsyncClient, at: str) -> None:
    status = await kick(clinic, at=at)
    answer = await clinic.get(status)
    said = await manifest(clinic, status)
    assert answer.headers["Content-Type"] == "application/json"
    assert "GMT" in answer.headers["Expires"]
    assert (said["requiresAccessToken"], said["error"]) == (True, [])
    assert urlsplit(said["request"]).path == f"{BASE}/{at}"
    files = {each["type"]: await lines_of(clinic, each["url"]) for each in said["output"]}
    assert counted(files) == {"Patient": 3, "MedicationStatement": 4, "MedicationRequest": 1}
    for kind, lines in files.items():
        for line in lines:
            assert (await clinic.get(f"{BASE}/{kind}/{line['id']}")).json() == line


async def test_types_are_chosen_and_asked_for_by_a_body_as_well(clinic: httpx.AsyncClient) -> None:
    both = {"MedicationStatement": 4, "MedicationRequest": 1}
    assert counted(await exported(clinic, "?_type=MedicationRequest,MedicationStatement&_outputFormat=ndjson")) == both
    assert counted(await exported(clinic, "?_type=MedicationRequest&_type=MedicationStatement,Procedure")) == both
    body = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Patient"}]}
    answer = await clinic.post(f"{BASE}/$export", json=body, headers=ASYNC | JSON)
    said = await manifest(clinic, urlsplit(answer.headers["Content-Location"]).path)
    assert ([each["type"] for each in said["output"]], urlsplit(said["request"]).query) == (["Patient"], "")
    bare = await clinic.post(f"{BASE}/$export", headers=ASYNC)
    assert bare.status_code == 202


async def test_only_what_was_changed_since_comes_and_nothing_from_after_the_kick_off(
    app: FastAPI, database_url: str
) -> None:
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, Role.CLINICIAN, organisation=elsewhere)) as http:
        first, second = [(await made(http, person(f"since {n}"))).json() for n in range(2)]
        before = await kick(http)
        moment = (await manifest(http, before))["transactionTime"]
        changed = await http.put(f"{BASE}/Patient/{first['id']}", json={**first, "gender": "male"}, headers=JSON)
        assert changed.status_code == 200
        later = await exported(http, f"?_since={moment}")
        assert [line["id"] for line in later["Patient"]] == [first["id"]]
        assert later["Patient"][0]["gender"] == "male"
        url = (await manifest(http, before))["output"][0]["url"]
        assert [line["id"] for line in await lines_of(http, url)] == [second["id"]]
        exactly = await http.get(f"{BASE}/Patient/{first['id']}")
        at = exactly.json()["meta"]["lastUpdated"]
        assert await exported(http, f"?_since={at}") == {}
        just_before = datetime.fromisoformat(at) - timedelta(microseconds=1)
        plus = just_before.isoformat()
        assert "+" in plus
        assert counted(await exported(http, f"?_since={plus}")) == {"Patient": 1}


async def test_stretch_after_stretch_is_read_and_what_is_broken_off_is_begun_again(
    clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await exported(clinic)
    for at_once in (1, 2, 3):
        monkeypatch.setattr(exporting, "AT_ONCE", at_once)
        assert await exported(clinic) == whole
    status = await kick(clinic)
    url = urlsplit((await manifest(clinic, status))["output"][0]["url"]).path
    async with clinic.stream("GET", url) as answer:
        begun = [line async for line in answer.aiter_lines()]
    assert [json.loads(line) for line in begun] == whole["Patient"]
    cancelled = await clinic.delete(status)
    assert (cancelled.status_code, "kept" in cancelled.text) == (202, True)
    assert await lines_of(clinic, url) == whole["Patient"]


async def test_a_file_is_named_unseen_where_too_much_would_have_to_be_looked_at(
    clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    monkeypatch.setattr(exporting, "MOST_LOOKED_AT", 2)
    found = await exported(clinic, "?_since=2100-01-01T00:00:00Z")
    assert found == {"Patient": [], "MedicationStatement": []}


async def test_everybody_is_one_group(clinic: httpx.AsyncClient) -> None:
    said = (await clinic.get(f"{BASE}/Group/all")).json()
    assert (said["resourceType"], said["id"], said["actual"]) == ("Group", "all", True)
    for path in ("Group/other", "Group/other/$export"):
        assert (await clinic.get(f"{BASE}/{path}", headers=ASYNC)).status_code == 404


@pytest.mark.parametrize(
    ("query", "prefer", "says"),
    [
        ("", "", "`Prefer: respond-async`"),
        ("", "return=minimal", "`Prefer: respond-async`"),
        ("?_type=Patient,Encounter", "respond-async", "`Encounter`"),
        ("?_type=Encounter", "respond-async; handling=lenient", "None of the types"),
        ("?_elements=id", "respond-async", "`_elements`"),
        ("?patient=1", "respond-async, handling=lenient", "`patient`"),
        ("?_since=2025-01-01", "respond-async", "time zone"),
        ("?_since=yesterday", "respond-async", "time zone"),
        ("?_outputFormat=text/csv", "respond-async", "application/fhir+ndjson"),
    ],
)
async def test_what_is_not_taken_is_refused_by_name(
    clinic: httpx.AsyncClient, query: str, prefer: str, says: str
) -> None:
    answer = await clinic.get(f"{BASE}/$export{query}", headers={"Prefer": prefer})
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome"), answer.text
    assert says in answer.text


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"resourceType": "Patient"},
        {"resourceType": "Parameters", "parameter": {}},
        {"resourceType": "Parameters", "parameter": [1]},
        {"resourceType": "Parameters", "parameter": [{"name": "_type"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueInteger": 1}]},
    ],
)
async def test_a_body_that_is_no_parameters_is_refused(clinic: httpx.AsyncClient, body: Any) -> None:  # noqa: ANN401
    answer = await clinic.post(f"{BASE}/$export", json=body, headers=ASYNC | JSON)
    assert (answer.status_code, "Parameters" in answer.text) == (400, True), answer.text


async def test_what_is_not_known_is_passed_over_if_that_is_preferred(clinic: httpx.AsyncClient) -> None:
    query, lenient = "?_type=Patient,Encounter&_elements=id", {"Prefer": "respond-async, handling=lenient"}
    said = await manifest(clinic, await kick(clinic, query, **lenient))
    assert urlsplit(said["request"]).query == "_type=Patient"
    assert [each["type"] for each in said["output"]] == ["Patient"]


async def test_an_export_is_of_whoever_asked_for_it_and_of_their_organisation(
    app: FastAPI, clinic: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    status = await kick(clinic, "?_type=Patient")
    url = urlsplit((await manifest(clinic, status))["output"][0]["url"]).path
    colleague = await somebody(app, Role.CLINICIAN, organisation=organisation_of(clinic))
    async with client_of(app, colleague) as other:
        for http in (client, other):
            answers = [await http.get(status), await http.delete(status), await http.get(url)]
            assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert counted(await exported(other, "?_type=Patient")) == {"Patient": 3}
    for path in (f"{status}x", f"{BASE}/$export-status/x", url.replace("/Patient", "/Condition")):
        assert (await clinic.get(path)).status_code == 404, path
    theirs = {line["id"] for line in (await exported(clinic))["Patient"]}
    mine = (await made(client, person("not of theirs"))).json()["id"]
    ours = {line["id"] for line in (await exported(client, "?_type=Patient"))["Patient"]}
    assert mine in ours
    assert not theirs & ours


async def test_an_address_is_good_for_a_day(clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    status = await kick(clinic)
    monkeypatch.setattr(exporting, "KEPT", timedelta(seconds=-5))
    assert (await clinic.get(status)).status_code == 404


async def test_what_is_restricted_to_others_stays_inside(app: FastAPI, database_url: str) -> None:
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, Role.CLINICIAN, organisation=elsewhere)) as treating:
        subject = (await treating.get("/v1/me")).json()["subject"]
        closed = (await treating.post("/v1/patients", json={"restricted_to": [subject]})).json()["id"]
        open_ = (await treating.post("/v1/patients", json={})).json()["id"]
        for patient in (closed, open_):
            await made(treating, statement(f"Patient/{patient}"))
        assert counted(await exported(treating)) == {"Patient": 2, "MedicationStatement": 2}
    async with client_of(app, await somebody(app, Role.CLINICIAN, organisation=elsewhere)) as other:
        found = await exported(other)
        assert [line["id"] for line in found["Patient"]] == [open_]
        assert [line["subject"]["reference"] for line in found["MedicationStatement"]] == [f"Patient/{open_}"]


async def test_a_token_of_one_patient_takes_nothing_out(app: FastAPI, client: httpx.AsyncClient) -> None:
    own = UUID((await made(client, person("own of an export"))).json()["id"])
    holder = holder_of(app, await somebody(app, Role.CLINICIAN))
    issuer, now = app.state.service.issuer, app.state.service.clock()
    async with client_of(app, issuer.issue(holder, now, 60)) as unbound:
        status = await kick(unbound, "?_type=Patient")
        file = urlsplit((await manifest(unbound, status))["output"][0]["url"]).path
    launched = issuer.issue(replace(holder, patient_id=own, scope=("patient/*.rs",)), now, 60)
    for token in (launched, await somebody(app, Role.PATIENT, own_patient_id=own)):
        async with client_of(app, token) as bound:
            paths = [f"{BASE}/{each}" for each in (*KICK_OFFS, "$export?_type=Patient", "Group/all")]
            answers = [await bound.get(path, headers=ASYNC) for path in (*paths, file)]
            assert [answer.status_code for answer in answers] == [403] * len(answers)
    async with client_of(app, launched) as bound:  # of the same person, who may have the export by another token
        assert (await bound.get(status)).status_code == 403


async def test_each_type_needs_its_own_scopes_of_reading_and_searching(app: FastAPI, client: httpx.AsyncClient) -> None:
    await made(client, person("of a machine"))
    async with client_of(app, await machine(app, "system/Observation.rs system/Patient.r")) as http:
        assert (await http.get(f"{BASE}/$export?_type=Patient", headers=ASYNC)).status_code == 403
        answer = await http.get(await kick(http))
        assert {each["type"] for each in answer.json().get("output", [])} <= {"Observation"}
    async with client_of(app, await machine(app, "system/*.rs")) as http:
        assert "Patient" in await exported(http, "?_type=Patient")
    for token in (await machine(app, "system/*.r"), await somebody(app, Role.AUDITOR)):
        async with client_of(app, token) as http:
            assert (await http.get(f"{BASE}/$export", headers=ASYNC)).status_code == 403


EVENTS = "SELECT operation, patient_id, outcome FROM audit_events WHERE request_id = $1"


async def test_the_audit_names_every_patient_whom_a_file_shows(
    clinic: httpx.AsyncClient,
    superuser: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for at_once, times in ((200, 1), (1, 2)):
        monkeypatch.setattr(exporting, "AT_ONCE", at_once)
        said = await manifest(clinic, await kick(clinic, "?_type=MedicationStatement"))
        mark = f"export-{uuid4().hex}"
        answer = await clinic.get(urlsplit(said["output"][0]["url"]).path, headers={"X-Request-ID": mark})
        owners = Counter(json.loads(line)["subject"]["reference"] for line in answer.text.splitlines())
        events = await superuser.fetch(EVENTS, mark)
        assert {event["operation"] for event in events} == {"fhir_export_MedicationStatement"}
        shown = Counter(f"Patient/{event['patient_id']}" for event in events if event["patient_id"])
        assert shown.keys() == owners.keys()
        assert max(shown.values()) == times, "once for each patient in each stretch"
        assert len(events) == sum(shown.values()) + 1, "and once for the file itself"


class FullBook(AuditBook):
    """An audit that stores so many times, and then no more."""

    times = 0

    async def record(self, *events: Event) -> None:
        if any(event.patient_id for event in events):
            if not self.times:
                raise DatabaseUnavailable("The audit cannot be written.")
            self.times -= 1
        await super().record(*events)


class Ending:
    """Stands before the application and says whether its answer came to an end."""

    ended = False

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        await self._app(scope, receive, noted)
        if not self.ended:  # where a server ends the connection in the middle
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def test_nothing_leaves_that_the_audit_could_not_store(
    app: FastAPI, clinic: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await manifest(clinic, await kick(clinic, "?_type=Patient"))
    url = urlsplit(said["output"][0]["url"]).path
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    service, book, ending = app.state.service, FullBook(app.state.service.database), Ending(app)
    app.state.service = service._replace(book=book)
    transport = httpx.ASGITransport(ending)
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers=clinic.headers) as http:
        refused = await http.get(url)
        assert (refused.status_code, refused.json()["resourceType"], ending.ended) == (503, "OperationOutcome", True)
        book.times = 2
        broken = await http.get(url)
    app.state.service = service
    assert (broken.status_code, len(broken.text.splitlines()), ending.ended) == (200, 2, False)
    assert len(await lines_of(clinic, url)) == 3


async def test_what_was_being_written_at_the_kick_off_is_waited_for(app: FastAPI, clinic: httpx.AsyncClient) -> None:
    service = app.state.service
    async with service.database.bound(system(organisation_of(clinic), "test")).transaction() as inside:
        await inside.run("SELECT 1", [], repeatable=False)
        status = await kick(clinic)
        waiting = await clinic.get(status)
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
        assert "written" in waiting.headers["X-Progress"]
    assert (await manifest(clinic, status))["output"]


async def test_what_is_served_says_so(clinic: httpx.AsyncClient) -> None:
    rest = (await clinic.get(f"{BASE}/metadata")).json()["rest"][0]
    named = {each["type"]: each.get("operation", []) for each in rest["resource"]}
    for operations, kind in ((rest["operation"], "export"), (named["Patient"], "patient-export"),
                             (named["Group"], "group-export")):  # fmt: skip
        found = {each["name"]: each["definition"] for each in operations}
        assert found["export"] == f"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/{kind}"
    assert set(RECORDS) <= named.keys()
