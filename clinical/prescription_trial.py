"""What each course is in its own right, before its place among the others is looked at."""

from collections.abc import Iterable
from typing import NamedTuple

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose, was_taken
from clinical.course import Course, RunLength
from clinical.criteria import FOR_DEPRESSION, FORMULARY_RULE, NO_RULE, was_in_current_episode
from clinical.dates import iso
from clinical.findings import Finding, Frame, Question, find
from clinical.prescription_rule import Borderline, Prescriptions
from clinical.vocabulary import Indication, Response, Role, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
ASKED_HERE = "This service's choice: prescriptions say nothing of it, the record does"
HELPED = (StopReason.REMISSION, StopReason.LOSS_OF_EFFECT)


class Own(NamedTuple):
    """The findings on one course: what is always asked, what may not be asked of the last, what is only a caution."""

    basic: tuple[Finding, ...]
    adequacy: tuple[Finding, ...]
    cautions: tuple[Finding, ...]


def of_itself(course: Course, frame: Frame, rule: Prescriptions) -> Own:
    """All that is said of a course whatever came before and after it."""
    first = is_counted(course, frame, rule)
    if first.verdict is NOT_MET:
        return Own((first,), (), ())
    basic = (first, had_begun(course, frame), was_in_current_episode(course, frame))
    dose, duration = _dose_and_duration(course, frame, rule.borderline)
    adherence = was_taken(course, frame.library.cautions.adherence, asked=False)
    adequacy = tuple(each for each in (dose, duration) if each.asked)
    cautions = [was_it_for_depression(course), *(each for each in (dose, duration) if not each.asked), adherence]
    return Own(tuple(each for each in basic if each), adequacy, (*cautions, *_it_helped(course)))


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Not met if one is not, else unknown if one is."""
    verdicts = {each.verdict for each in findings if each.asked}
    return NOT_MET if NOT_MET in verdicts else UNKNOWN if UNKNOWN in verdicts else MET


def is_counted(course: Course, frame: Frame, rule: Prescriptions) -> Finding:
    """Whether the medicine is an antidepressant, by the source's own list or by the formulary, whatever it was for."""
    trial, listed = course.trial, rule.antidepressants
    if _added(course, rule):
        sentence = f"{trial.name} was added to an antidepressant; this definition counts that as the last step."
        return find("antidepressant", MET, sentence, rule.succession or rule)
    if listed:
        verdict = MET if trial.ingredient in listed else NOT_MET
        where = "is among" if verdict is MET else "is not among"
        return find("antidepressant", verdict, f"{trial.name} {where} the antidepressants of the source.", rule)
    verdict = frame.library.formulary.medicines[trial.ingredient].antidepressant
    if verdict is UNKNOWN:
        sentence = f"Sources do not agree that {trial.name} counts as an antidepressant."
        question = Question("medication", f"Should {trial.name} be judged as an antidepressant? A clinician decides.")
        return find("antidepressant", UNKNOWN, sentence, FORMULARY_RULE, question=question)
    sentence = f"{trial.name} is {'an' if verdict is MET else 'not an'} antidepressant."
    return find("antidepressant", verdict, sentence, FORMULARY_RULE)


def _added(course: Course, rule: Prescriptions) -> bool:
    follows = rule.succession
    return follows is not None and follows.augmentation_may_be_last and course.trial.role is Role.AUGMENTATION


def had_begun(course: Course, frame: Frame) -> Finding | None:
    """Unknown where the dates leave open that it began only after the day asked; None where it surely had begun."""
    started, name = course.trial.started, course.trial.name
    if any(since is not None and since.last <= frame.on for _, since in course.trial.doses):
        return None
    if (started.last <= frame.on) if started is not None else course.ended is MET and course.trial.ended is not None:
        return None
    sentence = f"Whether {name} had been begun by {iso(frame.on)} cannot be told from the dates."
    question = Question("started", f"On which day was {name} started?")
    return find("started", UNKNOWN, sentence, NO_RULE, question=question)


def _dose_and_duration(course: Course, frame: Frame, borderline: Borderline | None) -> tuple[Finding, Finding]:
    """Dose and duration as the definition asks them; what it does not ask, as a caution."""
    definition, cautions = frame.definition, frame.library.cautions
    dose_rule, time_rule = definition.dose, definition.duration
    dose = dose_was_adequate(course, dose_rule or cautions.dose, frame, asked=dose_rule is not None)
    measure = dose if dose_rule is not None or time_rule is None else None
    run = run_at_dose(course, measure, frame)
    duration = lasted_long_enough(course, run, measure, time_rule or cautions.duration, asked=time_rule is not None)
    if borderline and run.least <= borderline.at_days <= run.most:
        duration = duration._replace(sentence=f"{duration.sentence} {borderline.note}")
    return dose, _asked_without_outcome(course, duration, run)


def _asked_without_outcome(course: Course, duration: Finding, run: RunLength) -> Finding:
    """Of a course that still runs it is asked whether it goes on, not how the depression responded."""
    if not (course.running and duration.question and duration.required):
        return duration
    if run.most >= duration.required:
        return duration
    reached = iso(course.end.last + int(duration.required) - run.least)
    return duration._replace(question=Question("ended", f"Is {course.trial.name} still taken on {reached}?"))


def was_it_for_depression(course: Course) -> Finding:
    """What it was given for, as a caution: no source that reads prescriptions looks at it."""
    indication = course.trial.indication
    if indication is Indication.DEPRESSION:
        return FOR_DEPRESSION._replace(asked=False)
    if indication is Indication.UNKNOWN:
        return find("indication", UNKNOWN, "What it was given for is not recorded.", NO_RULE, asked=False)
    sentence = "Given for something else than depression; this definition does not look at that, and counts it."
    return find("indication", NOT_MET, sentence, NO_RULE, asked=False)


def _it_helped(course: Course) -> tuple[Finding, ...]:
    """The caution that the record says it worked, which this definition does not look at."""
    outcome = course.trial.outcome
    judged = course.outcome_stands is MET and (
        outcome.response in (Response.RESPONSE, Response.REMISSION) or outcome.ever_responded
    )
    if not (judged or (course.ended is MET and course.stop_reason in HELPED)):
        return ()
    sentence = "The record says that the depression responded to it; this definition does not look at that."
    return (Finding("failure", NOT_MET, sentence, ASKED_HERE, NO_RULE.evidence, asked=False),)
