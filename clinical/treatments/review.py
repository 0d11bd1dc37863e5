"""What is looked at before any option: the diagnosis, other factors, failures that may be none, open questions."""

from collections.abc import Iterator
from typing import NamedTuple

from clinical.answer import Assessment
from clinical.safety import safety_on
from clinical.treatments.attempts import by_session
from clinical.treatments.entries import Statement
from clinical.treatments.record import THOUGHTS, Record, found_for, standing, verdict_on, words_of
from clinical.treatments.rules import Reviews, When
from clinical.treatments.words import OptionState, ReviewKind
from clinical.vocabulary import Evidence, Polarity, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
OF_DIAGNOSIS = frozenset({ReviewKind.DIAGNOSIS, ReviewKind.FACTOR})


class Reason(NamedTuple):
    """One thing to look at first, and the records that it rests on."""

    kind: ReviewKind
    sentence: str
    source: str
    evidence: Evidence
    records: tuple[str, ...]


def review_first(assessment: Assessment, record: Record) -> tuple[Reason, ...]:
    """All reasons, in the order in which a clinician would take them up."""
    rules = record.frame.library.treatments.reviews
    return (
        *_safety(record, rules),
        *_psychotic_features(record, rules),
        *_diagnosis(record, rules),
        *_factors(record, rules),
        *_pseudo_resistance(record, rules),
        *_adherence(record, rules),
        *_questions(assessment, rules),
    )


def _reason(kind: ReviewKind, rule: Statement, words: str, records: tuple[str, ...]) -> Reason:
    return Reason(kind, f"{rule.sentence}: {words}", rule.source, rule.evidence, records)


def _safety(record: Record, rules: Reviews) -> Iterator[Reason]:
    """Suicidal thoughts that the record shows, with the level of safety."""
    safety = safety_on(record.history, record.frame.library.scales, record.frame.on)
    if safety.level in THOUGHTS:
        rule = rules.safety
        sentence = f"{rule.sentence} ({safety.level.value}): {safety.sentence}"
        yield Reason(ReviewKind.SAFETY, sentence, f"{rule.source}; {safety.basis}", rule.evidence, ())


def _psychotic_features(record: Record, rules: Reviews) -> Iterator[Reason]:
    """Psychotic features of the current episode, severe or not."""
    for found in found_for(When(psychotic_features=True), record):
        yield _reason(ReviewKind.PSYCHOTIC_FEATURES, rules.psychotic_features, found.words, found.records)


def _diagnosis(record: Record, rules: Reviews) -> Iterator[Reason]:
    """Bipolar depression asks for other treatment; where nobody recorded which it is, that is asked first."""
    begun = [each for each in record.history.episodes if each.onset is None or each.onset.first <= record.frame.on]
    bipolar = tuple(sorted(each.id for each in begun if each.polarity is Polarity.BIPOLAR))
    if bipolar:
        words = "the depression is recorded as bipolar, which asks for other treatment than the options of this list."
        yield _reason(ReviewKind.DIAGNOSIS, rules.diagnosis, words, bipolar)
    elif not any(each.polarity is Polarity.UNIPOLAR for each in begun):
        words = "whether there has ever been mania or hypomania is not recorded."
        yield _reason(ReviewKind.DIAGNOSIS, rules.diagnosis, words, tuple(sorted(each.id for each in begun)))


def _factors(record: Record, rules: Reviews) -> Iterator[Reason]:
    """Factors that are recorded as confirmed or suspected."""
    for rule in rules.factors:
        entries = standing(rule.factor, record)
        if verdict_on(entries, record.frame.on) is not NOT_MET:
            ids = tuple(sorted(each.id for each in entries))
            sentence = f"{rule.sentence} {words_of(rule.factor, entries)}"
            yield Reason(ReviewKind.FACTOR, sentence, rule.source, rule.evidence, ids)


def _pseudo_resistance(record: Record, rules: Reviews) -> Iterator[Reason]:
    """Failures of courses that were surely not fair ones."""
    for each in record.attempts:
        if each.state is OptionState.FAILED and each.adequate.verdict is NOT_MET:
            words = f"{each.name}. {each.adequate.sentence}"
            yield _reason(ReviewKind.PSEUDO_RESISTANCE, rules.pseudo_resistance, words, (each.id,))


def _adherence(record: Record, rules: Reviews) -> Iterator[Reason]:
    """Failed medicines of which nobody recorded how they were taken."""
    silent = [
        each
        for each in record.attempts
        if each.medicine is not None
        and not by_session(each.medicine, record.frame.library)
        and each.state is OptionState.FAILED
        and each.course.trial.adherent is None
        and each.course.trial.taken_fraction is None
    ]
    if silent:
        names = " and ".join(dict.fromkeys(each.name for each in silent))
        words = f"whether {names} was taken as prescribed is not recorded."
        yield _reason(ReviewKind.ADHERENCE, rules.adherence, words, tuple(each.id for each in silent))


def _questions(assessment: Assessment, rules: Reviews) -> Iterator[Reason]:
    """Open questions whose answer could change the status."""
    for each in assessment.missing:
        if each.could_change_status:
            records = (each.trial_id,) if each.trial_id else ()
            yield _reason(ReviewKind.DECIDING_QUESTION, rules.deciding_question, each.question, records)
