"""Why a medicine was stopped, where a code or a text says so plainly."""

from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import Any

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
    ended = [line for line in course if _is_over(line)]
    others = _Others(course) if ended else None
    return [line for line in ended if others and not others.follow(line)]


def _is_over(line: Line) -> bool:
    return line.given.resource.get("status") in ENDED


class _Others:
    """What a course goes on with after a line, as far as is known: what has no date might.

    Nobody says when an order was stopped: what was handed out or given since it began is of that order. Looked at once
    for the whole course: of what may follow, the latest of any resource and the latest of another one are enough.
    """

    def __init__(self, course: list[Line]) -> None:
        """Look at all lines."""
        stating = [line for line in course if line.given.kind in STATES]
        self._stating = _latest((line, 0) for line in stating)
        self._undated = _latest((line, 0) for line in stating if line.first is None)
        self._begun = _latest((line, (line.first, not _is_over(line))) for line in stating if line.first is not None)
        self._reach = _latest((line, max(line.first, line.ending)) for line in course if line.first is not None)

    def follow(self, line: Line) -> bool:
        """Whether any of another resource goes on after the line ended."""
        mine, end = line.given.reference, line.taken.ended
        if line.first is None:
            return _of_another(self._stating, mine) is not None
        if _of_another(self._undated, mine) is not None:
            return True
        last, mark = (self._reach, end.last) if end else (self._begun, (line.first, False))
        found = _of_another(last, mine)
        return found is not None and found > mark


def _latest(marked: Iterable[tuple[Line, Any]]) -> list[tuple[Any, str]]:
    """The two greatest marks of different resources, the greatest first."""
    greatest: dict[str, Any] = {}
    for line, mark in marked:
        reference = line.given.reference
        greatest[reference] = max(mark, greatest.get(reference, mark))
    return nlargest(2, ((mark, reference) for reference, mark in greatest.items()))


def _of_another(latest: list[tuple[Any, str]], reference: str) -> Any:  # noqa: ANN401 - a mark, or None
    """The greatest mark of another resource."""
    return next((mark for mark, of in latest if of != reference), None)


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
