"""Depressive episodes: when the present one began decides which trials count under many definitions."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, field_validator
from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from clinical.vocabulary import Polarity, Severity
from models.base import Answer, Record, RecordOfPatient, Shape, not_before, one_of, partial_date
from models.fields import Code, Flag, Name, PartialDate, SaidDay


class Diagnosis(Shape):
    """The diagnosis as it was coded or written."""

    system: Code | None = None
    """The code system, such as `icd10`, `icd10cm`, `icd11` or `snomed`."""
    code: Code | None = None
    """The code, such as `F33.2`."""
    text: Name | None = None
    """The diagnosis in words."""


class EpisodeBase(Shape):
    """What may be said of a depressive episode."""

    onset: PartialDate | None = None
    """When the episode began: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; null when unknown."""
    resolved: PartialDate | None = None
    """When it ended; null while it lasts."""
    diagnosis: Diagnosis | None = None
    """The diagnosis as it was coded or written."""
    polarity: Polarity | None = Polarity.UNKNOWN
    """Unipolar or bipolar. Null is the same as `unknown`."""
    psychotic_features: Flag | None = None
    """Whether there were psychotic features; null when unknown."""
    severity: Severity | None = Severity.UNKNOWN
    """How severe it was at its worst. Null is the same as `unknown`."""

    @field_validator("polarity")
    @classmethod
    def _name_the_unknown_polarity(cls, polarity: Polarity | None) -> Polarity:
        return polarity or Polarity.UNKNOWN

    @field_validator("severity")
    @classmethod
    def _name_the_unknown_severity(cls, severity: Severity | None) -> Severity:
        return severity or Severity.UNKNOWN


class EpisodeCreate(EpisodeBase):
    """An episode to be recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "onset": "2024-11",
                "resolved": None,
                "diagnosis": {
                    "system": "icd10",
                    "code": "F33.2",
                    "text": "Recurrent depressive disorder, current episode severe",
                },
                "polarity": "unipolar",
                "psychotic_features": False,
                "severity": "severe",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""


class EpisodeUpdate(EpisodeBase):
    """What to change of an episode; what is left out stays. Null removes a value."""

    model_config = ConfigDict(json_schema_extra={"example": {"resolved": "2025-05"}})


class Episode(Record, table=True):
    """The current state of an episode."""

    __tablename__ = "episodes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("onset"),
        partial_date("resolved"),
        not_before("resolved", "onset", "resolved_not_before_onset"),
        one_of("polarity", Polarity),
        one_of("severity", Severity),
    )

    patient_id: UUID
    onset: str | None = Column(max_length=10)
    resolved: str | None = Column(max_length=10)
    diagnosis: dict[str, Any] | None = Column(sa_type=JSONB)
    polarity: str = Column(max_length=20)
    psychotic_features: bool | None
    severity: str = Column(max_length=20)


class DiagnosisPublic(Answer):
    """The diagnosis as it was coded or written."""

    system: str | None
    """The code system."""
    code: str | None
    """The code."""
    text: str | None
    """The diagnosis in words."""


class EpisodePublic(RecordOfPatient):
    """A depressive episode, as stored."""

    onset: SaidDay | None
    """When the episode began; null when unknown."""
    resolved: SaidDay | None
    """When it ended; null while it lasts."""
    diagnosis: DiagnosisPublic | None
    """The diagnosis as it was coded or written."""
    polarity: Polarity
    """Unipolar or bipolar."""
    psychotic_features: bool | None
    """Whether there were psychotic features; null when unknown."""
    severity: Severity
    """How severe it was at its worst."""
