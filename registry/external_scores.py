"""External scores: kept as they were given, since nobody here can score them again."""

from collections.abc import Mapping
from typing import Any

from clinical.background import HIGHEST_SCORE_OF
from clinical.dates import parse_partial_date
from models.external_score import ExternalScore, ExternalScoreCreate
from registry.desk import Desk
from registry.errors import Fault
from registry.noun import Noun, future_fault, refuse

FIELDS = ("instrument", "scored_on", "score", "rater", "note")


def score_faults(entry: ExternalScoreCreate, desk: Desk) -> list[Fault]:
    """A day to come, and a result that the instrument cannot have."""
    faults = future_fault("/scored_on", parse_partial_date(entry.scored_on).first, desk)
    highest = HIGHEST_SCORE_OF[entry.instrument]
    if entry.score > highest:
        faults.append(Fault("/score", f"The result of {entry.instrument} goes from 0 to {highest} here."))
    return faults


def to_row(entry: ExternalScoreCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a score.

    Raises:
        InvalidRequest: see `score_faults`.
    """
    refuse(score_faults(entry, desk))
    return entry.model_dump(exclude={"id"})


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


EXTERNAL_SCORES = Noun(
    "external score",
    ExternalScore.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    ExternalScoreCreate,
    to_row,
    dict,
    _to_entry,
)
