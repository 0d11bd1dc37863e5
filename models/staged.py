"""What one staging method says: points by dimension or a stage, and bounds where something is unknown."""

from clinical.vocabulary import Evidence, Verdict
from models.base import Answer
from models.fields import Digest, Edition, Number, RecordKey, Slug


class MethodUsed(Answer):
    """The staging method that was applied, exactly."""

    id: Slug
    """The method's name in this service."""
    version: Edition
    """Its version here."""
    title: str
    """What people call it."""
    citation: str
    """Where it was published."""
    evidence: Evidence
    """How well it was verified against its source."""
    digest: Digest
    """SHA-256 of the file that states it: the same digest is the same rule."""
    experimental: bool
    """True while its numbers are not checked against their source; do not decide by it."""


class ScoreBounds(Answer):
    """The least and the most that the record allows."""

    least: Number
    """If all that is unknown were answered for the fewest points."""
    most: Number
    """If all that is unknown were answered for the most points."""


class StageBounds(Answer):
    """The first and the last stage that the record allows."""

    least: str
    """If all that is unknown were answered for the lowest stage."""
    most: str
    """If all that is unknown were answered for the highest stage."""


class DimensionPublic(Answer):
    """One dimension of the method: its points, or for a method of stages how much there is of what it asks about."""

    dimension: str
    """Its name."""
    title: str
    """Its name as people say it."""
    points: Number | None
    """The points (for a method of stages: how many, or how many days); null when not known, never 0 for unknown."""
    least: Number
    """The least that the record allows."""
    most: Number
    """The most that the record allows."""
    sentence: str
    """Why, in words."""
    source: str
    """Where the points come from."""
    evidence: Evidence
    """How well they were verified."""
    question: str | None
    """What to ask when it is not known."""


class ThresholdPublic(Answer):
    """A cut-off that somebody used in the literature, and whether the score reaches it."""

    name: str
    """Its name."""
    sentence: str
    """What it means, the number, and whether it is reached."""
    verdict: Verdict
    """Whether it is reached; unknown where the bounds lie on both sides."""
    source: str
    """Where it was used."""
    evidence: Evidence
    """How well it was verified."""


class StagingQuestion(Answer):
    """A question whose answer is not recorded."""

    trial_id: RecordKey | None
    """The trial or the treatment that it is about; null when it is about the patient or the episode."""
    field: str
    """The field to fill in; `not_recorded` where this service has none."""
    question: str
    """What to ask."""
    could_change_answer: bool
    """True when the answer could change the score or the stage."""


class StagedPublic(Answer):
    """What one method says of one history on one day."""

    method: MethodUsed
    """The method applied."""
    applicable: Verdict
    """Whether the method speaks of this patient on this day; `sentence` says why where it does not."""
    score: Number | None
    """The points; null for a method of stages, and when they are not known."""
    stage: str | None
    """The stage; null for a method of points, and when it is not known."""
    band: str | None
    """The band of the score, or the stage in words; also where the bounds agree on it. Null when not known."""
    bounds: ScoreBounds | None
    """The least and the most points that are possible; null for a method of stages, and where it does not apply."""
    stage_bounds: StageBounds | None
    """The first and the last stage that are possible; null for a method of points, and where it does not apply."""
    alternative_reading: str | None
    """The stage by another reading of the source, where sources do not settle it."""
    sentence: str
    """The answer in words."""
    dimensions: list[DimensionPublic]
    """Everything that was looked at."""
    thresholds: list[ThresholdPublic]
    """Cut-offs that were used in the literature; none is official unless its source says so."""
    notes: list[str]
    """Remarks that a careful reader should know."""
    missing_information: list[StagingQuestion]
    """What to ask, the dimensions' own questions first."""
