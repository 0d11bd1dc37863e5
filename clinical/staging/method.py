"""One staging method as data: dimensions with points, or a ladder of stages; each number with its source and grade."""

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.definition import Definition
from clinical.sections import Criterion, CurrentEpisode, Dose, Duration, Exclusions, Failure, Required
from clinical.staging.dimension import Dimension, Points
from clinical.vocabulary import Evidence, Verdict


class Reading(BaseModel):
    """What the method is read with where it says "failed an adequate trial"; the rules of definitions judge by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    failure: Failure
    duration: Duration
    dose: Dose
    current_episode: CurrentEpisode
    exclusions: Exclusions


class AppliesFrom(Criterion):
    """How many antidepressants must have failed before the method says anything."""

    failed_medications: Annotated[int, Field(ge=1, le=10)]


class Band(BaseModel):
    """From this score on, the label."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: Annotated[float, Field(alias="from")]
    label: str


class Bands(Criterion):
    """The bands of the score, in rising order."""

    steps: Annotated[tuple[Band, ...], Field(min_length=1)]

    def label(self, score: float) -> str:
        """The band that a score falls in; below the first it is the first."""
        return next((band.label for band in reversed(self.steps) if score >= band.start), self.steps[0].label)


class Threshold(Criterion):
    """A cut-off that somebody used in the literature: at least so many points, or more than so many."""

    name: str
    means: str
    at_least: Points | None = None
    above: Points | None = None

    @model_validator(mode="after")
    def _one_cut_off(self) -> Self:
        if (self.at_least is None) == (self.above is None):
            raise ValueError("give either at_least or above")
        return self

    def reached_by(self, score: float) -> bool:
        """Whether a score reaches it."""
        return score > self.above if self.above is not None else score >= (self.at_least or 0)

    def verdict(self, least: float, most: float) -> Verdict:
        """Whether every, no, or only some score between the bounds reaches it."""
        if self.reached_by(least):
            return Verdict.MET
        return Verdict.UNKNOWN if self.reached_by(most) else Verdict.NOT_MET

    @cached_property
    def in_words(self) -> str:
        """The cut-off as it is said."""
        return f"more than {self.above:g}" if self.above is not None else f"at least {self.at_least:g}"


class Classes(Criterion):
    """Which classes of the formulary a ladder calls tricyclic and MAOI."""

    tricyclic: tuple[str, ...] = ()
    maoi: tuple[str, ...] = ()


class Stage(Criterion):
    """One stage and all that it asks; `lenient_other_classes` is what another reading of the source asks instead.

    `other_classes` are classes besides tricyclics and MAOIs; `days` are days on failed adequate trials.
    """

    stage: str
    label: str
    failed_medications: Annotated[int, Field(ge=0, le=20)] = 0
    classes: Annotated[int, Field(ge=0, le=10)] = 0
    other_classes: Annotated[int, Field(ge=0, le=10)] = 0
    lenient_other_classes: Annotated[int, Field(ge=0, le=10)] | None = None
    tricyclic: bool = False
    maoi: bool = False
    bilateral_ect: bool = False
    days: Annotated[int, Field(ge=0, le=3650)] = 0
    augmentation: bool = False

    @cached_property
    def leniently(self) -> "Stage":
        """The stage as the other reading asks for it."""
        if self.lenient_other_classes is None:
            return self
        return self.model_copy(update={"other_classes": self.lenient_other_classes})


class WorkedStaging(BaseModel):
    """A history in the shape of `POST /v1/evaluate` and what the method says of it; run as a test.

    Only what is given is compared; a score or stage that is not known is given by its bounds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    on: str
    history: dict[str, Any]
    applicable: Verdict = Verdict.MET
    score: float | None = None
    stage: str | None = None
    band: str | None = None
    least: float | None = None
    most: float | None = None
    least_stage: str | None = None
    most_stage: str | None = None
    alternative_reading: str | None = None


class StagingMethod(BaseModel):
    """One staging method: of points (`dimensions`) or of stages (`stages`)."""

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
    experimental: bool = False
    reading: Reading
    applies_from: AppliesFrom | None = None
    dimensions: tuple[Dimension, ...] = ()
    bands: Bands | None = None
    thresholds: tuple[Threshold, ...] = ()
    classes: Classes | None = None
    stages: tuple[Stage, ...] = ()
    worked_cases: Annotated[tuple[WorkedStaging, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _points_or_stages(self) -> Self:
        if bool(self.dimensions) == bool(self.stages):
            raise ValueError("give either dimensions or stages")
        if self.stages and self.classes is None:
            raise ValueError("stages need [classes]")
        return self

    @cached_property
    def definition(self) -> Definition:
        """The reading as a definition, so that trials are judged by the very rules that definitions are judged by."""
        one = Required(failed_medications=1, source=self.reading.failure.source, evidence=Evidence.LOCAL)
        same = ("slug", "version", "title", "purpose", "citation", "evidence", "digest")
        values: dict[str, Any] = {name: getattr(self, name) for name in same}
        values |= {name: getattr(self.reading, name) for name in Reading.model_fields}
        return Definition.model_construct(None, **values, required=one, worked_cases=())
