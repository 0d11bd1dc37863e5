"""The services there are, and what each asks to be sent along (CDS Hooks 2.0, discovery and prefetch templates).

The templates keep to the part of FHIR's search that the standard recommends: one token, no modifiers, nothing included.
A code stands without its system, since a bar would have to be encoded by whoever fills the template in.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from clinical.library import library

PATIENT = "{{context.patientId}}"
MEDICATION_KEYS = ("medicationStatements", "medicationRequests", "medicationDispenses")
"""Any of them is a history of medicines; many systems have one of the three alone."""


class Query(NamedTuple):
    """One prefetch template and the kind of resource that it is about; what it is called in a sentence."""

    key: str
    kind: str
    template: str
    words: str


def _of_patient(key: str, kind: str, words: str) -> Query:
    return Query(key, kind, f"{kind}?patient={PATIENT}", words)


@lru_cache(maxsize=1)
def queries() -> tuple[Query, ...]:
    """What every service asks for: one query a kind of resource. Ratings are of every scale that is known here."""
    scales = library().scales.values()
    totals = [scale.loinc_total for scale in scales if scale.loinc_total]
    items = [code for scale in scales if scale.safety for code in scale.loinc_items]
    codes = ",".join(dict.fromkeys([*totals, *items]))
    return (
        Query("patient", "Patient", f"Patient/{PATIENT}", "who the patient is"),
        _of_patient("conditions", "Condition", "conditions"),
        _of_patient("medicationStatements", "MedicationStatement", "medication statements"),
        _of_patient("medicationRequests", "MedicationRequest", "medication requests"),
        _of_patient("medicationDispenses", "MedicationDispense", "dispenses"),
        Query("ratings", "Observation", f"Observation?patient={PATIENT}&code={codes}", "ratings such as the PHQ-9"),
        _of_patient("procedures", "Procedure", "procedures"),
    )


class Hook(NamedTuple):
    """One service: its id, its hook, and its name and purpose in words."""

    id: str
    hook: str
    title: str
    description: str

    @property
    def orders(self) -> bool:
        """Whether it is about orders that are being made."""
        return self.hook != "patient-view"


NEEDS = (
    "At least one of the three queries for medicines; without it (and where the FHIR server may not be asked) the "
    "answer is 412 on patient-view, and says less on orders. The more is sent, the less stays unknown."
)
ABOUT_ORDERS = (
    "For a medicine that is being ordered: whether it, or two others of its class, already failed in this patient; "
    "whether the dose is below what is held adequate; and what in the record speaks against it."
)
HOOKS = (
    Hook(
        "trd-patient-view",
        "patient-view",
        "Treatment-resistant depression: where this patient stands",
        "Whether the history meets a definition of treatment-resistant depression: which trials count and why, what is "
        "not known, and what the record asks for on suicidal thoughts.",
    ),
    Hook("trd-order-select", "order-select", "Antidepressants: what the history says of this choice", ABOUT_ORDERS),
    Hook("trd-order-sign", "order-sign", "Antidepressants: what the history says before signing", ABOUT_ORDERS),
)
BY_ID = {hook.id: hook for hook in HOOKS}


@lru_cache(maxsize=1)
def services_said() -> dict[str, Any]:
    """The answer of discovery, as in `models.cds_card.Services`."""
    prefetch = {query.key: query.template for query in queries()}
    return {
        "services": [
            {
                "hook": hook.hook,
                "title": hook.title,
                "description": hook.description,
                "id": hook.id,
                "usage_requirements": NEEDS,
                "prefetch": prefetch,
            }
            for hook in HOOKS
        ]
    }
