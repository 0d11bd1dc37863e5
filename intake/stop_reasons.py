"""Why a medicine was stopped, where a code or a text says so plainly."""

from collections.abc import Iterator

from clinical.medicine import key_of
from clinical.vocabulary import StopReason
from intake.codings import concept_of
from intake.ends import STATES
from intake.json_parts import mappings
from intake.lines import Line
from intake.made import Source

BY_CODE = {
    "sintol": StopReason.INTOLERANCE,
    "salg": StopReason.INTOLERANCE,
    "preg": StopReason.PREGNANCY,
    "sddi": StopReason.INTERACTION,
}
"""The codes of HL7 for why an order was stopped (medicationrequest-status-reason) that name one of our reasons."""
BY_WORDS = {
    StopReason.LACK_OF_EFFICACY: (
        *("lack of efficacy", "lack of effect", "lack of response", "ineffective", "not effective", "no effect"),
        *("no response", "did not work", "not working", "inefficacy", "inadequate response", "treatment failure"),
    ),
    StopReason.INTOLERANCE: (
        *("side effects", "side effect", "adverse effects", "adverse effect", "adverse reaction", "intolerance"),
        *("not tolerated", "adverse event", "adverse drug reaction", "drug intolerance", "poor tolerability"),
    ),
    StopReason.LOSS_OF_EFFECT: ("loss of effect", "stopped working", "loss of efficacy", "tachyphylaxis"),
    StopReason.REMISSION: ("remission", "in remission", "depression resolved"),
    StopReason.PATIENT_CHOICE: (
        *("patient choice", "patient preference", "patient request", "patient requested", "patient decision"),
        *("patient stopped", "patient refused"),
    ),
    StopReason.COST: ("cost", "too expensive", "not covered", "not covered by insurance", "price"),
    StopReason.PREGNANCY: ("pregnancy", "pregnant", "planning pregnancy"),
    StopReason.INTERACTION: ("drug interaction", "interaction", "drug drug interaction"),
}
ENDED = ("stopped", "completed")
WORDS = {words: reason for reason, phrases in BY_WORDS.items() for words in phrases}


def stop_reason_of(course: list[Line]) -> tuple[str, list[Source]] | None:
    """The one reason that the last of what ended gives; nothing where it gives several or none, or more follows it."""
    found = [sign for line in _last_ended(course) for sign in _signs(line)]
    reasons = {reason for reason, _ in found}
    return (reasons.pop().value, [source for _, source in found]) if len(reasons) == 1 else None


def _last_ended(course: list[Line]) -> list[Line]:
    """What ended and is followed by nothing; several that began on one day may be the last."""
    ended = [line for line in course if line.given.resource.get("status") in ENDED]
    return [line for line in ended if not any(_follows(other, line) for other in course)]


def _follows(other: Line, line: Line) -> bool:
    """Whether a line goes on after another ended, as far as is known: what has no date might.

    Nobody says when an order was stopped: what was handed out or given since it began is of that order.
    """
    states, end = other.given.kind in STATES, line.taken.ended
    if other.given.reference == line.given.reference or not (states or end):
        return False
    if other.first is None or line.first is None:
        return states
    if end:
        reach = other.taken.ended.last if other.taken.ended else 0
        return max(other.first, reach) > end.last
    is_over = other.given.resource.get("status") in ENDED
    return other.first > line.first or (other.first == line.first and not is_over)


def _signs(line: Line) -> Iterator[tuple[StopReason, Source]]:
    resource = line.given.resource
    for at, each in enumerate(mappings(resource.get("statusReason"))):
        concept = concept_of(each)
        said = [concept.text, *(coding.display for coding in concept.codings)]
        codes = [BY_CODE.get(coding.code or "") for coding in concept.codings]
        for reason in dict.fromkeys([*codes, *(WORDS.get(key_of(words)) for words in said if words)]):
            if reason:
                source = Source(line.given.reference, f"statusReason[{at}]", "reason for stopping, plainly said")
                yield reason, source
