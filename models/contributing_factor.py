"""Contributing factors: what may keep a depression going, and how sure that is."""

from uuid import UUID

from pydantic import ConfigDict
from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field as Column

from clinical.background import Certainty, ContributingFactor, FactorCategory
from models.base import Record, RecordOfPatient, Shape, one_of, partial_date
from models.fields import Note, PartialDate, SaidDay


class ContributingFactorBase(Shape):
    """What may be said of a factor besides what it is and how sure it is."""

    noted_on: PartialDate | None = None
    """When it was noted: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; null when not known."""
    note: Note | None = None
    """A free remark of at most 10,000 characters. It is never used to decide anything."""


class ContributingFactorCreate(ContributingFactorBase):
    """A factor to be recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "category": "co_occurring_disorder",
                "factor": "anxiety",
                "certainty": "confirmed",
                "noted_on": "2025-01",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    category: FactorCategory
    """The kind of factor."""
    factor: ContributingFactor
    """The factor itself; one that makes sense in its category."""
    certainty: Certainty
    """How sure it is. That it was looked for and not found is worth recording, too."""


class ContributingFactorUpdate(ContributingFactorBase):
    """What to change of a factor; what is left out stays. Null removes a value."""

    model_config = ConfigDict(json_schema_extra={"example": {"certainty": "refuted"}})

    category: FactorCategory | None = None
    """The kind of factor."""
    factor: ContributingFactor | None = None
    """The factor itself."""
    certainty: Certainty | None = None
    """How sure it is."""


class ContributingFactorRecord(Record, table=True):
    """The current state of a contributing factor."""

    __tablename__ = "contributing_factors"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("noted_on"),
        one_of("category", FactorCategory),
        one_of("factor", ContributingFactor),
        one_of("certainty", Certainty),
    )

    patient_id: UUID
    category: str = Column(max_length=40)
    factor: str = Column(max_length=40)
    certainty: str = Column(max_length=20)
    noted_on: str | None = Column(max_length=10)
    note: str | None = Column(max_length=10_000)


class ContributingFactorPublic(RecordOfPatient):
    """A contributing factor, as stored."""

    category: FactorCategory
    """The kind of factor."""
    factor: ContributingFactor
    """The factor itself."""
    certainty: Certainty
    """How sure it is."""
    noted_on: SaidDay | None
    """When it was noted; null when not known."""
    note: str | None
    """A free remark."""
