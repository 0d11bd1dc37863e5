"""Whether a course of a treatment was a fair one, by the sources of the catalogue. Where they part, it is unknown."""

from typing import NamedTuple

from clinical.care import Laterality
from clinical.course import Course, course_on, longest_run
from clinical.dates import Span
from clinical.findings import Finding, Question
from clinical.history import Treatment, Trial
from clinical.library import Library
from clinical.treatments.entries import CourseRule
from clinical.vocabulary import Evidence, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
CRITERION = "adequate_course"
NOTHING_READ = "No source read says what an adequate course of it is."
NO_SOURCE = "None was read"
NOT_VERIFIED = "This figure was not verified and decides nothing."


class _Measured(NamedTuple):
    """How long and how often, on the least and the most reading; None: not known at all."""

    sessions: Span | None
    days: Span
    still_growing: bool


class _Judged(NamedTuple):
    """What one rule says."""

    rule: CourseRule
    verdict: Verdict


def as_course(treatment: Treatment, name: str, on: int) -> Course | None:
    """The treatment as of a day, laid out in time as a trial is; None if it had not begun."""
    same = (treatment.started, treatment.ended, treatment.running)
    trial = Trial(treatment.id, treatment.modality.value, name, *same)
    return course_on(trial._replace(outcome=treatment.outcome, stop_reason=treatment.stop_reason), on)


def adequate_course(treatment: Treatment, on: int, library: Library) -> Finding:
    """Whether the course was adequate as of the day `on` (an ordinal); `observed` in sessions or days.

    A figure that was not verified is shown and never decides.
    """
    entry = library.treatments.member(treatment.modality)
    title = entry[1].title if entry else treatment.modality.meaning.rstrip(".")
    course = as_course(treatment, title, on)
    rules = entry[1].adequate_course if entry else ()
    if course is None:
        return Finding(CRITERION, UNKNOWN, "It had not begun by then.", NO_SOURCE, Evidence.LOCAL)
    if not rules:
        return Finding(CRITERION, UNKNOWN, NOTHING_READ, NO_SOURCE, Evidence.LOCAL)
    measured = _measure(treatment, course)
    decide = [rule for rule in rules if rule.evidence is not Evidence.UNVERIFIED and _may_apply(rule, treatment)]
    if not decide:
        sentence = f"{_observed(measured, rules[0])} {rules[0].sentence} {NOT_VERIFIED}"
        return Finding(CRITERION, UNKNOWN, sentence, rules[0].source, rules[0].evidence)
    judged = [_Judged(rule, _verdict(rule, measured)) for rule in decide]
    return _finding(judged, measured, treatment, title)


def _may_apply(rule: CourseRule, treatment: Treatment) -> bool:
    """Whether the rule speaks of this course; it may where the side is not recorded."""
    return rule.laterality is None or treatment.laterality in (rule.laterality, Laterality.UNKNOWN)


def _measure(treatment: Treatment, course: Course) -> _Measured:
    """Sessions and days as of the day. Of a course that went on after it, nobody knows how many had been given."""
    run = longest_run(course, None)
    sessions = treatment.sessions
    stand = course.ended is MET or treatment.ended is None
    given = None if sessions is None else Span(sessions if stand else 0, sessions)
    return _Measured(given, Span(run.least, run.most), still_growing=course.running)


def _verdict(rule: CourseRule, measured: _Measured) -> Verdict:
    """Met if every number that the rule asks for is met."""
    asked = []
    if rule.sessions_at_least is not None:
        asked.append(_reached(measured.sessions, rule.sessions_at_least, grows=measured.still_growing))
    if rule.days_at_least is not None:
        asked.append(_reached(measured.days, rule.days_at_least, grows=measured.still_growing))
    return NOT_MET if NOT_MET in asked else UNKNOWN if UNKNOWN in asked else MET


def _reached(found: Span | None, required: int, *, grows: bool) -> Verdict:
    """Whether the number was reached; one that still grows may yet be."""
    if found is None:
        return UNKNOWN
    if found.first >= required:
        return MET
    return NOT_MET if found.last < required and not grows else UNKNOWN


def _finding(judged: list[_Judged], measured: _Measured, treatment: Treatment, title: str) -> Finding:
    """One verdict of all rules: where they differ it is unknown, and both are said."""
    verdicts = {each.verdict for each in judged}
    verdict = judged[0].verdict if len(verdicts) == 1 else UNKNOWN
    first = judged[0].rule
    said = f"{_observed(measured, first)} {' '.join(each.rule.sentence for each in judged)}"
    if len(verdicts) > 1:
        said += " Sources part here, so it is left open."
    elif verdict is UNKNOWN and measured.still_growing:
        said += " It is still going on."
    source = "; ".join(dict.fromkeys(each.rule.source for each in judged))
    required = first.sessions_at_least or first.days_at_least
    found = measured.sessions if first.sessions_at_least else measured.days
    exact = found.first if found is not None and found.exact else None
    return Finding(
        CRITERION,
        verdict,
        said,
        source,
        first.evidence,
        observed=exact,
        required=required,
        unit="sessions" if first.sessions_at_least else "d",
        margin=None if exact is None or required is None else exact - required,
        question=_question(judged, treatment, title) if verdict is UNKNOWN else None,
    )


def _observed(measured: _Measured, rule: CourseRule) -> str:
    """What was found, in words."""
    if rule.sessions_at_least is None:
        least, most = measured.days
        return f"{least} days." if least == most else f"Between {least} and {most} days."
    if measured.sessions is None:
        return "The number of sessions is not recorded."
    least, most = measured.sessions
    return f"{most} sessions." if least == most else f"At most {most} sessions by then."


def _question(judged: list[_Judged], treatment: Treatment, title: str) -> Question | None:
    """What to ask to settle it."""
    if any(each.rule.sessions_at_least for each in judged) and treatment.sessions is None:
        return Question("sessions", f"How many sessions of {title} were given?")
    if any(each.rule.laterality for each in judged) and treatment.laterality is Laterality.UNKNOWN:
        return Question("laterality", f"Was the {title} bilateral or unilateral?")
    if any(each.rule.days_at_least for each in judged) and not treatment.running:
        return Question("started", f"From which day to which day did {title} last?")
    return None
