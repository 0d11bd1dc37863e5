"""The parts of a treatment plan, as they are sent and as they are answered: goals, steps, the signature."""

from uuid import UUID

from pydantic import Field, field_validator

from clinical.care import OptionFamily, StepState
from models.assessment import SCALES, Points
from models.base import Answer, Shape
from models.fields import Code, Flag, Name, Note, PartialDate, SaidDay


class GoalEntry(Shape):
    """What the plan is to reach."""

    text: Name
    """The goal in words, best in the patient's own."""
    measure: Code | None = Field(default=None, json_schema_extra={"enum": SCALES})
    """The rating scale that shows whether it is reached; null when none does."""
    target_score: Points | None = None
    """The total on that scale to reach; it needs `measure`."""
    by: PartialDate | None = None
    """By when, as precisely as it is meant; it may be in the future."""


class StepEntry(Shape):
    """One step of the plan."""

    id: UUID | None = None
    """The step's own id; the service makes one when it is left out. Send it back to keep it."""
    family: OptionFamily
    """The kind of step."""
    description: Note = Field(min_length=1)
    """What is to be done, in words."""
    state: StepState | None = StepState.PLANNED
    """How far it is. Null is the same as `planned`."""
    trial_id: UUID | None = None
    """The medication trial that the step became."""
    treatment_id: UUID | None = None
    """The treatment that the step became."""
    reason: Note | None = None
    """Why this step, or why it was stopped."""
    tied_to_error: Flag | None = Field(default=None, exclude=True)
    """Said in answers, and passed over when a step is sent back as it was shown."""

    @field_validator("state")
    @classmethod
    def _name_the_usual_state(cls, state: StepState | None) -> StepState:
        return state or StepState.PLANNED


class SignerEntry(Shape):
    """Who signs, as typed. The database adds the identity of whoever is signed in."""

    name: Name
    """The name."""
    role: Name
    """The function, such as `psychiatrist`."""


class GoalPublic(Answer):
    """What the plan is to reach."""

    text: str
    """The goal in words."""
    measure: str | None
    """The rating scale that shows whether it is reached."""
    target_score: int | None
    """The total on that scale to reach."""
    by: SaidDay | None
    """By when."""


class StepPublic(Answer):
    """One step of the plan."""

    id: UUID
    """The step's own id."""
    family: OptionFamily
    """The kind of step."""
    description: str
    """What is to be done, in words."""
    state: StepState
    """How far it is."""
    trial_id: UUID | None
    """The medication trial that the step became."""
    treatment_id: UUID | None
    """The treatment that the step became."""
    reason: str | None
    """Why this step, or why it was stopped."""
    tied_to_error: bool | None
    """True when the trial or treatment that it became was entered in error since; null in a history of versions."""


class SignerPublic(Answer):
    """Who signed, as typed."""

    name: str
    """The name."""
    role: str
    """The function."""
