"""`make examples`: asks the service all that the documentation shows, and keeps the answers as its examples.

The requests are the examples of the documentation itself, in the order of work, sent to a database of their own.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from api.answers import EXAMPLE
from api.openapi_examples import ANSWERED
from main import create_app
from ops.bootstrap import first_user
from ops.cluster import OWNER
from ops.example_steps import BY_ANOTHER, Step, steps
from ops.migrate import migrate
from ops.postgres import EmbeddedPostgres
from ops.roles import SERVICE
from ops.signing_in import SignIn
from registry.audit_sealer import seal_all
from settings import FIRST_ORGANISATION, Settings

Json = dict[str, Any]
TODAY = datetime(2025, 6, 20, 8, 30, tzinfo=UTC)
MOMENT = re.compile(r'"20(?:2[6-9]|[3-9]\d)-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)"')
"""What the database's own clock wrote: always later than any day of the examples."""
WHO = SignIn("clinician@localhost", "four brave snails climb")
FIRST_USER = UUID("0192f0c1-a000-7c1f-9a3c-5d2e8f4b6a01")
SECOND_TRIAL = "0192f0c1-b222-7c1f-9a3c-5d2e8f4b6a20"
"""One more than the documentation's own example, so that there is something to judge."""
MOST = 2
"""How many entries of a long list are shown."""
WHOLE = {
    "read_trd_status",
    "evaluate_history",
    "read_timeline",
    "create_kept_answer",
    "read_kept_answer",
    "call_cds_service",
}
"""Answers about a patient that are shown as they are."""
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
STAND_INS = {
    "access_token": "header.claims.signature",
    "refresh_token": "good-for-one-use",
    "request_id": "0192f0c1a7b84c1f9a3c",
    "uuid": "9f2c1d34-5b6a-8c7d-9e0f-112233445566",
}
AUDITS = {
    *("list_audit_events", "list_audit_heads", "verify_audit", "export_patient"),
    *("erase_patient", "read_erasure", "list_erasures"),
}
OF_AUDIT = {
    **dict.fromkeys(("head", "last_head", "digest"), DIGEST),
    "id": 1042,
    "audit_event_id": 1042,
    "events": 12,
    "not_yet_sealed": 3,
    **dict.fromkeys(("number", "last_seal", "seals"), 87),
}


async def asked(url: str) -> Json:
    """The answers by operationId and status, from a service on an empty database (as the owner of its tables)."""
    await first_user(url, FIRST_ORGANISATION, *WHO, FIRST_USER)
    app = create_app(_settings(url), lambda: TODAY)
    document = app.openapi()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 443))
        async with httpx.AsyncClient(transport=transport, base_url="http://trialbook.example") as http:
            http.headers["Authorization"] = await _signed_in(http)
            everybody = Everybody(http, document["components"]["schemas"])
            seal = partial(seal_all, app.state.service.database)
            return {step.name: answers async for step, answers in _walk(everybody, steps(document), seal)}


def _settings(url: str) -> Settings:
    secret, encryption = SecretStr("0123456789abcdef" * 2), SecretStr("fedcba9876543210" * 2)
    return Settings(
        environment="test",
        database_url=SecretStr(url.replace(f"//{OWNER}@", f"//{SERVICE}@", 1)),
        secret_key=secret,
        encryption_key=encryption,
        public_url="https://trialbook.example",
    )


async def _signed_in(http: httpx.AsyncClient) -> str:
    form = {"grant_type": "password", "username": WHO.username, "password": WHO.password}
    answer = (await http.post("/oauth/token", data=form)).raise_for_status()
    return f"Bearer {answer.json()['access_token']}"


class Everybody:
    """Who asks: the first user, and once there is a token of theirs, the user of the examples."""

    def __init__(self, http: httpx.AsyncClient, schemas: Json) -> None:
        """Know how to ask, and the examples of bodies."""
        self.http, self._schemas, self._another = http, schemas, ""

    async def ask(self, step: Step) -> httpx.Response:
        """Send the example of the step.

        Raises:
            httpx.HTTPStatusError: it is refused.
        """
        body = step.body(self._schemas)
        sent: Json = {"data": body} if step.sends_form else {"json": body}
        headers = self._headers(step, body)
        answer = await self.http.request(step.method, step.address(), params=step.query(), headers=headers, **sent)
        answer.raise_for_status()
        if step.name == "issue_token":
            self._another = f"Bearer {answer.json()['access_token']}"
        return answer

    def _headers(self, step: Step, body: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
        headers = {"If-Match": "*"} if step.method == "patch" else {}
        if step.name in BY_ANOTHER:
            headers["Authorization"] = self._another
        if step.name == "create_patient":
            each = body["identifiers"][0]
            headers["If-None-Exist"] = f"identifier={each['system']}|{each['value']}"
        return headers


async def _walk(
    everybody: Everybody, todo: list[Step], seal: Callable[[], Awaitable[object]]
) -> AsyncIterator[tuple[Step, Json]]:
    for step in todo:
        if step.method == "delete":
            continue
        if "/audit/" in step.path:
            await seal()
        answers = {}
        for _ in range(2 if {"200", "201"} <= step.operation["responses"].keys() else 1):
            answer = await everybody.ask(step)
            if "json" in answer.headers.get("Content-Type", ""):
                answers[str(answer.status_code)] = shortened(step.name, answer.json())
        if answers:
            yield step, answers
        if step.name == "create_medication_trial":
            second = EXAMPLE["history"]["medication_trials"][1] | {"id": SECOND_TRIAL}
            (await everybody.http.post(step.address(), json=second)).raise_for_status()


def shortened(name: str, said: Any) -> Any:  # noqa: ANN401 - any JSON
    """The first entries of each list of objects; answers about a patient stay whole."""
    if isinstance(said, dict):
        return {key: shortened(name, inner) for key, inner in said.items()}
    if isinstance(said, list):
        objects = name not in WHOLE and any(isinstance(each, dict) for each in said)
        return [shortened(name, inner) for inner in said[: MOST if objects else None]]
    return said


def steady(name: str, said: Any) -> Any:  # noqa: ANN401 - any JSON
    """What is another each time is said by a stand-in: tokens, requests, and the numbers and digests of the audit."""
    if isinstance(said, list):
        return [steady(name, inner) for inner in said]
    if not isinstance(said, dict):
        return said
    stand_ins = STAND_INS | (OF_AUDIT if name in AUDITS else {})

    def stands_in(key: str, inner: object) -> bool:
        return key in stand_ins and type(inner) is type(stand_ins[key])

    return {key: stand_ins[key] if stands_in(key, inner) else steady(name, inner) for key, inner in said.items()}


def written(answers: Json) -> str:
    """As it is kept: one moment for all that the database's clock wrote."""
    kept = {name: steady(name, said) for name, said in answers.items()}
    text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
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
