"""The sections of a definition: what each may ask, in numbers, each with its source and grade.

A section that is absent is a question that the definition does not ask; its unknowns then count against nobody.
"""

from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.conventions import conventions
from clinical.vocabulary import Evidence, Polarity, Severity

RESPONSE_PERCENT = conventions().response_from.value
Days = Annotated[int, Field(ge=1, le=3650)]
Percent = Annotated[int, Field(ge=1, le=100)]
Count = Annotated[int, Field(ge=1, le=10)]


class Criterion(BaseModel):
    """A number or rule, where it was read, and how well that was verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    evidence: Evidence


class Required(Criterion):
    """How many different antidepressants must have failed; perhaps of different classes, perhaps fewer if bipolar."""

    failed_medications: Count
    failed_medications_if_bipolar: Count | None = None
    different_classes: bool = False


class Failure(Criterion):
    """What counts as too little improvement: below a percentage, at most one, or anything short of remission.

    `improvement_at_least_percent` sets a floor: less than that is another thing (no response instead of a partial one).
    """

    improvement_below_percent: Percent | None = None
    improvement_at_most_percent: Percent | None = None
    improvement_at_least_percent: Percent | None = None
    anything_short_of_remission: bool = False

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        below, at_most = self.improvement_below_percent, self.improvement_at_most_percent
        if [below is None, at_most is None, not self.anything_short_of_remission].count(False) != 1:
            raise ValueError(
                "give one of improvement_below_percent, improvement_at_most_percent, anything_short_of_remission"
            )
        if self.floor is not None and self.floor >= (below or 0):
            raise ValueError("improvement_at_least_percent needs a larger improvement_below_percent")
        return self

    @cached_property
    def percent(self) -> int:
        """The threshold; short of remission it is that of no response, below which nothing can be a remission."""
        return self.improvement_below_percent or self.improvement_at_most_percent or RESPONSE_PERCENT

    @cached_property
    def floor(self) -> int | None:
        """Below it the outcome is worse than the definition speaks of."""
        return self.improvement_at_least_percent

    @cached_property
    def inclusive(self) -> bool:
        """True when exactly the threshold still counts as failure."""
        return self.improvement_at_most_percent is not None

    @cached_property
    def in_words(self) -> str:
        """The threshold as it is said in a sentence."""
        if self.anything_short_of_remission:
            return "anything short of remission"
        least = f"at least {self.floor} and " if self.floor else ""
        return f"at most {self.percent} %" if self.inclusive else f"{least}below {self.percent} %"


class Duration(Criterion):
    """The least number of days, at or above the minimum dose where the definition asks for one."""

    at_least_days: Days
    early_failure_may_count: bool = False
    note_below_days: Days | None = None
    note: str = ""


class Dose(Criterion):
    """The table of minimum doses that the definition is read with."""

    table: str


class StableDose(Criterion):
    """For how long one unchanged dose, at or above the minimum, must have been kept."""

    at_least_days: Days


class Adherence(Criterion):
    """Whether the medicine was really taken; the fraction is used where only a number is known."""

    taken_fraction_at_least: Annotated[float, Field(gt=0, le=1)]


class CurrentEpisode(Criterion):
    """Only trials of the current episode count; episodes parted by fewer days of remission are one."""

    remission_days_between_episodes: Days


class StillTaken(Criterion):
    """Only a medicine that is still taken on the day is judged; where `classes` are named, only one of these."""

    classes: tuple[str, ...] = ()


class AugmentationTrial(Criterion):
    """A failed augmentation of an adequate antidepressant: a trial of its own, or asked besides where `required`."""

    at_least_days: Days
    dose_table: str
    required: Count | None = None

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


class CurrentScore(Criterion):
    """The latest total on one rating scale, of these days, must be at least so high."""

    instrument: str
    at_least: Annotated[int, Field(ge=1, le=100)]
    rating_within_days: Days
