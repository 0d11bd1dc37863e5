"""Histories judged and drawn without a database, for tests of pictures and pages."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from clinical.library import library
from models.evaluation import HistoryEntry
from registry.desk import Desk
from registry.evaluation import rows_of
from registry.known_definitions import built_in
from registry.report import Gathered, report_of, timeline_in
from tests.clinical.asking import NOWHERE, TODAY
from tests.clinical.trials import ON

Json = dict[str, Any]
PATIENT = UUID("0192f0c1-a7b8-7c1f-9a3c-5d2e8f4b6a10")
KNOWN_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOBODY: Json = {"id": str(PATIENT), "display_name": "Test", "birth_date": "1984-03", "sex": "female", "identifiers": []}


def asked(
    history: Json, on: str = ON, definition: str = "two_failed_medications", patient: Json | None = None
) -> Gathered:
    """A history as it would be fetched."""
    desk = Desk(NOWHERE, UUID(int=0), TODAY)
    rows = list(rows_of(HistoryEntry.model_validate(history), desk))
    day, rule = date.fromisoformat(on).toordinal(), library().definitions[definition]
    return Gathered(PATIENT, day, KNOWN_AT, rule, built_in(), [("patients", patient or NOBODY), *rows])


def timeline(history: Json, on: str = ON, definition: str = "two_failed_medications") -> Json:
    """The timeline of a history."""
    return timeline_in(asked(history, on, definition))


def report(history: Json, on: str = ON, **more: Any) -> Json:  # noqa: ANN401 - see `asked`
    """All that a report says."""
    return report_of(asked(history, on, **more))
