"""A history that is sent to be judged and not stored."""

import re
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field

from clinical.vocabulary import StopReason
from models.assessment import AssessmentCreate
from models.base import Shape
from models.episode import EpisodeCreate
from models.fields import Name, PartialDateOrUnknown, Whole
from models.medication_trial import MedicationTrialCreate
from models.trial_parts import OutcomeEntry

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ].+")


def _day_in_full(sent: object) -> object:
    """Refuse what is not written as a day: a bare number would be read as seconds since 1970."""
    if isinstance(sent, str) and not DAY.fullmatch(sent):
        raise ValueError("write the day as YYYY-MM-DD")
    if isinstance(sent, int | float):
        raise ValueError("write the day as text, YYYY-MM-DD")  # noqa: TRY004 - pydantic turns ValueError into a 422
    return sent


def _moment_in_full(sent: object) -> object:
    """Refuse what is not written as a date and time."""
    if isinstance(sent, str) and not MOMENT.fullmatch(sent):
        raise ValueError("write the moment as YYYY-MM-DDThh:mm:ssZ")
    return sent


Day = Annotated[date, BeforeValidator(_day_in_full)]
"""A whole day, `YYYY-MM-DD` and nothing else."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment_in_full)]
"""A moment with its time zone, and nothing else."""

DEFAULT_DEFINITION = "two_failed_medications"


class TreatmentEntry(Shape):
    """A treatment that is not a medicine taken day by day. It is checked; no definition counts it yet."""

    id: UUID | None = None
    """Your own UUID."""
    kind: Literal["psychotherapy", "neuromodulation", "rapid_acting", "lifestyle", "clinical_trial", "other"]
    """The kind of treatment."""
    modality: Name
    """The treatment, such as `cbt`, `ect` or `rtms`."""
    sessions: Annotated[Whole, Field(ge=1, le=10_000)] | None = None
    """How many sessions."""
    laterality: Literal["bilateral", "unilateral", "unknown"] | None = None
    """For ECT: where the electrodes were."""
    started: PartialDateOrUnknown | None = None
    """The first day."""
    ended: PartialDateOrUnknown | None = None
    """The last day; null while it goes on."""
    outcome: OutcomeEntry | None = None
    """What came of it."""
    stop_reason: StopReason | None = None
    """Why it was stopped."""


class HistoryEntry(Shape):
    """All that is known of one patient, in the same shapes as the stored records; nothing of it is stored."""

    episodes: list[EpisodeCreate] = Field(default=[], max_length=100)
    """Depressive episodes."""
    medication_trials: list[MedicationTrialCreate] = Field(default=[], max_length=200)
    """Medication trials. Give each an `id` if `augments` refers to it."""
    assessments: list[AssessmentCreate] = Field(default=[], max_length=2000)
    """Rating scales."""
    treatments: list[TreatmentEntry] = Field(default=[], max_length=200)
    """Treatments that are not medicines taken day by day."""


class EvaluationRequest(Shape):
    """A history, the definitions to judge it by, and the day."""

    history: HistoryEntry
    """The history."""
    definitions: list[Name] = Field(default=[DEFAULT_DEFINITION], min_length=1, max_length=50)
    """Which definitions to apply; see `GET /v1/definitions`."""
    staging: list[Name] = Field(default=[], max_length=20)
    """Which staging methods to apply; see `GET /v1/staging-methods`."""
    on: Day | None = None
    """The day to judge on; null is today."""
