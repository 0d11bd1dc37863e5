"""fhirpy, as its readme uses it."""

from collections.abc import Iterator
from typing import Any

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from tests.clients.walk import ON_A_PAGE, PAGES, Said, expect, person, statement, steps_of, transaction, walk

NAME = "fhirpy"


class Journey:
    """One client at the service, and the patient that it made."""

    def __init__(self, base: str, token: str) -> None:
        self.client = SyncFHIRClient(base, authorization=f"Bearer {token}")
        self.patient: Any = None
        self.trial: Any = None

    def metadata(self) -> None:
        said = self.client.execute("metadata", method="get")
        expect(said["fhirVersion"] == "4.0.1", "another version of FHIR")

    def create(self) -> None:
        self.patient = self.client.resource(**_named(person()))
        self.patient.save()
        expect(bool(self.patient.id) and self.patient["meta"]["versionId"] == "1", "no id came back")

    def create_if_absent(self) -> None:
        sent = person()
        value = f"urn:example:clients|{sent['identifier'][0]['value']}"
        absent = self.client.resources("Patient").search(identifier=value)
        first, made = absent.get_or_create(self.client.resource(**_named(sent)))
        again, made_again = absent.get_or_create(self.client.resource(**_named(sent)))
        expect((made, made_again, again.id) == (True, False, first.id), "it was made twice")

    def read(self) -> None:
        got = self.client.reference("Patient", self.patient.id).to_resource()
        expect(got["name"][0]["family"] == "Example", "another name came back")
        expect(got.refresh().id == self.patient.id, "refreshed, it is another")

    def search(self) -> None:
        for month in range(1, PAGES * ON_A_PAGE + 1):
            self.trial = self.client.resource(**_named(statement(self.patient.to_reference().reference, month)))
            self.trial.save()
        found = self.client.resources("MedicationStatement").search(patient=self.patient.id).limit(ON_A_PAGE)
        expect(len({each.id for each in found.fetch_all()}) == PAGES * ON_A_PAGE, "not all were found")
        newest: Any = (
            self.client.resources("MedicationStatement").search(patient=self.patient).sort("-effective").first()
        )
        expect(newest.id == self.trial.id, "another is the newest")

    def count(self) -> None:
        found = self.client.resources("MedicationStatement").search(patient=self.patient.id)
        expect(found.count() == PAGES * ON_A_PAGE, "it counts otherwise")
        expect(self.client.resources("Patient").count() > 0, "nobody is counted")

    def update(self) -> None:
        self.trial["note"] = [{"text": "Tired in the first week."}]
        self.trial.save()
        expect(self.trial["meta"]["versionId"] == "2", "no new version")

    def patch(self) -> None:
        self.trial["status"] = "completed"
        self.trial.save(fields=["status", "meta"])
        expect((self.trial["status"], self.trial["meta"]["versionId"]) == ("completed", "3"), "it did something else")

    def conflict(self) -> None:
        ours, theirs = (self.client.reference("MedicationStatement", self.trial.id).to_resource() for _ in range(2))
        theirs["status"] = "completed"
        theirs.save()
        ours["note"] = [{"text": "Written by somebody who has not seen it."}]
        try:
            ours.save()
        except OperationOutcome as error:
            expect(error.resource["issue"][0]["code"] == "conflict", f"another error: {error}")
        else:
            expect(False, "the work of another was overwritten")  # noqa: FBT003 - the point

    def delete(self) -> None:
        headers = {"If-Match": "*"}
        careful = SyncFHIRClient(self.client.url, authorization=self.client.authorization, extra_headers=headers)
        careful.delete("MedicationStatement", self.trial.id)
        try:
            self.trial.refresh()
        except ResourceNotFound:
            return
        raise AssertionError("it is still there")

    def transaction(self) -> None:
        done = self.client.resource(**_named(transaction())).save()
        patient, *trials = (each["resource"] for each in done["entry"])
        said = {each["subject"]["reference"] for each in trials}
        expect(said == {f"Patient/{patient['id']}"}, f"the references are {said}")

    def status(self) -> None:
        said = self.client.reference("Patient", self.patient.id).execute("$trd-status", method="get")
        expect(said["resourceType"] == "Observation" and "valueCodeableConcept" in said, "it is no status")

    def validate(self) -> None:
        expect(self.trial.is_valid(), "it is not valid")
        expect(not self.client.resource("MedicationStatement", status="gone").is_valid(), "nonsense is valid")


def _named(sent: dict[str, Any]) -> dict[str, Any]:
    """The same for fhirpy, which wants the type by another name."""
    return {"resource_type": sent["resourceType"], **{name: sent[name] for name in sent if name != "resourceType"}}


def run(base: str, token: str) -> Iterator[Said]:
    """Every operation."""
    yield from walk(NAME, steps_of(Journey(base, token)))
