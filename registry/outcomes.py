"""The outcome of a trial or a treatment: an object where it is sent and answered, columns where it is stored."""

from collections.abc import Mapping
from typing import Any

from models.trial_parts import OutcomeEntry

OUTCOME = tuple(OutcomeEntry.model_fields)
NO_OUTCOME = OutcomeEntry()


def outcome_columns(outcome: OutcomeEntry | None) -> dict[str, Any]:
    """The columns of an outcome; one that was left out is unknown."""
    entry = outcome or NO_OUTCOME
    return {f"outcome_{field}": getattr(entry, field) for field in OUTCOME}


def outcome_said(row: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome in a row, as an object."""
    return {field: row[f"outcome_{field}"] for field in OUTCOME}
