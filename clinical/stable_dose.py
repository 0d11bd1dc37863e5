"""Whether the last dose was kept unchanged for long enough."""

from collections.abc import Sequence

from clinical.course import Course, start_of, stretches
from clinical.findings import Finding, Question, find
from clinical.sections import StableDose
from clinical.vocabulary import Verdict

Stretch = tuple[int, int, float | None]


def dose_was_stable(course: Course, rule: StableDose, dose: Finding) -> Finding:
    """Whether the last dose, at or above the minimum that `dose` asks for, was kept unchanged long enough; in days."""
    start, minimum = course.start or start_of(course), dose.required or 0
    least = _unchanged_at_the_end(list(stretches(course, start, sure=True)), minimum, sure=True)
    most = max(least, _unchanged_at_the_end(list(stretches(course, start, sure=False)), minimum, sure=False))
    asked, question = rule.at_least_days, None
    verdict = Verdict.MET if least >= asked else Verdict.UNKNOWN
    if most < asked:
        verdict = Verdict.UNKNOWN if course.running else Verdict.NOT_MET
    if verdict is Verdict.UNKNOWN:
        words = f"From which day on was each dose of {course.trial.name} taken?"
        if most < asked:
            words = f"Is the dose of {course.trial.name} kept as it is? The trial still goes on."
        question = Question("doses", words)
    days = f"{least} days" if least == most else f"Between {least} and {most} days"
    sentence = f"{days} at the last dose, unchanged; at least {asked} are asked."
    observed = float(least) if least == most else None
    numbers = {"observed": observed, "required": float(asked), "unit": "d"}
    span = None if least == most else (float(least), float(most))
    return find("stable_dose", verdict, sentence, rule, **numbers, observed_range=span, question=question)


def _unchanged_at_the_end(steps: Sequence[Stretch], minimum: float, *, sure: bool) -> int:
    """Days of the last dose, back to its first day; a dose that is not known may be the same, and surely is not."""
    kept: float | None = None
    first = until = None
    for begun, last, dose in reversed(steps):
        other = dose is not None and (dose < minimum or dose != (kept or dose))
        if other or (dose is None and sure):
            break
        kept, first, until = dose or kept, begun, until or last
    return 0 if first is None or until is None else until - first + 1
