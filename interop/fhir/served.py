"""What is really served of FHIR, as a table, and the CapabilityStatement that is made of it."""

from typing import Any

from access.fhir import RECORDS
from interop.fhir.canonical import TERMINOLOGY, operation_url
from interop.fhir.capability import Served, Service, capability_statement
from interop.fhir.elements import Fhir
from interop.fhir.patching import JSON_PATCH, MERGE_PATCH
from web.issuer import AUTHORIZE, INTROSPECT, REVOKE, TOKEN

DEFINITIONS = ("CodeSystem", "ValueSet", "StructureDefinition", "OperationDefinition")
READ_ONLY = ("read", "search-type")
WRITTEN = ("read", "vread", "update", "patch", "delete", "history-instance", "create", "search-type")
DETAILS: dict[str, Any] = {
    "versioning": "versioned-update",
    "readHistory": True,
    "updateCreate": False,
    "conditionalCreate": True,
    "conditionalRead": "not-match",
    "conditionalUpdate": True,
    "conditionalDelete": "not-supported",
    "referencePolicy": ["literal", "logical", "local"],
}
OF_PATIENTS = {name: operation_url(name) for name in ("trd-status", "trd-staging")} | {
    "everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything"
}
BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
OF_PATIENTS |= {"export": f"{BULK}/patient-export"}
VALIDATES = {"validate": "http://hl7.org/fhir/OperationDefinition/Resource-validate"}
MADE_ON = "2026-11-27"


def resources() -> tuple[Served, ...]:
    """Every type that is served."""
    written = tuple(
        Served(kind, WRITTEN, (OF_PATIENTS if kind == "Patient" else {}) | VALIDATES, (), DETAILS) for kind in RECORDS
    )
    looked = (
        Served("Provenance", ("search-type",), searches={"target": "reference"}),
        Served("AuditEvent", READ_ONLY, searches={"patient": "reference"}),
    )
    everybody = Served("Group", ("read",), {"export": f"{BULK}/group-export"})
    own = (Served(kind, READ_ONLY, searches={"url": "uri"}) for kind in DEFINITIONS)
    return (*written, everybody, *looked, *own)


def statement(base: str, version: str) -> Fhir:
    """The CapabilityStatement of the service at this address."""
    root = base.removesuffix("/fhir/R4")
    urls = [
        {"url": "token", "valueUri": f"{root}{TOKEN}"},
        {"url": "authorize", "valueUri": f"{root}{AUTHORIZE}"},
        {"url": "revoke", "valueUri": f"{root}{REVOKE}"},
        {"url": "introspect", "valueUri": f"{root}{INTROSPECT}"},
    ]
    uris = {"url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris", "extension": urls}
    smart = {"system": f"{TERMINOLOGY}/restful-security-service", "code": "SMART-on-FHIR", "display": "SMART-on-FHIR"}
    security = {"extension": [uris], "cors": True, "service": [{"coding": [smart], "text": "OAuth2 with SMART scopes"}]}
    return capability_statement(
        Service(
            base=base,
            version=version,
            date=MADE_ON,
            resources=resources(),
            interactions=("transaction", "batch"),
            operations={"export": f"{BULK}/export"},
            security=security,
            patches=(JSON_PATCH, MERGE_PATCH),
        )
    )
