"""What each interaction of FHIR needs. A resource names its patient: the decision is made again when it is known."""

from collections.abc import Iterator
from typing import Any

from access.roles import EVIDENCE, FACTS

RECORDS = ("Patient", *FACTS, *EVIDENCE)
"""The types that are read and written."""
VERBS = {
    "search": ("s", "R"),
    "read": ("r", "R"),
    "list_versions": ("r", "R"),
    "create": ("c", "C"),
    "replace": ("u", "U"),
    "patch": ("u", "U"),
    "remove": ("d", "D"),
}
"""Each interaction with the letter that it needs and what the audit calls it."""


def name_of(verb: str, kind: str) -> str:
    """What the operation of an interaction with a type is called."""
    return f"fhir_{verb}_{kind}"


def interactions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every interaction by its name, with the fields of its operation (`access.operations.Operation`)."""
    for kind in RECORDS:
        for verb, (letter, about) in VERBS.items():
            yield name_of(verb, kind), {"needs": ((kind, letter),), "about": about, "of_patient": True, "located": True}
    for verb in ("search", "read"):
        yield name_of(verb, "AuditEvent"), {"needs": (("AuditEvent", VERBS[verb][0]),)}
    # Who recorded what and when is told with what was recorded.
    needs = tuple((kind, "r") for kind in ("Patient", *FACTS))
    yield name_of("search", "Provenance"), {"needs": needs, "of_patient": True, "located": True}
    # An export is of all patients: it is closed to tokens of one. Each of its types is decided by itself.
    for kind in RECORDS:
        yield name_of("export", kind), {"needs": ((kind, "r"), (kind, "s"))}
    yield "fhir_export", {}
    yield name_of("read", "Group"), {"needs": (("Patient", "r"),)}
    yield "fhir_everything", {"needs": tuple((kind, "r") for kind in RECORDS), "of_patient": True}
    for answer in ("fhir_trd_status", "fhir_trd_staging"):
        yield answer, {"needs": tuple((kind, "r") for kind in FACTS), "of_patient": True}
