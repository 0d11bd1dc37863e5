"""Whether one dose was kept unchanged for long enough."""

from collections.abc import Sequence

from clinical.course import Course, start_of, stretches
from clinical.findings import Finding, Question, find
from clinical.sections import StableDose
from clinical.vocabulary import Verdict

Stretch = tuple[int, int, float | None]


def dose_was_stable(course: Course, rule: StableDose, dose: Finding) -> Finding:
    """Whether one unchanged dose, at or above the minimum that `dose` asks for, was kept for long enough; in days."""
    start, minimum = course.start or start_of(course), dose.required or 0
    least = _longest_unchanged(list(stretches(course, start, sure=True)), minimum, sure=True)
    most = max(least, _longest_unchanged(list(stretches(course, start, sure=False)), minimum, sure=False))
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
    sentence = f"{days} at one unchanged dose; at least {asked} are asked."
    observed = float(least) if least == most else None
    numbers = {"observed": observed, "required": float(asked), "unit": "d"}
    span = None if least == most else (float(least), float(most))
    return find("stable_dose", verdict, sentence, rule, **numbers, observed_range=span, question=question)


def _longest_unchanged(steps: Sequence[Stretch], minimum: float, *, sure: bool) -> int:
    """Days of the longest run of steps at one dose; a dose that is not known may be the same, and surely is not."""
    best = 0
    for index, (first, _, _) in enumerate(steps):
        kept: float | None = None
        for _, last, dose in steps[index:]:
            other = dose is not None and (dose < minimum or dose != (kept or dose))
            if other or (dose is None and sure):
                break
            kept, best = dose or kept, max(best, last - first + 1)
    return best
