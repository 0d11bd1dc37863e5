"""Treatment plans. The database keeps the rules of the signature: see decision 0060."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from models.base import new_id
from models.plan_parts import StepEntry
from models.treatment_plan import TreatmentPlan, TreatmentPlanCreate
from registry.desk import Desk
from registry.medication_trials import TRIALS
from registry.merge import merged
from registry.noun import Noun, refuse
from registry.plan_faults import plan_faults
from registry.treatments import TREATMENTS

KINDS: tuple[tuple[Table, str], ...] = ((TRIALS.table, "trial_id"), (TREATMENTS.table, "treatment_id"))
"""What a step may have become, and the field that names it."""
IN_ERROR = "{}s_in_error"
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


def ties_in_error(row: FromClause) -> list[ColumnElement[Any]]:
    """The trials and treatments that a step of the plan became and that were entered in error since."""
    return [_in_error(row, *kind).label(IN_ERROR.format(kind[1])) for kind in KINDS]


def _in_error(row: FromClause, table: Table, field: str) -> ColumnElement[Any]:
    one = table.alias(field)
    named = func.jsonb_build_array(func.jsonb_build_object(literal_column(f"'{field}'"), one.c.id))
    same = (one.c.organisation_id == row.c.organisation_id, one.c.patient_id == row.c.patient_id)
    found = select(func.jsonb_agg(one.c.id, type_=JSONB)).where(*same, one.c.entered_in_error)
    return found.where(row.c.steps.op("@>")(named)).correlate(row).scalar_subquery()


def to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a row, or for the document of a version (which says nothing of what happened since)."""
    names = [IN_ERROR.format(field) for _, field in KINDS]
    in_error = {str(each) for name in names for each in row.get(name) or ()}
    known = names[0] in row.keys()  # noqa: SIM118 - a row of the database looks for values
    steps = [{**step, "tied_to_error": _tied_to(step, in_error) if known else None} for step in row["steps"]]
    return {
        **row,
        "steps": steps,
        "signed_by": typed_of(row),
        "signed_subject": (row["signed_by"] or {}).get("subject"),
    }


def typed_of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Who signed as it was typed: who was signed in is added by the database."""
    signer = row["signed_by"]
    return signer and {name: signer[name] for name in signer if name != "subject"}


def _tied_to(step: Mapping[str, Any], in_error: set[str]) -> bool:
    return any(step[field] in in_error for _, field in KINDS)


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{field: row[field] for field in FIELDS}, "signed_by": typed_of(row)}


def _amend(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Whoever takes the name away takes its meaning along."""
    unsigned = "signed_by" in patch and patch["signed_by"] is None and "signed_meaning" not in patch
    return merged(stored, {**patch, "signed_meaning": None} if unsigned else patch)


TREATMENT_PLANS = Noun(
    "treatment plan",
    TreatmentPlan.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    TreatmentPlanCreate,
    to_row,
    to_public,
    _to_entry,
    _amend,
    ties_in_error,
)
