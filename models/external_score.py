"""External scores: the result of an instrument that somebody scored outside this service, kept as it was given."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field as Column

from clinical.background import ScoredInstrument
from models.base import Record, RecordOfPatient, Shape, one_of, partial_date
from models.fields import WHOLE, Name, Note, PartialDate, SaidDay

HIGHEST_SCORE = 999
Score = Annotated[int, Field(strict=True, ge=0, le=HIGHEST_SCORE), WHOLE]


class ExternalScoreBase(Shape):
    """What may be said of a score besides the instrument, the day and the result."""

    rater: Name | None = None
    """Who scored it: a name or a function; null when not known."""
    note: Note | None = None
    """A free remark of at most 10,000 characters. It is never used to decide anything."""


class ExternalScoreCreate(ExternalScoreBase):
    """A result to be recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "instrument": "athf_sf2",
                "scored_on": "2025-06-20",
                "score": 2,
                "rater": "Research nurse, mood disorders clinic",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    instrument: ScoredInstrument
    """The instrument."""
    scored_on: PartialDate
    """The day on which it was scored: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""
    score: Score
    """The result; for the ATHF-SF2 the number of adequate treatments that failed."""


class ExternalScoreUpdate(ExternalScoreBase):
    """What to change of a score; what is left out stays. Null removes a value."""

    model_config = ConfigDict(json_schema_extra={"example": {"score": 3}})

    instrument: ScoredInstrument | None = None
    """The instrument."""
    scored_on: PartialDate | None = None
    """The day on which it was scored."""
    score: Score | None = None
    """The result."""


class ExternalScore(Record, table=True):
    """The current state of an external score."""

    __tablename__ = "external_scores"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("scored_on"),
        CheckConstraint(f"score BETWEEN 0 AND {HIGHEST_SCORE}", name="score_range"),
        one_of("instrument", ScoredInstrument),
    )

    patient_id: UUID
    instrument: str = Column(max_length=40)
    scored_on: str = Column(max_length=10)
    score: int
    rater: str | None = Column(max_length=200)
    note: str | None = Column(max_length=10_000)


class ExternalScorePublic(RecordOfPatient):
    """An external score, as stored."""

    instrument: ScoredInstrument
    """The instrument."""
    scored_on: SaidDay
    """The day on which it was scored."""
    score: int
    """The result."""
    rater: str | None
    """Who scored it."""
    note: str | None
    """A free remark."""
