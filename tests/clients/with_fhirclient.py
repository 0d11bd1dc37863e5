"""fhirclient of SMART Health IT, for Python: its models read every answer strictly."""

from collections.abc import Iterator
from http import HTTPStatus

import requests
from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.medicationstatement import MedicationStatement
from fhirclient.models.observation import Observation
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient

from tests.clients.walk import ON_A_PAGE, PAGES, Lacks, Said, expect, person, statement, steps_of, transaction, walk

NAME = "fhirclient (Python)"


class Journey:
    """One client at the service, and the patient that it made."""

    def __init__(self, base: str, token: str) -> None:
        auth = {"auth_type": "oauth2", "auth": {"access_token": token}}
        self.client = FHIRClient(state={"app_id": "walk", "server": {"base_uri": f"{base}/", **auth}})
        self.server = self.client.server
        self.patient, self.trial = "", ""

    @property
    def signed(self) -> dict[str, str]:
        """The headers of whoever is signed in."""
        headers: dict[str, str] = self.server.auth.signed_headers({})
        return headers

    def metadata(self) -> None:
        fresh = FHIRClient(settings={"app_id": "walk", "api_base": self.server.base_uri})
        fresh.prepare()
        expect(fresh.server.capabilityStatement.fhirVersion == "4.0.1", "another version of FHIR")
        expect(fresh.server.auth.auth_type == "oauth2", "it does not learn where to sign in")

    def create(self) -> None:
        self.patient = Patient(person()).create(self.server)["id"]

    def create_if_absent(self) -> None:
        sent = person()
        condition = f"identifier=urn:example:clients|{sent['identifier'][0]['value']}"
        request = {"method": "POST", "url": "Patient", "ifNoneExist": condition}
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": sent, "request": request}]}
        made = {Bundle(Bundle(bundle).create(self.server)).entry[0].resource.id for _ in range(2)}
        expect(len(made) == 1, "it was made twice")
        raise Lacks("If-None-Exist; in a transaction, ifNoneExist does the same")

    def read(self) -> None:
        got = Patient.read(self.patient, self.server)
        expect(got.name[0].family == "Example", "another name came back")
        expect(got.as_json()["birthDate"] == "1984-03", "another day of birth came back")

    def search(self) -> None:
        for month in range(1, PAGES * ON_A_PAGE + 1):
            sent = MedicationStatement(statement(f"Patient/{self.patient}", month))
            self.trial = sent.create(self.server)["id"]
        asked = {"patient": f"Patient/{self.patient}", "_count": str(ON_A_PAGE)}
        found = MedicationStatement.where(asked).include("subject")
        pages = list(found.perform_iter(self.server))
        listed = [entry for page in pages for entry in page.entry]
        ids = {entry.resource.id for entry in listed if entry.search.mode == "match"}
        expect((len(pages), len(ids)) == (PAGES, PAGES * ON_A_PAGE), f"{len(pages)} pages, {len(ids)} found")
        expect(listed[-1].resource.resource_type == "Patient", "the patient did not come along")

    def count(self) -> None:
        bundle = Bundle.read_from(f"MedicationStatement?patient={self.patient}&_summary=count", self.server)
        expect((bundle.total, bundle.entry) == (PAGES * ON_A_PAGE, None), "it counts otherwise")

    def update(self) -> None:
        trial = MedicationStatement.read(self.trial, self.server)
        trial.status = "completed"
        expect(trial.update()["meta"]["versionId"] == "2", "no new version")

    def patch(self) -> None:
        raise Lacks("PATCH")

    def conflict(self) -> None:
        ours, theirs = (MedicationStatement.read(self.trial, self.server) for _ in range(2))
        theirs.status = "stopped"
        theirs.update()
        ours.status = "on-hold"
        try:
            ours.update()
        except requests.HTTPError as error:
            answer = error.response
            expect(answer is not None and answer.status_code == HTTPStatus.CONFLICT, str(error))
            said = OperationOutcome(answer.json() if answer is not None else None)
            expect(said.issue[0].code == "conflict", "another outcome")
        else:
            expect(False, "the work of another was overwritten")  # noqa: FBT003 - the point

    def delete(self) -> None:
        self.server.session.headers["If-Match"] = "*"
        try:
            MedicationStatement.read(self.trial, self.server).delete()
        finally:
            del self.server.session.headers["If-Match"]
        again = self.server.session.get(f"{self.server.base_uri}MedicationStatement/{self.trial}", headers=self.signed)
        expect(again.status_code == HTTPStatus.GONE, f"it is still there: {again.status_code}")

    def transaction(self) -> None:
        done = Bundle(Bundle(transaction()).create(self.server))
        patient, *trials = (entry.resource for entry in done.entry)
        expect({each.subject.reference for each in trials} == {f"Patient/{patient.id}"}, "the references are others")

    def status(self) -> None:
        said = Observation.read_from(f"Patient/{self.patient}/$trd-status", self.server)
        expect(bool(said.valueCodeableConcept.coding[0].code), "it is no status")

    def validate(self) -> None:
        sent = statement(f"Patient/{self.patient}")
        said = OperationOutcome(self.server.post_json("MedicationStatement/$validate", sent).json())
        expect(said.issue[0].severity == "information", "it is not valid")


def run(base: str, token: str) -> Iterator[Said]:
    """Every operation."""
    yield from walk(NAME, steps_of(Journey(base, token)))
