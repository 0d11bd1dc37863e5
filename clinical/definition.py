"""One published definition of treatment-resistant depression: what it asks, in numbers, each with source and grade.

A section that is absent is a question that the definition does not ask; its unknowns then count against nobody.
"""

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.vocabulary import Evidence, Polarity, Severity, Status

Days = Annotated[int, Field(ge=1, le=3650)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Criterion(BaseModel):
    """A number or rule, where it was read, and how well that was verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    evidence: Evidence


class Required(Criterion):
    """How many different antidepressants must have failed."""

    failed_medications: Annotated[int, Field(ge=1, le=10)]


class Failure(Criterion):
    """What counts as too little improvement: below a percentage, or at most one."""

    improvement_below_percent: Percent | None = None
    improvement_at_most_percent: Percent | None = None

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        if (self.improvement_below_percent is None) == (self.improvement_at_most_percent is None):
            raise ValueError("give either improvement_below_percent or improvement_at_most_percent")
        return self

    @cached_property
    def percent(self) -> int:
        """The threshold."""
        return self.improvement_below_percent or self.improvement_at_most_percent or 0

    @cached_property
    def inclusive(self) -> bool:
        """True when exactly the threshold still counts as failure."""
        return self.improvement_at_most_percent is not None

    @cached_property
    def in_words(self) -> str:
        """The threshold as it is said in a sentence."""
        return f"at most {self.percent} %" if self.inclusive else f"below {self.percent} %"


class Duration(Criterion):
    """The least number of days, at or above the minimum dose where the definition asks for one."""

    at_least_days: Days
    early_failure_may_count: bool = False
    note_below_days: Days | None = None
    note: str = ""


class Dose(Criterion):
    """The table of minimum doses that the definition is read with."""

    table: str


class Adherence(Criterion):
    """Whether the medicine was really taken; the fraction is used where only a number is known."""

    taken_fraction_at_least: Annotated[float, Field(gt=0, le=1)]


class CurrentEpisode(Criterion):
    """Only trials of the current episode count; episodes parted by fewer days of remission are one."""

    remission_days_between_episodes: Days


class AugmentationTrial(Criterion):
    """A failed augmentation of an adequate antidepressant counts as a trial of its own."""

    at_least_days: Days
    dose_table: str

    @cached_property
    def dose(self) -> Dose:
        """The dose that the added medicine must reach."""
        return Dose(table=self.dose_table, source=self.source, evidence=self.evidence)

    @cached_property
    def duration(self) -> Duration:
        """The time for which it must have been added."""
        return Duration(at_least_days=self.at_least_days, source=self.source, evidence=self.evidence)


class Exclusions(Criterion):
    """Patients whom the definition does not speak of."""

    polarities: tuple[Polarity, ...] = ()
    psychotic_features: bool = False


class CurrentSeverity(Criterion):
    """How severe the current episode must be; without a clinician's word the latest rating of these days decides."""

    one_of: Annotated[tuple[Severity, ...], Field(min_length=1)]
    rating_within_days: Days


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
    required: Required
    failure: Failure
    duration: Duration | None = None
    dose: Dose | None = None
    adherence: Adherence | None = None
    current_episode: CurrentEpisode | None = None
    augmentation: AugmentationTrial | None = None
    exclusions: Exclusions | None = None
    current_severity: CurrentSeverity | None = None
    worked_cases: Annotated[tuple[WorkedCase, ...], Field(min_length=1)]

    def named_dose_tables(self) -> tuple[tuple[str, str], ...]:
        """Each key that names a dose table, and the name."""
        dose = (("dose.table", self.dose.table),) if self.dose else ()
        added = (("augmentation.dose_table", self.augmentation.dose_table),) if self.augmentation else ()
        return dose + added
