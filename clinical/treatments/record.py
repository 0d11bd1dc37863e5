"""What the record says for a caution: factors, the episode, what is or was lately taken, what has failed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from clinical.background import Certainty, ContributingFactor
from clinical.course import Course
from clinical.dates import Span
from clinical.findings import Frame
from clinical.history import Factor, History
from clinical.safety import safety_on
from clinical.treatments.attempts import Attempt, capital, day
from clinical.treatments.rules import FailedInClass, Taken, When
from clinical.treatments.words import OptionState
from clinical.vocabulary import Polarity, SafetyLevel, Severity, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
SEVERE_THOUGHTS = frozenset({SafetyLevel.URGENT, SafetyLevel.EMERGENCY})
THOUGHTS = frozenset({SafetyLevel.REVIEW, SafetyLevel.URGENT, SafetyLevel.EMERGENCY})


class Record(NamedTuple):
    """One history as of a day, with its attempts."""

    history: History
    frame: Frame
    attempts: Sequence[Attempt]


class Found(NamedTuple):
    """Something in the record that raises a caution: surely (met) or perhaps (unknown).

    `ingredient` is the medicine that raises it, so that none is warned of beside itself.
    """

    verdict: Verdict
    words: str
    records: tuple[str, ...]
    ingredient: str | None = None


def found_for(when: When, record: Record) -> tuple[Found, ...]:
    """All that raises a caution under this condition; nothing where the record is silent or says no."""
    return tuple(found for name, look in LOOKS.items() if getattr(when, name) for found in look(when, record))


def standing(factor: ContributingFactor, record: Record) -> list[Factor]:
    """The entries of one factor that no surely later one has replaced as of the day."""
    on = record.frame.on
    begun = [each for each in record.history.factors if each.factor is factor and _begun(each.noted_on, on)]
    return [each for each in begun if not any(_replaced(each.noted_on, other.noted_on, on) for other in begun)]


def _begun(noted: Span | None, on: int) -> bool:
    return noted is None or noted.first <= on


def _replaced(one: Span | None, other: Span | None, on: int) -> bool:
    """Whether `other` is surely of a later day than `one`, and surely there by the day."""
    return one is not None and other is not None and one.last < other.first and other.last <= on


def verdict_on(entries: Sequence[Factor], on: int) -> Verdict:
    """Met if it is surely confirmed, not met if nothing but refuted stands or nothing at all, else unknown."""
    if all(each.certainty is Certainty.REFUTED for each in entries):
        return NOT_MET
    sure = all(each.certainty is Certainty.CONFIRMED for each in entries)
    there = any(each.noted_on is None or each.noted_on.last <= on for each in entries)
    return MET if sure and there else UNKNOWN


def words_of(factor: ContributingFactor, entries: Sequence[Factor]) -> str:
    """How the factor is recorded."""
    said = " and ".join(sorted({each.certainty.value for each in entries}))
    return f"Recorded as {said}: {factor.meaning[0].lower()}{factor.meaning[1:]}"


def _factors(when: When, record: Record) -> Iterator[Found]:
    for factor in when.factors:
        entries = standing(factor, record)
        verdict = verdict_on(entries, record.frame.on)
        if verdict is not NOT_MET:
            ids = tuple(sorted(each.id for each in entries))
            yield Found(verdict, words_of(factor, entries), ids)


def _bipolar(_: When, record: Record) -> Iterator[Found]:
    """Bipolar in any episode is bipolar."""
    on = record.frame.on
    bipolar = [each for each in record.history.episodes if each.polarity is Polarity.BIPOLAR and _begun(each.onset, on)]
    if bipolar:
        sure = any(each.onset is None or each.onset.last <= on for each in bipolar)
        ids = tuple(sorted(each.id for each in bipolar))
        yield Found(MET if sure else UNKNOWN, "The depression is recorded as bipolar.", ids)


def _psychotic(_: When, record: Record) -> Iterator[Found]:
    episode = record.frame.episode
    if episode.latest is not None and episode.latest.psychotic:
        words = "The current episode is recorded with psychotic features."
        yield Found(MET if episode.exists is MET else UNKNOWN, words, (episode.latest.id,))


def _severe_psychotic(_: When, record: Record) -> Iterator[Found]:
    """Severe with psychotic features; perhaps, where nobody recorded how severe it is."""
    episode = record.frame.episode
    latest = episode.latest
    if latest is None or not latest.psychotic or latest.severity not in (Severity.SEVERE, Severity.UNKNOWN):
        return
    if latest.severity is Severity.UNKNOWN:
        words = "The current episode is recorded with psychotic features; how severe it is, is not recorded."
        yield Found(UNKNOWN, words, (latest.id,))
    else:
        words = "The current episode is recorded as severe, with psychotic features."
        yield Found(MET if episode.exists is MET else UNKNOWN, words, (latest.id,))


def _severe_thoughts(_: When, record: Record) -> Iterator[Found]:
    safety = safety_on(record.history, record.frame.library.scales, record.frame.on)
    if safety.level in SEVERE_THOUGHTS:
        yield Found(MET, safety.sentence, ())


def antidepressant_taken(record: Record) -> bool:
    """Whether any antidepressant is taken on the day, or may be, for whatever it was given."""
    medicines, on = record.frame.library.formulary.medicines, record.frame.on
    taken = [each for each in record.frame.courses if _lately(each, 1, on) is not NOT_MET]
    return any(medicines[each.trial.ingredient].antidepressant is not NOT_MET for each in taken)


def _thoughts(_: When, record: Record) -> Iterator[Found]:
    safety = safety_on(record.history, record.frame.library.scales, record.frame.on)
    if safety.level in THOUGHTS:
        yield Found(MET, safety.sentence, ())


def _taken(when: When, record: Record) -> Iterator[Found]:
    rule, frame = when.taken or Taken(), record.frame
    for course in frame.courses:
        medicine = frame.library.formulary.medicines[course.trial.ingredient]
        if rule.lists(medicine):
            verdict = _lately(course, rule.within_days or 1, frame.on)
            if verdict is not NOT_MET:
                words = _last_taken(course, rule, verdict, frame.on)
                yield Found(verdict, words, (course.trial.id,), medicine.id)


def _lately(course: Course, within: int, on: int) -> Verdict:
    """Whether it is taken on the day, or was last taken fewer than `within` days before it."""
    least, most = on - course.end.last, on - course.end.first
    if least >= within:
        return NOT_MET
    begun = course.trial.started is None or course.trial.started.last <= on
    return MET if most < within and begun else UNKNOWN


def _last_taken(course: Course, rule: Taken, verdict: Verdict, on: int) -> str:
    """Since when it has not been taken, as far as that is known."""
    name = capital(course.trial.name)
    days = "day is" if rule.within_days == 1 else "days are"
    asked = f"; {rule.within_days} {days} asked" if rule.within_days else ""
    if course.running:
        return f"{name} is taken now." if verdict is MET else f"{name} may be taken now."
    if verdict is MET and course.end.exact:
        return f"{name} was last taken on {day(course.end)}, {on - course.end.last} days before{asked}."
    return f"{name} was last taken on {day(course.end)}{asked}."


def _failed(when: When, record: Record) -> Iterator[Found]:
    """So many of one class have failed; those of unknown outcome may have."""
    rule = when.failed or FailedInClass(group="", at_least=1)
    mine = [each for each in record.attempts if each.antidepressant and each.group == rule.group]
    failed = {each.name: each.id for each in mine if each.state is OptionState.FAILED}
    open_ones = {each.name: each.id for each in mine if each.state is OptionState.TRIED_OUTCOME_UNKNOWN}
    if len(failed | open_ones) < rule.at_least:
        return
    sure = len(failed) >= rule.at_least
    named = failed if sure else failed | open_ones
    words = f"{capital(' and '.join(named))} {'failed' if sure else 'failed, or may have'}."
    yield Found(MET if sure else UNKNOWN, words, tuple(named.values()))


LOOKS: Mapping[str, Callable[[When, Record], Iterator[Found]]] = {
    "factors": _factors,
    "bipolar": _bipolar,
    "psychotic_features": _psychotic,
    "suicidal_thoughts": _thoughts,
    "severe_with_psychotic_features": _severe_psychotic,
    "severe_suicidal_thoughts": _severe_thoughts,
    "taken": _taken,
    "failed": _failed,
}
