"""Treatment plans: goals, steps, and the signature of whoever answers for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field as Column

from clinical.care import SignedMeaning
from models.base import Record, RecordOfPatient, Shape, one_of
from models.fields import Name
from models.plan_parts import GoalEntry, GoalPublic, SignerEntry, SignerPublic, StepEntry, StepPublic

MOST_GOALS, MOST_STEPS = 50, 100


class TreatmentPlanBase(Shape):
    """What may be said of a plan besides its title."""

    goals: list[GoalEntry] | None = Field(default_factory=list, max_length=MOST_GOALS)
    """What the plan is to reach. Null is an empty list."""
    steps: list[StepEntry] | None = Field(default_factory=list, max_length=MOST_STEPS)
    """The steps in the order in which they are meant. Null is an empty list."""
    signed_by: SignerEntry | None = None
    """Who signs the plan as it is; null leaves or makes it unsigned."""
    signed_meaning: SignedMeaning | None = None
    """What the signature means; it goes with `signed_by`."""

    @field_validator("goals")
    @classmethod
    def _no_goals_are_an_empty_list(cls, goals: list[GoalEntry] | None) -> list[GoalEntry]:
        return goals or []

    @field_validator("steps")
    @classmethod
    def _no_steps_are_an_empty_list(cls, steps: list[StepEntry] | None) -> list[StepEntry]:
        return steps or []


class TreatmentPlanCreate(TreatmentPlanBase):
    """A plan to be recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "After two failed antidepressants",
                "goals": [
                    {"text": "Back to work three days a week", "by": "2025-12"},
                    {"text": "Remission", "measure": "phq9", "target_score": 4, "by": "2025-10"},
                ],
                "steps": [
                    {
                        "family": "augmentation",
                        "description": "Add lithium to venlafaxine.",
                        "reason": "Partial response to venlafaxine.",
                    },
                    {"family": "psychotherapy", "description": "CBT, 16 sessions.", "state": "planned"},
                ],
                "signed_by": {"name": "Dr A. Example", "role": "psychiatrist"},
                "signed_meaning": "author",
            }
        }
    )

    id: UUID | None = None
    """Your own UUID for the record, when it was made offline; else the service makes one."""
    title: Name
    """What the plan is called."""


class TreatmentPlanUpdate(TreatmentPlanBase):
    """What to change of a plan; what is left out stays. A list replaces the stored one.

    A change of anything but the signature removes the signature.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "signed_by": {"name": "Dr B. Example", "role": "consultant"},
                "signed_meaning": "approver",
            }
        }
    )

    title: Name | None = None
    """What the plan is called."""


class TreatmentPlan(Record, table=True):
    """The current state of a plan. The database sets `signed_at` and removes the signature of what was changed."""

    __tablename__ = "treatment_plans"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "patient_id"], ["patients.organisation_id", "patients.id"], name="patient"
        ),
        UniqueConstraint("organisation_id", "patient_id", "id"),
        CheckConstraint("jsonb_typeof(goals) = 'array'", name="goals_are_a_list"),
        CheckConstraint("jsonb_typeof(steps) = 'array'", name="steps_are_a_list"),
        CheckConstraint("jsonb_typeof(signed_by) = 'object'", name="signed_by_is_an_object"),
        CheckConstraint("num_nulls(signed_by, signed_meaning, signed_at) IN (0, 3)", name="signature_is_whole"),
        one_of("signed_meaning", SignedMeaning),
    )

    patient_id: UUID
    title: str = Column(max_length=200)
    goals: list[dict[str, Any]] = Column(sa_type=JSONB)
    steps: list[dict[str, Any]] = Column(sa_type=JSONB)
    signed_by: dict[str, Any] | None = Column(sa_type=JSONB)
    signed_meaning: str | None = Column(max_length=20)
    signed_at: datetime | None


class TreatmentPlanPublic(RecordOfPatient):
    """A treatment plan, as stored."""

    title: str
    """What the plan is called."""
    goals: list[GoalPublic]
    """What the plan is to reach."""
    steps: list[StepPublic]
    """The steps in order."""
    signed_by: SignerPublic | None
    """Who signed the plan as it is now, as typed; null while nobody has."""
    signed_subject: str | None
    """Who was signed in when it was signed: a user's or client's identity; null for one from before that was kept."""
    signed_meaning: SignedMeaning | None
    """What the signature means."""
    signed_at: datetime | None
    """When it was signed, by the service's clock; null while it is not."""
