"""An event of the audit as FHIR R4's AuditEvent: the registry exports it in that shape, and so it is said here."""

from interop.fhir.elements import Fhir, Said
from registry.audit_fhir import as_fhir


def to_fhir(said: Said) -> Fhir:
    """The event; `said` is what `GET /v1/audit/events` lists, with `at` as a moment."""
    return as_fhir(said)
