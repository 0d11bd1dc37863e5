"""The highest daily dose that is published for a medicine, and what is so far above it that it must be a slip."""

from functools import lru_cache

from clinical.conventions import conventions
from clinical.medicines import formulary

TIMES_THE_HIGHEST = conventions().times_the_highest_dose.value
HIGHEST_DOSE_MG = conventions().highest_dose.value


@lru_cache(maxsize=256)
def highest_published(ingredient: str) -> float | None:
    """The highest daily dose in mg that any of our tables gives for the medicine."""
    entries = (entry for (_, named), entry in formulary().doses.items() if named == ingredient)
    doses = [entry.max_mg or entry.min_mg for entry in entries if entry.unit.startswith("mg/day")]
    return max((dose for dose in doses if dose is not None), default=None)


def is_absurd(ingredient: str, daily_dose_mg: float) -> bool:
    """Whether nobody takes so much: a slip of unit or decimal point rather than a dose."""
    highest = highest_published(ingredient)
    far_above = highest is not None and daily_dose_mg > TIMES_THE_HIGHEST * highest
    return far_above or daily_dose_mg > HIGHEST_DOSE_MG
