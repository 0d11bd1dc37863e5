"""The one entrance: a definition, a history and a day in, an explained assessment out. Pure: no clock, no I/O."""

from clinical.adequacy import dose_was_adequate, lasted_long_enough, run_at_dose, was_taken
from clinical.answer import Assessment, JudgedTrial
from clinical.augmentation import augmented_drug_was_adequate, dose_of_added
from clinical.conventions import conventions
from clinical.course import Course, course_on
from clinical.credit import Tally, credit, ties_between
from clinical.criteria import is_an_antidepressant, was_for_depression, was_in_current_episode
from clinical.definition import Definition, Dose, Duration
from clinical.doubt import combinations_in, missing_in, notes_on, reasons_for_pseudo_resistance
from clinical.episodes import current_episode
from clinical.failure import failed
from clinical.findings import Finding, Frame
from clinical.history import History
from clinical.library import Library
from clinical.patient import is_severe_enough, is_spoken_of
from clinical.series import by_scale, in_time
from clinical.summary import status_of, summary_of
from clinical.vocabulary import Counts, Role, Verdict

REMISSION_DAYS = conventions().remission_between_episodes.value  # where a definition does not set it itself


def assess(definition: Definition, history: History, on: int, library: Library) -> Assessment:
    """Judge a history as it stood on the day `on` (an ordinal). What happened later does not exist.

    What would change the answer is asked of it with `changes_to`; suicidal thoughts are asked apart with `safety_on`.
    """
    frame = _frame(definition, history, on, library)
    trials = tuple(judge(course, frame) for course in frame.courses)
    excluded = is_spoken_of(history, frame)
    severity = is_severe_enough(frame)
    patient = (*excluded, severity) if severity else tuple(excluded)
    ties = ties_between(frame.courses)
    credited = credit([each.counts for each in trials], ties)
    confirmed, possible = len(credited.confirmed), len(credited.possible)
    status = status_of(definition, Tally(confirmed, confirmed + possible), patient)
    missing = missing_in(trials, ties, patient, credited, status)
    return Assessment(
        definition=definition,
        on=on,
        status=status,
        summary=summary_of(status, definition, credited, patient, missing),
        required=definition.required.failed_medications,
        confirmed_names=tuple(each.trial.name for each in credited.confirmed),
        possible_names=tuple(each.trial.name for each in credited.possible),
        possible=possible,
        trials=trials,
        patient=patient,
        missing=missing,
        pseudo_resistance_reasons=reasons_for_pseudo_resistance(frame.courses, trials),
        notes=(*combinations_in(trials, ties), *notes_on(credited, library, definition)),
        ties=ties,
    )


def _frame(definition: Definition, history: History, on: int, library: Library) -> Frame:
    """All that the trials are judged with; trials in order of time, whatever order they were recorded in."""
    begun = [course for trial in history.trials if (course := course_on(trial, on)) is not None]
    begun.sort(key=lambda course: (course.start or course.end, course.end, course.trial.ingredient, course.trial.id))
    rule = definition.current_episode
    days = rule.remission_days_between_episodes if rule else REMISSION_DAYS
    episode = current_episode(history.episodes, on, days)
    ratings = tuple(sorted(history.ratings, key=in_time))
    return Frame(definition, library, on, episode, tuple(begun), ratings, by_scale(ratings, library.scales, on))


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
    indication = was_for_depression(course, dose, duration)
    outcome = failed(course, run, frame, time_rule.at_least_days if time_rule else 0)
    episode = was_in_current_episode(course, frame)
    found = [indication, dose, duration, adherence, outcome]
    return [episode, *found] if episode else found


def counts(findings: tuple[Finding, ...]) -> Counts:
    """Yes only if every criterion that is asked is met, no if any is not, else unknown."""
    answer = Counts.YES
    for finding in findings:
        if finding.asked and finding.verdict is not Verdict.MET:
            if finding.verdict is Verdict.NOT_MET:
                return Counts.NO
            answer = Counts.UNKNOWN
    return answer
