"""Where two definitions answer the same history differently: the criterion that parts them."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from clinical.answer import Assessment, JudgedTrial
from clinical.findings import Finding
from clinical.vocabulary import Counts, Verdict

LENIENCE = {Counts.NO: 0, Counts.UNKNOWN: 1, Counts.YES: 2}


class Parting(NamedTuple):
    """Two assessments that disagree, and what parts them; `trial` None when it is not about one trial."""

    one: Assessment
    other: Assessment
    criterion: str
    trial: JudgedTrial | None
    sentence: str


def partings(assessments: Sequence[Assessment]) -> list[Parting]:
    """Every pair that disagrees on the status, with the first criterion that parts it."""
    pairs = combinations(assessments, 2)
    return [_parting(one, other) for one, other in pairs if one.status is not other.status]


def _parting(one: Assessment, other: Assessment) -> Parting:
    """The patient first, then trials in order of time, then the number asked for."""
    for asking, beside in ((one, other), (other, one)):
        finding = _held_against(asking.patient, beside.patient)
        if finding:
            return Parting(one, other, finding.criterion, None, _sentence(asking, finding))
    for mine, theirs in zip(one.trials, other.trials, strict=True):
        if mine.counts is theirs.counts:
            continue
        swapped = LENIENCE[mine.counts] > LENIENCE[theirs.counts]
        strict, against, spared = (other, theirs, mine) if swapped else (one, mine, theirs)
        finding = _held_against(against.findings, spared.findings)
        if finding:
            return Parting(one, other, finding.criterion, against, _sentence(strict, finding, against.medication))
    sentence = f"{one.definition.title} asks for {one.required}, {other.definition.title} for {other.required}."
    return Parting(one, other, "failed_medications", None, sentence)


def _held_against(strict: Sequence[Finding], lenient: Sequence[Finding]) -> Finding | None:
    """The first asked criterion of `strict` that is not met, and that `lenient` either meets or does not ask."""
    met = {each.criterion: each.verdict is Verdict.MET or not each.asked for each in lenient}
    against = (each for each in strict if each.asked and each.verdict is not Verdict.MET)
    return next((each for each in against if met.get(each.criterion, True)), None)


def _sentence(strict: Assessment, finding: Finding, medication: str = "") -> str:
    about = f" of {medication}" if medication else ""
    return f"{strict.definition.title} asks about {finding.criterion.replace('_', ' ')}{about}: {finding.sentence}"
