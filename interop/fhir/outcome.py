"""Our errors as FHIR R4's OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html)."""

from collections.abc import Iterable
from itertools import takewhile

from interop.fhir.elements import Fhir, without_nothing, words
from interop.fhir.expressions import expression_of
from registry.errors import Fault, TrialbookError

CODES = {
    "invalid-request": "invalid",
    "malformed-request": "structure",
    "not-signed-in": "login",
    "token-expired": "expired",
    "not-allowed": "forbidden",
    "restricted": "suppressed",
    "unknown-medication": "code-invalid",
    "not-found": "not-found",
    "entered-in-error": "deleted",
    "conflict": "conflict",
    "precondition-failed": "conflict",
    "precondition-required": "required",
    "too-many-requests": "throttled",
    "too-slow": "timeout",
    "busy": "transient",
    "identity-provider-away": "transient",
    "not-ready": "transient",
    "database-unavailable": "transient",
    "method-not-allowed": "not-supported",
    "unsupported-media-type": "not-supported",
    "search-not-served": "not-supported",
    "export-not-served": "not-supported",
    "too-large": "too-long",
    "request-timeout": "timeout",
    "head-too-large": "too-long",
    "too-many-connections": "transient",
    "prefetch-missing": "incomplete",
    "internal": "exception",
}
"""FHIR's word for each kind of error (https://hl7.org/fhir/R4/valueset-issue-type.html)."""
REFUSED = "processing"
FIRST_FAULT_OF_OURS = 500
MOST_SAID = 50


def to_fhir(error: TrialbookError, kind: str | None = None) -> Fhir:
    """The outcome that says the same as an error; `kind` is the type of resource that its pointers lead into.

    One issue for each fault, the first 50 of them; without faults, one that says what the error says.
    """
    code = CODES.get(error.slug, REFUSED)
    severity = "fatal" if error.status >= FIRST_FAULT_OF_OURS else "error"
    if not error.faults:
        return outcome([issue(severity, code, error.detail, error.title)])
    issues = [_of_fault(fault, code, kind) for fault in error.faults[:MOST_SAID]]
    left = len(error.faults) - len(issues)
    return outcome([*issues, *([information(f"{left} more faults are not listed.")] if left else [])])


def outcome(issues: Iterable[Fhir]) -> Fhir:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def issue(severity: str, code: str, sentence: str, diagnostics: str | None = None) -> Fhir:
    """One issue: how grave, FHIR's word for it, and a sentence for people."""
    said = {"severity": severity, "code": code, "details": {"text": words(sentence) or code}}
    return without_nothing({**said, "diagnostics": words(diagnostics)})


def information(sentence: str) -> Fhir:
    """An issue that is none: something worth saying."""
    return issue("information", "informational", sentence)


def warning(sentence: str, code: str = "not-supported") -> Fhir:
    """An issue that did not keep the request from being answered."""
    return issue("warning", code, sentence)


def _of_fault(fault: Fault, code: str, kind: str | None) -> Fhir:
    """The issue of one fault: what is wrong, what to send instead, and where."""
    near = f" Did you mean {', '.join(fault.suggestions)}?" if fault.suggestions else ""
    place = f"#{fault.pointer}" if fault.pointer.startswith("/") else fault.pointer
    found = issue("error", code, fault.message + near, f"At {place}." if place else None)
    expression = expression_of(fault.pointer, kind) if kind else None
    return {**found, "expression": [expression]} if expression else found


def is_failure(resource: Fhir) -> bool:
    """True for an outcome that says that something went wrong."""
    grave = takewhile(lambda each: each["severity"] in {"information", "warning"}, resource["issue"])
    return len(list(grave)) < len(resource["issue"])
