"""Whether a trial failed: the outcome fell short of what the definition expects, and nothing better was ever reached.

A measured improvement decides before a stated percentage, and that before a judged response; all are shown.
"""

from clinical.course import Course, RunLength
from clinical.dates import Span, said
from clinical.findings import Finding, Frame, Question, find, plain
from clinical.improvement import Limits, falls_short, readings
from clinical.sections import Failure
from clinical.series import Measured
from clinical.stated import NOTHING_RECORDED, stated
from clinical.vocabulary import FOR_SOMETHING_ELSE, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
NOTHING_COMPARABLE = "No outcome is stated, and no two ratings of one scale show the start and the end of this trial"
ONCE_RESPONDED = "The depression once responded to it; losing the effect later is not a failure to respond."
NO_FAILURE_BY_STOPPING = {
    StopReason.INTOLERANCE: "Stopped for side effects. Intolerance is not failure, whatever was reached by then.",
    StopReason.LOSS_OF_EFFECT: "It worked and then lost its effect; that is a response, not a failure.",
    StopReason.REMISSION: "It was stopped in remission.",
}


def failed(course: Course, run: RunLength, frame: Frame, rule: Failure, minimum_days: int) -> Finding:
    """Whether the trial failed, as the definition means it; `observed` is the improvement in percent."""
    spared = _spared(course, rule)
    if spared is not None:
        return spared
    said_of_it = stated(course, rule)
    if not frame.by_scale:
        return said_of_it
    wait, begins = max(minimum_days - 1, 0), run.begins
    limits = Limits(Span(begins.first + wait, begins.last + wait), _stop_of(course, frame))
    options = readings(course, frame.by_scale, frame.library.scales, limits)
    for index, deciding in enumerate(options):
        if _decide(deciding, rule):
            return _measured(deciding, options[index + 1 :], said_of_it, rule, course)
    return said_of_it._replace(sentence=said_of_it.sentence.replace(NOTHING_RECORDED, NOTHING_COMPARABLE))


def _decide(options: list[Measured | None], rule: Failure) -> bool:
    """Whether one of the readings says something: an endpoint, or an early rating that is a response."""
    for each in options:  # noqa: SIM110 - a loop costs half of a generator, five times an answer
        if each and (not each.early or _verdict(each, rule) is NOT_MET):
            return True
    return False


def _stop_of(course: Course, frame: Frame) -> Span:
    """The end of the trial, or the start of the next medicine for the depression if that came first."""
    end, start = course.end, course.start
    if start is None:
        return end
    for other in frame.courses:
        begun = other.start
        if begun is None or begun.last <= start.first or begun.first >= end.last:
            continue
        if other.trial.ingredient == course.trial.ingredient or other.trial.indication in FOR_SOMETHING_ELSE:
            continue
        if begun.first > start.last:
            end = Span(min(end.first, begun.first), min(end.last, begun.last))
        else:  # the dates do not say which of the two came first
            end = Span(min(end.first, max(begun.first, start.first)), end.last)
    return end


def _spared(course: Course, rule: Failure) -> Finding | None:
    """Why the trial is no failure whatever was measured at its end; None where nothing says so."""
    stopped = NO_FAILURE_BY_STOPPING.get(course.stop_reason)
    responded = course.trial.outcome.ever_responded and not rule.anything_short_of_remission
    if not (stopped or responded):
        return None
    asked = {"required": float(rule.percent), "unit": "%"}
    name = course.trial.name
    if responded and course.outcome_stands is MET:
        return find("failure", NOT_MET, ONCE_RESPONDED, rule, **asked)
    if stopped and course.ended is MET:
        return find("failure", NOT_MET, stopped, rule, **asked)
    if stopped:
        question = Question("ended", f"On which day was {name} last taken?")
        sentence = f"{stopped} Whether it had been stopped by then is not clear."
        return find("failure", UNKNOWN, sentence, rule, **asked, question=question)
    if responded and course.outcome_stands is UNKNOWN:
        question = Question("outcome.assessed_on", f"On which day was the outcome of {name} judged?")
        sentence = f"{ONCE_RESPONDED} Whether that was known by then is not clear."
        return find("failure", UNKNOWN, sentence, rule, **asked, question=question)
    return None


def _measured(
    options: list[Measured | None], others: list[list[Measured | None]], stated: Finding, rule: Failure, course: Course
) -> Finding:
    """The verdict of the ratings. Where unclear dates allow different readings that disagree, it is unknown."""
    verdicts = [_verdict(each, rule) or stated.verdict for each in options]
    verdict = verdicts[0]
    certain = verdicts.count(verdict) == len(verdicts)
    shown = options[0] or next(each for each in options if each is not None)
    percent = round(shown.percent, 2)
    sentence = _sentence(shown, percent, rule)
    for other in others:
        also = next(each for each in other if each is not None)
        if not also.early:
            sentence += f" On the {also.scale.title} it was {plain(also.percent)} %."
    if stated.observed is not None or stated.verdict is not UNKNOWN:
        agrees = certain and stated.verdict is verdict
        sentence += f" {stated.sentence}" if agrees else f" But: {stated.sentence} The measured one decides."
    asked = float(rule.percent)
    if not certain:
        sentence += " The dates allow more than one reading."
        return find("failure", UNKNOWN, sentence, rule, required=asked, unit="%", question=_when(course, shown))
    margin = None if rule.anything_short_of_remission else asked - percent
    question = stated.question if verdict is UNKNOWN else None
    numbers = (True, percent, asked, "%", margin, None, question)
    return Finding("failure", verdict, sentence, rule.source, rule.evidence, *numbers)


def _when(course: Course, shown: Measured) -> Question:
    """Which date would settle what was measured."""
    name = course.trial.name
    if course.start is not None and not course.start.exact:
        return Question("started", f"On which day was {name} started?")
    if not course.end.exact:
        return Question("ended", f"On which day was {name} last taken?")
    words = f"On which day was the {shown.scale.title} taken, before or during {name}?"
    return Question("assessments.assessed_on", words)


def _verdict(reading: Measured | None, rule: Failure) -> Verdict | None:
    """Failed only if even the best rating on the trial fell short, and none was a remission; None: nothing is said."""
    if reading is None:
        return None
    short = falls_short(reading.baseline, reading.best, rule.percent, inclusive=rule.inclusive)
    if reading.remitted:
        return NOT_MET
    if rule.anything_short_of_remission:
        tells = short or reading.scale.remission is not None
        return None if reading.early or not tells else MET
    if not short or (not reading.early and _below_the_floor(reading, rule)):
        return NOT_MET
    return None if reading.early else MET


def _below_the_floor(reading: Measured, rule: Failure) -> bool:
    """Whether even the best rating improved by less than the definition speaks of."""
    return rule.floor is not None and falls_short(reading.baseline, reading.best, rule.floor, inclusive=False)


def _sentence(reading: Measured, percent: float, rule: Failure) -> str:
    """The measured change in words."""
    moved = f"from {reading.baseline} ({said(reading.baseline_on)}) to {reading.endpoint} ({said(reading.endpoint_on)})"
    sentence = f"{reading.scale.title} {moved}: {plain(percent)} % improvement; failure is {rule.in_words}."
    if reading.early:
        sentence += " That was before the trial had lasted long enough, and is a better outcome reached."
    if reading.remitted:
        sentence += f" {reading.best} is a remission on this scale, which is never a failure."
    elif reading.best < reading.endpoint:
        best = 100 * (reading.baseline - reading.best) / reading.baseline
        sentence += f" The best rating on the trial was {reading.best} ({plain(best)} %)."
    return sentence
