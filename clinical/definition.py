"""One published definition of treatment-resistant depression: what it asks, in sections, and cases that prove it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from clinical.prescription_rule import Prescriptions
from clinical.sections import (
    Adherence,
    AugmentationTrial,
    CurrentEpisode,
    CurrentScore,
    CurrentSeverity,
    Dose,
    Duration,
    Exclusions,
    Failure,
    Required,
    StableDose,
    StillTaken,
)
from clinical.vocabulary import Evidence, Status


class WorkedCase(BaseModel):
    """A history in the shape of `POST /v1/evaluate` and what the definition says of it; run as a test."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    on: str
    history: dict[str, Any]
    status: Status
    confirmed: int
    possible: int = 0


class Definition(BaseModel):
    """One definition of treatment-resistant depression."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    slug: str
    version: str
    title: str
    purpose: str
    citation: str
    evidence: Evidence
    quote: str = ""
    limits: tuple[str, ...] = ()
    digest: str
    describes: str = "treatment-resistant depression"
    required: Required
    failure: Failure | None = None
    duration: Duration | None = None
    dose: Dose | None = None
    stable_dose: StableDose | None = None
    adherence: Adherence | None = None
    still_taken: StillTaken | None = None
    current_episode: CurrentEpisode | None = None
    augmentation: AugmentationTrial | None = None
    exclusions: Exclusions | None = None
    current_severity: CurrentSeverity | None = None
    current_score: CurrentScore | None = None
    prescriptions: Prescriptions | None = None
    worked_cases: Annotated[tuple[WorkedCase, ...], Field(min_length=1)]

    def named_dose_tables(self) -> tuple[tuple[str, str], ...]:
        """Each key that names a dose table, and the name."""
        dose = (("dose.table", self.dose.table),) if self.dose else ()
        added = (("augmentation.dose_table", self.augmentation.dose_table),) if self.augmentation else ()
        return dose + added
