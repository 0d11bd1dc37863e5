"""A patient together with its records, in one answer."""

from models.assessment import AssessmentPublic
from models.contributing_factor import ContributingFactorPublic
from models.episode import EpisodePublic
from models.external_score import ExternalScorePublic
from models.medication_trial import MedicationTrialPublic
from models.patient import PatientPublic
from models.symptoms import SymptomRecordPublic
from models.treatment import TreatmentPublic
from models.treatment_plan import TreatmentPlanPublic


class PatientWithRecords(PatientPublic):
    """A patient with those kinds of records that were asked for; the others are null."""

    episodes: list[EpisodePublic] | None
    """All episodes; null unless included."""
    medication_trials: list[MedicationTrialPublic] | None
    """All medication trials; null unless included."""
    treatments: list[TreatmentPublic] | None
    """All treatments that are not medicines taken day by day; null unless included."""
    assessments: list[AssessmentPublic] | None
    """All filled-in rating scales; null unless included."""
    symptoms: list[SymptomRecordPublic] | None
    """All symptom records; null unless included."""
    contributing_factors: list[ContributingFactorPublic] | None
    """All contributing factors; null unless included."""
    external_scores: list[ExternalScorePublic] | None
    """All results that were scored elsewhere; null unless included."""
    treatment_plans: list[TreatmentPlanPublic] | None
    """All treatment plans; null unless included."""
