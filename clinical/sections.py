"""The sections of a definition: what each may ask, in numbers, each with its source and grade.

A section that is absent is a question that the definition does not ask; its unknowns then count against nobody.
"""

from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.conventions import conventions
from clinical.vocabulary import Evidence, Polarity, Severity

RESPONSE_PERCENT = conventions().response_from.value
Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
Percent = Annotated[int, Field(strict=True, ge=1, le=100)]
Count = Annotated[int, Field(strict=True, ge=1, le=10)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(max_length=2000)]
Slug = Annotated[str, Field(max_length=100)]
Slugs = Annotated[tuple[Slug, ...], Field(max_length=200)]


def _is_number(rule: BaseModel, key: str) -> bool:
    value = getattr(rule, key)
    return isinstance(value, int | float) and not isinstance(value, bool)


class Criterion(BaseModel):
    """A number or rule, where it was read, and how well that was verified."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
    source: Text
    """Where the number or rule was read, or who chose it and why."""
    evidence: Evidence
    """How well it was verified against that source."""
    evidence_of: Annotated[dict[Slug, Evidence], Field(max_length=20)] = {}
    """The grade of a single number, by its key, where that is not the grade of the rule."""

    @model_validator(mode="after")
    def _grades_what_is_there(self) -> Self:
        strange = sorted(set(self.evidence_of) - {key for key in self.model_fields_set if _is_number(self, key)})
        if strange:
            raise ValueError(f"evidence_of grades `{strange[0]}`, and no such number is given here")
        return self


class Required(Criterion):
    """How many different antidepressants must have failed; perhaps of different classes, perhaps fewer if bipolar."""

    failed_medications: Count
    """How many different antidepressants must have failed."""
    failed_medications_if_bipolar: Count | None = None
    """How many where the depression is bipolar; null when the same."""
    different_classes: Flag = False
    """True when each must be of another class than the others."""


class Failure(Criterion):
    """What counts as too little improvement: below a percentage, at most one, or anything short of remission.

    `improvement_at_least_percent` sets a floor: less than that is another thing (no response instead of a partial one).
    """

    improvement_below_percent: Percent | None = None
    """A failure is an improvement below this percentage. Give one of the three thresholds."""
    improvement_at_most_percent: Percent | None = None
    """A failure is an improvement of at most this percentage: exactly so much is still a failure."""
    improvement_at_least_percent: Percent | None = None
    """The floor: below it the outcome is another thing; null when there is none."""
    anything_short_of_remission: Flag = False
    """True when everything that is not a remission is a failure."""

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
    """The least number of days."""
    early_failure_may_count: Flag = False
    """True when a shorter trial may count where its early failure was confirmed."""
    note_below_days: Days | None = None
    """Trials that are shorter than this still count, with a remark; null when there is none."""
    note: Text = ""
    """That remark."""


class Dose(Criterion):
    """The table of minimum doses that the definition is read with."""

    table: Slug
    """The name of the table, such as `mgh_atrq`."""


class StableDose(Criterion):
    """For how long the last dose, at or above the minimum, must have been kept unchanged."""

    at_least_days: Days
    """The least number of days at one dose."""


class Adherence(Criterion):
    """Whether the medicine was really taken; the fraction is used where only a number is known."""

    taken_fraction_at_least: Annotated[float, Field(gt=0, le=1)]
    """The least share of the doses, from 0 to 1."""


class CurrentEpisode(Criterion):
    """Only trials of the current episode count; episodes parted by fewer days of remission are one."""

    remission_days_between_episodes: Days
    """How many days of remission part two episodes."""


class StillTaken(Criterion):
    """Only a medicine that is still taken on the day is judged; where `classes` are named, only one of these."""

    classes: Slugs = ()
    """Classes of the formulary, such as `SSRI`; empty for any."""


class AugmentationTrial(Criterion):
    """A failed augmentation of an adequate antidepressant: a trial of its own, or asked besides where `required`."""

    at_least_days: Days
    """For how many days it must have been added."""
    dose_table: Slug
    """The table of minimum doses that the added medicine must reach."""
    required: Count | None = None
    """How many failed augmentations are asked besides the medicines; null when one counts as a trial of its own."""

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

    polarities: Annotated[tuple[Polarity, ...], Field(max_length=len(Polarity))] = ()
    """Polarities that it does not speak of, such as `bipolar`."""
    psychotic_features: Flag = False
    """True when it does not speak of episodes with psychotic features."""


class CurrentSeverity(Criterion):
    """How severe the current episode must be; without a clinician's word the latest rating of these days decides."""

    one_of: Annotated[tuple[Severity, ...], Field(min_length=1, max_length=len(Severity))]
    """The severities that meet it."""
    rating_within_days: Days
    """How many days a rating speaks for."""


class CurrentScore(Criterion):
    """The latest total on one rating scale, of these days, must be at least so high."""

    instrument: Slug
    """The scale, such as `phq9`."""
    at_least: Annotated[int, Field(strict=True, ge=1, le=100)]
    """The lowest total that meets it."""
    rating_within_days: Days
    """How many days a rating speaks for."""
