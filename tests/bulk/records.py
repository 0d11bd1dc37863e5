"""Real-shaped resources for tests of bulk imports, and how a test imports them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from fastapi import FastAPI

from registry.import_runner import Runner

Json = dict[str, Any]
TODAY = date(2026, 1, 1)
FHIR_NDJSON = "application/fhir+ndjson"
LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"


def patient(name: str, **more: object) -> dict[str, Any]:
    identifier = {"system": "urn:example:hospital", "value": f"MRN-{name}"}
    return {"resourceType": "Patient", "id": name, "identifier": [identifier], "gender": "female", **more}


def rating(name: str, whose: str, total: int, on: str = "2025-03-01", **more: object) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "44261-6"}]},
        "subject": {"reference": f"Patient/{whose}"},
        "effectiveDateTime": on,
        "valueInteger": total,
        **more,
    }


def fill(name: str, whose: str, on: str, days: int = 30) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "id": name,
        "status": "completed",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "36437"}], "text": "sertraline"},
        "subject": {"reference": f"Patient/{whose}"},
        "whenHandedOver": on,
        "daysSupply": {"value": days},
        "quantity": {"value": days},
    }


def depression(name: str, whose: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": name,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.1"}]},
        "subject": {"reference": f"Patient/{whose}"},
        "onsetDateTime": "2024-11",
    }


def chart(name: str) -> list[dict[str, Any]]:
    """A patient with a diagnosis, a course of a medicine and two ratings."""
    return [
        patient(name),
        depression(f"{name}-c", name),
        fill(f"{name}-f1", name, "2025-01-05"),
        fill(f"{name}-f2", name, "2025-02-04"),
        rating(f"{name}-o1", name, 19, "2025-01-04"),
        rating(f"{name}-o2", name, 12, "2025-03-01"),
    ]


def ndjson(*resources: object) -> bytes:
    return b"".join(orjson.dumps(each) + b"\n" for each in resources)


async def send(http: httpx.AsyncClient, body: bytes, kind: str = FHIR_NDJSON, source: str = "") -> httpx.Response:
    params = {"source": source} if source else {}
    return await http.post("/v1/imports", content=body, headers={"Content-Type": kind}, params=params)


async def work_off(app: FastAPI, today: date = TODAY) -> int:
    """Work off all that waits in this process; how many imports that were."""
    runner, done = runner_of(app), 0
    while await runner.run_next(today):
        done += 1
    return done


def runner_of(app: FastAPI, name: UUID | None = None) -> Runner:
    service = app.state.service
    return Runner(service.database, service.vaults, name or uuid4())


async def imported(
    app: FastAPI, http: httpx.AsyncClient, body: bytes, kind: str = FHIR_NDJSON, source: str = ""
) -> Json:
    """What is said of an import when it is over."""
    answer = await send(http, body, kind, source)
    assert answer.status_code == 202, answer.text
    await work_off(app)
    return (await http.get(answer.headers["Location"])).json()


async def rejects(http: httpx.AsyncClient, said: Json) -> list[Json]:
    answer = await http.get(f"/v1/imports/{said['id']}/rejects")
    return [orjson.loads(line) for line in answer.content.splitlines()]
