"""The nouns of a staging answer: points by dimension, cut-offs, and the whole."""

from typing import NamedTuple

from clinical.findings import Question
from clinical.sections import Criterion
from clinical.staging.dimension import Bounds
from clinical.staging.method import StagingMethod
from clinical.vocabulary import Evidence, Verdict


class Measured(NamedTuple):
    """How much of something there is, at least and at most, in words, and what would settle it."""

    amount: Bounds
    sentence: str
    question: Question | None = None


class Scored(NamedTuple):
    """One dimension. `bounds` are points, or for a method of stages what it asks about: how many, or how many days."""

    dimension: str
    title: str
    bounds: Bounds
    sentence: str
    source: str
    evidence: Evidence
    question: Question | None

    @property
    def points(self) -> float | None:
        """The points, or None when they are not known."""
        return self.bounds.least if self.bounds.known else None


class Cutoff(NamedTuple):
    """A cut-off of the literature and whether the score reaches it."""

    name: str
    sentence: str
    verdict: Verdict
    source: str
    evidence: Evidence


class Open(NamedTuple):
    """A question whose answer is not recorded. `could_change` False: score or stage is settled all the same."""

    trial_id: str | None
    field: str
    question: str
    could_change: bool


class Applies(NamedTuple):
    """Whether the method speaks of this patient now, and why."""

    verdict: Verdict
    sentence: str


class Staged(NamedTuple):
    """What one method says of one history as of one day. What it cannot know is None, with bounds beside it.

    Where the method does not apply, score, stage, band and all bounds are None, and there are no cut-offs.
    """

    method: StagingMethod
    on: int
    applicable: Verdict
    sentence: str
    dimensions: tuple[Scored, ...]
    notes: tuple[str, ...]
    missing: tuple[Open, ...]
    bounds: Bounds | None = None
    score: float | None = None
    stage: str | None = None
    stage_bounds: tuple[str, str] | None = None
    band: str | None = None
    alternative_reading: str | None = None
    thresholds: tuple[Cutoff, ...] = ()


def scored(rule: Criterion, name: str, title: str, measured: Measured) -> Scored:
    """A dimension as it was measured, where the amount itself is what is shown."""
    amount, sentence, question = measured
    return Scored(name, title, amount, sentence, rule.source, rule.evidence, question)
