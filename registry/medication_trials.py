"""Medication trials: what was entered, resolved to an ingredient, and described when it is read."""

from collections.abc import Mapping
from typing import Any

from models.medication_trial import MedicationTrial, MedicationTrialCreate
from models.trial_parts import AdherenceEntry, DoseEntry
from registry import medications
from registry.desk import Desk
from registry.errors import Fault
from registry.merge import merged
from registry.noun import Noun, refuse
from registry.outcomes import outcome_columns, outcome_said
from registry.trial_faults import absurd_doses, trial_faults

SAME = ("episode_id", "started", "ended", "indication", "role", "augments", "stop_reason", "note")
"""Fields that are columns of the same name."""
ADHERENCE = tuple(AdherenceEntry.model_fields)
SEVERAL_DOSES = "Several doses are recorded, one after the other. Send `doses` with all of them."
NO_ADHERENCE = AdherenceEntry()


def to_row(entry: MedicationTrialCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a trial.

    Raises:
        UnknownMedication: the formulary does not know the medicine.
        InvalidRequest: see `trial_faults`.
    """
    refuse(trial_faults(entry, desk))
    entered = entry.medication
    ingredient = medications.resolve(entered.text, entered.system, entered.code).ingredient
    refuse(absurd_doses(ingredient, entry))
    adherence = entry.adherence or NO_ADHERENCE
    return {
        **{field: getattr(entry, field) for field in SAME},
        "medication": entered.model_dump(),
        "ingredient": ingredient,
        "doses": [step.model_dump(by_alias=True) for step in steps_of(entry)],
        **{f"adherence_{field}": getattr(adherence, field) for field in ADHERENCE},
        **outcome_columns(entry.outcome),
        "source_kind": entry.source.kind if entry.source else None,
        "source_reference": entry.source.reference if entry.source else None,
    }


def steps_of(entry: MedicationTrialCreate) -> list[DoseEntry]:
    """The dose steps; the shorthand is one step from the start, whenever that was, and so has no date of its own."""
    if entry.daily_dose_mg is None:
        return entry.doses or []
    return [DoseEntry(daily_dose_mg=entry.daily_dose_mg)]


def to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a row, or for the document of a version."""
    said = dict(row)
    said["medication"] = {**said["medication"], **medications.describe(said["ingredient"])}
    said["daily_dose_mg"] = highest_dose(said["doses"])
    if len(said["doses"]) == 1:  # one dose all the time began with the trial, where nobody said otherwise
        said["doses"] = [{**step, "from": step["from"] or said["started"]} for step in said["doses"]]
    said["adherence"] = _part(said, "adherence", ADHERENCE)
    said["outcome"] = outcome_said(said)
    said["source"] = _source(said)
    return said


def _part(row: Mapping[str, Any], name: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Columns of one part, as an object."""
    return {field: row[f"{name}_{field}"] for field in fields}


def _source(row: Mapping[str, Any]) -> dict[str, Any] | None:
    return None if row["source_kind"] is None else _part(row, "source", ("kind", "reference"))


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    entry = {field: row[field] for field in (*SAME, "medication", "doses")}
    parts = {"adherence": _part(row, "adherence", ADHERENCE), "outcome": outcome_said(row)}
    return {**entry, **parts, "source": _source(row)}


def _amend(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A new single dose replaces the one before. Several recorded steps are replaced only by steps.

    Raises:
        InvalidRequest: one dose for a trial that has several.
    """
    if "doses" in patch or "daily_dose_mg" not in patch:
        return merged(stored, patch)
    if patch["daily_dose_mg"] == highest_dose(stored["doses"]):  # sent back as it was shown
        return merged(stored, {key: value for key, value in patch.items() if key != "daily_dose_mg"})
    refuse([Fault("/daily_dose_mg", SEVERAL_DOSES)] if len(stored["doses"]) > 1 else [])
    return merged({**stored, "doses": []}, patch)


def highest_dose(doses: list[dict[str, Any]]) -> float | None:
    """The highest of the daily doses; None when none is known."""
    return max((step["daily_dose_mg"] for step in doses if step["daily_dose_mg"] is not None), default=None)


TRIALS = Noun(
    "medication trial",
    MedicationTrial.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    MedicationTrialCreate,
    to_row,
    to_public,
    _to_entry,
    _amend,
)
