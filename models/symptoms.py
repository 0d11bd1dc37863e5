"""Symptom records: which of the core symptoms were found present and which absent on a day."""

from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field as Column

from clinical.background import Symptom
from models.answer import SafetyPublic
from models.base import Record, RecordOfPatient, Shape, partial_date
from models.fields import Note, PartialDate, SaidDay

WORDS = ", ".join(f"'{word.value}'" for word in Symptom)
LISTED = len(Symptom)


class SymptomRecordBase(Shape):
    """What may be said besides the day. A symptom in neither list is unknown and never taken as absent."""

    present: list[Symptom] | None = Field(default=None, max_length=LISTED, validate_default=True)
    """The symptoms found present. Null is an empty list."""
    absent: list[Symptom] | None = Field(default=None, max_length=LISTED, validate_default=True)
    """The symptoms that were asked about and found absent. Null is an empty list."""
    note: Note | None = None
    """A free remark of at most 10,000 characters. It is never used to decide anything."""

    @field_validator("present", "absent")
    @classmethod
    def _none_is_an_empty_list(cls, listed: list[Symptom] | None) -> list[Symptom]:
        return listed or []


class SymptomRecordCreate(SymptomRecordBase):
    """What was found on one day, to be recorded. Send at least one symptom."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "observed_on": "2025-03-28",
                "present": ["persistent_sadness", "loss_of_interest", "fatigue"],
                "absent": ["suicidal_thoughts"],
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    observed_on: PartialDate
    """The day on which it was found: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""


class SymptomRecordUpdate(SymptomRecordBase):
    """What to change of a symptom record; what is left out stays. A list replaces the stored one; null empties it."""

    model_config = ConfigDict(json_schema_extra={"example": {"absent": ["suicidal_thoughts", "poor_concentration"]}})

    observed_on: PartialDate | None = None
    """The day on which it was found."""


class SymptomRecord(Record, table=True):
    """The current state of a symptom record."""

    __tablename__ = "symptoms"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("observed_on"),
        CheckConstraint(f"present <@ ARRAY[{WORDS}]", name="present_words"),
        CheckConstraint(f"absent <@ ARRAY[{WORDS}]", name="absent_words"),
        CheckConstraint("NOT present && absent", name="not_present_and_absent"),
        CheckConstraint("cardinality(present || absent) >= 1", name="says_something"),
    )

    patient_id: UUID
    observed_on: str = Column(max_length=10)
    present: list[str] = Column(sa_type=ARRAY(Text))
    absent: list[str] = Column(sa_type=ARRAY(Text))
    note: str | None = Column(max_length=10_000)


class SymptomRecordPublic(RecordOfPatient):
    """A symptom record, as stored."""

    observed_on: SaidDay
    """The day on which it was found."""
    present: list[Symptom]
    """The symptoms found present."""
    absent: list[Symptom]
    """The symptoms found absent."""
    not_recorded: list[Symptom]
    """The symptoms of which nothing was said: unknown, and not absent."""
    note: str | None
    """A free remark."""
    safety: SafetyPublic | None
    """What the record asks for on suicidal thoughts; null where it says nothing of them, which is no reassurance."""
