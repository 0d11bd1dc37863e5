"""Where two definitions answer the same history differently: the criterion that parts them."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from clinical.answer import Assessment, JudgedTrial
from clinical.findings import Finding
from clinical.vocabulary import Counts, Status, Verdict

LENIENCE = {Counts.NO: 0, Counts.UNKNOWN: 1, Counts.YES: 2}
SEVERITY = {Verdict.MET: 0, Verdict.UNKNOWN: 1, Verdict.NOT_MET: 2}
ORDER = (Status.NOT_APPLICABLE, Status.NOT_RESISTANT, Status.INDETERMINATE, Status.RESISTANT)


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
    """What the stricter answer holds against the history: of the patient first, then of trials."""
    strict, lenient = sorted((one, other), key=lambda each: ORDER.index(each.status))
    finding = _held_against(strict.patient, lenient.patient)
    if finding:
        return Parting(one, other, finding.criterion, None, _sentence(strict, finding))
    for against, spared in zip(strict.trials, lenient.trials, strict=True):
        finding = _held_against(against.findings, spared.findings)
        if finding and LENIENCE[against.counts] < LENIENCE[spared.counts]:
            return Parting(one, other, finding.criterion, against, _sentence(strict, finding, against.medication))
    sentence = f"{one.definition.title} asks for {one.required}, {other.definition.title} for {other.required}."
    return Parting(one, other, "failed_medications", None, sentence)


def _held_against(strict: Sequence[Finding], lenient: Sequence[Finding]) -> Finding | None:
    """The first criterion that `strict` asks, and that is worse there than in `lenient`, which may not ask it."""
    there = {each.criterion: SEVERITY[each.verdict] if each.asked else 0 for each in lenient}
    asked = (each for each in strict if each.asked)
    worse = [each for each in asked if SEVERITY[each.verdict] > there.get(each.criterion, 0)]
    return max(worse, key=lambda each: SEVERITY[each.verdict], default=None)


def _sentence(strict: Assessment, finding: Finding, medication: str = "") -> str:
    about = f" of {medication}" if medication else ""
    return f"{strict.definition.title} asks about {finding.criterion.replace('_', ' ')}{about}: {finding.sentence}"
