"""What surrounds the depression: contributing factors, as they were known on the day."""

from collections.abc import Sequence

from clinical.background import Certainty
from clinical.dates import Span
from clinical.findings import Question
from clinical.history import Factor
from clinical.staging.answer import Measured
from clinical.staging.dimension import Bounds, Factors
from clinical.staging.logic import some
from clinical.staging.view import View
from clinical.vocabulary import Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
SAYS = {Certainty.CONFIRMED: MET, Certainty.REFUTED: NOT_MET, Certainty.SUSPECTED: UNKNOWN}


def factors(rule: Factors, view: View) -> Measured:
    """Points if any of the factors is confirmed, none if all are refuted; suspected or not recorded is unknown."""
    on = view.frame.on
    verdicts = {
        each: _verdict([one for one in view.history.factors if one.factor is each], on) for each in rule.factors
    }
    present = some(verdicts.values())
    sure = [name.replace("_", " ") for name, verdict in verdicts.items() if verdict is MET]
    if present is MET:
        sentence = f"Confirmed: {', '.join(sure)}."
    elif present is NOT_MET:
        sentence = "Looked for and not found."
    else:
        sentence = "Not recorded as confirmed or as refuted."
    least = rule.least_if_present if present is MET else 0
    most = rule.most_if_present if present is not NOT_MET else 0
    amount = Bounds(least, most)
    if amount.known:
        return Measured(amount, sentence)
    if present is MET:
        sentence += " The degree is not recorded."
    return Measured(amount, sentence, Question("contributing_factors", rule.question))


def _verdict(recorded: Sequence[Factor], on: int) -> Verdict:
    """What the latest of these records says; where it is not clear which is the latest, only what all of them say."""
    begun = [each for each in recorded if each.noted_on is None or each.noted_on.first <= on]
    sure = [each.noted_on for each in begun if each.noted_on is not None and each.noted_on.last <= on]
    newest = max((span.first for span in sure), default=0)
    says = {SAYS[each.certainty] for each in begun if _may_be_latest(each.noted_on, newest)}
    known = bool(sure) or any(each.noted_on is None for each in begun)
    return says.pop() if known and len(says) == 1 else UNKNOWN


def _may_be_latest(noted: Span | None, newest: int) -> bool:
    return noted is None or noted.last >= newest
