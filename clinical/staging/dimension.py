"""The dimensions of a method of points: what is measured, and how many points each amount of it gives."""

from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinical.background import ContributingFactor
from clinical.care import Modality
from clinical.sections import Criterion, Days

Points = Annotated[float, Field(ge=0, le=100)]


class Bounds(NamedTuple):
    """The least and the most that the record allows."""

    least: float
    most: float

    @property
    def known(self) -> bool:
        """True when the record allows one value only."""
        return self.least == self.most


class Step(BaseModel):
    """Up to this amount (none given: beyond), the points."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    up_to: Annotated[int, Field(ge=0, le=1000)] | None = None
    points: Points
    label: str = ""


class Named(Criterion):
    """What every dimension has: a name for programs and a title for people."""

    name: str
    title: str


class Stepped(Named):
    """A dimension whose points rise by steps."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        limits = [step.up_to for step in self.steps]
        closed = [limit for limit in limits[:-1] if limit is not None]
        if limits[-1] is not None or len(closed) < len(limits) - 1 or closed != sorted(set(closed)):
            raise ValueError("steps must rise in up_to, and only the last is without one")
        return self


class EpisodeMonths(Stepped):
    """How long the present episode has lasted, in calendar months: up to exactly so many."""

    measures: Literal["episode_months"]


class SeverityPoints(BaseModel):
    """The points of each severity."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    subsyndromal: Points
    mild: Points
    moderate: Points
    severe: Points
    severe_with_psychosis: Points


class EpisodeSeverity(Named):
    """How severe the episode is: by the clinician's word, else by the latest rating of these days."""

    measures: Literal["severity"]
    rating_within_days: Days
    points: SeverityPoints


class Counted(Named):
    """Something that is counted: points by steps, or so many for each."""

    measures: Literal[
        "failed_medications",
        "dose_optimised",
        "augmented",
        "augmentations",
        "ect",
        "failed_ect",
        "failed_psychotherapies",
    ]
    steps: tuple[Step, ...] = ()
    each: Points | None = None
    combinations: bool = False
    modalities: tuple[Modality, ...] = ()

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if bool(self.steps) == (self.each is not None):
            raise ValueError("give either steps or each")
        if self.steps and self.steps[-1].up_to is not None:
            raise ValueError("the last step is without up_to")
        return self

    def points_of(self, amount: float) -> float:
        """The points that an amount gives."""
        if self.each is not None:
            return self.each * amount
        return next(step.points for step in self.steps if step.up_to is None or amount <= step.up_to)


class Factors(Named):
    """Whether any of these contributing factors is present; where degrees are not recorded, a range of points."""

    measures: Literal["factors"]
    factors: Annotated[tuple[ContributingFactor, ...], Field(min_length=1)]
    least_if_present: Points
    most_if_present: Points
    question: str


class NotRecorded(Named):
    """What no record of this service holds: bounds only. With `most = 0` it is shown and adds nothing."""

    measures: Literal["not_recorded"]
    least: Points
    most: Points
    sentence: str
    question: str = ""


Dimension = Annotated[
    EpisodeMonths | EpisodeSeverity | Counted | Factors | NotRecorded, Field(discriminator="measures")
]
