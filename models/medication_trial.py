"""Medication trials: one course of one medicine, with its doses, outcome and the reason for stopping."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from clinical.vocabulary import Basis, Indication, Response, Role, SourceKind, StopReason
from models.base import Record, RecordOfPatient, Shape, not_before, one_of, partial_date
from models.fields import DailyDose, Note, Number, PartialDateOrUnknown, SaidDayOrUnknown
from models.trial_parts import (
    AdherenceEntry,
    AdherencePublic,
    DoseEntry,
    DosePublic,
    MedicationEntry,
    MedicationPublic,
    OutcomeEntry,
    OutcomePublic,
    SourceEntry,
    SourcePublic,
)

MOST_STEPS = 100
INSANE_DOSE = '$[*].daily_dose_mg ? (@ <= 0 || @ >= 100000 || @.type() == "string")'


class MedicationTrialBase(Shape):
    """What may be said of a medication trial besides the medicine."""

    episode_id: UUID | None = None
    """The episode that it belongs to; null when not said (its dates then decide)."""
    started: PartialDateOrUnknown | None = None
    """The first day taken: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; null or `unknown` when not known."""
    ended: PartialDateOrUnknown | None = None
    """The last day taken; null while it is still taken; `unknown` when it was stopped and nobody knows when."""
    doses: list[DoseEntry] | None = Field(default=None, max_length=MOST_STEPS)
    """The daily doses in the order in which they were taken. Send this or `daily_dose_mg`."""
    daily_dose_mg: DailyDose | None = None
    """Shorthand for one dose all the time: mg of the active ingredient a day."""
    adherence: AdherenceEntry | None = None
    """How regularly the medicine was taken."""
    indication: Indication | None = Indication.UNKNOWN
    """What it was given for. Null is the same as `unknown`."""
    role: Role | None = Role.MONOTHERAPY
    """What it was given as. Null is the same as `monotherapy`."""
    augments: UUID | None = None
    """The trial that an augmentation or a combination was added to."""
    outcome: OutcomeEntry | None = None
    """What came of it."""
    stop_reason: StopReason | None = StopReason.UNKNOWN
    """Why it was stopped. Null is the same as `unknown`; leave it out while the medicine is taken."""
    source: SourceEntry | None = None
    """Where the record comes from."""
    note: Note | None = None
    """A free remark of at most 10,000 characters. It is never used to decide anything."""

    @field_validator("started")
    @classmethod
    def _one_word_for_unknown(cls, started: str | None) -> str | None:
        return None if started == "unknown" else started

    @field_validator("indication")
    @classmethod
    def _name_the_unknown_indication(cls, indication: Indication | None) -> Indication:
        return indication or Indication.UNKNOWN

    @field_validator("role")
    @classmethod
    def _name_the_usual_role(cls, role: Role | None) -> Role:
        return role or Role.MONOTHERAPY

    @field_validator("stop_reason")
    @classmethod
    def _name_the_unknown_reason(cls, reason: StopReason | None) -> StopReason:
        return reason or StopReason.UNKNOWN


class MedicationTrialCreate(MedicationTrialBase):
    """A medication trial to be recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "medication": {"text": "Zoloft"},
                "started": "2025-01-10",
                "ended": "2025-03-28",
                "doses": [{"daily_dose_mg": 50, "from": "2025-01-10"}, {"daily_dose_mg": 100, "from": "2025-01-24"}],
                "adherence": {"adequate": True, "taken_fraction": 0.9},
                "indication": "depression",
                "role": "monotherapy",
                "outcome": {
                    "response": "none",
                    "improvement_percent": 10,
                    "assessed_on": "2025-03-28",
                    "basis": "scale",
                },
                "stop_reason": "lack_of_efficacy",
                "source": {"kind": "clinician"},
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    medication: MedicationEntry
    """The medicine, by name or by code."""


