"""Treatments that are not a medicine taken day by day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from clinical.care import MODALITIES_OF, Laterality, Modality, TreatmentKind
from clinical.library import library
from clinical.treatments.adequate import adequate_course
from models.treatment import Treatment, TreatmentCreate
from registry.course_faults import STILL_GIVEN, Course, course_faults, outcome_faults, reason_faults, span
from registry.desk import Desk
from registry.errors import Fault
from registry.facts import treatment_of
from registry.noun import Noun, refuse
from registry.outcomes import outcome_columns, outcome_said
from registry.treatments_catalogue import adequacy_said

SAME = ("episode_id", "kind", "modality", "sessions", "laterality", "started", "ended", "stop_reason", "note")
"""Fields that are columns of the same name."""
ECT_ALONE = "Only ECT is given on one side or on both. Leave `laterality` out, or send the modality `ect`."


def treatment_faults(entry: TreatmentCreate, desk: Desk) -> list[Fault]:
    """All faults of a treatment, each with the place and what to send instead."""
    course = Course(span(entry.started), span(entry.ended), "treatment")
    return [
        *_what(entry),
        *course_faults(course, desk),
        *reason_faults(entry.ended, entry.stop_reason, STILL_GIVEN),
        *outcome_faults(entry.outcome, course, desk),
    ]


def _what(entry: TreatmentCreate) -> list[Fault]:
    """A modality that is not of the kind, and a side of what has none."""
    faults = []
    of_kind = MODALITIES_OF[entry.kind]
    if entry.modality not in of_kind:
        near = tuple(word.value for word in Modality if word in of_kind)
        faults.append(Fault("/modality", _other_kind(entry.kind, entry.modality, near), near))
    if entry.modality is not Modality.ECT and entry.laterality is not Laterality.UNKNOWN:
        faults.append(Fault("/laterality", ECT_ALONE))
    return faults


def _other_kind(kind: TreatmentKind, modality: Modality, near: tuple[str, ...]) -> str:
    kinds = [each.value for each, modalities in MODALITIES_OF.items() if modality in modalities]
    return f"`{modality}` is no {kind}. Send `kind` {' or '.join(kinds)}, or one of: {', '.join(near)}."


def to_row(entry: TreatmentCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a treatment.

    Raises:
        InvalidRequest: see `treatment_faults`.
    """
    refuse(treatment_faults(entry, desk))
    return {**{field: getattr(entry, field) for field in SAME}, **outcome_columns(entry.outcome)}


def to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a row, or for the document of a version: judged as of the day on which that was recorded."""
    recorded = date.fromisoformat(str(row["updated_at"])[: len("YYYY-MM-DD")])
    course = adequate_course(treatment_of(row), recorded.toordinal(), library())
    return {**row, "outcome": outcome_said(row), "adequate_course": adequacy_said(course)}


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{field: row[field] for field in SAME}, "outcome": outcome_said(row)}


TREATMENTS = Noun(
    "treatment",
    Treatment.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    TreatmentCreate,
    to_row,
    to_public,
    _to_entry,
)
