"""Whether a course of treatment was a fair one, and who says so."""

from clinical.vocabulary import Evidence, Verdict
from models.base import Answer
from models.fields import Number


class AdequateCourse(Answer):
    """Whether a course was a fair one."""

    verdict: Verdict
    """Whether it was adequate. Unknown where the record or the sources leave it open."""
    sentence: str
    """Why, in words."""
    observed: Number | None
    """What was found; null when not known or not one number."""
    required: Number | None
    """What is asked for; null where it is not a number."""
    unit: str | None
    """The unit of both: `sessions`, or `d` for days."""
    question: str | None
    """What to ask to settle it; null when nothing would."""
    source: str
    """Where the rule comes from."""
    evidence: Evidence
    """How well the rule was verified."""
