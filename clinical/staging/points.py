"""Methods of points: every dimension, the sum, its band, and the cut-offs that somebody used."""

from collections.abc import Callable, Mapping, Sequence

from clinical.findings import Question, plain
from clinical.staging.answer import Applies, Cutoff, Measured, Scored, Staged
from clinical.staging.augmentations import augmentations
from clinical.staging.background import factors
from clinical.staging.dimension import Bounds, Counted, Dimension, EpisodeMonths, EpisodeSeverity, Factors
from clinical.staging.failures import augmented, dose_optimised, failed_medications
from clinical.staging.illness import duration, severity
from clinical.staging.others import ect, failed_ect, failed_psychotherapies
from clinical.staging.view import View
from clinical.summary import listed
from clinical.vocabulary import Verdict

COUNTED: Mapping[str, Callable[[Counted, View], Measured]] = {
    "failed_medications": lambda _, view: failed_medications(view),
    "dose_optimised": lambda _, view: dose_optimised(view),
    "augmented": lambda _, view: augmented(view),
    "augmentations": lambda rule, view: augmentations(view, combinations=rule.combinations),
    "ect": lambda _, view: ect(view),
    "failed_ect": lambda _, view: failed_ect(view),
    "failed_psychotherapies": lambda rule, view: failed_psychotherapies(view, rule.modalities),
}


def in_points(view: View, applies: Applies) -> tuple[Staged, Sequence[Scored]]:
    """The answer of a method of points, without what is missing, and its dimensions."""
    method = view.method
    found = tuple(_dimension(rule, view) for rule in method.dimensions)
    staged = Staged(method, view.frame.on, applies.verdict, applies.sentence, found, (), ())
    if applies.verdict is Verdict.NOT_MET:
        return staged, found
    total = Bounds(sum(each.bounds.least for each in found), sum(each.bounds.most for each in found))
    labels = [method.bands.label(score) for score in total] if method.bands else ["", ""]
    known = total.known and applies.verdict is Verdict.MET
    return staged._replace(
        sentence=_sentence(total, labels, found, applies),
        bounds=total,
        score=total.least if known else None,
        band=labels[0] or None if labels[0] == labels[1] else None,
        thresholds=tuple(_cutoffs(view, total, applies)),
    ), found


def _dimension(rule: Dimension, view: View) -> Scored:
    """One dimension by its kind."""
    if isinstance(rule, EpisodeMonths):
        return duration(rule, view)
    if isinstance(rule, EpisodeSeverity):
        return severity(rule, view)
    if isinstance(rule, Counted):
        amount, sentence, question = COUNTED[rule.measures](rule, view)
        bounds = Bounds(rule.points_of(amount.least), rule.points_of(amount.most))
        question = None if bounds.known else question
    elif isinstance(rule, Factors):
        bounds, sentence, question = factors(rule, view)
    else:
        bounds, sentence = Bounds(rule.least, rule.most), rule.sentence
        question = Question("not_recorded", rule.question) if rule.question else None
    return Scored(rule.name, rule.title, bounds, sentence, rule.source, rule.evidence, question)


def _sentence(total: Bounds, labels: Sequence[str], found: Sequence[Scored], applies: Applies) -> str:
    """The score with its band, or its bounds with what is not known."""
    if total.known:
        said = f"{_points(total.least)}{f': {labels[0]}' if labels[0] else ''}."
    else:
        bands = " or ".join(dict.fromkeys(label for label in labels if label))
        between = f"Between {plain(total.least)} and {_points(total.most)}{f': {bands}' if bands else ''}."
        said = f"{between} Not known: {listed([_within(each.title) for each in found if not each.bounds.known])}."
    return said if applies.verdict is Verdict.MET else f"{applies.sentence} If the method applies: {said}"


def _within(title: str) -> str:
    """A title within a sentence; an abbreviation keeps its capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _points(score: float) -> str:
    return f"{plain(score)} point{'' if score == 1 else 's'}"


def _cutoffs(view: View, total: Bounds, applies: Applies) -> list[Cutoff]:
    """Each cut-off with its verdict; unknown where it is not known whether the method applies."""
    found = []
    for rule in view.method.thresholds:
        verdict = rule.verdict(*total) if applies.verdict is Verdict.MET else Verdict.UNKNOWN
        reached = {Verdict.MET: "reached", Verdict.NOT_MET: "not reached", Verdict.UNKNOWN: "not settled"}[verdict]
        sentence = f"{rule.means}: {rule.in_words} points; {reached}."
        found.append(Cutoff(rule.name, sentence, verdict, rule.source, rule.evidence))
    return found
