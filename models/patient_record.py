"""A patient together with its records, in one answer."""

from models.assessment import AssessmentPublic
from models.episode import EpisodePublic
from models.medication_trial import MedicationTrialPublic
from models.patient import PatientPublic


class PatientWithRecords(PatientPublic):
    """A patient with those kinds of records that were asked for; the others are null."""

    episodes: list[EpisodePublic] | None
    """All episodes; null unless included."""
    medication_trials: list[MedicationTrialPublic] | None
    """All medication trials; null unless included."""
    assessments: list[AssessmentPublic] | None
    """All filled-in rating scales; null unless included."""
