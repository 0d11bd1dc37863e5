"""Medication trials: what was entered, resolved to an ingredient, and described when it is read."""

from collections.abc import Mapping
from typing import Any

from models.medication_trial import MedicationTrial, MedicationTrialCreate
from models.trial_parts import AdherenceEntry, DoseEntry, OutcomeEntry
from registry import medications
from registry.desk import Desk
from registry.merge import merged
from registry.noun import Noun, refuse
from registry.trial_faults import trial_faults

SAME = ("episode_id", "started", "ended", "indication", "role", "augments", "stop_reason", "note")
"""Fields that are columns of the same name."""
OUTCOME = tuple(OutcomeEntry.model_fields)
ADHERENCE = tuple(AdherenceEntry.model_fields)
NO_OUTCOME, NO_ADHERENCE = OutcomeEntry(), AdherenceEntry()


def to_row(entry: MedicationTrialCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a trial.

    Raises:
        UnknownMedication: the formulary does not know the medicine.
        InvalidRequest: see `trial_faults`.
    """
    refuse(trial_faults(entry, desk))
    entered = entry.medication
    outcome, adherence = entry.outcome or NO_OUTCOME, entry.adherence or NO_ADHERENCE
    return {
        **{field: getattr(entry, field) for field in SAME},
        "medication": entered.model_dump(),
        "ingredient": medications.resolve(entered.text, entered.system, entered.code).ingredient,
        "doses": [step.model_dump(by_alias=True) for step in steps_of(entry)],
        **{f"adherence_{field}": getattr(adherence, field) for field in ADHERENCE},
        **{f"outcome_{field}": getattr(outcome, field) for field in OUTCOME},
        "source_kind": entry.source.kind if entry.source else None,
        "source_reference": entry.source.reference if entry.source else None,
    }


def steps_of(entry: MedicationTrialCreate) -> list[DoseEntry]:
    """The dose steps; the shorthand is one step from the start."""
    if entry.daily_dose_mg is None:
        return entry.doses or []
    return [DoseEntry(daily_dose_mg=entry.daily_dose_mg, since=entry.started)]


def to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a row, or for the document of a version."""
    said = dict(row)
    doses = [step["daily_dose_mg"] for step in said["doses"] if step["daily_dose_mg"] is not None]
    said["medication"] = {**said["medication"], **medications.describe(said["ingredient"])}
    said["daily_dose_mg"] = max(doses, default=None)
    said["adherence"] = _part(said, "adherence", ADHERENCE)
    said["outcome"] = _part(said, "outcome", OUTCOME)
    said["source"] = _source(said)
    return said


def _part(row: Mapping[str, Any], name: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Columns of one part, as an object."""
    return {field: row[f"{name}_{field}"] for field in fields}


def _source(row: Mapping[str, Any]) -> dict[str, Any] | None:
    return None if row["source_kind"] is None else _part(row, "source", ("kind", "reference"))


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    entry = {field: row[field] for field in (*SAME, "medication", "doses")}
    parts = {"adherence": _part(row, "adherence", ADHERENCE), "outcome": _part(row, "outcome", OUTCOME)}
    return {**entry, **parts, "source": _source(row)}


def _amend(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A new single dose replaces the steps; a first step that began with the trial moves with its start."""
    if "doses" not in patch and "daily_dose_mg" in patch:
        stored = {**stored, "doses": []}
    elif "doses" not in patch and "started" in patch:
        stored = {**stored, "doses": _moved(stored, patch["started"])}
    return merged(stored, patch)


def _moved(stored: dict[str, Any], started: str | None) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = stored["doses"]
    moves = bool(steps) and steps[0]["from"] == stored["started"]
    return [{**steps[0], "from": started}, *steps[1:]] if moves else steps


TRIALS = Noun(
    "medication trial",
    MedicationTrial.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    MedicationTrialCreate,
    to_row,
    to_public,
    _to_entry,
    _amend,
)
