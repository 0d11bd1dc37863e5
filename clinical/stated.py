"""What was stated of an outcome: a percentage, else a judged word; each is read as a range of improvement."""

from collections.abc import Sequence

from clinical.conventions import conventions
from clinical.course import Course
from clinical.findings import Finding, Question, find, plain
from clinical.history import Outcome
from clinical.sections import Failure
from clinical.vocabulary import Response, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
NO_RESPONSE_BELOW, RESPONSE_FROM = conventions().no_response_below.value, conventions().response_from.value
JUDGED_PERCENT = {  # what a judged word says of the improvement: at least, and below; the words of the field
    Response.NONE: (None, NO_RESPONSE_BELOW),
    Response.WORSE: (None, NO_RESPONSE_BELOW),
    Response.PARTIAL: (NO_RESPONSE_BELOW, RESPONSE_FROM),
    Response.RESPONSE: (RESPONSE_FROM, None),
}
NOTHING_RECORDED = "No outcome is recorded"
READ_AS = {
    word: " and ".join([f"at least {least}"] * (least is not None) + [f"below {below}"] * (below is not None))
    for word, (least, below) in JUDGED_PERCENT.items()
}


def stated(course: Course, rule: Failure) -> Finding:
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
        return _percentage(outcome, outcome.improvement_percent, name, rule)
    return _judged(outcome.response, name, rule)


def _percentage(outcome: Outcome, percent: float, name: str, rule: Failure) -> Finding:
    """The verdict of a stated percentage. It cannot tell a remission from a response; the judged word can."""
    short = percent <= rule.percent if rule.inclusive else percent < rule.percent
    if rule.floor is not None and percent < rule.floor:
        short = False
    numbers = {"required": float(rule.percent), "unit": "%", "observed": percent, "margin": rule.percent - percent}
    sentence = f"Stated improvement {plain(percent)} %; failure is {rule.in_words}.{_but(outcome)}"
    if rule.anything_short_of_remission:
        numbers["margin"] = None
        if not short and outcome.response is Response.UNKNOWN:
            question = Question("outcome.response", f"Did the depression remit on {name}, or only respond?")
            return find("failure", UNKNOWN, sentence, rule, **numbers, question=question)
        short = True
    return find("failure", MET if short else NOT_MET, sentence, rule, **numbers)


def better_on_a_part(parts: Sequence[Course], rule: Failure) -> Finding | None:
    """That a better outcome than a failure was reached on one of the records of a trial; None where none says so."""
    better = [part for part in parts if _is_better(part.trial.outcome, rule)]
    for part in better:
        if part.outcome_stands is MET:
            sentence = "It is recorded in parts; on one of them the depression improved more than a failure allows."
            return find("failure", NOT_MET, sentence, rule, required=float(rule.percent), unit="%")
    for part in better:
        if part.outcome_stands is UNKNOWN:
            words = f"On which day was the outcome of {part.trial.name} judged?"
            question = Question("outcome.assessed_on", words, part.trial.id)
            sentence = "A better outcome is recorded on a part of it; whether it was known by then is unclear."
            return find("failure", UNKNOWN, sentence, rule, question=question)
    return None


def _is_better(outcome: Outcome, rule: Failure) -> bool:
    """Whether a stated outcome is more than a failure allows."""
    if outcome.response is Response.REMISSION:
        return True
    if rule.anything_short_of_remission:
        return False
    percent = outcome.improvement_percent
    if percent is not None:
        return bool(outcome.ever_responded) or (percent > rule.percent if rule.inclusive else percent >= rule.percent)
    return bool(outcome.ever_responded) or outcome.response is Response.RESPONSE


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
    if rule.anything_short_of_remission or _lies_within(at_least, below, rule):
        verdict = MET
    elif _lies_without(at_least, below, rule):
        verdict = NOT_MET
    else:
        verdict = UNKNOWN
        words = f"By how many percent did the depression improve on {name}?"
        question = Question("outcome.improvement_percent", words)
    sentence = f"Judged “{response.value}”, read as {READ_AS[response]} % improvement; failure is {rule.in_words}."
    return Finding(
        "failure", verdict, sentence, rule.source, rule.evidence, required=float(percent), unit="%", question=question
    )


def _lies_within(at_least: int | None, below: int | None, rule: Failure) -> bool:
    """Whether every improvement that the word stands for is a failure."""
    return below is not None and below <= rule.percent and (rule.floor is None or (at_least or 0) >= rule.floor)


def _lies_without(at_least: int | None, below: int | None, rule: Failure) -> bool:
    """Whether no improvement that the word stands for is a failure."""
    least = at_least or 0
    too_good = least > rule.percent if rule.inclusive else least >= rule.percent
    return too_good or (rule.floor is not None and below is not None and below <= rule.floor)


def _not_recorded(course: Course, rule: Failure) -> Finding:
    """No outcome that existed on the day. A change of medicine alone is not a documented failure."""
    words = f"How did the depression respond to {course.trial.name}: none, worse, partial, response or remission?"
    if course.running:
        words += " It is still taken, so give the day in `outcome.assessed_on`."
    return find(
        "failure",
        UNKNOWN,
        f"{NOTHING_RECORDED}; stopping or switching alone is not a failure.",
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
