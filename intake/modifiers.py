"""Elements by which FHIR lets a resource mean something else: who does not know them may not read it (R4, 2.4.2)."""

from collections.abc import Mapping
from typing import Any

MODIFIERS = ("implicitRules", "modifierExtension")


def modifier_in(element: Mapping[str, Any]) -> str | None:
    """The name of the element that changes what this one means; None where there is none."""
    return next((key for key in MODIFIERS if element.get(key) not in (None, [], {}, "")), None)
