"""Whether a trial failed: the outcome fell short of what the definition expects, and nothing better was ever reached.

A measured improvement decides before a stated percentage, and that before a judged response; all are shown.
"""

from clinical.conventions import conventions
from clinical.course import Course, RunLength
from clinical.dates import Span, said
from clinical.definition import Failure
from clinical.findings import Finding, Frame, Question, find, plain
from clinical.history import Outcome
from clinical.improvement import Limits, falls_short, readings
from clinical.series import Measured
from clinical.vocabulary import Indication, Response, StopReason, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
NO_RESPONSE_BELOW, RESPONSE_FROM = conventions().no_response_below.value, conventions().response_from.value
JUDGED_PERCENT = {  # what a judged word says of the improvement: at least, and below; the words of the field
    Response.NONE: (None, NO_RESPONSE_BELOW),
    Response.WORSE: (None, NO_RESPONSE_BELOW),
    Response.PARTIAL: (NO_RESPONSE_BELOW, RESPONSE_FROM),
    Response.RESPONSE: (RESPONSE_FROM, None),
}
READ_AS = {
    word: " and ".join([f"at least {least}"] * (least is not None) + [f"below {below}"] * (below is not None))
    for word, (least, below) in JUDGED_PERCENT.items()
}
ONCE_RESPONDED = "The depression once responded to it; losing the effect later is not a failure to respond."
NO_FAILURE_BY_STOPPING = {
    StopReason.INTOLERANCE: "Stopped for side effects. Intolerance is not failure, whatever was reached by then.",
    StopReason.LOSS_OF_EFFECT: "It worked and then lost its effect; that is a response, not a failure.",
    StopReason.REMISSION: "It was stopped in remission.",
}


def failed(course: Course, run: RunLength, frame: Frame, minimum_days: int) -> Finding:
    """Whether the trial failed, as the definition means it; `observed` is the improvement in percent."""
    rule = frame.definition.failure
    spared = _spared(course, rule)
    if spared is not None:
        return spared
    stated = _stated(course, rule)
    if not frame.by_scale:
        return stated
    wait, begins = max(minimum_days - 1, 0), run.begins
    limits = Limits(Span(begins.first + wait, begins.last + wait), _stop_of(course, frame))
    options = readings(course, frame.by_scale, frame.library.scales, limits)
    for index, deciding in enumerate(options):
        if _decide(deciding, rule):
            return _measured(deciding, options[index + 1 :], stated, rule, course)
    return stated


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
        if other.trial.ingredient == course.trial.ingredient or other.trial.indication is Indication.OTHER:
            continue
        if begun.first > start.last:
            end = Span(min(end.first, begun.first), min(end.last, begun.last))
        else:  # the dates do not say which of the two came first
            end = Span(min(end.first, max(begun.first, start.first)), end.last)
    return end


def _spared(course: Course, rule: Failure) -> Finding | None:
    """Why the trial is no failure whatever was measured at its end; None where nothing says so."""
    stopped, responded = NO_FAILURE_BY_STOPPING.get(course.stop_reason), course.trial.outcome.ever_responded
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
    numbers = (True, percent, asked, "%", asked - percent)
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
    if not short or reading.remitted:
        return NOT_MET
    return None if reading.early else MET


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


def _stated(course: Course, rule: Failure) -> Finding:
    """The verdict of what was stated: a percentage, else a judged response; unknown where neither stands."""
    outcome, name = course.trial.outcome, course.trial.name
    asked = {"required": float(rule.percent), "unit": "%"}
    if outcome.response is Response.UNKNOWN and outcome.improvement_percent is None:
        return _not_recorded(course, rule)
    if course.outcome_stands is UNKNOWN:
        question = Question("outcome.assessed_on", f"On which day was the outcome of {name} judged?")
        return find(
            "failure", UNKNOWN, "Whether the outcome was known by then is unclear.", rule, **asked, question=question
        )
    if course.outcome_stands is NOT_MET:
        return _not_yet(course, rule)
    if outcome.response is Response.REMISSION:
        return find("failure", NOT_MET, "Judged a remission, which is never a failure.", rule, **asked)
    if outcome.improvement_percent is not None:
        percent = outcome.improvement_percent
        short = percent <= rule.percent if rule.inclusive else percent < rule.percent
        sentence = f"Stated improvement {plain(percent)} %; failure is {rule.in_words}.{_but(outcome)}"
        return find(
            "failure",
            MET if short else NOT_MET,
            sentence,
            rule,
            **asked,
            observed=percent,
            margin=rule.percent - percent,
        )
    return _judged(outcome.response, name, rule)


def _but(outcome: Outcome) -> str:
    """The judged word, where it says something else than the stated percentage, which decides."""
    at_least, below = JUDGED_PERCENT.get(outcome.response, (None, None))
    percent = outcome.improvement_percent or 0
    agrees = (at_least is None or percent >= at_least) and (below is None or percent < below)
    return "" if agrees else f" But: it was judged “{outcome.response.value}”. The percentage decides."


def _judged(response: Response, name: str, rule: Failure) -> Finding:
    """The verdict of a judged word, read as the range of improvement that it stands for."""
    at_least, below = JUDGED_PERCENT[response]
    percent, question = rule.percent, None
    if below is not None and below <= percent:
        verdict = MET
    elif at_least is not None and at_least >= percent:
        verdict = NOT_MET
    else:
        verdict = UNKNOWN
        words = f"By how many percent did the depression improve on {name}?"
        question = Question("outcome.improvement_percent", words)
    sentence = f"Judged “{response.value}”, read as {READ_AS[response]} % improvement; failure is {rule.in_words}."
    return Finding(
        "failure", verdict, sentence, rule.source, rule.evidence, required=float(percent), unit="%", question=question
    )


def _not_recorded(course: Course, rule: Failure) -> Finding:
    """No outcome that existed on the day. A change of medicine alone is not a documented failure."""
    words = f"How did the depression respond to {course.trial.name}: none, worse, partial, response or remission?"
    if course.running:
        words += " It is still taken, so give the day in `outcome.assessed_on`."
    return find(
        "failure",
        UNKNOWN,
        "No outcome is recorded; stopping or switching alone is not a failure.",
        rule,
        required=float(rule.percent),
        unit="%",
        question=Question("outcome.response", words),
    )


def _not_yet(course: Course, rule: Failure) -> Finding:
    """An outcome is recorded, but not as of the day: it counts from its own date, or from the end of the trial."""
    field, words = "outcome.response", f"How had the depression responded to {course.trial.name} by that day?"
    if course.trial.outcome.assessed_on is None:
        field, words = "outcome.assessed_on", f"On which day was the outcome of {course.trial.name} judged?"
    sentence = "The recorded outcome is not from that day or before; without a date of its own it counts from the end."
    return find(
        "failure", UNKNOWN, sentence, rule, required=float(rule.percent), unit="%", question=Question(field, words)
    )
