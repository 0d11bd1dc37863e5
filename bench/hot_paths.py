"""The hot paths: what is asked over HTTP, and the one statement behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bench.records import TRIALS_SENT, Json
from models.base import new_id
from registry.medication_trials import TRIALS
from registry.patient_search import WITH_RECORDS
from registry.statements import Statement
from registry.status import FACTS

ROOT = "/v1/patients/"
DEFAULT_PAGE = 50


@dataclass(frozen=True)
class HotPath:
    """One request that the service must answer quickly.

    Attributes:
        name: how it is called in the table.
        method: the HTTP method.
        suffix: the address after the patient's id.
        statement: what the service runs for it.
        values: the values of the statement besides patient and organisation, from the body.
        body: what is sent.
    """

    name: str
    method: str
    suffix: str
    statement: Statement
    values: Callable[[Json], Json]
    body: Json | None = None

    @property
    def writes(self) -> bool:
        """True when each request leaves a row behind."""
        return self.body is not None


def columns(body: Json) -> Json:
    """The columns of a trial taken from its body as it is: nothing is checked, nothing is looked up."""
    outcome, adherence, source = body["outcome"], body["adherence"], body["source"]
    return {
        "id": new_id(),
        "ingredient": "sertraline",
        "medication": {"text": body["medication"]["text"], "system": None, "code": None},
        "episode_id": None,
        "augments": None,
        "note": None,
        "role": "monotherapy",
        "adherence_adequate": adherence["adequate"],
        "adherence_taken_fraction": adherence["taken_fraction"],
        **{key: body[key] for key in ("started", "ended", "doses", "indication", "stop_reason")},
        **{f"outcome_{key}": value for key, value in outcome.items()},
        "outcome_early_failure_confirmed": False,
        "outcome_ever_responded": None,
        **{f"source_{key}": value for key, value in source.items()},
    }


def _nothing(_body: Json) -> Json:
    return {}


def _first_page(_body: Json) -> Json:
    return {"after": UUID(int=0), "at_most": DEFAULT_PAGE + 1}


def _now(_body: Json) -> Json:
    return {"known_at": None}


WITH_TRIALS: Statement = WITH_RECORDS[frozenset({"medication_trials"})]
READS = (
    HotPath("list the trials of a patient", "GET", "/medication-trials", TRIALS.statements.page, _first_page),
    HotPath("read a patient with its trials", "GET", "?include=medication-trials", WITH_TRIALS, _nothing),
    HotPath("ask for the TRD status", "GET", "/trd-status", FACTS, _now),
)
CREATE = HotPath("create a trial", "POST", "/medication-trials", TRIALS.statements.insert, columns, body=TRIALS_SENT[0])
HOT_PATHS = (*READS, CREATE)
"""Reads first: what is written must not change what is read."""


def ordered(path: HotPath, patient: UUID, organisation: UUID, body: Json) -> list[Any]:
    """The values of the statement in its own order."""
    statement = path.statement
    given = {**statement.constants, "organisation_id": organisation, "patient_id": patient, **path.values(body)}
    return [given[name] for name in statement.order]
