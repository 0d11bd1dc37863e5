"""The roles, and what each may do with which kind of thing.

Letters are those of SMART v2 scopes: c create, r read, u update, d delete, s search. Kinds of things are FHIR's names
where FHIR has one, so that roles and scopes speak of the same: a trial is a MedicationStatement, a rating an
Observation, a treatment a Procedure, an episode a Condition, a plan a CarePlan.
"""

from collections.abc import Mapping
from types import MappingProxyType

from clinical.vocabulary import Word

FACTS = ("Condition", "MedicationStatement", "Observation", "Procedure")
"""What answers about a patient rest on: whoever asks for an answer must be allowed to read all of it."""
EVIDENCE = ("MedicationRequest", "MedicationDispense", "MedicationAdministration", "QuestionnaireResponse")
"""What facts are made of: orders, dispenses, what was given, and forms that were filled in."""
CLINICAL = ("Patient", *FACTS, *EVIDENCE, "CarePlan", "DocumentReference")
ALL, LOOK = frozenset("cruds"), frozenset("rs")


class Role(Word):
    """What a person or a machine is to the organisation. The table of what each may do: docs/access.md."""

    ADMINISTRATOR = (
        "administrator",
        "Manages users, clients and definitions; erases a patient, or exports one for them; reads no record else.",
    )
    CLINICIAN = "clinician", "Reads and writes the records of patients, and signs."
    INTEGRATION = "integration", "A machine that reads and writes records, within its scopes."
    PATIENT = "patient", "Reads their own record alone; adds own ratings and how regularly a medicine was taken."
    AUDITOR = "auditor", "Reads the audit and reviews emergency accesses; reads no record."


MAY: Mapping[Role, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: {
            "Practitioner": ALL,
            "Device": ALL,
            "PlanDefinition": ALL,
            "AuditEvent": LOOK,
            "EmergencyAccess": frozenset("rsu"),
            "Export": frozenset("r"),
            "Erasure": frozenset("cr"),
            "Token": frozenset("r"),
            "Import": frozenset("crsd"),
        },
        Role.CLINICIAN: {
            **dict.fromkeys(CLINICAL, ALL),
            "PlanDefinition": ALL,
            "EmergencyAccess": frozenset("c"),
            "Export": frozenset("r"),
        },
        Role.INTEGRATION: {
            **dict.fromkeys(CLINICAL, ALL),
            "PlanDefinition": LOOK,
            "Token": frozenset("r"),
            "Import": frozenset("crsd"),
        },
        Role.PATIENT: {
            **dict.fromkeys(CLINICAL, LOOK),
            "Observation": frozenset("crs"),
            "MedicationStatement": frozenset("rsu"),
            "PlanDefinition": LOOK,
            "Export": frozenset("r"),
        },
        Role.AUDITOR: {
            "AuditEvent": LOOK,
            "EmergencyAccess": frozenset("rsu"),
            "PlanDefinition": LOOK,
            "Erasure": frozenset("r"),
        },
    }
)


def letters_of(roles: frozenset[Role], kind: str) -> frozenset[str]:
    """What any of the roles may do with a kind of thing."""
    return frozenset().union(*(MAY[role].get(kind, frozenset()) for role in roles))
