"""What a course of a medicine and a course of another treatment say alike: its outcome, and why it was stopped."""

from clinical.vocabulary import Response, StopReason
from interop.fhir.elements import Fhir, Said, concept, local, number, parted, unless_unknown

CARRIED_OUT = frozenset({"unknown", "remission"})
"""Reasons to end that do not say that a medicine was given up before its time."""


def outcome_extension(outcome: Said) -> list[Fhir]:
    """What came of a course, as an extension of ours. What is not known is left out."""
    improvement = outcome["improvement_percent"]
    return parted(
        "outcome",
        (
            ("response", "Code", unless_unknown(outcome["response"])),
            ("improvementPercent", "Decimal", None if improvement is None else number(improvement)),
            ("assessedOn", "DateTime", outcome["assessed_on"]),
            ("basis", "Code", unless_unknown(outcome["basis"])),
            ("earlyFailureConfirmed", "Boolean", outcome["early_failure_confirmed"] or None),
            ("everResponded", "Boolean", outcome["ever_responded"]),
        ),
    )


def response_concept(outcome: Said) -> Fhir | None:
    """How the depression responded, as a code of ours."""
    word = unless_unknown(outcome["response"])
    return concept(local("response", word, Response(word).meaning)) if word else None


def stop_concept(reason: str) -> Fhir | None:
    """Why it was stopped, as a code of ours."""
    word = unless_unknown(reason)
    return concept(local("stop-reason", word, StopReason(word).meaning)) if word else None
