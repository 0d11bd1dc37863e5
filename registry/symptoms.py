"""Symptom records: what was found present and absent on a day, and what that asks for."""

from collections.abc import Iterator, Mapping
from typing import Any

from clinical.background import Symptom
from clinical.dates import parse_partial_date
from clinical.safety import safety_of_observation
from models.symptoms import SymptomRecord, SymptomRecordCreate
from registry.desk import Desk
from registry.errors import Fault
from registry.facts import observation_of
from registry.noun import Noun, future_fault, refuse

FIELDS = ("observed_on", "present", "absent", "note")
NOTHING_SAID = "Send at least one symptom in `present` or `absent`. One that was not asked about is left out of both."
TWICE = "This symptom is listed twice. Send it once."
BOTH = "This symptom is listed as present, too. Leave it in one of the two lists."


def symptom_faults(entry: SymptomRecordCreate, desk: Desk) -> list[Fault]:
    """What contradicts the calendar or itself."""
    faults = future_fault("/observed_on", parse_partial_date(entry.observed_on).first, desk)
    present, absent = entry.present or [], entry.absent or []
    if not present and not absent:
        return [*faults, Fault("/present", NOTHING_SAID)]
    both = [Fault(f"/absent/{place}", BOTH) for place, each in enumerate(absent) if each in present]
    return [*faults, *_twice("present", present), *_twice("absent", absent), *both]


def _twice(name: str, listed: list[Symptom]) -> Iterator[Fault]:
    return (Fault(f"/{name}/{place}", TWICE) for place, each in enumerate(listed) if each in listed[:place])


def to_row(entry: SymptomRecordCreate, desk: Desk) -> dict[str, Any]:
    """The columns of a symptom record.

    Raises:
        InvalidRequest: see `symptom_faults`.
    """
    refuse(symptom_faults(entry, desk))
    return entry.model_dump(exclude={"id"})


def to_public(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a row, or for the document of a version."""
    said = {*row["present"], *row["absent"]}
    safety = safety_of_observation(observation_of(row))
    left = [word for word in Symptom if word.value not in said]
    return {**row, "not_recorded": left, "safety": safety and safety._asdict()}


def _to_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in FIELDS}


SYMPTOMS = Noun(
    "symptom record",
    SymptomRecord.__table__,  # type: ignore[attr-defined]  # SQLModel sets it on tables
    SymptomRecordCreate,
    to_row,
    to_public,
    _to_entry,
)
