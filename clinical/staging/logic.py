"""Three answers put together: unknown is never turned into no."""

from collections.abc import Iterable

from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """Met if all are met, not met if any is not, else unknown."""
    found = set(verdicts)
    return NOT_MET if NOT_MET in found else UNKNOWN if UNKNOWN in found else MET


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """Met if any is met, not met if none can be, else unknown."""
    found = set(verdicts)
    return MET if MET in found else UNKNOWN if UNKNOWN in found else NOT_MET
