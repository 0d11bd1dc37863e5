"""Depressive episodes."""

from collections.abc import Mapping
from typing import Any

from clinical.dates import parse_partial_date
from models.episode import Episode, EpisodeCreate
from registry.desk import Desk
from registry.errors import Fault
from registry.noun import Noun, future_fault, refuse

FIELDS = ("onset", "resolved", "diagnosis", "polarity", "psychotic_features", "severity")


def episode_faults(entry: EpisodeCreate, desk: Desk) -> list[Fault]:
    """What contradicts the calendar or itself."""
    onset = parse_partial_date(entry.onset) if entry.onset else None
    resolved = parse_partial_date(entry.resolved) if entry.resolved else None
    faults = [
        *future_fault("/onset", onset and onset.first, desk),
        *future_fault("/resolved", resolved and resolved.first, desk),
    ]
    if onset and resolved and resolved.last < onset.first:
        faults.append(Fault("/resolved", "The episode ends before it began. Correct `onset` or `resolved`."))
    return faults


def _to_row(entry: EpisodeCreate, desk: Desk) -> dict[str, Any]:
    """The columns of an episode.

    Raises:
        InvalidRequest: see `episode_faults`.
    """
    refuse(episode_faults(entry, desk))
    return entry.model_dump(exclude={"id"})


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


EPISODES = Noun("episode", Episode.__table__, EpisodeCreate, _to_row, dict, _to_entry)  # type: ignore[attr-defined]