class MedicationTrialUpdate(MedicationTrialBase):
    """What to change of a medication trial; what is left out stays. Null removes a value."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"outcome": {"response": "partial", "improvement_percent": 30}}}
    )

    medication: MedicationEntry | None = None
    """The medicine, by name or by code."""


class MedicationTrial(Record, table=True):
    """The current state of a medication trial."""

    __tablename__ = "medication_trials"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        ForeignKeyConstraint(
            ["organisation_id", "patient_id", "episode_id"],
            ["episodes.organisation_id", "episodes.patient_id", "episodes.id"],
            name="episode",
        ),
        ForeignKeyConstraint(
            ["organisation_id", "patient_id", "augments"],
            ["medication_trials.organisation_id", "medication_trials.patient_id", "medication_trials.id"],
            name="augments",
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        partial_date("started"),
        partial_date("ended", or_unknown=True),
        not_before("ended", "started", "ended_not_before_started"),
        partial_date("outcome_assessed_on"),
        not_before("outcome_assessed_on", "started", "outcome_not_before_started"),
        CheckConstraint("jsonb_typeof(doses) = 'array'", name="doses_are_a_list"),
        CheckConstraint(f"NOT jsonb_path_exists(doses, '{INSANE_DOSE}')", name="doses_are_sane"),
        CheckConstraint("jsonb_typeof(medication) = 'object'", name="medication_is_an_object"),
        CheckConstraint("adherence_taken_fraction BETWEEN 0 AND 1", name="taken_fraction_range"),
        CheckConstraint("outcome_improvement_percent BETWEEN -1000 AND 100", name="improvement_percent_range"),
        CheckConstraint("augments IS NULL OR (augments <> id AND role <> 'monotherapy')", name="augments_another"),
        one_of("indication", Indication),
        one_of("role", Role),
        one_of("outcome_response", Response),
        one_of("outcome_basis", Basis),
        one_of("stop_reason", StopReason),
        one_of("source_kind", SourceKind),
    )

    patient_id: UUID
    episode_id: UUID | None
    medication: dict[str, Any] = Column(sa_type=JSONB)
    ingredient: str = Column(max_length=100)
    started: str | None = Column(max_length=10)
    ended: str | None = Column(max_length=10)
    doses: list[dict[str, Any]] = Column(sa_type=JSONB)
    adherence_adequate: bool | None
    adherence_taken_fraction: float | None = Column(sa_type=Numeric)
    indication: str = Column(max_length=20)
    role: str = Column(max_length=20)
    augments: UUID | None
    outcome_response: str = Column(max_length=20)
    outcome_improvement_percent: float | None = Column(sa_type=Numeric)
    outcome_assessed_on: str | None = Column(max_length=10)
    outcome_basis: str | None = Column(max_length=20)
    outcome_early_failure_confirmed: bool
    outcome_ever_responded: bool | None
    stop_reason: str = Column(max_length=20)
    source_kind: str | None = Column(max_length=20)
    source_reference: str | None = Column(max_length=200)
    note: str | None = Column(max_length=10_000)


class MedicationTrialPublic(RecordOfPatient):
    """A medication trial, as stored, with what the formulary says of the medicine."""

    episode_id: UUID | None
    """The episode that it was said to belong to."""
    medication: MedicationPublic
    """The medicine: as it was entered, and as the formulary knows it."""
    started: SaidDayOrUnknown | None
    """The first day taken; null when not known."""
    ended: SaidDayOrUnknown | None
    """The last day taken; null while it is still taken; `unknown` when stopped, nobody knows when."""
    doses: list[DosePublic]
    """The daily doses in the order in which they were taken."""
    daily_dose_mg: Number | None
    """The highest of the daily doses; null when none is known."""
    adherence: AdherencePublic
    """How regularly the medicine was taken."""
    indication: Indication
    """What it was given for."""
    role: Role
    """What it was given as."""
    augments: UUID | None
    """The trial that it was added to."""
    outcome: OutcomePublic
    """What came of it."""
    stop_reason: StopReason
    """Why it was stopped; `unknown` while it is taken."""
    source: SourcePublic | None
    """Where the record comes from."""
    note: str | None
    """A free remark."""
