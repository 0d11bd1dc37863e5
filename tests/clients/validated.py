"""What a real service answers, looked through by three validators that nobody here wrote."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.clients.walk import FAILED, OK, Said, person, statement, transaction
from tests.interop.validators import faults_by_all

NAME = "validators"
SECONDS = 60
MOST_SAID = 800


def run(base: str, token: str) -> Iterator[Said]:
    """One line for each kind of answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    with httpx.Client(base_url=base, headers=headers, timeout=SECONDS, trust_env=False) as http:
        answers = _answers(http)
    for (name, _), faults in zip(answers.items(), faults_by_all(answers.values()), strict=True):
        found = [f"{validator}: {fault}" for validator, listed in faults.items() for fault in listed]
        yield Said(NAME, name, FAILED if found else OK, "; ".join(found)[:MOST_SAID])


def _answers(http: httpx.Client) -> dict[str, Any]:
    """Every kind of answer, by what was asked."""
    patient = http.post("/Patient", json=person()).json()
    at = f"Patient/{patient['id']}"
    trials = [http.post("/MedicationStatement", json=statement(at, month)).json() for month in (1, 5, 9)]
    searched = {"patient": at, "_count": 2, "_include": "MedicationStatement:patient", "_elements": "effective"}
    asked = {
        "read": f"/{at}",
        "metadata": "/metadata",
        "search": f"/MedicationStatement?{httpx.QueryParams(searched)}",
        "count": "/MedicationStatement?_summary=count",
        "history": f"/{at}/_history",
        "$everything": f"/{at}/$everything",
        "$trd-status": f"/{at}/$trd-status",
        "$trd-staging": f"/{at}/$trd-staging",
        "Provenance": f"/Provenance?target=MedicationStatement/{trials[0]['id']}",
        "not found": "/Patient/nobody",
        "refused search": "/Patient?colour=red",
        "CodeSystem": "/CodeSystem",
    }
    sent = {"transaction": ("", transaction()), "$validate": ("/MedicationStatement/$validate", {})}
    posted = {name: http.post(path, json=body).json() for name, (path, body) in sent.items()}
    return {name: http.get(path).json() for name, path in asked.items()} | posted
