"""The operations of the documentation as steps, in an order in which each works on what those before it made."""

from typing import Any, NamedTuple

from api.openapi_examples import PATIENT, RECORDS

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
ORDER = {"post": 10, "get": 20, "patch": 30, "delete": 40}
TURNS = {
    "create_user": 0,  # who then signs in
    "issue_token": 1,
    "change_my_password": 11,  # ends the sessions of that user
    "set_password": 12,
    "remove_patient": 41,  # takes the records of the patient out of reach
    "erase_patient": 50,
    "read_erasure": 51,
    "list_erasures": 52,
}
TAKES_TIME = "/v1/imports"
"""What answers only how far it is by now; models/bulk_import_public.py has its example."""
BY_ANOTHER = {"change_my_password", "create_emergency_access"}
"""What the user of the examples does: a password of one's own, and what somebody else then reviews."""


class Step(NamedTuple):
    """One operation of the document and where it is."""

    path: str
    method: str
    operation: Json

    @property
    def name(self) -> str:
        """Its operationId."""
        return str(self.operation["operationId"])

    @property
    def turn(self) -> tuple[int, str, int]:
        """When it is its turn: creations first, what is nearest to the root first, and erasing last of all."""
        return TURNS.get(self.name, ORDER[self.method]), self.operation["tags"][0], self.path.count("{")

    @property
    def sends_form(self) -> bool:
        """Whether its body is a form and not JSON."""
        return FORM in self.operation.get("requestBody", {}).get("content", {})

    def address(self) -> str:
        """The path with the examples of its parameters."""
        noun = next((record for noun, (_, record) in RECORDS.items() if f"/{noun}/" in self.path), "")
        values = {"patient_id": PATIENT, "record_id": noun}
        for parameter in self._parameters("path"):
            values.setdefault(parameter["name"], parameter["schema"].get("examples", [""])[0])
        return self.path.format(**values)

    def query(self) -> Json:
        """What must be asked, and what a search is for."""
        needed = [each for each in self._parameters("query") if each["required"] or each["name"] == "q"]
        return {each["name"]: _example_of(each) for each in needed}

    def _parameters(self, where: str) -> list[Json]:
        return [each for each in self.operation.get("parameters", ()) if each["in"] == where]

    def body(self, schemas: Json) -> Any:  # noqa: ANN401 - any JSON
        """The example of its body, if it has one."""
        if "requestBody" not in self.operation:
            return None
        content = next(iter(self.operation["requestBody"]["content"].values()))
        named = [each["value"] for each in content.get("examples", {}).values()]
        return named[0] if named else schemas[content["schema"]["$ref"].rsplit("/", 1)[1]]["example"]


def _example_of(parameter: Json) -> Any:  # noqa: ANN401 - any JSON
    named = [each["value"] for each in parameter.get("examples", {}).values()]
    return (named or parameter["schema"]["examples"])[0]


def steps(document: Json) -> list[Step]:
    """Every operation, in its turn."""
    found = [
        Step(path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ORDER and not path.startswith(TAKES_TIME)
    ]
    return sorted(found, key=lambda step: step.turn)
