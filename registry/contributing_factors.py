"""Contributing factors."""

from collections.abc import Mapping
from typing import Any

from clinical.background import FACTORS_OF, ContributingFactor
from clinical.dates import parse_partial_date
from models.contributing_factor import ContributingFactorCreate, ContributingFactorRecord
from registry.desk import Desk
from registry.errors import Fault
from registry.noun import Noun, future_fault, refuse

FIELDS = ("category", "factor", "certainty", "noted_on", "note")


def factor_faults(entry: ContributingFactorCreate, desk: Desk) -> list[Fault]:
    """What contradicts the calendar, and a factor that makes no sense in its category."""
    noted = parse_partial_date(entry.noted_on) if entry.noted_on else None
    faults = future_fault("/noted_on", noted and noted.first, desk)
    sensible = FACTORS_OF[entry.category]
    if entry.factor not in sensible:
        near = tuple(word.value for word in ContributingFactor if word in sensible)
        kinds = " or ".join(kind.value for kind, factors in FACTORS_OF.items() if entry.factor in factors)
        message = (
            f"`{entry.factor}` belongs to another category. Send `category` {kinds}, or one of: {', '.join(near)}."
        )
        faults.append(Fault("/factor", message, near))
    return faults


def to_row(entry: ContributingFactorCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a factor.

    Raises:
        InvalidRequest: see `factor_faults`.
    """
    refuse(factor_faults(entry, desk))
    return entry.model_dump(exclude={"id"})


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


CONTRIBUTING_FACTORS = Noun(
    "contributing factor",
    ContributingFactorRecord.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    ContributingFactorCreate,
    to_row,
    dict,
    _to_entry,
)
