"""A history that is sent to be judged and not stored."""

import re
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from models.assessment import AssessmentCreate
from models.base import Shape
from models.contributing_factor import ContributingFactorCreate
from models.episode import EpisodeCreate
from models.external_score import ExternalScoreCreate
from models.fields import Name
from models.medication_trial import MedicationTrialCreate
from models.symptoms import SymptomRecordCreate
from models.treatment import TreatmentCreate

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
    if isinstance(sent, int | float) or (isinstance(sent, str) and not MOMENT.fullmatch(sent)):
        raise ValueError("write the moment as YYYY-MM-DDThh:mm:ssZ")
    return sent


Day = Annotated[date, BeforeValidator(_day_in_full)]
"""A whole day, `YYYY-MM-DD` and nothing else."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment_in_full)]
"""A moment with its time zone, and nothing else."""

DEFAULT_DEFINITION = "two_failed_medications"


class HistoryEntry(Shape):
    """All that is known of one patient, in the same shapes as the stored records; nothing of it is stored."""

    episodes: list[EpisodeCreate] = Field(default=[], max_length=100)
    """Depressive episodes."""
    medication_trials: list[MedicationTrialCreate] = Field(default=[], max_length=200)
    """Medication trials. Give each an `id` if `augments` refers to it."""
    assessments: list[AssessmentCreate] = Field(default=[], max_length=2000)
    """Rating scales."""
    treatments: list[TreatmentCreate] = Field(default=[], max_length=200)
    """Treatments that are not medicines taken day by day."""
    symptoms: list[SymptomRecordCreate] = Field(default=[], max_length=2000)
    """Symptom records."""
    contributing_factors: list[ContributingFactorCreate] = Field(default=[], max_length=200)
    """Contributing factors."""
    external_scores: list[ExternalScoreCreate] = Field(default=[], max_length=200)
    """Results that were scored elsewhere."""


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
