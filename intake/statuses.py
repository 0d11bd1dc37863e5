"""What the status of a resource says of whether anything was taken or done."""

from collections.abc import Mapping
from typing import Any

from intake.given import Unusable
from intake.json_parts import text
from intake.modifiers import modifier_in
from intake.words import Reason

_ERROR = {"entered-in-error": Reason.ENTERED_IN_ERROR}
STATUSES: Mapping[str, Mapping[str, Reason | None]] = {
    "MedicationRequest": {
        **dict.fromkeys(("active", "on-hold", "completed", "stopped")),
        "cancelled": Reason.CANCELLED,
        "draft": Reason.DRAFT,
        **_ERROR,
    },
    "MedicationDispense": {
        "completed": None,
        **dict.fromkeys(("cancelled", "declined"), Reason.CANCELLED),
        **dict.fromkeys(("preparation", "in-progress", "on-hold"), Reason.NOT_HANDED_OVER),
        "stopped": Reason.NOT_COMPLETED,
        **_ERROR,
    },
    "MedicationStatement": {
        **dict.fromkeys(("active", "on-hold", "completed", "stopped")),
        "intended": Reason.NOT_YET_TAKEN,
        "not-taken": Reason.NOT_TAKEN,
        **_ERROR,
    },
    "MedicationAdministration": {
        **dict.fromkeys(("completed", "in-progress")),
        "not-done": Reason.NOT_DONE,
        **_ERROR,
        **dict.fromkeys(("on-hold", "stopped"), Reason.NOT_COMPLETED),
    },
    "Procedure": {
        **dict.fromkeys(("completed", "in-progress")),
        "preparation": Reason.NOT_YET_TAKEN,
        "not-done": Reason.NOT_DONE,
        **_ERROR,
        **dict.fromkeys(("on-hold", "stopped"), Reason.NOT_COMPLETED),
    },
    "Observation": {
        **dict.fromkeys(("final", "amended", "corrected")),
        **dict.fromkeys(("registered", "preliminary"), Reason.NOT_FINAL),
        "cancelled": Reason.CANCELLED,
        **_ERROR,
    },
    "QuestionnaireResponse": {
        **dict.fromkeys(("completed", "amended")),
        "in-progress": Reason.NOT_FINAL,
        "stopped": Reason.NOT_COMPLETED,
        **_ERROR,
    },
}
ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
NO_ORDERS = frozenset({"proposal", "plan", "option"})


EARLIER = (
    ("taken", "n", Reason.NOT_TAKEN),
    ("wasNotTaken", True, Reason.NOT_TAKEN),
    ("wasNotGiven", True, Reason.NOT_DONE),
    ("notGiven", True, Reason.NOT_DONE),
    ("notDone", True, Reason.NOT_DONE),
    ("notPerformed", True, Reason.NOT_DONE),
)
"""What says no in the versions of FHIR before R4 (DSTU2 and STU3), and the reason that it is."""


def refuse_changed_meaning(element: Mapping[str, Any], where: str = "") -> None:
    """Refuse what says that it follows rules, or carries extensions, that change what it means.

    Raises:
        Unusable: it has one of them.
    """
    key = modifier_in(element)
    if key:
        raise Unusable(Reason.CHANGED_MEANING, f"{where}{key}")


def denies(resource: Mapping[str, Any]) -> bool:
    """Whether a statement says, in this version of FHIR or an earlier one, that the medicine was not taken."""
    said = ((resource.get(key), negating) for key, negating, reason in EARLIER if reason is Reason.NOT_TAKEN)
    earlier = any(type(value) is type(negating) and value == negating for value, negating in said)
    return resource.get("status") == "not-taken" or earlier


def refuse_what_did_not_happen(kind: str, resource: Mapping[str, Any]) -> None:
    """Set aside what its status, its intent or `doNotPerform` says was not ordered, taken or done.

    Raises:
        Unusable: with the reason.
    """
    for key, negating, negation in EARLIER:
        if type(resource.get(key)) is type(negating) and resource.get(key) == negating:
            raise Unusable(negation, key, set_aside=True)
    status = resource.get("status")
    reason = STATUSES[kind].get(status) if isinstance(status, str) else None
    if reason:
        raise Unusable(reason, "status", set_aside=True)
    if kind == "MedicationRequest":
        if resource.get("doNotPerform") is True:
            raise Unusable(Reason.NOT_TO_BE_DONE, "doNotPerform", set_aside=True)
        if text(resource.get("intent")) in NO_ORDERS and resource.get("reportedBoolean") is not True:
            raise Unusable(Reason.NOT_AN_ORDER, "intent", set_aside=True)


def refuse_unknown_status(kind: str, resource: Mapping[str, Any]) -> None:
    """Refuse a resource of which nothing says whether it happened.

    Raises:
        Unusable: a status or an intent that is missing, unknown or no word of FHIR, or what may change its meaning.
    """
    refuse_changed_meaning(resource)
    if resource.get("taken") not in (None, "y"):
        raise Unusable(Reason.UNKNOWN_STATUS, "taken")
    status = resource.get("status")
    if not isinstance(status, str) or status not in STATUSES[kind]:
        raise Unusable(Reason.UNKNOWN_STATUS, "status")
    intent = resource.get("intent")
    known = isinstance(intent, str) and intent in ORDERS | NO_ORDERS
    if kind == "MedicationRequest" and not known:
        raise Unusable(Reason.UNKNOWN_INTENT, "intent")
