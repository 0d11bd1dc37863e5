"""What our Observations and their components are about, where no published code system has a word for it."""

from interop.fhir.elements import Fhir, concept, local

SYSTEM = "finding"
FINDINGS = {
    "trd-status": "Status of treatment-resistant depression by one definition",
    "trd-staging": "Stage or score of treatment-resistant depression by one method",
    "core-symptoms": "Core symptoms of depression",
    "safety": "Suicidal thoughts: what the record asks for",
    "failed-required": "Antidepressants: how many must have failed",
    "failed-confirmed": "Antidepressants: how many surely failed",
    "failed-possible": "Antidepressants: how many more may have failed",
    "trial": "A trial of a medicine, and whether it counts as failed",
    "pseudo-resistance": "Why a failure may be no resistance",
    "missing-information": "A question whose answer is not recorded",
    "stage-least": "The lowest stage that is possible",
    "stage-most": "The highest stage that is possible",
    "dimension": "One dimension of a staging method",
    "threshold": "A cut-off that was used in the literature",
}
"""Every code of the code system `finding`."""


def finding(name: str, text: str | None = None) -> Fhir:
    """The concept of one of them, with a text of its own where there is one."""
    return concept(local(SYSTEM, name, FINDINGS[name]), text=text)
