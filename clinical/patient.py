"""What a definition asks of the patient, not of a trial: whom it excludes, how severe the episode must be."""

from collections.abc import Sequence

from clinical.answer import JudgedTrial
from clinical.credit import Tally
from clinical.dates import Span
from clinical.findings import Finding, Frame, Question, find
from clinical.history import Episode, History, Rating
from clinical.improvement import Window, last_in
from clinical.required import enough_augmentations_failed, number_asked
from clinical.sections import CurrentSeverity, Exclusions
from clinical.series import in_time
from clinical.vocabulary import Polarity, Severity, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN


def asked_of_patient(
    history: History, frame: Frame, trials: Sequence[JudgedTrial], tally: Tally
) -> tuple[int, tuple[Finding, ...]]:
    """How many failed antidepressants are asked of this patient, and all findings that are not about one trial."""
    required, number = number_asked(history, frame, tally)
    found = (
        number,
        *is_spoken_of(history, frame),
        is_severe_enough(frame),
        scores_high_enough(frame),
        enough_augmentations_failed(trials, frame),
    )
    return required, tuple([each for each in found if each])


def is_spoken_of(history: History, frame: Frame) -> list[Finding]:
    """Whether the definition speaks of this patient: not met where it excludes the patient.

    An unknown here shows as a caution: it is asked about, and does not make every answer indeterminate.
    """
    rule = frame.definition.exclusions
    findings: list[Finding] = []
    if rule is None:
        return findings
    begun = [each for each in history.episodes if each.onset is None or each.onset.first <= frame.on]
    if Polarity.BIPOLAR in rule.polarities:
        findings.append(_is_unipolar(begun, rule))
    if rule.psychotic_features:
        findings.append(_is_not_psychotic(frame, rule))
    return findings


def _is_unipolar(begun: list[Episode], rule: Exclusions) -> Finding:
    """Bipolar in any episode is bipolar; unknown in all of them is unknown."""
    polarities = {each.polarity for each in begun}
    if Polarity.BIPOLAR in polarities:
        sentence = "The depression is recorded as bipolar; this definition speaks of unipolar depression."
        return find("polarity", NOT_MET, sentence, rule)
    if Polarity.UNIPOLAR in polarities:
        return find("polarity", MET, "The depression is recorded as unipolar.", rule)
    question = Question("episodes.polarity", "Has there ever been mania or hypomania?")
    sentence = "Whether the depression is unipolar or bipolar is not recorded; taken as unipolar."
    return find("polarity", UNKNOWN, sentence, rule, asked=False, question=question)


def _is_not_psychotic(frame: Frame, rule: Exclusions) -> Finding:
    """Psychotic features of the current episode."""
    latest = frame.episode.latest
    psychotic = latest.psychotic if latest else None
    if psychotic:
        return find(
            "psychotic_features", NOT_MET, "The current episode has psychotic features, which exclude it.", rule
        )
    if psychotic is False:
        return find("psychotic_features", MET, "No psychotic features are recorded in the current episode.", rule)
    question = Question("episodes.psychotic_features", "Does the current episode have psychotic features?")
    sentence = "Whether there are psychotic features is not recorded; taken as none."
    return find("psychotic_features", UNKNOWN, sentence, rule, asked=False, question=question)


def is_severe_enough(frame: Frame) -> Finding | None:
    """Whether the current episode is as severe as asked: by the clinician's word, else by the latest rating."""
    rule = frame.definition.current_severity
    if rule is None:
        return None
    latest = frame.episode.latest
    if latest is not None and latest.severity is not Severity.UNKNOWN:
        return _severity(latest.severity, f"The current episode is recorded as {latest.severity}.", rule)
    question = Question("episodes.severity", "How severe is the current episode?")
    verdicts = {each.verdict: each for each in _by_rating(frame, rule)}
    if len(verdicts) == 1:
        return verdicts.popitem()[1]
    sentence = "How severe the episode is now is not recorded."
    if verdicts:
        sentence = " But: ".join(each.sentence for each in verdicts.values())
    return find("current_severity", UNKNOWN, sentence, rule, question=question)


def scores_high_enough(frame: Frame) -> Finding | None:
    """Whether the latest total on the scale that is asked is high enough; None where the definition does not ask."""
    rule = frame.definition.current_score
    if rule is None:
        return None
    scale = frame.library.scales[rule.instrument]
    asked = f"at least {rule.at_least} is asked."
    series, lately = frame.by_scale.get(rule.instrument), Span(frame.on - rule.rating_within_days, frame.on)
    latest = last_in(series.ratings if series else (), Window(lately, lately))
    totals = [None if each is None else each.total for each in latest]
    verdicts = {UNKNOWN if each is None else MET if each >= rule.at_least else NOT_MET for each in totals}
    if len(verdicts) == 1 and totals[0] is not None:
        numbers = {"observed": float(totals[0]), "required": float(rule.at_least)}
        return find(
            "current_score", verdicts.pop(), f"The latest {scale.title} is {totals[0]}; {asked}", rule, **numbers
        )
    sentence = f"No {scale.title} of the last {rule.rating_within_days} days is recorded; {asked}"
    question = Question("assessments", f"What is the total of the {scale.title} now?")
    return find("current_score", UNKNOWN, sentence, rule, required=float(rule.at_least), question=question)


def _by_rating(frame: Frame, rule: CurrentSeverity) -> list[Finding]:
    """What the latest rating says; each that may be the latest, where their dates leave it open."""
    lately = Span(frame.on - rule.rating_within_days, frame.on)
    rated = sorted((each for series in frame.by_scale.values() for each in series.ratings), key=in_time)
    latest = last_in(rated, Window(lately, lately))
    return [_rated(frame, each, rule) for each in latest if each is not None]


def _rated(frame: Frame, rating: Rating, rule: CurrentSeverity) -> Finding:
    scale, total = frame.library.scales[rating.instrument], rating.total or 0
    band = scale.band(total)
    sentence = f"The latest {scale.title} is {total} ({band.label})."
    return _severity(band.severity or Severity.UNKNOWN, sentence, rule)


def _severity(severity: Severity, sentence: str, rule: CurrentSeverity) -> Finding:
    """The verdict on a severity."""
    asked = " or ".join(rule.one_of)
    verdict = MET if severity in rule.one_of else UNKNOWN if severity is Severity.UNKNOWN else NOT_MET
    return find("current_severity", verdict, f"{sentence} The definition asks for {asked}.", rule)
