"""Whether a trial was a fair one: dose, time and adherence. Pure functions that decide and write their own sentence."""

from clinical.course import Course, RunLength, longest_run
from clinical.dates import iso
from clinical.findings import Finding, Frame, Question, plain
from clinical.sections import Adherence, Dose, Duration
from clinical.vocabulary import Verdict

ASKED, HELD = "asked", "held adequate"  # by the definition, or by what is shown as a caution where it is silent
MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
MAY_EARLY_COUNT = "Should {}, stopped early with a clear lack of response, count? A clinician decides."
CONFIRMED_EARLY = " A clear lack of response was confirmed; the source does not say whether it then counts."


def dose_was_adequate(course: Course, rule: Dose, frame: Frame, *, asked: bool = True) -> Finding:
    """Whether the minimum dose of the definition's table was ever reached; mg of the active ingredient a day."""
    trial, top, held = course.trial, course.top_dose, ASKED if asked else HELD
    entry = frame.library.formulary.minimum_dose(rule.table, trial.ingredient)
    if entry is None or entry.min_mg is None:
        sentence = f"The table of minimum doses used here has no entry for {trial.name}; adequacy cannot be judged."
        words = f"Was the dose of {trial.name} adequate? No dose in the table settles it; a clinician decides."
        question = Question("doses", words)
        return Finding(
            "dose", UNKNOWN, sentence, rule.source, rule.evidence, asked, top, None, "mg/d", question=question
        )
    least, source = entry.min_mg, f"{rule.source}: {entry.source}"
    if top is not None and top >= least:
        verdict, sentence = (
            MET,
            f"{plain(top)} mg a day was reached; at least {plain(least)} mg is {held}.",
        )
    elif course.dose_gaps:
        words = f"What daily dose of {trial.name} was reached?"
        sentence = f"The daily dose is not fully recorded; at least {plain(least)} mg is {held}."
        question = Question("doses" if len(trial.doses) > 1 else "daily_dose_mg", words)
        return Finding("dose", UNKNOWN, sentence, source, entry.evidence, asked, top, least, "mg/d", question=question)
    else:
        verdict = NOT_MET
        sentence = f"The highest dose was {plain(top or 0)} mg a day; at least {plain(least)} mg is {held}."
    return Finding("dose", verdict, sentence, source, entry.evidence, asked, top, least, "mg/d", (top or 0) - least)


def run_at_dose(course: Course, dose: Finding | None, frame: Frame) -> RunLength:
    """The run of days that counts: at or above the minimum dose once that was reached, at any dose otherwise.

    A dose that was never reached, or never recorded, is said by the dose criterion; time is then judged by itself.
    """
    at_dose = dose is not None and dose.required is not None and course.top_dose is not None
    minimum = dose.required if at_dose and dose and dose.verdict is not NOT_MET else None
    onset = frame.episode.onset if frame.definition.current_episode else None
    return longest_run(course, minimum, onset)


def lasted_long_enough(
    course: Course, run: RunLength, dose: Finding | None, rule: Duration, *, asked: bool = True
) -> Finding:
    """Whether the run of days reached the minimum duration. A trial still running may yet reach it: unknown, not no."""
    least, most, required, held = run.least, run.most, rule.at_least_days, ASKED if asked else HELD
    days, question = f"{_length(course, run)}{_where(dose)}", None
    verdict, sentence = MET, f"{days}; at least {required} are {held}."
    if most < required:
        verdict, more, question = _too_short(course, least, dose, rule)
        sentence = f"{days}{more}" if course.running else sentence + more
    elif least < required:
        verdict, question = UNKNOWN, _date_question(course, run)
    elif rule.note_below_days and least < rule.note_below_days:
        sentence += f" {rule.note}"
    observed = float(least) if least == most else None
    span = None if least == most or _boundless(course, run) else (float(least), float(most))
    margin = None if observed is None else observed - required
    numbers = (asked, observed, required, "d", margin, span, question)
    evidence = rule.evidence_of.get("at_least_days", rule.evidence)
    return Finding("duration", verdict, sentence, rule.source, evidence, *numbers)


