"""Why a medicine was stopped, where a code or a text says so plainly."""

from collections.abc import Iterator

from clinical.medicine import key_of
from clinical.vocabulary import StopReason
from intake.codings import concept_of
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
WORDS = {words: reason for reason, phrases in BY_WORDS.items() for words in phrases}


def stop_reason_of(course: list[Line]) -> tuple[str, list[Source]] | None:
    """The one reason that is given; nothing where several are, or none."""
    found = [sign for line in course for sign in _signs(line)]
    reasons = {reason for reason, _ in found}
    return (reasons.pop().value, [source for _, source in found]) if len(reasons) == 1 else None


def _signs(line: Line) -> Iterator[tuple[StopReason, Source]]:
    resource = line.given.resource
    if resource.get("status") not in ("stopped", "completed"):
        return
    for at, each in enumerate(mappings(resource.get("statusReason"))):
        concept = concept_of(each)
        said = [concept.text, *(coding.display for coding in concept.codings)]
        codes = [BY_CODE.get(coding.code or "") for coding in concept.codings]
        for reason in dict.fromkeys([*codes, *(WORDS.get(key_of(words)) for words in said if words)]):
            if reason:
                source = Source(line.given.reference, f"statusReason[{at}]", "reason for stopping, plainly said")
                yield reason, source
