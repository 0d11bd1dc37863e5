"""Every address of FHIR, asked as everybody: the table of docs/access.md decides, and others' records are not there."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from access.operations import OPERATIONS
from access.roles import Role
from interop.fhir.routes import router
from ops.access_page import cell
from tests.access.test_sweep import bad_tokens, holder_of, machine
from tests.interop.test_fhir_rest import BASE, JSON, made, person, statement
from tests.signed_in import EVERYTHING, client_of, new_organisation, somebody

pytestmark = pytest.mark.anyio
SCOPES = ("user/*.rs", "user/*.cud", "user/MedicationStatement.r", "user/Patient.cruds", "user/*.cruds")


class Line(NamedTuple):
    operation: str
    method: str
    path: str


def lines() -> Iterator[Line]:
    for route in router.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            yield Line(str(route.operation_id), method, route.path)


LINES = list(lines())
PRIVATE = [line for line in LINES if not OPERATIONS[line.operation].public]
ABOUT_ONE = [line for line in PRIVATE if "_id}" in line.path and OPERATIONS[line.operation].of_patient]


async def ask(http: httpx.AsyncClient, line: Line, token: str | None, patient: UUID | None = None) -> httpx.Response:
    """Ask for what is not there, with a body that stores nothing."""
    path = line.path.format(record_id=uuid4(), patient_id=patient or uuid4(), version_id=1)
    media = "application/json-patch+json" if line.method == "PATCH" else JSON["Content-Type"]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if path.endswith("_search"):
        return await http.request(line.method, path, headers=headers, data={"_count": "1"})
    body: Any = (
        {} if line.method in {"GET", "DELETE"} else {"content": "{}", "headers": {**headers, "Content-Type": media}}
    )
    return await http.request(line.method, path, **{"headers": headers, **body})


@pytest.fixture(scope="module")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app, None) as client:
        yield client


def passes(answer: httpx.Response) -> bool:
    return answer.status_code not in {401, 403}


async def test_without_a_good_token_nothing_but_the_public_is_answered(app: FastAPI, http: httpx.AsyncClient) -> None:
    bad = await bad_tokens(app)
    for number, line in enumerate(LINES):
        public = OPERATIONS[line.operation].public
        kinds = bad if number % 9 == 0 else {"expired": bad["expired"]}
        for token in (None, *kinds.values()):
            answer = await ask(http, line, token)
            assert (answer.status_code == 401) != public, (line, answer.status_code)
            assert public or answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("role", list(Role), ids=str)
async def test_each_role_passes_where_the_table_says_so(app: FastAPI, http: httpx.AsyncClient, role: Role) -> None:
    async with client_of(app, await somebody(app)) as clinician:
        own = UUID((await made(clinician, person(f"own of {role}"))).json()["id"])
    mine = own if role is Role.PATIENT else None
    token = await somebody(app, role, own_patient_id=mine)
    for line in PRIVATE:
        allowed = cell(OPERATIONS[line.operation], role) != "no"
        answer = await ask(http, line, token, mine)
        assert passes(answer) == allowed, (role, line, answer.status_code, answer.text)


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_scope_opens_what_the_table_names_and_no_more(
    app: FastAPI, http: httpx.AsyncClient, scope: str
) -> None:
    token = await somebody(app, *(role for role in Role if role is not Role.PATIENT), scope=scope)
    kind, letters = scope.removeprefix("user/").split(".")
    for line in PRIVATE:
        needs = OPERATIONS[line.operation].needs
        allowed = all(kind in {"*", name} and letter in letters for name, letter in needs)
        answer = await ask(http, line, token)
        assert passes(answer) == allowed, (scope, line, answer.status_code)


async def test_a_machine_needs_scopes_for_machines(app: FastAPI, http: httpx.AsyncClient) -> None:
    token = await machine(app, "system/*.rs")
    for line in PRIVATE:
        needs = OPERATIONS[line.operation].needs
        allowed = all(letter in "rs" and name != "AuditEvent" for name, letter in needs)
        assert passes(await ask(http, line, token)) == allowed, line


async def test_a_token_of_one_patient_opens_that_record_alone(app: FastAPI, http: httpx.AsyncClient) -> None:
    async with client_of(app, await somebody(app)) as clinician:
        own, other = [(await made(clinician, person(f"one of {n}"))).json()["id"] for n in range(2)]
        mine, theirs = [(await made(clinician, statement(f"Patient/{each}"))).json()["id"] for each in (own, other)]
    holder = holder_of(app, await somebody(app, Role.CLINICIAN, scope="patient/*.cruds"))
    launched = replace(holder, patient_id=UUID(own))
    issuer, now = app.state.service.issuer, app.state.service.clock()
    patients = await somebody(app, Role.PATIENT, own_patient_id=UUID(own))
    for token in (issuer.issue(launched, now, 60), patients):
        headers = {"Authorization": f"Bearer {token}"}
        found = (await http.get(f"{BASE}/MedicationStatement", headers=headers)).json()
        assert [each["resource"]["id"] for each in found["entry"]] == [mine]
        assert (await http.get(f"{BASE}/Patient", headers=headers)).json()["total"] == 1
        for path in (f"MedicationStatement/{mine}", f"Patient/{own}", f"Patient/{own}/$trd-status"):
            assert (await http.get(f"{BASE}/{path}", headers=headers)).status_code == 200, path
        for path in (
            *(f"MedicationStatement/{theirs}", f"MedicationStatement/{theirs}/_history", f"Patient/{other}"),
            *(f"Patient/{other}/$everything", f"MedicationStatement?patient={other}", f"Patient?_id={other}"),
            *(f"Provenance?target=MedicationStatement/{theirs}", f"Patient?_id={uuid4()}"),
            f"MedicationStatement?patient={uuid4()}",
        ):
            assert (await http.get(f"{BASE}/{path}", headers=headers)).status_code == 403, path
        for path in (
            *("Patient?identifier=urn:fhir:mrn|one of 1", "Patient?identifier=urn:fhir:mrn|one of nobody"),
            *(f"MedicationStatement?_id={theirs}", f"MedicationStatement?_id={uuid4()}"),
        ):
            found = await http.get(f"{BASE}/{path}", headers=headers)
            assert (found.status_code, found.json()["total"], "entry" in found.json()) == (200, 0, False), path
        reading = {"request": {"method": "GET", "url": f"MedicationStatement/{theirs}"}}
        batch = {"resourceType": "Bundle", "type": "batch", "entry": [reading]}
        answer = await http.post(BASE, json=batch, headers={**headers, **JSON})
        assert answer.json()["entry"][0]["response"]["status"] == "403"
        asked = {"If-None-Exist": "identifier=urn:fhir:mrn|one of 1"}
        for mark in ("one of 1", "one of nobody"):
            taken = await http.post(f"{BASE}/Patient", json=person(mark), headers={**headers, **JSON, **asked})
            assert taken.status_code == 403, "whether somebody is a patient here is not told"
        writing = statement(f"Patient/{other}")
        refused = await http.post(f"{BASE}/MedicationStatement", json=writing, headers={**headers, **JSON})
        assert refused.status_code == 403


async def test_nothing_of_another_organisation_is_found(
    app: FastAPI, database_url: str, client: httpx.AsyncClient
) -> None:
    mark = "mark-of-theirs"
    patient = (await made(client, person(mark))).json()["id"]
    trial = (await made(client, statement(f"Patient/{patient}"))).json()["id"]
    elsewhere = await new_organisation(database_url)
    async with client_of(app, await somebody(app, *EVERYTHING, organisation=elsewhere)) as stranger:
        for line in ABOUT_ONE:
            record = patient if "/Patient/" in line.path else trial
            path = line.path.format(record_id=record, patient_id=patient, version_id=1)
            media = {"PATCH": "application/json-patch+json"}.get(line.method, JSON["Content-Type"])
            body = {} if line.method in {"GET", "DELETE"} else {"content": "[]" if line.method == "PATCH" else "{}"}
            headers = {"Content-Type": media, "If-Match": "*"}
            answer = await stranger.request(line.method, path, headers=headers, **body)
            assert answer.status_code == 404, (line, answer.text)
        for path in (
            *(f"Patient?identifier=urn:fhir:mrn|{mark}", f"Patient?_id={patient}", "Patient", "MedicationStatement"),
            *(f"MedicationStatement?patient={patient}", f"MedicationStatement?_id={trial}"),
        ):
            found = await stranger.get(f"{BASE}/{path}")
            assert (found.status_code, found.json().get("entry")) == (200, None), path
        taken = await stranger.post(
            f"{BASE}/Patient", json=person(mark), headers={**JSON, "If-None-Exist": f"identifier=urn:fhir:mrn|{mark}"}
        )
        assert taken.status_code == 201
        assert (
            await stranger.post(f"{BASE}/MedicationStatement", json=statement(f"Patient/{patient}"), headers=JSON)
        ).status_code == 404