def _too_short(
    course: Course, so_far: int, dose: Finding | None, rule: Duration
) -> tuple[Verdict, str, Question | None]:
    """Too short on every reading: no, unless it is still running or a clinician confirmed that it would not work."""
    name, required = course.trial.name, rule.at_least_days
    if course.running:
        at_dose = _at_dose(course, dose)
        reached = iso(course.end.last + required - (so_far if at_dose else 0))
        days = f"{required} days at any dose" if dose is not None and dose.verdict is NOT_MET else str(required)
        condition = "if it is continued" if at_dose else "if that dose is taken again"
        question = Question("outcome", f"How has the depression responded to {name} on {reached}?")
        return UNKNOWN, f" so far; {days} are reached on {reached} {condition}.", question
    if rule.early_failure_may_count and course.trial.outcome.early_failure_confirmed:
        question = Question("outcome.early_failure_confirmed", MAY_EARLY_COUNT.format(name))
        return UNKNOWN, CONFIRMED_EARLY, question
    return NOT_MET, "", None


def _boundless(course: Course, run: RunLength) -> bool:
    """True when nothing says since when at the earliest."""
    return course.start is None and run.not_before is None


def _length(course: Course, run: RunLength) -> str:
    """The length of the run in words."""
    if run.least == run.most:
        return f"{run.least} days"
    if _boundless(course, run):
        return f"At least {run.least} days (nobody recorded the start)"
    return f"Between {run.least} and {run.most} days"


def _at_dose(course: Course, dose: Finding | None) -> bool:
    """Whether the dose taken now may be one that counts; below it, the days begin anew."""
    now = course.steps[-1].daily_dose_mg if course.steps else None
    return dose is None or dose.required is None or dose.verdict is NOT_MET or now is None or now >= dose.required


def _where(dose: Finding | None) -> str:
    """How the days were counted."""
    if dose is None or dose.required is None or dose.observed is None:
        return ""
    return " at a dose too low throughout" if dose.verdict is NOT_MET else f" at or above {plain(dose.required)} mg"


def _date_question(course: Course, run: RunLength) -> Question:
    """Which date would settle the length of the trial."""
    name, onset = course.trial.name, run.not_before
    if course.start is None or not course.start.exact:
        return Question("started", f"On which day was {name} started?")
    if not course.end.exact:
        return Question("ended", f"On which day was {name} last taken?")
    if onset is not None and not onset.exact and onset.last > course.start.first:
        return Question("episodes.onset", "On which day did the current depressive episode begin?")
    return Question("doses", f"From which day on was each dose of {name} taken?")


def was_taken(course: Course, rule: Adherence, *, asked: bool = True) -> Finding:
    """Whether the medicine was taken as prescribed: as judged, else by the fraction taken."""
    trial, least, held = course.trial, rule.taken_fraction_at_least, ASKED if asked else HELD
    fraction, question, evidence = trial.taken_fraction, None, rule.evidence
    if trial.adherent is not None:
        verdict = MET if trial.adherent else NOT_MET
        sentence = "Taken as prescribed." if trial.adherent else "Not taken as prescribed."
    elif fraction is not None:
        verdict = MET if fraction >= least else NOT_MET
        evidence = rule.evidence_of.get("taken_fraction_at_least", evidence)
        sentence = f"{plain(100 * fraction)} % of doses were taken; at least {plain(100 * least)} % is {held}."
    else:
        verdict, sentence = UNKNOWN, "Whether it was taken as prescribed is not recorded."
        question = Question("adherence.adequate", f"Was {trial.name} taken as prescribed?")
    return Finding("adherence", verdict, sentence, rule.source, evidence, asked, fraction, least, question=question)
