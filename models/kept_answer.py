"""Kept answers: a status as it was given, stored whole and signed."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from clinical.vocabulary import Word
from models.base import Record, Shape
from models.evaluation import DEFAULT_DEFINITION, Day
from models.fields import Name, Note

MOST_SIGNATURES = 50
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)


def _in_reach(day: date) -> date:
    """Refuse a day that nobody means; PostgreSQL has no last day of the calendar but infinity."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"give a day from {FIRST_DAY} to {LAST_DAY}")
    return day


DayInReach = Annotated[Day, AfterValidator(_in_reach)]
"""A whole day that an answer can be kept of."""


class SignatureMeaning(Word):
    """What a signature stands for."""

    AUTHOR = "author", "Asked for the answer and put it on record."
    REVIEWER = "reviewer", "Has read the answer and its reasons."
    APPROVER = "approver", "Agrees that the answer may be used."
    RESPONSIBLE = "responsible", "Answers for the care of the patient."


class SignatureEntry(Shape):
    """Who signs, and as what. The service adds when."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"signed_by": "Dr A. Example", "role": "consultant psychiatrist", "meaning": "reviewer"}
        }
    )

    signed_by: Name
    """The name to be shown. The database adds the identity of whoever is signed in."""
    role: Name | None = None
    """In which role, such as `consultant psychiatrist`; null when not said."""
    meaning: SignatureMeaning
    """What the signature stands for."""


class KeptAnswerCreate(Shape):
    """Which answer to keep: it is computed now, from what is known now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "definition": DEFAULT_DEFINITION,
                "on": "2025-06-01",
                "note": "For the referral of this month.",
                "signature": {
                    "signed_by": "Dr A. Example",
                    "role": "consultant psychiatrist",
                    "meaning": "author",
                },
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record; else the service makes one."""
    definition: Name = DEFAULT_DEFINITION
    """Which definition to apply; see `GET /v1/definitions`."""
    on: DayInReach | None = None
    """The day asked about, from 1900-01-01 to 2200-12-31; null is today."""
    note: Note | None = None
    """A free remark of at most 10,000 characters, kept with the answer and never changed."""
    signature: SignatureEntry | None = None
    """The first signature; null when nobody signs yet."""


class KeptAnswer(Record, table=True):
    """An answer as it was given. Only signatures are added; a trigger refuses every other change."""

    __tablename__ = "kept_answers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        CheckConstraint("jsonb_typeof(answer) = 'object'", name="answer_is_an_object"),
        CheckConstraint("jsonb_typeof(facts) = 'array'", name="facts_are_a_list"),
        CheckConstraint(
            f"jsonb_typeof(signatures) = 'array' AND jsonb_array_length(signatures) <= {MOST_SIGNATURES}",
            name="signatures_are_not_too_many",
        ),
    )

    patient_id: UUID
    definition_id: str = Column(max_length=100)
    definition_version: str = Column(max_length=20)
    definition_digest: str = Column(max_length=71)
    asked_on: date
    known_at: datetime
    answer: dict[str, Any] = Column(sa_type=JSONB)
    facts: list[dict[str, Any]] = Column(sa_type=JSONB)
    note: str | None = Column(max_length=10_000)
    digest: str = Column(max_length=71)
    signatures: list[dict[str, Any]] = Column(sa_type=JSONB, sa_column_kwargs={"server_default": text("'[]'")})
