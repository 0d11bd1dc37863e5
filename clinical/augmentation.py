"""Whether an augmentation counts as a trial of its own: the antidepressant that it was added to must be adequate."""

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose
from clinical.course import Course
from clinical.findings import Finding, Frame, Question, find
from clinical.sections import AugmentationTrial, Dose
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


def augmented_drug_was_adequate(course: Course, rule: AugmentationTrial, frame: Frame) -> Finding:
    """Whether the antidepressant that was augmented had itself been an adequate trial, by dose and time."""
    bases = _augmented(course, frame)
    verdicts = [(base, _adequate(base, frame)) for base in bases]
    names, found = " and ".join(base.trial.name for base in bases), {verdict for _, verdict in verdicts}
    known = course.trial.augments is not None or any(_surely_meets(base, course) for base in bases)
    if found == {MET} and known:
        return find("augmented_drug", MET, f"Added to {names}, itself at an adequate dose and time.", rule)
    if found == {NOT_MET} and known:
        return find("augmented_drug", NOT_MET, f"Added to {names}, not itself an adequate trial.", rule)
    sentence = "Whether the augmented antidepressant was adequate is not known."
    return find("augmented_drug", UNKNOWN, sentence, rule, question=_question(course, verdicts, frame))


def _question(course: Course, verdicts: list[tuple[Course, Verdict]], frame: Frame) -> Question:
    """Which antidepressant it was; where that is clear, what is not known of it."""
    unclear = [base for base, verdict in verdicts if verdict is UNKNOWN]
    if not unclear:
        return Question("augments", f"Which antidepressant did {course.trial.name} augment, at what dose and how long?")
    (dose, time), base = _adequacy(unclear[0], frame), unclear[0].trial
    question = next(each.question for each in (dose, time) if each is not None and each.verdict is UNKNOWN)
    field, words, _ = question or Question("doses", f"Was {base.name} itself an adequate trial? A clinician decides.")
    return Question(field, words, base.id)


def dose_of_added(course: Course, rule: AugmentationTrial, frame: Frame) -> Dose:
    """The dose that the added medicine must reach: an antidepressant that the table leaves out, its own as such."""
    own, doses = frame.definition.dose, frame.library.formulary
    listed = doses.minimum_dose(rule.dose_table, course.trial.ingredient)
    return rule.dose if listed is not None or own is None else own


def _augmented(course: Course, frame: Frame) -> list[Course]:
    """The trial that is named as augmented, else every antidepressant that may have been taken meanwhile."""
    if course.trial.augments is not None:
        return [each.course for each in frame.wholes if each.course.trial.id == course.trial.augments]
    medicines = frame.library.formulary.medicines
    found = {
        whole.parts: whole.course
        for whole in frame.wholes
        if medicines[whole.course.trial.ingredient].antidepressant is MET and _meets(whole.course, course)
    }
    return [each for each in found.values() if each.trial.id != course.trial.id]


def _meets(one: Course, other: Course) -> bool:
    """True unless one surely ended before the other began."""
    first = max(each.start.first if each.start else 0 for each in (one, other))
    return first <= min(one.end.last, other.end.last)


def _surely_meets(one: Course, other: Course) -> bool:
    """True when both were surely taken on some same day."""
    if one.start is None or other.start is None:
        return False
    return max(one.start.last, other.start.last) <= min(one.end.first, other.end.first)


def _adequate(course: Course, frame: Frame) -> Verdict:
    """Whether dose and duration of the augmented antidepressant sufficed."""
    verdicts = {each.verdict for each in _adequacy(course, frame) if each is not None}
    return NOT_MET if NOT_MET in verdicts else UNKNOWN if UNKNOWN in verdicts else MET


def _adequacy(course: Course, frame: Frame) -> tuple[Finding | None, Finding | None]:
    """Dose and duration of the augmented antidepressant, by the definition's own rules for an antidepressant."""
    definition = frame.definition
    dose = dose_was_adequate(course, definition.dose, frame) if definition.dose else None
    run = run_at_dose(course, dose, frame)
    time = lasted_long_enough(course, run, dose, definition.duration) if definition.duration else None
    return dose, time
