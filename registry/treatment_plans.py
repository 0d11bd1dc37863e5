"""Treatment plans. The database keeps the rules of the signature: see decision 0060."""

from collections.abc import Mapping
from typing import Any

from models.base import new_id
from models.plan_parts import StepEntry
from models.treatment_plan import TreatmentPlan, TreatmentPlanCreate
from registry.desk import Desk
from registry.merge import merged
from registry.noun import Noun, refuse
from registry.plan_faults import plan_faults

FIELDS = ("title", "goals", "steps", "signed_by", "signed_meaning")


def to_row(entry: TreatmentPlanCreate, desk: Desk) -> dict[str, Any]:  # noqa: ARG001 - a plan may speak of the future
    """The columns of a plan; the database sets the time of the signature.

    Raises:
        InvalidRequest: see `plan_faults`.
    """
    refuse(plan_faults(entry))
    steps = [_with_id(step).model_dump(mode="json") for step in entry.steps or ()]
    return {**entry.model_dump(mode="json", exclude={"id"}), "steps": steps, "signed_at": None}


def _with_id(step: StepEntry) -> StepEntry:
    return step if step.id else step.model_copy(update={"id": new_id()})


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


def _amend(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Whoever takes the name away takes its meaning along."""
    unsigned = "signed_by" in patch and patch["signed_by"] is None and "signed_meaning" not in patch
    return merged(stored, {**patch, "signed_meaning": None} if unsigned else patch)


TREATMENT_PLANS = Noun(
    "treatment plan",
    TreatmentPlan.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    TreatmentPlanCreate,
    to_row,
    dict,
    _to_entry,
    _amend,
)
