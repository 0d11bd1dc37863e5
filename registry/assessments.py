"""Assessments: filled-in rating scales, with what they mean."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, func, not_, select
from sqlalchemy.dialects.postgresql import JSONB

from clinical.library import scales
from clinical.rating_scales import Scale
from models.assessment import Assessment, AssessmentCreate
from registry.desk import Desk
from registry.noun import Noun, refuse
from registry.rating_faults import rating_faults

RATINGS: Table = Assessment.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
FIELDS = ("instrument", "assessed_on", "total_score", "items", "rater")


def previous_rating(row: FromClause) -> list[ColumnElement[Any]]:
    """The last rating with a total on the same scale that is certainly before this one.

    Of those of the same day the one with the id before; else the last of an earlier day. Each is one step along
    `ix_assessments_before`, so that a list costs as many steps as it has ratings.
    """
    one = RATINGS.alias("one")
    same_day = (
        one.c.last_day == row.c.last_day,  # follows from the next; the index goes by it
        one.c.assessed_on == row.c.assessed_on,
        one.c.id < row.c.id,
    )
    before = (
        one.c.last_day < row.c.first_day,
        one.c.id != row.c.id,  # a change is answered beside the version before it
    )
    found = (_last(row, one, *conditions) for conditions in (same_day, before))
    return [func.coalesce(*found, type_=JSONB).label("previous")]


def _last(row: FromClause, one: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """The last rating on the scale of this row for which the conditions hold."""
    same = (
        one.c.organisation_id == row.c.organisation_id,
        one.c.patient_id == row.c.patient_id,
        one.c.instrument == row.c.instrument,
        one.c.total_score.is_not(None),
        not_(one.c.entered_in_error),
    )
    shown = func.jsonb_build_object("id", one.c.id, "on", one.c.assessed_on, "total", one.c.total_score, type_=JSONB)
    last = select(shown).where(*same, *conditions).correlate(row)
    order = (one.c.last_day, one.c.assessed_on, one.c.id)
    return last.order_by(*(each.desc() for each in order)).limit(1).scalar_subquery()


def to_row(entry: AssessmentCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a rating; a total that the items say is stored with them.

    Raises:
        InvalidRequest: see `rating_faults`.
    """
    refuse(rating_faults(entry, desk))
    scale = scales()[entry.instrument]
    total = entry.total_score
    if total is None and entry.items is not None:
        total = scale.total_of(tuple(entry.items))
    return {**entry.model_dump(exclude={"id"}), "total_score": total, "rater": entry.rater or scale.rater}


def to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a row, or for the document of a version (which has no trend)."""
    scale = scales()[row["instrument"]]
    said = dict(row)
    safety = scale.safety_of(None if said["items"] is None else tuple(said["items"]))
    said["safety"] = safety and safety._asdict()
    said["severity"] = _severity(scale, said["total_score"])
    judged_against_start = scale.rates == "global improvement"
    said["trend"] = None if judged_against_start else _trend(said.get("previous"), said["total_score"])
    return said


def _severity(scale: Scale, total: int | None) -> dict[str, Any] | None:
    if total is None:
        return None
    band = scale.band(total)
    return {"band": band.severity, "label": band.label}


def _trend(previous: Mapping[str, Any] | None, total: int | None) -> dict[str, Any] | None:
    """The change since the rating before; a lower total is better on every scale of the library."""
    if previous is None or total is None:
        return None
    before, change = previous["total"], total - previous["total"]
    return {
        "previous_id": previous["id"],
        "previous_on": previous["on"],
        "previous_total": before,
        "change": change,
        "percent": round(-100 * change / before, 1) if before else None,
        "direction": "unchanged" if change == 0 else "improved" if change < 0 else "worse",
    }


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


def _amend(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """New items alone replace the total, which followed from the old ones."""
    kept = {**stored, "total_score": None} if "items" in patch and "total_score" not in patch else stored
    return {**kept, **patch}


ASSESSMENTS = Noun("assessment", RATINGS, AssessmentCreate, to_row, to_public, _to_entry, _amend, previous_rating)
