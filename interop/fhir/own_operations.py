"""Our operations as FHIR R4's OperationDefinition (https://hl7.org/fhir/R4/operationdefinition.html)."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from interop.fhir.canonical import operation_url
from interop.fhir.elements import Fhir
from interop.fhir.own import described


class Operation(NamedTuple):
    """One operation on a patient: what it says, what it may be asked with, and what it answers."""

    says: str
    asked: tuple[tuple[str, str, str], ...]
    answers: tuple[str, str]


WHEN = (
    ("on", "date", "The day asked about. What happened later does not exist for the answer. Left out, it is today."),
    ("known_at", "dateTime", "The moment of knowledge. What was recorded later does not exist. Left out, it is now."),
)
OPERATIONS: Mapping[str, Operation] = {
    "trd-status": Operation(
        "The status of treatment-resistant depression of a patient by one definition, with all reasons.",
        (("definition", "string", "The definition, such as `two_failed_medications`, which is the default."), *WHEN),
        ("Observation", "The status: a value of our code system `trd-status`, with its reasons as components."),
    ),
    "trd-staging": Operation(
        "How hard to treat the depression of a patient has been, by every staging method or by one.",
        (("method", "string", "The method, such as `maudsley`. Left out, all of them."), *WHEN),
        ("Bundle", "A collection of Observations, one for each method."),
    ),
}
"""Every operation of ours by its code; each is asked of one patient, as `Patient/{id}/$code`."""


def operation_definitions() -> Iterator[Fhir]:
    """Each as an OperationDefinition. None changes anything."""
    for code, operation in OPERATIONS.items():
        yield {
            **described("OperationDefinition", code, operation_url(code), operation.says),
            "kind": "operation",
            "affectsState": False,
            "code": code,
            "resource": ["Patient"],
            "system": False,
            "type": False,
            "instance": True,
            "parameter": [*_parameters(operation)],
        }


def _parameters(operation: Operation) -> Iterator[Fhir]:
    for name, kind, says in operation.asked:
        yield {"name": name, "use": "in", "min": 0, "max": "1", "documentation": says, "type": kind}
    kind, says = operation.answers
    yield {"name": "return", "use": "out", "min": 1, "max": "1", "documentation": says, "type": kind}
