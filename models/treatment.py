"""Treatments that are not a medicine taken day by day: talking therapies, stimulation, sessions, lifestyle, studies."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Numeric, UniqueConstraint
from sqlmodel import Field as Column

from clinical.care import Laterality, Modality, TreatmentKind
from clinical.vocabulary import Basis, Response, StopReason
from models.adequate_course import AdequateCourse
from models.base import Record, RecordOfPatient, Shape, not_before, one_of, partial_date
from models.fields import WHOLE, Note, PartialDateOrUnknown, SaidDayOrUnknown
from models.trial_parts import OutcomeEntry, OutcomePublic

MOST_SESSIONS = 10_000
Sessions = Annotated[int, Field(strict=True, ge=1, le=MOST_SESSIONS), WHOLE]


class TreatmentBase(Shape):
    """What may be said of a treatment besides what it is."""

    episode_id: UUID | None = None
    """The episode that it belongs to; null when not said (its dates then decide)."""
    sessions: Sessions | None = None
    """How many sessions were given so far; null when not known, and never 0."""
    laterality: Laterality | None = Laterality.UNKNOWN
    """For ECT alone: where the electrodes were. Null is the same as `unknown`."""
    started: PartialDateOrUnknown | None = None
    """The first day: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; null or `unknown` when not known."""
    ended: PartialDateOrUnknown | None = None
    """The last day; null while it goes on; `unknown` when it was stopped and nobody knows when."""
    outcome: OutcomeEntry | None = None
    """What came of it."""
    stop_reason: StopReason | None = StopReason.UNKNOWN
    """Why it ended. Null is the same as `unknown`; leave it out while it goes on."""
    note: Note | None = None
    """A free remark of at most 10,000 characters. It is never used to decide anything."""

    @field_validator("started")
    @classmethod
    def _one_word_for_unknown(cls, started: str | None) -> str | None:
        return None if started == "unknown" else started

    @field_validator("laterality")
    @classmethod
    def _name_the_unknown_side(cls, laterality: Laterality | None) -> Laterality:
        return laterality or Laterality.UNKNOWN

    @field_validator("stop_reason")
    @classmethod
    def _name_the_unknown_reason(cls, reason: StopReason | None) -> StopReason:
        return reason or StopReason.UNKNOWN


class TreatmentCreate(TreatmentBase):
    """A treatment to be recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "neuromodulation",
                "modality": "ect",
                "sessions": 12,
                "laterality": "bilateral",
                "started": "2025-05-05",
                "ended": "2025-06-13",
                "outcome": {
                    "response": "partial",
                    "improvement_percent": 35,
                    "assessed_on": "2025-06-13",
                    "basis": "scale",
                },
                "stop_reason": "lack_of_efficacy",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    kind: TreatmentKind
    """The kind of treatment."""
    modality: Modality
    """The treatment itself; one of its kind. Within a clinical trial it may be any."""


class TreatmentUpdate(TreatmentBase):
    """What to change of a treatment; what is left out stays. Null removes a value."""

    model_config = ConfigDict(json_schema_extra={"example": {"sessions": 10}})

    kind: TreatmentKind | None = None
    """The kind of treatment."""
    modality: Modality | None = None
    """The treatment itself."""


class Treatment(Record, table=True):
    """The current state of a treatment."""

    __tablename__ = "treatments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "patient_id", "episode_id"],
            ["episodes.organisation_id", "episodes.patient_id", "episodes.id"],
            name="episode",
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("started"),
        partial_date("ended", or_unknown=True),
        not_before("ended", "started", "ended_not_before_started"),
        partial_date("outcome_assessed_on"),
        not_before("outcome_assessed_on", "started", "outcome_not_before_started"),
        CheckConstraint(f"sessions BETWEEN 1 AND {MOST_SESSIONS}", name="sessions_range"),
        CheckConstraint("laterality = 'unknown' OR modality = 'ect'", name="laterality_of_ect"),
        CheckConstraint("outcome_improvement_percent BETWEEN -1000 AND 100", name="improvement_percent_range"),
        one_of("kind", TreatmentKind),
        one_of("modality", Modality),
        one_of("laterality", Laterality),
        one_of("outcome_response", Response),
        one_of("outcome_basis", Basis),
        one_of("stop_reason", StopReason),
    )

    patient_id: UUID
    episode_id: UUID | None
    kind: str = Column(max_length=20)
    modality: str = Column(max_length=40)
    sessions: int | None
    laterality: str = Column(max_length=20)
    started: str | None = Column(max_length=10)
    ended: str | None = Column(max_length=10)
    outcome_response: str = Column(max_length=20)
    outcome_improvement_percent: float | None = Column(sa_type=Numeric)
    outcome_assessed_on: str | None = Column(max_length=10)
    outcome_basis: str | None = Column(max_length=20)
    outcome_early_failure_confirmed: bool
    outcome_ever_responded: bool | None
    stop_reason: str = Column(max_length=20)
    note: str | None = Column(max_length=10_000)


class TreatmentPublic(RecordOfPatient):
    """A treatment, as stored."""

    episode_id: UUID | None
    """The episode that it was said to belong to."""
    kind: TreatmentKind
    """The kind of treatment."""
    modality: Modality
    """The treatment itself."""
    sessions: int | None
    """How many sessions were given; null when not known."""
    laterality: Laterality
    """For ECT: where the electrodes were."""
    started: SaidDayOrUnknown | None
    """The first day; null when not known."""
    ended: SaidDayOrUnknown | None
    """The last day; null while it goes on; `unknown` when it was stopped, nobody knows when."""
    outcome: OutcomePublic
    """What came of it."""
    stop_reason: StopReason
    """Why it ended; `unknown` while it goes on."""
    note: str | None
    """A free remark."""
    adequate_course: AdequateCourse
    """Whether it was a fair course as of the day on which this version was recorded, by published sources."""
