"""`make examples`: asks the service all that the documentation shows, and keeps the answers as its examples.

The requests are the examples of the documentation itself, in the order of work, sent to a database of their own.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from pydantic import SecretStr

from api.answers import EXAMPLE
from api.openapi_examples import ANSWERED, PATIENT, RECORDS
from main import create_app
from ops.migrate import migrate
from ops.postgres import EmbeddedPostgres
from settings import Settings

Json = dict[str, Any]
TODAY = datetime(2025, 6, 20, 8, 30, tzinfo=UTC)
MOMENT = re.compile(r'"20(?:2[6-9]|[3-9]\d)-\d\d-\d\dT[0-9:.]+Z"')
"""What the database's own clock wrote: always later than any day of the examples."""
ORDER = {"post": 0, "get": 1, "patch": 2}
SECOND_TRIAL = "0192f0c1-b222-7c1f-9a3c-5d2e8f4b6a20"
"""One more than the documentation's own example, so that there is something to judge."""
MOST = 2
"""How many entries of a long list are shown."""
WHOLE = {"read_trd_status", "evaluate_history", "read_timeline", "create_kept_answer", "read_kept_answer"}
"""Answers about a patient that are shown as they are."""


class Step(NamedTuple):
    """One operation of the document and where it is."""

    path: str
    method: str
    operation: Json

    @property
    def name(self) -> str:
        """Its operationId."""
        return str(self.operation["operationId"])

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
    """Every operation that answers JSON, creations first and what is nearest to the root first."""
    found = [
        Step(path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ORDER
    ]
    return sorted(found, key=lambda step: (ORDER[step.method], step.operation["tags"][0], step.path.count("{")))


async def asked(url: str) -> Json:
    """The answers by operationId and status, from a service on an empty database."""
    secret, encryption = SecretStr("0123456789abcdef" * 2), SecretStr("fedcba9876543210" * 2)
    settings = Settings(environment="test", database_url=SecretStr(url), secret_key=secret, encryption_key=encryption)
    app = create_app(settings, lambda: TODAY)
    document = app.openapi()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://trialbook.example") as http:
            return {step.name: answers async for step, answers in _walk(http, document)}


async def _walk(http: httpx.AsyncClient, document: Json) -> AsyncIterator[tuple[Step, Json]]:
    todo = steps(document)
    for step in todo:
        answers = {}
        for _ in range(2 if "200" in step.operation["responses"] and step.method == "post" else 1):
            answer = await _ask(http, step, document["components"]["schemas"])
            if "json" in answer.headers["Content-Type"]:
                answers[str(answer.status_code)] = shortened(step.name, answer.json())
        if answers:
            yield step, answers
        if step.name == "create_medication_trial":
            second = EXAMPLE["history"]["medication_trials"][1] | {"id": SECOND_TRIAL}
            (await http.post(step.address(), json=second)).raise_for_status()


async def _ask(http: httpx.AsyncClient, step: Step, schemas: Json) -> httpx.Response:
    headers = {"If-Match": "*"} if step.method == "patch" else {}
    body = step.body(schemas)
    if step.name == "create_patient":
        each = body["identifiers"][0]
        headers["If-None-Exist"] = f"identifier={each['system']}|{each['value']}"
    answer = await http.request(step.method, step.address(), params=step.query(), json=body, headers=headers)
    answer.raise_for_status()
    return answer


def shortened(name: str, said: Any) -> Any:  # noqa: ANN401 - any JSON
    """The first entries of each list of objects; answers about a patient stay whole."""
    if isinstance(said, dict):
        return {key: shortened(name, inner) for key, inner in said.items()}
    if isinstance(said, list):
        objects = name not in WHOLE and any(isinstance(each, dict) for each in said)
        return [shortened(name, inner) for inner in said[: MOST if objects else None]]
    return said


def written(answers: Json) -> str:
    """As it is kept: one moment for all that the database's clock wrote."""
    text = json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True)
    return MOMENT.sub(f'"{TODAY:%Y-%m-%dT%H:%M:%SZ}"', text) + "\n"


def main() -> None:
    """Ask a service on a database of its own, and write the file."""
    with (
        tempfile.TemporaryDirectory(prefix="trialbook-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder), durable=False) as embedded,
    ):
        url = embedded.url()
        migrate(url)
        ANSWERED.write_text(written(asyncio.run(asked(url))), "utf-8")


if __name__ == "__main__":
    main()
