"""One trial under one definition: every question in the order in which a clinician would ask it."""

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose, was_taken
from clinical.answer import JudgedTrial
from clinical.augmentation import augmented_drug_was_adequate, dose_of_added
from clinical.continued import CONTINUATION, Whole
from clinical.course import Course
from clinical.criteria import is_an_antidepressant, is_still_taken, was_for_depression, was_in_current_episode
from clinical.failure import failed
from clinical.findings import Finding, Frame, Question, find
from clinical.sections import Dose, Duration
from clinical.stable_dose import dose_was_stable
from clinical.stated import better_on_a_part
from clinical.vocabulary import Counts, Role, Verdict


def judge_all(frame: Frame) -> tuple[JudgedTrial, ...]:
    """Every trial, in order of time. Records that are parts of one trial have one judgement."""
    known: dict[tuple[tuple[str, ...], ...], JudgedTrial] = {}
    found = []
    for whole in frame.wholes:
        key = tuple(tuple(part.trial.id for part in parts) for parts in (whole.parts, whole.perhaps_parts))
        if key not in known:
            known[key] = judge(whole, frame)
        found.append(known[key]._replace(trial_id=whole.course.trial.id))
    return tuple(found)


def judge(whole: Whole, frame: Frame) -> JudgedTrial:
    """Ask every question of one trial, in the order in which a clinician would."""
    findings = _findings(whole.course, whole.parts, frame)
    if whole.perhaps is not None:
        longer = _findings(whole.perhaps, whole.perhaps_parts, frame)
        if counts(longer) is not counts(findings):
            findings = longer if counts(findings) is Counts.NO else findings
            findings = (*findings, _perhaps_one(whole))
    trial = whole.course.trial
    return JudgedTrial(trial.id, trial.name, trial.ingredient, counts(findings), findings)


def _findings(course: Course, parts: tuple[Course, ...], frame: Frame) -> tuple[Finding, ...]:
    """Every finding on a trial that is recorded in these parts."""
    rule = frame.definition.augmentation
    asked: tuple[Dose | None, Duration | None] = (frame.definition.dose, frame.definition.duration)
    if course.trial.role is Role.AUGMENTATION and rule is not None:
        first = augmented_drug_was_adequate(course, rule, frame)
        asked = (dose_of_added(course, rule, frame), rule.duration)
    else:
        first = is_an_antidepressant(course, frame)
        if first.verdict is Verdict.NOT_MET:
            return (first,)
    found = (first, *_questions(course, frame, *asked))
    if len(parts) == 1:
        return found
    return tuple([_addressed(_with_the_best(each, parts, frame), parts) for each in found])


def _with_the_best(finding: Finding, parts: tuple[Course, ...], frame: Frame) -> Finding:
    """What was reached on an earlier part of a trial was reached on the trial."""
    rule = frame.definition.failure
    if rule is None or finding.criterion != "failure" or finding.verdict is Verdict.NOT_MET:
        return finding
    return better_on_a_part(parts, rule) or finding


def _addressed(finding: Finding, parts: tuple[Course, ...]) -> Finding:
    """A question goes to the record that can answer it: the first about the start, the last about the rest."""
    if finding.question is None or finding.question.trial_id is not None:
        return finding
    owner = parts[0] if finding.question.field == "started" else max(parts, key=lambda part: part.end)
    return finding._replace(question=finding.question._replace(trial_id=owner.trial.id))


def _perhaps_one(whole: Whole) -> Finding:
    """That dates do not tell whether this record and another of the same medicine are one trial."""
    name = whole.course.trial.name
    sentence = f"Whether this and another record of {name} are one trial cannot be told from their dates."
    vague = next((part for part in whole.perhaps_parts if part.start is None or not part.start.exact), None)
    if vague is not None:
        question = Question("started", f"On which day was {name} started?", vague.trial.id)
    else:
        question = Question("ended", f"On which day was {name} last taken?", whole.perhaps_parts[0].trial.id)
    return find("continuation", Verdict.UNKNOWN, sentence, CONTINUATION, question=question)


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
