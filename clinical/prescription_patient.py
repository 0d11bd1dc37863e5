"""What a definition that reads prescriptions asks of the patient: a diagnosis of depression, and no other disorder."""

from collections.abc import Sequence

from clinical.background import Certainty, ContributingFactor
from clinical.dates import Span, iso
from clinical.findings import Finding, Frame, Question, find
from clinical.history import Episode, Factor, History
from clinical.prescription_rule import Diagnosis, Disorders
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
SAID = {
    ContributingFactor.BIPOLAR_SPECTRUM: "bipolarity",
    ContributingFactor.PSYCHOTIC_DISORDER: "a psychotic disorder",
    ContributingFactor.SUBSTANCE_USE: "a substance use disorder",
}


def was_diagnosed(history: History, frame: Frame, rule: Diagnosis | None, until: Span) -> Verdict:
    """Whether an episode overlaps the days before and including `until`; unknown where no episode is recorded."""
    if rule is None:
        return MET
    verdicts = {_overlaps(each, rule, until) for each in _begun(history, frame)}
    if MET in verdicts:
        return MET
    return UNKNOWN if UNKNOWN in verdicts or not verdicts else NOT_MET


def diagnosis_found(history: History, frame: Frame, rule: Diagnosis, verdict: Verdict, until: Span) -> Finding:
    """The verdict on the diagnosis with its sentence."""
    time = f"in the {rule.within_days} days before {iso(until.last)}, when the last medicine was begun"
    if verdict is MET:
        return find("diagnosis", MET, f"A depressive episode is recorded {time}.", rule)
    if verdict is NOT_MET:
        return find("diagnosis", NOT_MET, f"No depressive episode is recorded {time}.", rule)
    if not _begun(history, frame):
        question = Question("episodes.onset", "When did the depressive episode begin?")
        return find("diagnosis", UNKNOWN, "No depressive episode is recorded at all.", rule, question=question)
    sentence = f"Whether there was a depressive episode {time} cannot be told from the dates."
    question = Question("episodes.onset", "On which days did the depressive episode begin and resolve?")
    return find("diagnosis", UNKNOWN, sentence, rule, question=question)


def _begun(history: History, frame: Frame) -> list[Episode]:
    return [each for each in history.episodes if each.onset is None or each.onset.first <= frame.on]


def _overlaps(episode: Episode, rule: Diagnosis, until: Span) -> Verdict:
    onset, resolved, days = episode.onset, episode.resolved, rule.within_days
    if onset is not None and onset.first > until.last:
        return NOT_MET
    if resolved is not None and resolved.last < until.first - days:
        return NOT_MET
    surely = onset is not None and onset.last <= until.first
    return MET if surely and (resolved is None or resolved.first >= until.last - days) else UNKNOWN


def disorders_found(history: History, frame: Frame, rule: Disorders | None) -> list[Finding]:
    """Not met where the patient is left out. An unknown is a caution that is asked about, and decides nothing."""
    if rule is None:
        return []
    psychosis = [_without_psychosis(_begun(history, frame), rule)] if rule.psychotic_episodes else []
    return [*psychosis, _without_disorders(history.factors, frame.on, rule)]


def _without_psychosis(begun: Sequence[Episode], rule: Disorders) -> Finding:
    """Psychotic features of any episode."""
    known = {each.psychotic for each in begun}
    if True in known:
        return find("psychotic_features", NOT_MET, "An episode had psychotic features, which exclude it.", rule)
    if known == {False}:
        return find("psychotic_features", MET, "No episode had psychotic features.", rule)
    question = Question("episodes.psychotic_features", "Have there ever been psychotic features?")
    sentence = "Whether there ever were psychotic features is not recorded; taken as none."
    return find("psychotic_features", UNKNOWN, sentence, rule, asked=False, question=question)


def _without_disorders(factors: Sequence[Factor], on: int, rule: Disorders) -> Finding:
    """Confirmed disorders leave the patient out; suspected or not looked for, they are a caution."""
    verdicts = {each: _is_absent(each, factors, on) for each in rule.one_of}
    there = [_name(each) for each, verdict in verdicts.items() if verdict is NOT_MET]
    if there:
        sentence = f"Recorded as confirmed: {_either(there, 'and')}. This definition does not speak of such patients."
        return find("excluded_disorder", NOT_MET, sentence, rule)
    open_ones = [_name(each) for each, verdict in verdicts.items() if verdict is UNKNOWN]
    if not open_ones:
        names = _either([_name(each) for each in rule.one_of], "and")
        return find("excluded_disorder", MET, f"Looked for and not found: {names}.", rule)
    listed = _either(open_ones, "or")
    sentence = f"Whether there is {listed} is not settled; taken as absent."
    question = Question("contributing_factors", f"Is there {listed}?")
    return find("excluded_disorder", UNKNOWN, sentence, rule, asked=False, question=question)


def _is_absent(disorder: ContributingFactor, factors: Sequence[Factor], on: int) -> Verdict:
    """By what was noted last; of several notes that may be the last one, the gravest."""
    noted = [each for each in factors if each.factor is disorder and not (each.noted_on and each.noted_on.first > on)]
    standing = [each for each in noted if not any(_is_later(other, each) for other in noted)]
    if any(each.certainty is Certainty.CONFIRMED and _surely_by(each, on) for each in standing):
        return NOT_MET
    settled = standing and all(each.certainty is Certainty.REFUTED and _surely_by(each, on) for each in standing)
    return MET if settled else UNKNOWN


def _is_later(one: Factor, other: Factor) -> bool:
    return one.noted_on is not None and other.noted_on is not None and one.noted_on.first > other.noted_on.last


def _surely_by(factor: Factor, on: int) -> bool:
    return factor.noted_on is None or factor.noted_on.last <= on


def _name(disorder: ContributingFactor) -> str:
    return SAID.get(disorder, disorder.value.replace("_", " "))


def _either(names: Sequence[str], word: str) -> str:
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
