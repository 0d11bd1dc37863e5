"""One trial under one definition: every question in the order in which a clinician would ask it."""

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose, was_taken
from clinical.answer import JudgedTrial
from clinical.augmentation import augmented_drug_was_adequate, dose_of_added
from clinical.course import Course
from clinical.criteria import is_an_antidepressant, is_still_taken, was_for_depression, was_in_current_episode
from clinical.failure import failed
from clinical.findings import Finding, Frame
from clinical.sections import Dose, Duration
from clinical.stable_dose import dose_was_stable
from clinical.vocabulary import Counts, Role, Verdict


def judge(course: Course, frame: Frame) -> JudgedTrial:
    """Ask every question of one trial, in the order in which a clinician would."""
    rule = frame.definition.augmentation
    if course.trial.role is Role.AUGMENTATION and rule is not None:
        first = augmented_drug_was_adequate(course, rule, frame)
        findings: tuple[Finding, ...] = (
            first,
            *_questions(course, frame, dose_of_added(course, rule, frame), rule.duration),
        )
    else:
        first = is_an_antidepressant(course, frame)
        findings = (first,)
        if first.verdict is not Verdict.NOT_MET:
            findings += tuple(_questions(course, frame, frame.definition.dose, frame.definition.duration))
    trial = course.trial
    return JudgedTrial(trial.id, trial.name, trial.ingredient, counts(findings), findings)


def _questions(course: Course, frame: Frame, dose_rule: Dose | None, time_rule: Duration | None) -> list[Finding]:
    """Episode, dose, duration, adherence, indication, failure. What the definition does not ask shows as a caution."""
    definition, cautions = frame.definition, frame.library.cautions
    dose = dose_was_adequate(course, dose_rule or cautions.dose, frame, asked=dose_rule is not None)
    measure = dose if dose_rule is not None or time_rule is None else None
    run = run_at_dose(course, measure, frame)
    duration = lasted_long_enough(course, run, measure, time_rule or cautions.duration, asked=time_rule is not None)
    adherence = was_taken(course, definition.adherence or cautions.adherence, asked=definition.adherence is not None)
    found = [*_of_its_time(course, frame), was_for_depression(course, dose, duration), dose, duration]
    if definition.stable_dose:
        found.append(dose_was_stable(course, definition.stable_dose, dose))
    found.append(adherence)
    if definition.failure:
        found.append(failed(course, run, frame, definition.failure, time_rule.at_least_days if time_rule else 0))
    return found


def _of_its_time(course: Course, frame: Frame) -> list[Finding]:
    """Whether it was in the episode, and whether it is still taken, where that is asked."""
    found = (was_in_current_episode(course, frame), is_still_taken(course, frame))
    return [each for each in found if each]


def counts(findings: tuple[Finding, ...]) -> Counts:
    """Yes only if every criterion that is asked is met, no if any is not, else unknown."""
    answer = Counts.YES
    for finding in findings:
        if finding.asked and finding.verdict is not Verdict.MET:
            if finding.verdict is Verdict.NOT_MET:
                return Counts.NO
            answer = Counts.UNKNOWN
    return answer
