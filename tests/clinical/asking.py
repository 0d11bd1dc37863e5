"""Asking the clinical core through the same door as `POST /v1/evaluate`, without a web or a database."""

from datetime import date
from typing import Any
from uuid import UUID

from models.evaluation import EvaluationRequest
from registry.desk import Desk
from registry.evaluation import evaluate

TODAY = date(2026, 11, 23)
NOWHERE: Any = None  # evaluation reads no database

Json = dict[str, Any]


def ask(history: Json, definition: str, on: date | str) -> Json:
    """The answer of one definition, as the API would give it."""
    request = EvaluationRequest.model_validate({"history": history, "definitions": [definition], "on": str(on)})
    said = evaluate(request, Desk(NOWHERE, UUID(int=0), TODAY))
    answer: Json = said["assessments"][0]
    return answer


def count(answer: Json) -> tuple[str, int, int]:
    """Status, how many surely failed, and how many more may have."""
    failed = answer["failed_medications"]
    return answer["status"], failed["confirmed"], failed["possible"]


def against(trial: Json) -> list[str]:
    """The criteria that are asked and not met, of one trial."""
    return [each["criterion"] for each in trial["findings"] if each["asked"] and each["verdict"] == "not_met"]


def questions(answer: Json) -> list[Json]:
    """What could change the status."""
    return [each for each in answer["missing_information"] if each["could_change_status"]]
