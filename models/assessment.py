"""Assessments: filled-in rating scales."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, WithJsonSchema
from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from clinical.library import scales
from clinical.vocabulary import Rater, SafetyLevel
from models.base import Answer, Record, RecordOfPatient, Shape, one_of, partial_date
from models.fields import Code, Number, PartialDate, SaidDay, Slug, Whole

MOST_ITEMS = 60
SCALES: list[JsonValue] = [*scales()]
HIGHEST_TOTAL = 100
Points = Annotated[
    Whole, WithJsonSchema({"type": "integer", "format": "int32", "minimum": 0, "maximum": HIGHEST_TOTAL})
]
"""A total or an item. What a scale allows of it is checked with the scale, and said in its words."""
Change = Annotated[
    int, WithJsonSchema({"type": "integer", "format": "int32", "minimum": -HIGHEST_TOTAL, "maximum": HIGHEST_TOTAL})
]


class AssessmentBase(Shape):
    """What may be said of a filled-in scale besides which one and when."""

    total_score: Points | None = None
    """The total. May be left out when the items say it."""
    items: list[Points | None] | None = Field(default=None, max_length=MOST_ITEMS)
    """The answers to the items in the order of the scale; null for one that was not answered."""
    rater: Rater | None = None
    """Who filled it in; the scale's usual rater when left out."""


class AssessmentCreate(AssessmentBase):
    """A filled-in scale to be recorded. Send the total, the items, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "instrument": "phq9",
                "assessed_on": "2025-03-28",
                "items": [2, 2, 2, 2, 2, 2, 2, 2, 1],
                "total_score": 17,
                "rater": "self",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    instrument: Code = Field(json_schema_extra={"enum": SCALES})
    """The scale, by its slug; `GET /v1/scales` says what each asks."""
    assessed_on: PartialDate
    """The day that it was filled in: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""


class AssessmentUpdate(AssessmentBase):
    """What to change of an assessment; what is left out stays. Null removes a value."""

    model_config = ConfigDict(json_schema_extra={"example": {"total_score": 17}})

    instrument: Code | None = Field(default=None, json_schema_extra={"enum": SCALES})
    """The scale, by its slug."""
    assessed_on: PartialDate | None = None
    """The day that it was filled in."""


class Assessment(Record, table=True):
    """The current state of an assessment."""

    __tablename__ = "assessments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("assessed_on"),
        CheckConstraint(f"total_score BETWEEN 0 AND {HIGHEST_TOTAL}", name="total_score_range"),
        CheckConstraint("total_score IS NOT NULL OR items IS NOT NULL", name="total_or_items"),
        CheckConstraint("jsonb_typeof(items) = 'array'", name="items_are_a_list"),
        one_of("rater", Rater),
        # For the rating before another one; see `registry.assessments.previous_rating`.
        Index(
            "ix_assessments_before",
            *("organisation_id", "patient_id", "instrument", "last_day", "assessed_on", "id"),
            postgresql_where=text("total_score IS NOT NULL AND NOT entered_in_error"),
        ),
    )

    patient_id: UUID
    instrument: str = Column(max_length=40)
    assessed_on: str = Column(max_length=10)
    total_score: int | None
    items: list[Any] | None = Column(sa_type=JSONB)
    rater: str = Column(max_length=20)
    # Columns and no calls: row-level security lets no function that is not leakproof go by an index.
    first_day: date = Column(sa_column_args=[Computed("earliest_day(assessed_on)", persisted=True)])
    last_day: date = Column(sa_column_args=[Computed("latest_day(assessed_on)", persisted=True)])


class SeverityPublic(Answer):
    """The band that the total falls in, in the words of the scale."""

    band: str | None
    """The severity of depression that the band is read as; null where the scale is not read so."""
    label: str
    """The band's own label."""


class RatingSafety(Answer):
    """What the item on suicidal thoughts asks for: read it first. An item left out is unknown, zero no reassurance."""

    level: SafetyLevel
    """What to do."""
    sentence: str
    """The same in words."""
    basis: str
    """What it rests on."""


class TrendPublic(Answer):
    """The change since the last rating on the same scale before this one."""

    previous_id: UUID
    """That rating."""
    previous_on: SaidDay
    """The day of that rating."""
    previous_total: int
    """Its total."""
    change: Change
    """This total less that one."""
    percent: Number | None
    """The improvement in percent of the previous total; negative when worse; null when that was 0."""
    direction: str = Field(json_schema_extra={"enum": ["improved", "worse", "unchanged"]})
    """`improved`, `worse` or `unchanged`."""


class AssessmentPublic(RecordOfPatient):
    """A filled-in scale, as stored, with what it means."""

    instrument: Slug
    """The scale."""
    assessed_on: SaidDay
    """The day that it was filled in."""
    total_score: int | None
    """The total; null when an item that matters was not answered."""
    items: list[int | None] | None
    """The answers to the items in the order of the scale."""
    rater: Rater
    """Who filled it in."""
    severity: SeverityPublic | None
    """The band that the total falls in."""
    safety: RatingSafety | None
    """What the item on suicidal thoughts asks for; null for a scale without such an item."""
    trend: TrendPublic | None
    """The change since the one before; null for the first, without a total, and in a history of versions."""
